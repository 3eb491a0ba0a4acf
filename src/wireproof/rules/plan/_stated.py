"""Everything in a site that was written as an address or prefix, with where it stands, commands included.

Walks the file's own model; knows no rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.directaccess.stated import Place, Stated
from wireproof.finding import Evidence

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review
    from wireproof.directaccess.site.model import Site


@dataclass(frozen=True, slots=True)
class Written:
    """One address, prefix or command with what is wrong with it. `understood` is False where it means nothing at all."""

    text: str
    problem: str
    understood: bool
    place: Place


def slips(review: Review) -> Iterator[Written]:
    """Whatever has a problem: addresses and prefixes of the file, then those in its command lines."""
    for place, one in stated_values(review.site):
        if one.problem:
            yield Written(one.text, one.problem, one.value is not None, place)
    yield from _in_commands(review.site)


def stated_values(item: Any, place: Place = ()) -> Iterator[tuple[Place, Stated[Any]]]:
    """Every `Stated` of a site, depth first, with its place."""
    if isinstance(item, Stated):
        yield item.place or place, item
    elif isinstance(item, list):
        for number, part in enumerate(item):
            yield from stated_values(part, (*place, number))
    elif hasattr(type(item), "model_fields"):
        for name, field in type(item).model_fields.items():
            yield from stated_values(getattr(item, name), (*place, field.alias or name))


def evidence(review: Review, place: Place, note: str = "") -> Evidence:
    """The line of the site file on which something stands."""
    return Evidence(capture=review.site.file, line=review.site.line(place), note=note)


def _in_commands(site: Site) -> Iterator[Written]:
    from wireproof.directaccess.commands.read import explain_commands
    from wireproof.directaccess.topology.build import machines_of

    for machine in machines_of(site):
        for command in explain_commands(machine.commands) if machine.commands else ():
            if command.problem:
                place = (*machine.place, "commands", command.position)
                yield Written(command.text, command.problem, command.operation is not None, place)

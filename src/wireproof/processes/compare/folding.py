"""Fewer differences that say more: what follows from a failure, what a stage says already, what differs alike in many places.

Takes differences; gives those that are left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.processes.compare.difference import Difference, Kind
from wireproof.processes.compare.said import LOOKUPS
from wireproof.processes.compare.transport import ANSWERS, CONNECT, END
from wireproof.processes.compare.windows import PLACE

if TYPE_CHECKING:
    from wireproof.processes.compare.exchange import Service
    from wireproof.processes.compare.tally import Tallies, Tally


def fold_missing(found: list[Difference]) -> list[Difference]:
    """What a service lacks in the bad capture once something failed there follows from that."""
    cause = next((one for one in found if one.kind is Kind.FAILS), None)
    if cause is not None:
        # How a connection ended on which something failed is a part of the failure.
        found = [one for one in found if one.action != END]
        specific = [one for one in found if one.kind is Kind.FAILS and one.action != ANSWERS]
        if specific:
            found = [one for one in found if one.kind is not Kind.FAILS or one.action != ANSWERS]
            cause = specific[0]
    found = _fold_extra(found)
    missing = [one for one in found if one.kind is Kind.MISSING]
    if not missing or found[0].service is LOOKUPS:
        return found
    others = [one for one in found if one.kind is not Kind.MISSING]
    # A stage that the capture lacks before the one that failed does not follow from it: the capture began later.
    follow = [one for one in missing if one.is_last or one.service.transport != "process"]
    actions = tuple(one.action for one in follow if one.action != END)
    if cause is not None:
        return [replace(one, follows=actions) if one is cause else one for one in others]
    if not actions:
        return others
    first = next(one for one in follow if one.action != END)
    return [*others, replace(first, follows=actions[1:])]


def _fold_extra(found: list[Difference]) -> list[Difference]:
    """What only the bad capture has of a service becomes one difference."""
    extra = [one for one in found if one.kind is Kind.EXTRA and one.service is not LOOKUPS]
    if len(extra) < 2:
        return found
    first = replace(extra[0], follows=tuple(one.action for one in extra[1:] if one.action != END))
    return [*(one for one in found if one.kind is not Kind.EXTRA), first]


def drop_parts(found: list[Difference]) -> list[Difference]:
    """Leave out what fails in the conversation of a stage of a process that fails: the stage says it already."""
    stages = [one.bad_exchange for one in found if one.kind is Kind.FAILS and one.service.transport == "process"]
    told = {stage.conversation for stage in stages if stage is not None and stage.conversation >= 0}
    return [
        one
        for one in found
        if one.kind not in {Kind.FAILS, Kind.NEW_FAILURE}
        or one.service.transport == "process"
        or one.bad_exchange is None
        or one.bad_exchange.conversation not in told
    ]


def mark_stops(found: list[Difference], bad: Tallies, services: Mapping[Service, Service]) -> list[Difference]:
    """What the good capture goes on to and the bad one does not: a service whose name it looked up or whose port it was told, and the
    next stages of a process.
    """
    asked = {action.rpartition(" ")[0] for action in bad.get(LOOKUPS, {})}
    # `services` pairs those of the good capture with those of the bad one: whose counterpart told a port, but is not connected to.
    told = {good.address for good, partner in services.items() if _tells_place(bad.get(partner, {}))}
    return [replace(one, kind=Kind.STOPS) if _is_stop(one, asked, told, bad) else one for one in found]


def _tells_place(actions: Mapping[str, Tally]) -> bool:
    """Whether a service told where others listen."""
    return any(name.startswith(PLACE) for tally in actions.values() for name in tally.answers())


def _is_stop(one: Difference, asked: set[str], told: set[str], bad: Tallies) -> bool:
    if one.kind is not Kind.MISSING:
        return False
    if one.service.transport == "process":
        # A stage that is missing amid others that are not was hardly where it stopped.
        shown = bad.get(one.service, {})
        return not shown or one.is_last
    if one.bad_service is not None or one.action != CONNECT:
        return False
    is_dynamic = one.service.protocol == "rpc" and not one.service.port
    return one.service.name in asked or (is_dynamic and one.service.address in told)


def join_alike(found: list[Difference]) -> list[Difference]:
    """The same detail that differs in the same way with several services is told once."""
    first: dict[tuple[Kind, str, str, str], int] = {}
    kept: list[Difference] = []
    for one in found:
        key = (one.kind, one.action, one.good, one.bad)
        if one.kind is Kind.DETAIL and key in first:
            place = first[key]
            kept[place] = replace(kept[place], elsewhere=(*kept[place].elsewhere, one.service))
        else:
            first[key] = len(kept)
            kept.append(one)
    return kept

"""Compares what two captures show of the same process.

Takes two captures with their messages and, where they have one, their process' stages; gives a `Comparison`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.processes.compare.difference import Comparison, Difference, Kind
from wireproof.processes.compare.differences import compare_tallies
from wireproof.processes.compare.exchange import Exchange, plain
from wireproof.processes.compare.said import LOOKUPS, said_exchanges
from wireproof.processes.compare.services import Services
from wireproof.processes.compare.stages import (
    NOT_REACHED,
    TRANSPORT,
    names_system,
    probe_outside,
    same_system,
    stage_exchanges,
    without_hidden,
)
from wireproof.processes.compare.tally import count_exchanges
from wireproof.processes.compare.transport import transport_exchanges

if TYPE_CHECKING:
    from wireproof.processes.sight import Sight
    from wireproof.processes.stage import Stage
    from wireproof.processes.timeline import Timeline


def list_exchanges(sight: Sight, timeline: Timeline | None = None, services: Services | None = None) -> list[Exchange]:
    """Everything that a capture's clients tried, from the connections up to the stages of a process."""
    services = services or Services(sight)
    found = [*transport_exchanges(sight, services), *said_exchanges(sight, services)]
    return [*found, *(stage_exchanges(timeline) if timeline is not None else ())]


def compare_sights(good: tuple[Sight, Timeline | None], bad: tuple[Sight, Timeline | None]) -> Comparison:
    """Compare a capture in which it works with one in which it does not."""
    notes: list[str] = []
    tallies = []
    stages = comparable(good[1], bad[1])
    outside = [probe for _, timeline in (good, bad) if (probe := probe_outside(timeline)) is not None]
    for (sight, timeline), own, other in zip((good, bad), stages, reversed(stages), strict=True):
        services = Services(sight)
        shown = without_hidden(own, other) if own is not None and other is not None else own
        found = _without_location_probes(list_exchanges(sight, shown, services), outside, probe_outside(timeline))
        tallies.append(count_exchanges(found))
        notes += services.notes
    made = compare_tallies(tallies[0], tallies[1], _systems(*stages))
    made.notes = list(dict.fromkeys(notes))
    return made


def comparable(good: Timeline | None, bad: Timeline | None) -> tuple[Timeline | None, Timeline | None]:
    """The timelines whose stages can be compared: hints at a process show in the capture in which it fails, and leave the other without
    one, which may show the same process.
    """
    if good is None or bad is None:
        alone = good or bad
        if alone is not None and not alone.certain:
            return None, None
    return good, bad


def _without_location_probes(found: list[Exchange], probes: Sequence[Stage], own: Stage | None) -> Iterator[Exchange]:
    """That a client outside does not find its network location server is how it is meant to learn where it is: no failure, whether
    nothing answers or the name does not exist. `probes` are those of both captures, since one may not show what the names are for.
    """
    names = {plain(str(probe.facts.get("name", ""))) for probe in probes}
    reached = own.conversations if own is not None else ()
    for one in found:
        is_lookup = one.service == LOOKUPS
        is_part = (
            one.action.rpartition(" ")[0] in names if is_lookup else one.good is False and one.conversation in reached
        )
        unreached = is_part and one.good is not True and one.service.transport != TRANSPORT
        yield replace(one, outcome=NOT_REACHED, good=None, wait_s=None) if unreached else one


def _systems(good: Timeline | None, bad: Timeline | None) -> Iterator[Difference]:
    """The generations of the clients' systems, where both captures tell them and they differ."""
    if good is None or bad is None or same_system(good.system, bad.system):
        return
    left, right = names_system(good), names_system(bad)
    service = next((one.service for one in (left, right) if one is not None), None)
    if service is not None:
        yield Difference(Kind.DETAIL, service, "system of the client", good.system, bad.system, left, right, service)

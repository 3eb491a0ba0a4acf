"""Compares what two captures show of the same process.

Takes two captures with their messages and, where they have one, their process' stages; gives a `Comparison`.
"""

from __future__ import annotations

from wireproof.processes.difference import Comparison
from wireproof.processes.differences import compare_tallies
from wireproof.processes.exchange import Exchange
from wireproof.processes.said_exchanges import said_exchanges
from wireproof.processes.services import Services
from wireproof.processes.sight import Sight
from wireproof.processes.stage_exchanges import stage_exchanges
from wireproof.processes.tally import count_exchanges
from wireproof.processes.timeline import Timeline
from wireproof.processes.transport_exchanges import transport_exchanges


def list_exchanges(sight: Sight, timeline: Timeline | None = None, services: Services | None = None) -> list[Exchange]:
    """Everything that a capture's clients tried, from the connections up to the stages of a process."""
    services = services or Services(sight)
    found = [*transport_exchanges(sight, services), *said_exchanges(sight, services)]
    return [*found, *(stage_exchanges(timeline) if timeline is not None else ())]


def compare_sights(good: tuple[Sight, Timeline | None], bad: tuple[Sight, Timeline | None]) -> Comparison:
    """Compare a capture in which it works with one in which it does not."""
    notes: list[str] = []
    tallies = []
    for sight, timeline in (good, bad):
        services = Services(sight)
        tallies.append(count_exchanges(list_exchanges(sight, timeline, services)))
        notes += services.notes
    made = compare_tallies(tallies[0], tallies[1])
    made.notes = list(dict.fromkeys(notes))
    return made

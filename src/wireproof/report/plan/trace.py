"""Ways of packets through a site as lines of text: who reaches whom, with what outcome, hop by hop.

Takes journeys; gives plain values that renderers lay out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wireproof.directaccess.topology.model import Journey, Outcome, Trip
from wireproof.report.plan.words import SIGNS, name_some


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One journey as a row: `sign` and `outcome` say what became of it, `reason` why it was not delivered."""

    sign: str
    stations: str
    clients: str
    port: str
    outcome: str
    reason: str
    delivered: bool


def matrix_row(journey: Journey) -> MatrixRow:
    """A journey as one row."""
    return MatrixRow(
        SIGNS[journey.outcome],
        name_some(journey.stations),
        name_some(journey.clients, 2),
        journey.port or "any",
        journey.outcome.value,
        journey.reason,
        journey.outcome is Outcome.DELIVERED,
    )


def trace_lines(journey: Journey) -> Iterator[tuple[str, list[str]]]:
    """(`there` or `back`, one line a hop) for each direction that was walked."""
    for words, trip in (("there", journey.there), ("back", journey.back)):
        if trip is not None:
            yield words, _hops(trip)


def _hops(trip: Trip) -> list[str]:
    lines = [f"{hop.node}: {hop.note or _route(hop.route)}" for hop in trip.hops]
    return (
        lines
        if trip.outcome is Outcome.DELIVERED
        else [*lines, f"{trip.outcome.value}: {trip.reason or 'no reason given'}"]
    )


def _route(route: object) -> str:
    if route is None:
        return "the packet ends here"
    prefix, hop = getattr(route, "prefix", ""), getattr(route, "next_hop", None)
    return f"{prefix} → {hop}" if hop else f"{prefix} on-link"

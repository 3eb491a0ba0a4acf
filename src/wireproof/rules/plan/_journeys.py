"""Journeys of one outcome and cause as one group, and their trace as rows for a finding.

Takes a review's journeys; gives groups with counts and evidence. Decides no severity and words no finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.directaccess.topology.model import Journey, NodeKind, Outcome, Source, Trip
from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, joined
from wireproof.rules.plan._stated import evidence

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

SHOWN = 6
"""Lines of the site file that a finding points at; the trace tells the rest."""
MANY_ALIKE = {NodeKind.STATION, NodeKind.SERVER, NodeKind.CLIENTS}
"""Kinds of nodes that share a mistake: a thousand stations without a route are one cause."""


@dataclass(slots=True)
class Group:
    """Journeys that end for the same reason. The first one tells the story of all."""

    journeys: list[Journey] = field(default_factory=list)
    cause: tuple[str, ...] = ()

    @property
    def first(self) -> Journey:
        """The journey that is told."""
        return self.journeys[0]

    @property
    def stations(self) -> list[str]:
        """Every station concerned, once."""
        return list(dict.fromkeys(name for journey in self.journeys for name in journey.stations))

    @property
    def clients(self) -> list[str]:
        """Every node of clients concerned, once."""
        return list(dict.fromkeys(name for journey in self.journeys for name in journey.clients))

    @property
    def who(self) -> str:
        """`MGMT1 and MGMT2 to the clients of DA1 by ip-https`, or counts where there are many."""
        stations, clients = self.stations, self.clients
        sources = joined(stations) if len(stations) < 4 else count(len(stations), "station")
        targets = joined(clients) if len(clients) < 3 else f"{len(clients):,} groups of clients"
        return f"{sources} to {targets}"


def groups(review: Review, *outcomes: Outcome, but: Iterable[str] = ()) -> list[Group]:
    """The routed classes with one of these outcomes by cause, without causes that another rule reports."""
    found: dict[tuple[str, ...], Group] = {}
    for journey in review.journeys:
        if not journey.place and journey.outcome in outcomes and ending(journey).code not in set(but):
            cause = _cause(review, journey)
            found.setdefault(cause, Group(cause=cause)).journeys.append(journey)
    return list(found.values())


def ending(journey: Journey) -> Trip:
    """The direction that decided: the way back where the way there went well."""
    if journey.back is not None and journey.there.outcome is Outcome.DELIVERED:
        return journey.back
    return journey.there


def _cause(review: Review, journey: Journey) -> tuple[str, ...]:
    trip = ending(journey)
    direction = "there" if trip is journey.there else "back"
    if not trip.hops:
        return direction, trip.code, trip.reason
    node = review.topology.nodes[trip.hops[-1].node]
    return direction, trip.code, node.kind.value if node.kind in MANY_ALIKE else node.name


def trace(journey: Journey) -> list[str]:
    """The hops of both ways as `node: what it did`."""
    there = [f"{hop.node}: {hop.note}" for hop in journey.there.hops]
    back = [f"back, {hop.node}: {hop.note}" for hop in journey.back.hops] if journey.back else []
    return there + back


def rows(review: Review, journey: Journey) -> list[Evidence]:
    """Lines of the site file that decided: the last node's and its route's, then those of routes before it."""
    return list(dict.fromkeys(_rows(review, ending(journey))))[:SHOWN] or [evidence(review, journey.place)]


def _rows(review: Review, trip: Trip) -> Iterator[Evidence]:
    for hop in reversed(trip.hops):
        origin = hop.route.origin if hop.route else review.topology.nodes[hop.node].origin
        place = origin.place or review.topology.nodes[hop.node].origin.place
        if place:
            added = " (planned)" if origin.source is Source.PLANNED else ""
            yield evidence(review, place, f"{hop.node}: {hop.note}{added}")


def finding(review: Review, group: Group, rule: str, severity: Severity, **words: Any) -> Finding:
    """A finding about a group; `words` are title, summary, fix and references."""
    trip = ending(group.first)
    facts = {
        "outcome": group.first.outcome.value,
        "stations": len(group.stations),
        "clients": len(group.clients),
        "way": "back" if trip is group.first.back else "there",
        "trace": trace(group.first),
    }
    return Finding(
        rule=rule,
        severity=severity,
        confidence=Confidence.HIGH,
        evidence=rows(review, group.first),
        where=trip.hops[-1].node if trip.hops else "",
        facts=facts,
        cause=group.cause,
        **words,
    )

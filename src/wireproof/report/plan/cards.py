"""What the drawing of a site shows in each box: machines of one kind as one card, with addresses, prefixes and routes.

Takes a topology and what was routed in it; gives cards in columns, and the ways between them. Knows no shapes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from wireproof.directaccess.topology.model import (
    Interface,
    Journey,
    Node,
    NodeKind,
    Outcome,
    Route,
    Source,
    Topology,
    Trip,
)
from wireproof.report.plan.words import name_some

KINDS = {
    NodeKind.STATION: (0, "management station"),
    NodeKind.ROUTER: (1, "router"),
    NodeKind.ISATAP_ROUTER: (1, "ISATAP router"),
    NodeKind.BALANCER: (2, "load balancer"),
    NodeKind.SERVER: (3, "DirectAccess server"),
    NodeKind.CLIENTS: (4, "DirectAccess clients"),
}
"""Column and words of each kind of node."""

MOST_CARDS = 8
"""Cards in one column; more can't be looked over."""
MOST_ADDRESSES, MOST_ROUTES = 4, 6
MOST_WAYS = 400
"""Journeys whose ways are drawn, what was not delivered first."""


@dataclass(slots=True)
class Card:
    """One box: `lines` are (text, style) with the styles "", "dim" and "planned"; `troubles` say what ends here."""

    title: str
    kind: str
    column: int
    lines: list[tuple[str, str]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """From one card to the next; `back` for a way that only answers take, `fine` False where what takes it is not delivered."""

    start: int
    end: int
    back: bool
    fine: bool


def make_cards(topology: Topology, journeys: Sequence[Journey]) -> tuple[list[Card], list[Way]]:
    """All cards in order of their columns, and the ways between them by their places in the list."""
    journeys = sorted(journeys, key=lambda journey: journey.outcome is Outcome.DELIVERED)[:MOST_WAYS]
    ends = _find_troubles(journeys)
    groups = _find_groups(topology)
    cards = [_make_card(nodes, ends) for nodes in groups]
    kept = _keep_some(cards)
    places = {name: place for place, card in enumerate(kept) for name in card.names}
    return kept, list(_find_ways(journeys, places))


def _find_groups(topology: Topology) -> list[list[Node]]:
    """Stations with the same links and routes together, every other node by itself."""
    groups: dict[object, list[Node]] = defaultdict(list)
    for node in topology.nodes.values():
        key: object = node.name
        if node.kind is NodeKind.STATION:
            links = tuple(interface.link for interface in node.interfaces)
            key = (links, frozenset((route.prefix, route.next_hop) for route in node.routes))
        groups[key].append(node)
    return list(groups.values())


def _make_card(nodes: Sequence[Node], ends: dict[str, list[str]]) -> Card:
    first = nodes[0]
    column, kind = KINDS[first.kind]
    names = tuple(node.name for node in nodes)
    card = Card(name_some(names), kind if len(nodes) == 1 else f"{len(nodes):,} {kind}s", column, names=names)
    for node in nodes[:MOST_ADDRESSES]:
        for interface in node.interfaces:
            card.lines += _addresses(interface, node.name if len(nodes) > 1 else interface.name)
    card.lines += [
        (f"own {prefix}", "") for interface in first.interfaces for prefix in interface.owns[:MOST_ADDRESSES]
    ]
    card.lines += _routes(first)
    if len(card.lines) > 2 * (MOST_ADDRESSES + MOST_ROUTES):
        card.lines = [*card.lines[: 2 * (MOST_ADDRESSES + MOST_ROUTES)], ("…", "dim")]
    card.troubles = list(dict.fromkeys(trouble for name in names for trouble in ends.get(name, ())))[:2]
    return card


def _addresses(interface: Interface, label: str) -> Iterator[tuple[str, str]]:
    shown = [address for address in interface.addresses if not address.ip.is_link_local][:MOST_ADDRESSES]
    if shown:
        yield label, "dim"
        yield from ((str(address).removesuffix("/128"), "") for address in shown)


def _routes(node: Node) -> Iterator[tuple[str, str]]:
    """Routes over other machines; what is on a link follows from the addresses."""
    own = {route.prefix: route for route in reversed(node.routes) if route.next_hop is not None}
    routes = sorted(own.values(), key=lambda route: route.prefix.prefixlen, reverse=True)
    if routes:
        yield "routes", "dim"
    for route in routes[:MOST_ROUTES]:
        yield from _route(route)
    if len(routes) > MOST_ROUTES:
        yield f"… and {len(routes) - MOST_ROUTES} more", "dim"


def _route(route: Route) -> Iterator[tuple[str, str]]:
    planned = route.origin.source is Source.PLANNED
    style = "planned" if planned else ""
    yield f"{'+ ' if planned else ''}{'default' if route.prefix.prefixlen == 0 else route.prefix}", style
    yield f"   → {route.next_hop}", style


def _find_troubles(journeys: Iterable[Journey]) -> dict[str, list[str]]:
    """What ends where it should not, by the name of the node."""
    ends: dict[str, list[str]] = defaultdict(list)
    for journey in journeys:
        for trip in (journey.there, journey.back):
            if (
                trip
                and trip.hops
                and trip.outcome is not Outcome.DELIVERED
                and trip.outcome.value not in ends[trip.hops[-1].node]
            ):
                ends[trip.hops[-1].node].append(trip.outcome.value)
    return ends


def _keep_some(cards: Sequence[Card]) -> list[Card]:
    """At most MOST_CARDS a column, those with troubles first, then one card that counts the rest."""
    kept: list[Card] = []
    for column in sorted({card.column for card in cards}):
        own = [card for card in cards if card.column == column]
        if len(own) > MOST_CARDS:
            own.sort(key=lambda card: not card.troubles)
            names = tuple(name for card in own[MOST_CARDS:] for name in card.names)
            own = [*own[:MOST_CARDS], Card(f"… and {len(own) - MOST_CARDS:,} more", own[0].kind, column, names=names)]
        kept += own
    return kept


def _find_ways(journeys: Iterable[Journey], places: dict[str, int]) -> Iterator[Way]:
    """Each way once: worse than fine wins, and answers that take the same way back are not drawn again."""
    there: dict[tuple[int, int], bool] = {}
    back: dict[tuple[int, int], bool] = {}
    for journey in journeys:
        for trip, ways in ((journey.there, there), (journey.back, back)):
            for pair in _steps(trip, places):
                ways[pair] = ways.get(pair, True) and trip is not None and trip.outcome is Outcome.DELIVERED
    for (start, end), fine in there.items():
        yield Way(start, end, back=False, fine=fine)
    for (start, end), fine in back.items():
        if (end, start) not in there or not fine:
            yield Way(start, end, back=True, fine=fine)


def _steps(trip: Trip | None, places: dict[str, int]) -> Iterator[tuple[int, int]]:
    if trip is None:
        return
    stops = [places[hop.node] for hop in trip.hops if hop.node in places]
    yield from ((start, end) for start, end in pairwise(stops) if start != end)

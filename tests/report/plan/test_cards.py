"""What stands in the boxes of the drawing, and the ways between them."""

from __future__ import annotations

import dataclasses

from tests.support.sites import make_journey, make_topology
from wireproof.directaccess.topology.model import Node, NodeKind, Outcome, Topology
from wireproof.report.plan.cards import MOST_CARDS, Way, make_cards


def test_stations_alike_are_one_card_with_routes_that_the_plan_adds() -> None:
    cards, _ = make_cards(make_topology(1000), [make_journey()])
    assert next((card.title, card.kind) for card in cards) == (
        "DESK1, DESK2, DESK3 and 997 more",
        "1,000 management stations",
    )
    assert ("+ 2002:836b:2:1000::/64", "planned") in cards[0].lines
    assert ("own 2002:836b:2:1000::/64", "") in cards[2].lines


def test_a_delivered_class_is_a_way_from_stations_to_clients() -> None:
    _, ways = make_cards(make_topology(), [make_journey()])
    assert ways == [Way(0, 1, back=False, fine=True), Way(1, 2, back=False, fine=True)]


def test_what_is_not_delivered_marks_its_ways_and_the_card_where_it_ends() -> None:
    cards, ways = make_cards(make_topology(), [make_journey(Outcome.NO_ROUTE), make_journey()])
    assert cards[1].troubles == ["no route"]
    assert Way(0, 1, back=False, fine=False) in ways


def test_an_answer_that_takes_another_way_is_drawn() -> None:
    journey = make_journey()
    assert journey.back
    straight = dataclasses.replace(journey.back, hops=(journey.back.hops[0], journey.back.hops[2]))
    _, ways = make_cards(make_topology(), [dataclasses.replace(journey, back=straight)])
    assert Way(2, 0, back=True, fine=True) in ways


def test_many_servers_are_counted_and_those_with_troubles_come_first() -> None:
    names = [f"DA{number}" for number in range(2, 386)]
    topology = make_topology()
    nodes = {name: Node(name, NodeKind.SERVER) for name in names}
    whole = Topology({**nodes, **topology.nodes}, topology.links)
    cards, _ = make_cards(whole, [make_journey(Outcome.NO_ROUTE)])
    servers = [card for card in cards if card.column == 3]
    assert len(servers) == MOST_CARDS + 1
    assert servers[0].title == "DA1"
    assert servers[-1].title == f"… and {385 - MOST_CARDS} more"

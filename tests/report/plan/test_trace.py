"""Ways of packets as rows and lines."""

from __future__ import annotations

import dataclasses

from tests.support.sites import make_journey
from wireproof.directaccess.topology.model import Hop, Outcome
from wireproof.report.plan.trace import matrix_row, trace_lines


def test_a_row_says_who_reaches_whom_with_what_outcome() -> None:
    row = matrix_row(make_journey(Outcome.NO_ROUTE))
    assert (row.sign, row.stations, row.clients, row.port) == ("✗", "DESK1", "clients of DA1 by ip-https", "tcp/3389")
    assert (row.outcome, row.reason, row.delivered) == ("no route", "no route on DA1", False)


def test_both_ways_are_told_hop_by_hop() -> None:
    (there, lines), (back, others) = trace_lines(make_journey())
    assert (there, back) == ("there", "back")
    assert [line.partition(":")[0] for line in lines] == ["DESK1", "DA1", "clients of DA1 by ip-https"]
    assert others[0] == "clients of DA1 by ip-https: arrived"


def test_a_way_that_ends_says_where_and_why() -> None:
    assert next(iter(trace_lines(make_journey(Outcome.LOOP))))[1][-1] == "loop: no route on DA1"


def test_a_hop_without_words_is_told_by_its_route() -> None:
    journey = make_journey()
    bare = tuple(Hop(hop.node, hop.route) for hop in journey.there.hops)
    lines = next(iter(trace_lines(dataclasses.replace(journey, there=dataclasses.replace(journey.there, hops=bare)))))[
        1
    ]
    assert lines == [
        "DESK1: 2002:836b:2:1000::/64 → 2002:836b:2:3333::1",
        "DA1: 2002:836b:2:1000::/64 on-link",
        "clients of DA1 by ip-https: the packet ends here",
    ]

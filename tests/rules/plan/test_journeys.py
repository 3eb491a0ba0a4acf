"""Journeys of one cause."""

from __future__ import annotations

from tests.support.plans import ONE_SERVER, review
from wireproof.directaccess.topology.model import Outcome
from wireproof.rules.plan._journeys import ending, groups, rows, trace


def test_journeys_of_one_cause_are_one_group() -> None:
    judged = review(ONE_SERVER, as_is=True)
    (group,) = groups(judged, Outcome.NO_ROUTE)
    assert (group.stations, len(group.clients)) == (["MGMT1", "MGMT2"], 2)
    assert group.who == "MGMT1 and MGMT2 to clients of DA1 by ip-https and clients of DA1 by teredo"
    assert ending(group.first).code == "no-address"
    assert [row.line for row in rows(judged, group.first)]


def test_causes_that_another_rule_reports_are_left_out() -> None:
    assert groups(review(ONE_SERVER, as_is=True), Outcome.NO_ROUTE, but=["no-address"]) == []


def test_the_trace_tells_both_ways() -> None:
    told = trace(review(ONE_SERVER).journeys[0])
    assert told[0].startswith("MGMT1: 2002:836b:2:1000::/64 next hop 2002:836b:2:3333::1")
    assert told[-1] == "back, MGMT1: arrives"


def test_expectations_and_other_outcomes_are_no_group() -> None:
    judged = review(ONE_SERVER + "expect:\n  - {from: MGMT1, port: tcp/3389}\n")
    assert [len(group.journeys) for group in groups(judged, Outcome.DELIVERED)] == [2]

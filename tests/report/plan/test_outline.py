"""The tree of a site's report: findings by line, and the verdict in one sentence."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.sites import FILE, make_finding, make_journey, make_reviewed, make_verdicts
from wireproof.directaccess.plan.model import Choice, Plan
from wireproof.directaccess.site.model import Method
from wireproof.directaccess.topology.model import Outcome
from wireproof.finding import Evidence
from wireproof.report.plan.outline import outline_site, reason, scope, verdict

FINE, LOST = make_journey(), make_journey(Outcome.NO_ROUTE)


@pytest.mark.parametrize(
    ("journeys", "words"),
    [
        ((FINE,), "the one class of packets is delivered both ways"),
        ((FINE, FINE), "both classes of packets are delivered both ways"),
        ((FINE, FINE, LOST), "2 of 3 classes of packets are delivered both ways"),
        ((FINE, LOST), "1 of 2 classes of packets is delivered both ways"),
        ((LOST,), "no packet is delivered both ways (1 class routed)"),
        ((make_journey(asked=True),), "no packet could be routed"),
    ],
)
def test_the_verdict_counts_classes_and_leaves_expectations_out(journeys: tuple[object, ...], words: str) -> None:
    report = outline_site(make_reviewed(1, *journeys), make_verdicts())  # type: ignore[arg-type]
    assert verdict(report) == f"Native IPv6 with the automatic prefix: {words}"


def test_the_verdict_of_a_site_as_it_is_names_no_method() -> None:
    reviewed = dataclasses.replace(make_reviewed(), as_is=True)
    assert verdict(outline_site(reviewed, make_verdicts())).startswith("As the file states it, the one class")


def test_the_verdict_says_when_nothing_works_and_when_there_is_no_plan() -> None:
    refused = dataclasses.replace(make_reviewed(), plan=Plan(Choice(None, "nothing fits")))
    assert verdict(outline_site(refused, make_verdicts())).startswith("No method works here. ")
    broken = dataclasses.replace(make_reviewed(), plan=None)
    assert verdict(outline_site(broken, make_verdicts())).startswith("No plan could be made. ")


def test_evidence_becomes_lines_in_the_order_of_the_file() -> None:
    evidence = [
        Evidence(FILE, line=9, note="b"),
        Evidence(FILE, line=4, note="a"),
        Evidence(FILE, line=9, note="c"),
        Evidence(FILE),
    ]
    report = outline_site(make_reviewed(), make_verdicts(make_finding(evidence=evidence)))
    assert [(row.log_line, row.note) for row in report.findings.items[0].rows] == [(1, ""), (4, "a"), (9, "b; c")]


def test_findings_are_numbered() -> None:
    report = outline_site(make_reviewed(), make_verdicts(make_finding(), make_finding("plan-loop")))
    assert [item.number for item in report.findings.items] == [1, 2]


def test_the_scope_counts_stations_servers_and_entry_points() -> None:
    assert scope(outline_site(make_reviewed(3), make_verdicts())) == "3 stations, 1 DirectAccess server, 1 entry point"


def test_a_reason_that_begins_with_a_method_s_name_keeps_it() -> None:
    assert reason(Choice(Method.NATIVE_OWN, "native-own was asked for")) == "`native-own` was asked for."
    assert reason(Choice(Method.NATIVE_OWN, "the network has IPv6.")) == "The network has IPv6."

"""A site file all the way to verdicts; a stage that fails leaves the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireproof.analyse.selection import choose_plan_rules, choose_rules
from wireproof.analyse.site import analyse_site, join_defects
from wireproof.directaccess.topology.model import Outcome
from wireproof.errors import RuleNameError, SiteError

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "plan" / "native-ipv6.yaml"
TEXT = EXAMPLE.read_text(encoding="utf-8")


def test_the_example_is_planned_routed_and_quiet() -> None:
    report = analyse_site(TEXT, "site.yaml")
    assert {journey.outcome for journey in report.reviewed.journeys} == {Outcome.DELIVERED}
    assert report.reviewed.plan
    assert (report.reviewed.failed, report.verdicts.notes) == ([], [])


def test_a_site_as_it_is_lacks_what_the_plan_would_add() -> None:
    report = analyse_site(TEXT, "site.yaml", as_is=True)
    assert {journey.outcome for journey in report.reviewed.journeys} != {Outcome.DELIVERED}
    assert [finding for finding in report.verdicts.findings if finding.severity.value == "error"]


def test_a_file_that_is_no_site_raises_with_its_problems() -> None:
    with pytest.raises(SiteError, match=r"site\.yaml"):
        analyse_site("entry-points: 7\n", "site.yaml")


def test_a_stage_that_fails_is_told_once_and_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("wireproof.directaccess.review.build_topology", fail)
    report = analyse_site(TEXT, "site.yaml")
    assert report.reviewed.plan
    assert report.reviewed.topology is None
    assert len([note for note in report.verdicts.notes if "ZeroDivisionError" in note]) == 1


def test_one_defect_is_one_note_that_names_what_it_stopped() -> None:
    notes = [
        "making the plan stopped with X: a",
        "rule plan-a stopped with X: a",
        "rule plan-b stopped with X: a",
        "other",
    ]
    assert join_defects(notes) == ["other", "making the plan stopped with X: a (and with it 2 rules)"]
    assert join_defects(notes[1:3]) == ["rule plan-a stopped with X: a (and with it 1 rule)"]
    assert join_defects(notes[1:2]) == ["rule plan-a stopped with X: a"]


def test_rules_on_sites_and_on_captures_are_chosen_apart() -> None:
    assert {rule.family for rule in choose_plan_rules(["plan"])} == {"plan"}
    with pytest.raises(RuleNameError, match="judges captures"):
        choose_plan_rules(["tcp-zero-window"])
    with pytest.raises(RuleNameError, match="judges DirectAccess sites"):
        choose_rules(["plan-loop"])
    with pytest.raises(RuleNameError, match="no rule is named"):
        choose_plan_rules(["tcp"])

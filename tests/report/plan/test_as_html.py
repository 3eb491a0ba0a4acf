"""The report on a site as an HTML page."""

from __future__ import annotations

import dataclasses

from tests.support.markup import Node, read_markup
from tests.support.sites import make_finding, make_journey, make_plan, make_reviewed, make_verdicts
from wireproof.directaccess.review import Reviewed
from wireproof.directaccess.topology.model import Outcome
from wireproof.finding import Finding
from wireproof.report.plan.as_html import MOST_MACHINES, list_commands, list_methods, render_site_html
from wireproof.report.plan.outline import outline_site


def page(*findings: Finding, reviewed: Reviewed | None = None) -> Node:
    return read_markup(render_site_html(outline_site(reviewed or make_reviewed(), make_verdicts(*findings))))


def test_the_page_leads_with_the_verdict_and_holds_every_part() -> None:
    read = page(make_finding())
    assert read.find("h1")[0].text.startswith("Native IPv6 with the automatic prefix: the one class")
    assert {node.attributes.get("id") for node in read.find("section")} >= {
        "map",
        "prefixes",
        "machines",
        "routed",
        "methods",
        "undecided",
        "notes",
    }
    assert len(read.find("article")) == 1


def test_nothing_is_fetched_from_anywhere() -> None:
    read = page(make_finding())
    assert "default-src 'none'" in next(
        node.attributes["content"] for node in read.find("meta") if "http-equiv" in node.attributes
    )
    assert not [node for node in read.walk() if {"src", "style", "onclick"} & node.attributes.keys()]


def test_commands_to_do_and_undo_can_be_copied() -> None:
    codes = [node.text for node in page().find("code")]
    assert any(text.startswith("New-NetRoute ") for text in codes)
    assert any(text.startswith("Remove-NetRoute ") for text in codes)


def test_text_of_the_site_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    journey = dataclasses.replace(make_journey(Outcome.LOOP), reason=evil, stations=(evil,))
    plan = make_plan()
    plan.machines[0].name = evil
    read = page(
        make_finding(title=evil, summary=evil), reviewed=dataclasses.replace(make_reviewed(1, journey), plan=plan)
    )
    assert len(read.find("script")) == 1


def test_many_machines_are_counted() -> None:
    read = page(reviewed=make_reviewed(100))
    assert len(read.find("details", "machine")) == MOST_MACHINES
    assert "… and 41 more machines" in read.text


def test_a_stage_that_failed_leaves_the_others() -> None:
    read = page(make_finding(), reviewed=dataclasses.replace(make_reviewed(), plan=None, topology=None, journeys=()))
    assert {node.attributes.get("id") for node in read.find("section")} == {"prefixes", "undecided", "notes"}


def test_a_method_is_taken_fails_or_is_possible() -> None:
    states = {name: state for name, state, _ in list_methods(outline_site(make_reviewed(), make_verdicts()))}
    assert list(states.values()) == ["taken", "possible", "fails"]


def test_only_tools_with_words_are_offered() -> None:
    machine = make_plan().machines[0]
    assert [each.tool for each in list_commands(machine.steps[0], machine)] == ["netsh", "powershell"]

"""The report on a site as text."""

from __future__ import annotations

import dataclasses

from tests.support.sites import make_finding, make_journey, make_reviewed, make_verdicts
from wireproof.directaccess.review import Reviewed
from wireproof.directaccess.topology.model import Journey, Outcome
from wireproof.finding import Finding
from wireproof.report.plan.as_text import render_site_text, trace_of
from wireproof.report.plan.outline import outline_site


def render(*findings: Finding, width: int | None = None, reviewed: Reviewed | None = None) -> str:
    return render_site_text(outline_site(reviewed or make_reviewed(), make_verdicts(*findings)), width).plain


def test_the_first_line_is_the_verdict() -> None:
    first, second = render().splitlines()[:2]
    assert first == "Native IPv6 with the automatic prefix: the one class of packets is delivered both ways."
    assert second == "Contoso: 1 station, 1 DirectAccess server, 1 entry point"


def test_findings_prefixes_machines_classes_and_scripts_follow_in_this_order() -> None:
    text = render(make_finding())
    heads = ["1 error", "\nPrefixes\n", "\nWhat to do, machine by machine\n", "\nRouted both ways\n", "\nWhy not otherwise\n",
             "\nCannot tell from this site file", "\nNotes\n", "wireproof plan sites/contoso.yaml --output FOLDER"]  # fmt: skip
    places = [text.find(head) for head in heads]
    assert places == sorted(places)
    assert places[0] > 0


def test_a_finding_names_file_line_trace_fix_and_source() -> None:
    text = render(make_finding())
    for words in (
        "sites/contoso.yaml:14  this adapter",
        "· DESK1: no route matches",
        "Fix: Add the route.",
        "See RFC 4861 5.2",
    ):
        assert words in text


def test_a_step_shows_its_command_whole() -> None:
    command = 'netsh interface ipv6 add route prefix=2002:836b:2:1000::/64 interface="Ethernet" nexthop=2002:836b:2:3333::1 store=persistent'
    assert f"\n       {command}\n" in render(width=80)


def test_a_thousand_stations_take_a_screen_and_no_more() -> None:
    text = render(reviewed=make_reviewed(1000))
    assert "… and 998 more management stations with 1,996 steps; the scripts have all" in text
    assert len(text.splitlines()) < 80


def test_what_was_not_delivered_stands_first_with_its_reason_and_way() -> None:
    text = render(reviewed=make_reviewed(1, make_journey(), make_journey(Outcome.NO_ROUTE)))
    lines = text.split("Routed both ways\n")[1].splitlines()
    assert (lines[0].split()[0], lines[1].strip(), lines[2].split()[0]) == ("✗", "no route on DA1", "✓")
    assert "· no route: no route on DA1" in text


def test_the_objections_to_other_methods_cite_their_sources() -> None:
    assert "no load balancer is stated. See" in render()


def test_a_stage_that_failed_leaves_the_others() -> None:
    text = render(reviewed=dataclasses.replace(make_reviewed(), plan=None, topology=None, journeys=()))
    assert text.startswith("No plan could be made. No packet could be routed.\n")
    assert "\nPrefixes\n" in text


def test_control_characters_of_the_site_never_reach_a_terminal() -> None:
    journey = dataclasses.replace(make_journey(), stations=("DESK\x1b[2J",))
    assert "\x1b" not in render(make_finding(title="a\x1b[31mb"), reviewed=make_reviewed(1, journey))


def test_only_lists_are_traces() -> None:
    assert trace_of(make_finding(facts={"trace": ["a", "b"]})) == ["a", "b"]
    assert trace_of(make_finding(facts={})) == []


def test_many_classes_are_counted() -> None:
    journeys: list[Journey] = [make_journey() for _ in range(100)]
    assert "… and 76 more classes; --format json has all" in render(reviewed=make_reviewed(1, *journeys))


def test_a_machine_with_a_step_for_each_station_is_cut() -> None:
    reviewed = make_reviewed()
    assert reviewed.plan
    reviewed.plan.machines[0].steps *= 500
    text = render(reviewed=reviewed)
    assert "… and 988 more steps; the scripts have all" in text
    assert len(text.splitlines()) < 100

"""rpc-port-blocked: named ports that do not get through, in every dress, and what only looks like them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from examples.files import Frame, cut
from tests.cases import d15_rpc
from tests.support import rpc
from tests.support.rpc_talks import Story
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence, Finding, Severity

RULE = "rpc-port-blocked"
NAMES = [(7, "HOST[49155]"), (7, "10.77.2.50[49155]")]


def found(folder: Path, story: Story) -> list[Finding]:
    """What the rule says of a story."""
    return judge(make_case(folder, story.points()), RULE).findings


def test_the_sccm_case_names_port_service_range_and_pin(tmp_path: Path) -> None:
    finding = only(open_case(d15_rpc.build(tmp_path)), RULE)
    expect = d15_rpc.EXPECT
    assert (finding.facts["port"], finding.facts["service"], finding.facts["port_range"]) == (1431, "WMI", "1025-5000")
    frames = {piece.frame for piece in finding.evidence if piece.capture == "server"}
    assert {*expect["evidence"]["server"], expect["answer"]["server"], 5885} <= frames
    assert finding.where == expect["where"]
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert {"KB 897571", "KB 929851"} <= set(finding.references)
    assert "1025-5000" in finding.fix[0]
    assert "KB 897571" in finding.fix[1]


def test_it_explains_the_lost_syns(tmp_path: Path) -> None:
    verdicts = judge(open_case(d15_rpc.build(tmp_path)))
    by_rule = {finding.rule: finding for finding in verdicts.findings}
    assert {by_rule["path-loss"].id, by_rule["tcp-syn-unanswered"].id} <= set(by_rule[RULE].explains)
    assert verdicts.findings[0] is by_rule[RULE]


@pytest.mark.parametrize(
    "story",
    [
        Story(),
        Story(v6=True),
        Story(only=("client",)),
        Story(port=6004),
        Story(mapper_port=10135),
        Story(order=">"),
        Story(wide=True),
        Story(fragment=24),
        Story(mss=37, fragment=24, order=">"),
        Story(bound=False),
        Story(named=[("10.77.2.57", 49155), ("10.77.2.50", 49155)]),
        Story(named=[("0.0.0.0", 49155)]),
        Story(source_nat="192.0.2.9"),
        Story(target="203.0.113.50"),
        Story(target="203.0.113.50", named=[("10.77.2.50", 49155)], connects_to="10.77.2.50"),
        Story(bindings=NAMES),
        Story(bindings=[(7, "host.corp[49155]")]),
        Story(v6=True, bindings=[(7, "host[49155]"), (7, "2001:db8:b::50[49155]")]),
    ],
    ids=lambda story: f"{story.order}{story.port}{'v6' if story.v6 else ''}{story.target}{story.source_nat}",
)
def test_silence_on_a_named_port_is_told_in_any_dress(tmp_path: Path, story: Story) -> None:
    (finding,) = found(tmp_path, story)
    assert (finding.facts["port"], finding.facts["outcome"]) == (story.port, "silent")
    assert finding.severity is Severity.ERROR
    assert any("the answer names" in piece.note for piece in finding.evidence)
    assert any(piece.note.startswith("SYN") for piece in finding.evidence)


@pytest.mark.parametrize(("fate", "outcome"), [("refused", "refused"), ("prohibited", "unreachable")])
@pytest.mark.parametrize("v6", [False, True])
def test_a_port_that_is_turned_away_is_told_as_such(tmp_path: Path, fate: str, outcome: str, v6: bool) -> None:
    (finding,) = found(tmp_path, Story(fate=fate, v6=v6, only=("client",)))
    assert finding.facts["outcome"] == outcome
    assert ("netstat" in finding.fix[0]) == (fate == "refused")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("opnum", [0, 4])
def test_a_resolved_object_names_a_port_too(tmp_path: Path, order: str, opnum: int) -> None:
    stub = rpc.resolved([(7, "HOST[49155]"), (7, "10.77.2.50[49155]")], order)
    if opnum == 0:
        stub = stub[:-8] + stub[-4:]
    story = Story(exporter=opnum, order=order, answer=rpc.response(2, stub, order))
    (finding,) = found(tmp_path, story)
    assert (finding.facts["port"], finding.facts["service"]) == (49155, "a DCOM object")


def test_the_point_where_the_syns_end_is_named(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story())
    assert finding.where == "between client and server"
    assert "in no frame of server" in finding.summary


def test_a_device_that_refuses_in_the_host_s_name_is_shown_by_the_host_s_own_capture(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story(fate="refused"))
    assert finding.where == "between client and server"
    assert "a device before it answers in its name" in finding.summary
    assert "netstat" not in finding.fix[0]


def test_syns_that_arrive_point_at_the_host_itself(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story(fate="unanswered"))
    assert finding.where == "at 10.77.2.50"
    assert "do arrive at server" in finding.summary


def test_a_capture_at_the_host_that_shows_the_syns_points_at_the_host_too(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story(fate="unanswered", only=("server",)))
    assert finding.where == "at 10.77.2.50"
    assert "taken at 10.77.2.50 itself" in finding.summary


def test_behind_an_encrypted_answer_the_next_connection_is_likely_it(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story(answer=rpc.sealed(rpc.RESPONSE, 2, bytes(136))))
    assert finding.confidence is Confidence.MEDIUM
    assert "encrypted" in finding.title
    assert found(tmp_path, Story(answer=rpc.sealed(rpc.RESPONSE, 2, bytes(136)), after_s=65, until_s=100)) == []


@pytest.mark.parametrize("story", [Story(port=5985), Story(port=1433), Story(port=49155, works_on=49160)])
def test_behind_an_encrypted_answer_other_ports_prove_nothing(tmp_path: Path, story: Story) -> None:
    hidden = replace(story, answer=rpc.sealed(rpc.RESPONSE, 2, bytes(136)))
    assert found(tmp_path, hidden) == []


def test_a_capture_that_cuts_its_frames_is_judged_like_an_encrypted_one(tmp_path: Path) -> None:
    frames = [cut(frame, 110) for frame in Story(only=("client",)).points()["client"]]
    finding = only(make_case(tmp_path, {"client": frames}), RULE)
    assert (finding.confidence, finding.facts["port"]) == (Confidence.MEDIUM, 49155)


def test_an_accepted_connection_that_is_cut_at_once_is_blocked(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story(fate="cut"))
    assert finding.facts["outcome"] == "reset"


def test_another_address_of_the_answer_that_works_makes_it_a_warning(tmp_path: Path) -> None:
    story = Story(
        named=[("10.77.2.57", 49160), ("10.77.2.50", 49155)], port=49160, connects_to="10.77.2.57", works_on=49155
    )
    (finding,) = found(tmp_path, story)
    assert (finding.severity, finding.facts["port"]) == (Severity.WARNING, 49160)
    assert "got through on another" in finding.summary


@pytest.mark.parametrize(
    "story",
    [
        Story(fate="open"),
        Story(fate="open", v6=True),
        Story(fate="open", bindings=NAMES),
        Story(fate="open", named=[("0.0.0.0", 49155)]),
        Story(fate="silent", other_port=445),
        Story(fate="refused", other_port=445),
        Story(fate="prohibited", other_port=49156),
        Story(bind_answer=rpc.bind_nak(1), connects=False),
        Story(answer=rpc.response(2, rpc.map_answer([], rpc.NOT_REGISTERED)), connects=False),
        Story(answer=rpc.fault(2, 5), connects=False),
        Story(connects=False),
    ],
)
def test_what_works_or_was_not_named_is_no_finding(tmp_path: Path, story: Story) -> None:
    verdicts = judge(make_case(tmp_path, story.points()), RULE)
    assert (verdicts.findings, verdicts.undecided) == ([], [])


def test_a_failure_before_the_answer_is_not_its_fault(tmp_path: Path) -> None:
    assert found(tmp_path, Story(after_s=0.0)) == []


def test_a_client_that_gets_through_later_met_something_passing(tmp_path: Path) -> None:
    assert found(tmp_path, Story(retries_s=35.0)) == []


def test_many_hosts_are_one_finding(tmp_path: Path) -> None:
    frames = []
    for turn in range(8):
        story = replace(Story(), only=("client",), until_s=1.0, last_octet=60 + turn)
        frames += story.points()["client"]
    frames.sort(key=lambda frame: frame.time_ns)
    finding = only(make_case(tmp_path, {"client": frames}), RULE)
    assert "8 hosts" in finding.title
    assert (finding.facts["count"], len(finding.facts["servers"])) == (8, 8)


def client_frames(*stories: Story) -> dict[str, list[Frame]]:
    """One capture at the client of several stories."""
    frames = [frame for story in stories for frame in replace(story, only=("client",), until_s=1.0).points()["client"]]
    return {"client": sorted(frames, key=lambda frame: frame.time_ns)}


def to_host(octet: int, fate: str = "silent") -> Story:
    """A story with a host of which the answer gives a bare name and an address."""
    return Story(bindings=[(7, f"PC{octet}[49155]"), (7, f"10.77.2.{octet}[49155]")], last_octet=octet, fate=fate)


def test_another_host_that_works_on_the_same_port_is_no_way_out(tmp_path: Path) -> None:
    case = make_case(tmp_path, client_frames(to_host(60), to_host(61, "open"), to_host(62), to_host(63)))
    verdicts = judge(case, RULE, "tcp-syn-unanswered")
    finding, *effects = verdicts.findings
    assert (finding.rule, finding.severity) == (RULE, Severity.ERROR)
    assert "3 hosts" in finding.title
    assert "got through" not in finding.summary
    assert "Port 135 of these hosts answers" in finding.summary
    assert "of 10.77.2.62 and 10.77.2.63" in finding.summary
    assert "these hosts" in finding.fix[0]
    assert len(effects) == 3
    assert finding.explains == [effect.id for effect in effects]


def test_many_hosts_of_which_each_works_on_another_port_stay_a_warning(tmp_path: Path) -> None:
    stories = [
        Story(
            named=[(f"10.77.2.{octet + 9}", 49160), (f"10.77.2.{octet}", 49155)],
            port=49160, connects_to=f"10.77.2.{octet + 9}", works_on=49155, last_octet=octet,
        )
        for octet in (60, 61, 62)
    ]  # fmt: skip
    finding = only(make_case(tmp_path, client_frames(*stories)), RULE)
    assert (finding.severity, "got through on another" in finding.summary) == (Severity.WARNING, True)


def test_an_answer_of_another_address_does_not_show_that_a_silent_host_is_up(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story(named=[("10.77.2.57", 49155)], connects_to="10.77.2.57", only=("client",)))
    assert "so it is up" not in finding.summary
    assert "answered at 10.77.2.50, another address, which does not show that 10.77.2.57 is up" in finding.summary


def test_the_sender_of_the_icmp_error_is_named(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story(fate="prohibited", only=("client",)))
    assert finding.where == "at 10.99.0.1, on the way to 10.77.2.50"
    assert "10.99.0.1, on the way, sent that error: communication administratively prohibited." in finding.summary
    assert finding.fix[0].startswith("On 10.99.0.1, which sent the ICMP errors")
    assert not any(fix.startswith("Capture") for fix in finding.fix)


def test_a_host_that_sends_the_icmp_error_itself_is_told_as_such(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story(fate="prohibited", reporter="10.77.2.50", only=("client",)))
    assert finding.where == "at 10.77.2.50"
    assert "10.77.2.50 itself sent that error" in finding.summary
    assert finding.fix[0].startswith("In the firewall of 10.77.2.50 itself")


def test_the_capture_at_the_host_alone_asks_for_the_other_one(tmp_path: Path) -> None:
    verdicts = judge(make_case(tmp_path, Story(only=("server",)).points()), RULE)
    assert verdicts.findings == []
    assert ["49155" in question.reason for question in verdicts.undecided] == [True]
    assert "10.44.1.14" in verdicts.undecided[0].capture_next


def test_real_captures_with_a_blocked_service_port_are_named(captures: Path) -> None:
    path = captures / "dcerpc-dcom" / "Security-Datasets__covenant_sharpsc_query_dcerpc_smb_svcctl_2020-08-06012009.cap"
    finding = only(open_case({"field": path}), RULE)
    assert (finding.facts["port"], finding.facts["service"], finding.facts["syns"]) == (50115, "SVCCTL", 5)
    assert finding.severity is Severity.WARNING
    assert "5.98 s later the client went on with this host over SMB" in finding.summary


@pytest.mark.parametrize("part", ["sharpwmi", "dcsync", "nspi", "msnrpc", "zerologon", "ctxids", "registerxll"])
def test_healthy_activations_in_the_field_stay_quiet(captures: Path, part: str) -> None:
    (path,) = (path for path in (captures / "dcerpc-dcom").iterdir() if part in path.name)
    verdicts = judge(open_case({"field": path}), RULE)
    assert (verdicts.findings, verdicts.undecided) == ([], [])

"""rpc-endpoint-elsewhere: answers that name another address than the one asked, and those that only seem to."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from examples.files import Frame
from tests.cases import d11_outlook
from tests.support.rpc_talks import Story
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.rpc.endpoint_elsewhere import is_elsewhere

RULE = "rpc-endpoint-elsewhere"
OTHER = [("10.77.2.57", 49155)]


def found(folder: Path, story: Story, *rules: str) -> list[Finding]:
    """What this rule (and others) say of a story."""
    return judge(make_case(folder, story.points()), RULE, *rules).findings


def test_the_outlook_case_names_both_addresses_and_the_script(tmp_path: Path) -> None:
    finding = only(open_case(d11_outlook.build(tmp_path)), RULE)
    expect = d11_outlook.EXPECT
    assert {key: finding.facts[key] for key in ("asked", "named", "ports", "service")} == {
        key: expect[key] for key in ("asked", "named", "ports", "service")
    }
    assert {(piece.capture, piece.frame) for piece in finding.evidence} == {
        ("uag", 32046),
        ("uag", 32049),
        ("uag", 32052),
    }
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.MEDIUM)
    assert "KB 982604" in finding.fix[0]
    assert "No connection to a port that was named followed" in finding.summary
    assert "10.1.1.1 closed the session 300 µs after the answer" in finding.summary


def test_it_explains_the_refusal_that_the_client_sees_through_nat64(tmp_path: Path) -> None:
    verdicts = judge(open_case(d11_outlook.build_both(tmp_path)), RULE, "rpc-fault")
    elsewhere, refusal = verdicts.findings
    assert (elsewhere.rule, refusal.rule) == (RULE, "rpc-fault")
    assert elsewhere.explains == [refusal.id]
    assert refusal.facts["kind"] == "bind_nak"


def test_a_client_that_follows_the_named_address_and_fails_shows_it(tmp_path: Path) -> None:
    story = Story(named=OTHER, connects_to="10.77.2.57")
    elsewhere, blocked = found(tmp_path, story, "rpc-port-blocked")
    assert (elsewhere.severity, elsewhere.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert elsewhere.explains == [blocked.id]
    assert "10.77.2.57:49155 that followed failed" in elsewhere.summary


def test_a_client_that_keeps_to_the_asked_address_is_not_misled(tmp_path: Path) -> None:
    blocked, elsewhere = found(tmp_path, Story(named=OTHER), "rpc-port-blocked")
    assert (blocked.rule, elsewhere.severity) == ("rpc-port-blocked", Severity.WARNING)
    assert elsewhere.explains == []


def test_where_the_client_gets_through_it_is_a_remark(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, Story(named=OTHER, fate="open"))
    assert (finding.severity, finding.aside) == (Severity.INFO, True)


def of_server(story: Story) -> dict[str, list[Frame]]:
    """The story's capture at the client without the client's own frames."""
    client = ipaddress.ip_address(story.addresses[0]).packed
    return {"client": [frame for frame in story.points()["client"] if frame.data[26:30] != client]}


def test_without_the_client_s_packets_it_is_a_question(tmp_path: Path) -> None:
    verdicts = judge(make_case(tmp_path, of_server(Story(named=OTHER))), RULE)
    (question,) = verdicts.undecided
    assert verdicts.findings == []
    assert "no packet from 10.44.1.14 is captured there" in question.reason
    assert "names 10.77.2.57[49155]" in question.reason
    assert question.capture_next.startswith("capture both directions at client")


def test_a_remark_without_the_client_s_packets_says_so_and_names_real_frames(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, of_server(Story(named=OTHER, fate="open"))), RULE)
    assert finding.severity is Severity.INFO
    assert "No packet from 10.44.1.14 is captured in this conversation." in finding.summary
    assert "asked" not in finding.summary.partition("an address that was")[0]
    assert min(piece.frame for piece in finding.evidence) >= 1


@pytest.mark.parametrize("reporter", ["10.99.0.1", "10.77.2.57"])
def test_the_sender_of_an_icmp_error_is_named(tmp_path: Path, reporter: str) -> None:
    story = Story(named=OTHER, connects_to="10.77.2.57", fate="prohibited", reporter=reporter, only=("client",))
    (finding,) = found(tmp_path, story)
    assert f"an ICMP error from {reporter}" in finding.summary
    assert f"open it at {reporter}, which sent" in finding.fix[2]
    assert any(piece.note.startswith(f"ICMP error from {reporter}") for piece in finding.evidence)
    assert "filter that reads RPC" not in finding.where


def test_translation_between_two_points_is_told(tmp_path: Path) -> None:
    story = Story(target="203.0.113.50", named=[("10.77.2.50", 49155)], connects_to="10.77.2.50", fate="silent")
    (finding,) = found(tmp_path, story)
    assert "server shows the same conversation with 10.77.2.50 as the server" in finding.summary
    assert finding.facts["asked"] == "203.0.113.50"


def test_activations_without_names_count_once_the_client_fails(tmp_path: Path) -> None:
    named = [(7, "10.77.2.57[49155]")]
    (finding,) = found(tmp_path, Story(bindings=named, connects_to="10.77.2.57"))
    assert finding.facts["service"] == "WMI"


@pytest.mark.parametrize(
    "story",
    [
        Story(),
        Story(fate="open"),
        Story(named=[("0.0.0.0", 49155)], connects=False),
        Story(named=[("10.77.2.57", 49155), ("10.77.2.50", 49155)], fate="open"),
        Story(v6=True),
        Story(v6=True, named=[("10.77.2.50", 49155)], fate="open"),
        Story(bindings=[(7, "HOST[49155]"), (7, "10.77.2.57[49155]")], fate="open"),
        Story(bindings=[(7, "HOST[49155]"), (7, "10.77.2.57[49155]")], connects=False),
        Story(target="203.0.113.50", named=[("203.0.113.50", 49155)]),
    ],
)
def test_answers_that_name_the_asked_host_are_no_finding(tmp_path: Path, story: Story) -> None:
    assert found(tmp_path, story) == []


@pytest.mark.parametrize(
    ("asked", "named", "elsewhere"),
    [
        ("10.11.2.2", "10.11.2.7", True),
        ("10.11.2.2", "10.11.2.2", False),
        ("2002:a01:86e8:8001::a0b:202", "10.11.2.2", False),
        ("2002:a01:86e8:8001::a0b:202", "10.11.2.7", True),
        ("64:ff9b::a0b:202", "192.0.2.7", True),
        ("fd00::5efe:10.1.1.1", "10.1.1.1", False),
        ("2001:db8::50", "10.11.2.7", False),
        ("2001:db8::50", "2001:db8::57", True),
        ("2001:db8::50", "fe80::1", False),
        ("10.11.2.2", "2001:db8::50", False),
    ],
)
def test_addresses_are_compared_as_far_as_they_can_be(asked: str, named: str, elsewhere: bool) -> None:
    assert is_elsewhere(asked, named) is elsewhere


def test_no_answer_in_the_field_captures_is_elsewhere(captures: Path) -> None:
    for path in sorted((captures / "dcerpc-dcom").iterdir()):
        if any(part in path.name for part in ("covenant", "nspi", "zerologon", "scapy", "ShortMAPI")):
            assert judge(open_case({"field": path}), RULE).findings == [], path.name

"""path-forged-reset: resets that the named sender never sent, and its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d6_lync_signin
from tests.support.alignments import Scene, align, questions, server_point, short_path
from tests.support.middleboxes import ForgeReset, SourceNat
from tests.support.path import Link, Part, Point, World
from tests.support.talk import Host, Reset, Send, Stack, Talk
from tests.support.trouble import LeakyPoint, RejectBoth, Renumber
from tests.support.verdicts import judge, make_case, open_case
from wireproof.case import Case
from wireproof.finding import Confidence, Finding


def test_resets_that_the_edge_never_sent_are_proven_forged(tmp_path: Path) -> None:
    verdicts = judge(open_case(d6_lync_signin.build(tmp_path)))
    forged = next(finding for finding in verdicts.findings if finding.rule == "path-forged-reset")
    assert forged.where == "between edge and frontend"
    assert forged.facts["resets"] == 3
    assert forged.confidence is Confidence.HIGH
    marks = [piece for piece in forged.evidence if piece.mark == "forged"]
    assert {piece.capture for piece in marks} == {"frontend"}
    assert len(marks) == 3


def test_the_forged_reset_leads_and_explains_what_it_caused(tmp_path: Path) -> None:
    verdicts = judge(open_case(d6_lync_signin.build(tmp_path)))
    by_id = {finding.id: finding.rule for finding in verdicts.findings}
    forged = verdicts.findings[0]
    assert forged.rule == "path-forged-reset"
    assert "tcp-syn-unanswered" in {by_id[one] for one in forged.explains}


def test_a_reset_that_its_sender_sent_is_not_forged(tmp_path: Path) -> None:
    world = World([Point("client", at="client"), Link(5), Point("server", at="server")])
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 300), Reset("server", after_ms=500)])
    assert judge(make_case(tmp_path, world.captures()), "path-forged-reset").findings == []


def test_one_ordinary_capture_raises_no_suspicion(tmp_path: Path) -> None:
    world = World([Point("client", at="client"), Link(5)])
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 300), Reset("server", after_ms=500)])
    verdicts = judge(make_case(tmp_path, world.captures()), "path-forged-reset")
    assert verdicts.findings == []
    assert verdicts.undecided == []


def forged(case: Case) -> list[Finding]:
    return [finding for finding in judge(case).findings if finding.rule == "path-forged-reset"]


def test_a_reset_after_the_other_captures_last_frame_is_only_said_to_look_alike(tmp_path: Path) -> None:
    world = World(short_path(ForgeReset(port=9000)))
    Talk(world, Host("10.1.1.9", Stack(initial_rto_ms=3000.0, syn_retries=2)), Host("10.1.2.8"), [Send("client", 5)])
    (finding,) = forged(make_case(tmp_path, world.captures()))
    assert (finding.facts["resets"], finding.facts["resets_proven"]) == (3, 2)
    assert "look the same, but client was not capturing then." in finding.summary.replace("looks", "look")
    assert len([piece for piece in finding.evidence if piece.mark == "forged"]) == 3


def test_a_firewall_that_resets_both_ends_is_told_in_both_directions(tmp_path: Path) -> None:
    captures = Scene(short_path(RejectBoth(7))).captures([questions(20)])
    later = Scene(short_path()).captures([questions(20, f"topic {turn}") for turn in range(4)])
    for name, frames in captures.items():
        frames += [frame for frame in later[name] if b"\xc3\x51" not in frame.data[34:38]]
        frames.sort(key=lambda frame: frame.time_ns)
    found = forged(make_case(tmp_path, captures))
    assert sorted(finding.toward for finding in found) == ["client", "server"]
    assert sorted(finding.title for finding in found) == [
        "1 reset in the name of 10.1.1.9:50001 made between client and server",
        "1 reset in the name of 10.1.2.8:9000 made between client and server",
    ]


def test_the_ttl_tells_how_far_away_the_device_is(tmp_path: Path) -> None:
    (finding,) = forged(
        align(tmp_path, Scene(short_path(ForgeReset(port=9000), Link(1, hops=4))), [[Send("client", 5)]])
    )
    assert finding.facts["reset_hops_away"] == 5
    assert "if the device starts with 255, it is 5 hops away from server." in finding.summary


def test_what_provoked_the_reset_and_never_arrived_is_named(tmp_path: Path) -> None:
    (finding,) = forged(open_case(d6_lync_signin.build(tmp_path)))
    assert "after the SYN/ACK in frame 232, which never reaches edge." in finding.summary


@pytest.mark.parametrize("between", [SourceNat("198.51.100.7"), Renumber(client=77)])
def test_behind_nat_or_new_numbers_a_forged_reset_is_still_told(tmp_path: Path, between: Part) -> None:
    parts = short_path(ForgeReset(port=9001), between)
    world = World(parts)
    hosts = Scene(parts).hosts()
    Talk(world, *hosts, questions(30), (50001, 9000))
    Talk(world, *hosts, [Send("client", 5)], (50002, 9001), 0.2)
    (finding,) = forged(make_case(tmp_path, world.captures()))
    assert finding.confidence is Confidence.MEDIUM
    assert finding.title.startswith("5 resets in the name of 10.1.1.9:50002 made between")


def test_a_capture_near_the_sender_that_has_holes_makes_it_less_sure(tmp_path: Path) -> None:
    leaky = LeakyPoint(
        "client",
        at="client",
        choose=lambda packet, upward, _: (
            (upward and "R" in getattr(packet.upper, "flags", ""))
            or b"question    1" in getattr(packet.upper, "payload", b"")
        ),
    )
    steps = [*questions(4)[:-1], Reset("client", 30)]
    case = align(tmp_path, Scene([leaky, Link(5), server_point()]), [steps, questions(20, "football")])
    assert {finding.confidence for finding in forged(case)} <= {Confidence.MEDIUM, Confidence.LOW}

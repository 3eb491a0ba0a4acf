"""path-forged-reset: resets that the named sender never sent, and its own."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d6_lync_signin
from tests.support.path import Link, Point, World
from tests.support.talk import Host, Reset, Send, Talk
from tests.support.verdicts import judge, make_case, open_case
from wireproof.finding import Confidence


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

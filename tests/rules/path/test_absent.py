"""What path-loss says of conversations that another point lacks altogether."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.packets import TCP, UDP
from tests.support.alignments import questions, short_path
from tests.support.middleboxes import Lose
from tests.support.path import Part, World
from tests.support.talk import Ask, Host, Send, Stack, Talk
from tests.support.verdicts import judge, make_case, only
from wireproof.case import Case
from wireproof.finding import Confidence, Severity

CLIENT, SERVER = Host("10.1.1.9", Stack(syn_retries=2)), Host("10.1.2.8")


def blocked(port: int, source: int = 0) -> Lose:
    def chosen(packet: object, upward: bool, _seen: int) -> bool:
        segment = packet.upper  # type: ignore[attr-defined]
        return upward and isinstance(segment, TCP | UDP) and segment.target == port and source in {0, segment.source}

    return Lose(chosen)


def case_of(folder: Path, *between: Part, attempts: int = 3) -> Case:
    world = World(short_path(*between))
    for turn in range(6):
        Talk(world, CLIENT, SERVER, questions(2, f"topic {turn}"), (52000 + turn, 8081), 4.0 * turn)
    for turn in range(attempts):
        Talk(world, CLIENT, SERVER, [Send("client", 20)], (50001 + turn, 443), 1.0 + turn)
    return make_case(folder, world.captures())


def test_a_blocked_port_is_one_error_whatever_the_number_of_attempts(tmp_path: Path) -> None:
    finding = only(case_of(tmp_path, blocked(443), attempts=5), "path-loss")
    assert finding.title == "Packets to 10.1.2.8:443 do not arrive at server"
    assert finding.severity is Severity.ERROR
    assert finding.confidence is Confidence.HIGH
    assert (finding.facts["conversations"], finding.facts["lost_packets"]) == (5, 15)
    assert finding.summary.endswith("Nothing came back.")
    assert {piece.mark for piece in finding.evidence} == {"lost"}


def test_one_attempt_of_many_that_fails_for_good_is_an_error_that_names_the_rest(tmp_path: Path) -> None:
    finding = only(case_of(tmp_path, blocked(443, 50002)), "path-loss")
    assert finding.severity is Severity.ERROR
    assert "2 other conversations with the same target did arrive." in finding.summary
    assert finding.title.startswith("Some conversations")


@pytest.mark.parametrize(("lost", "severity"), [(1, Severity.INFO), (9, Severity.WARNING)])
def test_lost_queries_among_many_are_weighed_by_their_share(tmp_path: Path, lost: int, severity: Severity) -> None:
    dropped = Lose(
        lambda packet, upward, _: upward and isinstance(packet.upper, UDP) and packet.upper.source < 51000 + lost
    )
    world = World(short_path(dropped))
    Talk(world, CLIENT, SERVER, questions(100), (52000, 8081))
    for turn in range(60):
        Ask(
            world,
            CLIENT,
            SERVER,
            (51000 + turn, 53),
            (f"question {turn}".encode(), f"answer {turn}".encode()),
            0.1 + 0.01 * turn,
        )
    assert only(make_case(tmp_path, world.captures()), "path-loss").severity is severity


def test_a_blocked_port_is_told_in_the_reports_own_words(tmp_path: Path) -> None:
    verdicts = judge(case_of(tmp_path, blocked(443)))
    loss = next(finding for finding in verdicts.findings if finding.rule == "path-loss")
    silent = next(finding for finding in verdicts.findings if finding.rule == "tcp-syn-unanswered")
    assert silent.id in loss.explains

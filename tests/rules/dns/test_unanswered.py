"""dns-unanswered: dead resolvers, lost names, and queries that another try answers."""

from __future__ import annotations

from pathlib import Path

from examples.filler import dns_question
from tests.cases.healthy import name_asked_twice
from tests.rules.dns.asking import CLIENT, MACS, RESOLVER, SECOND_RESOLVER, ask, both, give, later
from tests.support.files import SECOND, Frame
from tests.support.packets import TCP, UDP, Ethernet, IPv4
from tests.support.verdicts import judge, make_case, open_case
from wireproof.finding import Finding, Severity


def findings(folder: Path, *frames: Frame) -> list[Finding]:
    return judge(make_case(folder, {"client": sorted(frames)}), "dns-unanswered").findings


def test_a_resolver_that_answers_nothing_is_an_error(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, ask(1, "a.example"), ask(2, "a.example"), ask(4, "a.example"))
    assert (finding.severity, finding.facts["resolver"], finding.facts["queries"]) == (Severity.ERROR, RESOLVER, 3)
    assert [piece.frame for piece in finding.evidence] == [1, 2, 3]
    assert (finding.talk.client, finding.talk.server) == (f"{CLIENT}:5000", f"{RESOLVER}:53")  # type: ignore[union-attr]


def test_repeats_with_new_identifiers_count_as_one_lookup(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, *(ask(1 + turn, "a.example", ident=turn, port=5000 + turn) for turn in range(3)))
    assert (finding.severity, finding.facts["names"]) == (Severity.ERROR, ["a.example"])


def test_a_dead_resolver_beside_a_good_one_is_a_warning(tmp_path: Path) -> None:
    frames = [
        frame
        for turn in range(4)
        for frame in (
            ask(turn * 9, f"n{turn}.example", turn, SECOND_RESOLVER),
            *both(turn * 9 + 1, f"n{turn}.example", turn),
        )
    ]
    (finding,) = findings(tmp_path, *frames, later(60))
    assert (finding.severity, finding.facts["resolver"], finding.facts["names_lost"]) == (
        Severity.WARNING,
        SECOND_RESOLVER,
        0,
    )
    assert "Another resolver answered" in finding.summary


def test_names_that_a_good_resolver_leaves_out_are_named(tmp_path: Path) -> None:
    good = [frame for turn in range(10) for frame in both(turn, f"good{turn}.example", turn)]
    lost = [ask(20 + turn + again, f"lost{turn}.example", 100 + turn) for turn in range(3) for again in (0, 1.5)]
    (finding,) = findings(tmp_path, *good, *lost, later(60))
    assert (finding.severity, finding.facts["unanswered"], finding.facts["exchanges"]) == (Severity.WARNING, 3, 13)
    assert finding.facts["names"] == ["lost0.example", "lost1.example", "lost2.example"]


def test_a_query_that_is_answered_when_repeated_stays_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, ask(1, "a.example"), ask(2, "a.example"), give(2.1, "a.example"), later(60)) == []
    assert findings(tmp_path, ask(1, "a.example", 1), *both(2, "a.example", 2), later(60)) == []
    assert judge(open_case(name_asked_twice(tmp_path)), "dns-unanswered").findings == []


def test_a_name_that_the_second_resolver_answers_stays_silent_when_the_first_works(tmp_path: Path) -> None:
    good = [frame for turn in range(5) for frame in both(turn, f"good{turn}.example", turn)]
    split = [ask(10, "a.example", 50), *both(11, "a.example", 50, server=SECOND_RESOLVER)]
    assert findings(tmp_path, *good, *split, later(60)) == []


def test_a_query_at_the_end_of_the_capture_stays_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, ask(1, "a.example"), later(2)) == []


def test_queries_without_recursion_stay_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, *(ask(turn, "a.example", recursive=False) for turn in range(4))) == []


def test_multicast_names_stay_silent(tmp_path: Path) -> None:
    question = bytes(IPv4(CLIENT, "224.0.0.252", UDP(5000, 5355, b"\0\7\0\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1")))
    frame = bytes.fromhex("01005e0000fc020000000009") + b"\x08\0" + question
    assert findings(tmp_path, *(Frame(turn * 10**9, frame) for turn in range(4))) == []


def test_a_capture_of_one_direction_is_undecided(tmp_path: Path) -> None:
    going = [
        TCP(6000, 80, 100, flags="S"),
        TCP(6000, 80, 101, 900, "A"),
        TCP(6000, 80, 101, 900, "PA", payload=b"x" * 50),
    ]
    frames = [
        Frame(turn, bytes(Ethernet(*MACS, IPv4(CLIENT, "10.2.2.2", segment)))) for turn, segment in enumerate(going)
    ]
    verdicts = judge(
        make_case(tmp_path, {"client": [*frames, ask(1, "a.example"), ask(2, "a.example"), ask(4, "a.example")]}),
        "dns-unanswered",
    )
    assert verdicts.findings == []
    assert "one direction" in verdicts.undecided[0].reason


def test_an_answer_that_another_point_shows_is_lost_on_the_way(tmp_path: Path) -> None:
    asked = [ask(1, "a.example"), ask(2, "a.example"), ask(4, "a.example")]
    case = make_case(tmp_path, {"client": asked, "server": [asked[0], give(1.01, "a.example")]})
    (finding,) = judge(case, "dns-unanswered").findings
    assert "The capture server holds an answer (frame 2)" in finding.summary


def test_ipv6_questions_alone_in_vain_are_a_warning(tmp_path: Path) -> None:
    question = dns_question(8, "www.example.com", 28)
    vain = [
        Frame(round(time_s * SECOND), bytes(Ethernet(*MACS, IPv4(CLIENT, SECOND_RESOLVER, UDP(5001, 53, question)))))
        for time_s in (1.001, 2.0, 4.0)
    ]
    (finding,) = findings(tmp_path, *both(1, "www.example.com", 7), *vain)
    assert (finding.severity, finding.facts["only_ipv6"]) == (Severity.WARNING, True)
    assert "single-request-reopen" in finding.summary

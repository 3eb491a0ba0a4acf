"""dns-wrong-address: answers that differ, of which one leads to where the service is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.filler import dns_answer, dns_question
from tests.rules.dns.asking import CLIENT, MACS, RESOLVER, SECOND_RESOLVER, ask
from tests.support.files import SECOND, Frame
from tests.support.packets import TCP, UDP, Ethernet, IPv4
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Talk
from tests.support.tls_handshakes import SERVER, Pair, client_context, server_context
from tests.support.verdicts import judge, make_case
from wireproof.finding import Finding, Severity
from wireproof.rules.dns.wrong_address import pack_address

NAME = "intranet.corp.example"
OLD, NEW = "10.1.5.5", "10.1.6.6"


def told(time_s: float, address: str, server: str = RESOLVER, ident: int = 7, name: str = NAME) -> list[Frame]:
    """A question and its answer."""
    answer = IPv4(server, CLIENT, UDP(53, 5000, dns_answer(ident, name, address)))
    return [
        ask(time_s, name, ident, server),
        Frame(round((time_s + 0.01) * SECOND), bytes(Ethernet(*MACS[::-1], answer))),
    ]


def connect(time_s: float, address: str, answer: str = "", port: int = 50001) -> list[Frame]:
    """A SYN, and the server's answer to it by its flags."""
    frames = [
        Frame(round(time_s * SECOND), bytes(Ethernet(*MACS, IPv4(CLIENT, address, TCP(port, 443, 100, flags="S")))))
    ]
    if answer:
        back = TCP(443, port, 900 if answer == "SA" else 0, 101, answer)
        frames.append(Frame(round((time_s + 0.02) * SECOND), bytes(Ethernet(*MACS[::-1], IPv4(address, CLIENT, back)))))
    return frames


def findings(folder: Path, *parts: list[Frame], **points: list[Frame]) -> list[Finding]:
    case = make_case(folder, {"client": sorted(frame for part in parts for frame in part), **points})
    return judge(case, "dns-wrong-address").findings


@pytest.mark.parametrize(("answer", "note"), [("", "no answer"), ("RA", "refused")])
def test_an_answer_that_leads_nowhere_while_another_resolver_s_works_is_an_error(
    tmp_path: Path, answer: str, note: str
) -> None:
    (finding,) = findings(
        tmp_path,
        told(1, OLD), connect(1.1, OLD, answer), told(5, NEW, SECOND_RESOLVER, 8), connect(5.1, NEW, "SA", 50002),
    )  # fmt: skip
    assert finding.severity == Severity.ERROR
    assert (finding.facts["resolver"], finding.facts["addresses"]) == (RESOLVER, [OLD])
    assert (finding.facts["other_resolver"], finding.facts["other_addresses"]) == (SECOND_RESOLVER, [NEW])
    assert note in finding.summary
    count = 2 if answer else 1
    assert [piece.frame for piece in finding.evidence] == [2, 3, 4 + count, 6 + count]


def test_it_is_a_warning_where_nobody_tried_the_other_address(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, told(1, OLD), connect(1.1, OLD), told(5, NEW, SECOND_RESOLVER, 8))
    assert (finding.severity, finding.facts["other_works"]) == (Severity.WARNING, False)


def test_the_other_answer_may_stand_in_another_capture(tmp_path: Path) -> None:
    inside = sorted([*told(2, NEW, SECOND_RESOLVER, 8), *connect(2.1, NEW, "SA", 50009)])
    (finding,) = findings(tmp_path, told(1, OLD), connect(1.1, OLD, "RA"), inside=inside)
    assert (finding.severity, finding.facts["other_works"]) == (Severity.ERROR, True)
    assert "capture inside" in finding.summary


def test_answers_that_differ_and_all_work_stay_silent(tmp_path: Path) -> None:
    quiet = (told(1, OLD), connect(1.1, OLD, "SA"), told(5, NEW, SECOND_RESOLVER, 8), connect(5.1, NEW, "SA", 50002))
    assert findings(tmp_path, *quiet) == []


def test_a_server_that_is_down_stays_silent_where_all_answers_name_it(tmp_path: Path) -> None:
    assert findings(tmp_path, told(1, OLD), connect(1.1, OLD), told(5, OLD, SECOND_RESOLVER, 8)) == []
    assert findings(tmp_path, told(1, OLD), connect(1.1, OLD)) == []


def test_one_failure_among_connections_that_work_stays_silent(tmp_path: Path) -> None:
    tried = [*connect(1.1, OLD, "RA"), *connect(2, OLD, "SA", 50007)]
    assert findings(tmp_path, told(1, OLD), tried, told(5, NEW, SECOND_RESOLVER, 8)) == []


def test_a_connection_before_the_answer_proves_nothing(tmp_path: Path) -> None:
    assert findings(tmp_path, connect(0.5, OLD), told(1, OLD), told(5, NEW, SECOND_RESOLVER, 8)) == []


def test_other_names_do_not_mix(tmp_path: Path) -> None:
    assert (
        findings(tmp_path, told(1, OLD), connect(1.1, OLD), told(5, NEW, SECOND_RESOLVER, 8, "www.example.com")) == []
    )


def test_addresses_are_packed_as_conversations_keep_them() -> None:
    assert pack_address("10.0.0.1").hex() == "00000000000000000000ffff0a000001"
    assert pack_address("2001:db8::1").hex() == "20010db8000000000000000000000001"


def test_a_certificate_for_another_name_counts_as_a_failure(tmp_path: Path) -> None:
    pair = Pair(client_context(), server_context(SERVER), name=NAME)
    assert pair.handshake()
    world = World([Point("client", at="client"), Link(5)])
    Talk(world, Host(CLIENT), Host(OLD), [*pair.steps, Close("client")], (50001, 443), 0.0)
    secure = world.captures()["client"]
    begin = secure[0].time_ns
    shifted = [frame._replace(time_ns=frame.time_ns - begin + round(1.1 * SECOND)) for frame in secure]
    (finding,) = findings(tmp_path, told(1, OLD), shifted, told(5, NEW, SECOND_RESOLVER, 8))
    assert finding.facts["addresses"] == [OLD]
    assert "certificate is for another name" in finding.summary
    assert findings(tmp_path, told(1, OLD), shifted, told(5, OLD, SECOND_RESOLVER, 8)) == []


def test_a_capture_without_dns_beside_it_changes_nothing(tmp_path: Path) -> None:
    (finding,) = findings(
        tmp_path, told(1, OLD), connect(1.1, OLD), told(5, NEW, SECOND_RESOLVER, 8), other=connect(1, "10.1.7.7")
    )
    assert finding.facts["count"] == 1


def told_to(time_s: float, asker: str, address: str) -> list[Frame]:
    """A question of any host to the usual resolver, and its answer."""
    query, answer = UDP(5000, 53, dns_question(7, NAME)), UDP(53, 5000, dns_answer(7, NAME, address))
    return [
        Frame(round(time_s * SECOND), bytes(Ethernet(*MACS, IPv4(asker, RESOLVER, query)))),
        Frame(round((time_s + 0.01) * SECOND), bytes(Ethernet(*MACS[::-1], IPv4(RESOLVER, asker, answer)))),
    ]


@pytest.mark.parametrize(("asker", "changed"), [
    (CLIENT, "Its answer changed between the two captures."),
    ("10.1.0.99", "Its answer changed between the two captures, or depends on who asks."),
])  # fmt: skip
def test_one_resolver_that_answers_otherwise_in_another_capture_has_changed_its_answer(
    tmp_path: Path, asker: str, changed: str
) -> None:
    later = [*told_to(900, asker, NEW), *connect(901, NEW, "SA", 50009)]
    (finding,) = findings(tmp_path, told(1, OLD), connect(1.1, OLD, "RA"), later=later)
    assert (
        finding.title
        == f"{RESOLVER} answers {NAME} with {OLD}, where the service is not; in capture later it says {NEW}"
    )
    assert f"The same resolver answered {asker}'s question in capture later with {NEW}" in finding.summary
    assert finding.summary.endswith(changed)
    assert finding.fix[0].startswith(f"Ask again: `nslookup {NAME} {RESOLVER}` on {CLIENT}")
    assert not any("alone knows the zone" in step or "Compare" in step for step in finding.fix)


def test_two_resolvers_are_compared(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, told(1, OLD), connect(1.1, OLD, "RA"), told(5, NEW, SECOND_RESOLVER, 8))
    assert f"{SECOND_RESOLVER} says {NEW}" in finding.title
    assert finding.fix[0] == f"Compare: `nslookup {NAME} {RESOLVER}` and `nslookup {NAME} {SECOND_RESOLVER}`."
    assert "changed" not in finding.summary

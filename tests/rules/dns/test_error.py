"""dns-error: error codes that stop lookups, and names whose absence is everyday life."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from examples.filler import dns_question
from tests.rules.dns.asking import CLIENT, MACS, RESOLVER, SECOND_RESOLVER, ask, both, give
from tests.support.files import SECOND, Frame
from tests.support.packets import UDP, Ethernet, IPv4
from tests.support.verdicts import judge, make_case
from wireproof.finding import Finding, Severity
from wireproof.rules.dns.error import is_everyday, is_suffixed

SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5


def findings(folder: Path, *frames: Frame) -> list[Finding]:
    return judge(make_case(folder, {"client": sorted(frames)}), "dns-error").findings


@pytest.mark.parametrize(
    ("code", "name"), [(SERVFAIL, "SERVFAIL"), (REFUSED, "REFUSED"), (1, "FORMERR"), (4, "NOTIMP")]
)
def test_an_error_that_stops_the_lookup_is_a_warning(tmp_path: Path, code: int, name: str) -> None:
    (finding,) = findings(tmp_path, *both(1, "www.example.com", 7, rcode=code))
    assert (finding.severity, finding.facts["rcode"], finding.facts["resolver"]) == (Severity.WARNING, name, RESOLVER)
    assert [piece.frame for piece in finding.evidence] == [2, 1]


def test_repeats_at_one_resolver_are_one_finding(tmp_path: Path) -> None:
    frames = [frame for turn in range(5) for frame in both(turn, f"n{turn}.example", turn, rcode=SERVFAIL)]
    (finding,) = findings(tmp_path, *frames)
    assert (finding.facts["count"], len(finding.facts["names"])) == (5, 5)


def test_an_error_that_another_resolver_makes_good_is_information(tmp_path: Path) -> None:
    good = both(1.1, "www.example.com", 8, server=SECOND_RESOLVER)
    (finding,) = findings(tmp_path, *both(1, "www.example.com", 7, rcode=SERVFAIL), *good)
    assert (finding.severity, finding.facts["answered_on_retry"]) == (Severity.INFO, 1)


def test_a_name_that_does_not_exist_is_information(tmp_path: Path) -> None:
    frames = [*both(1, "absent.corp.local", 7, rcode=NXDOMAIN), *both(2, "absent.corp.local", 8, rcode=NXDOMAIN)]
    (finding,) = findings(tmp_path, *frames)
    assert (finding.severity, finding.facts["names"], finding.facts["count"]) == (
        Severity.INFO,
        ["absent.corp.local"],
        2,
    )


def test_a_walk_through_search_suffixes_stays_silent(tmp_path: Path) -> None:
    missed = both(1, "fileserver.emea.corp.example", 7, rcode=NXDOMAIN)
    assert findings(tmp_path, *missed, *both(1.1, "fileserver.corp.example", 8)) == []
    missed = both(1, "www.example.com.corp.example", 7, rcode=NXDOMAIN)
    assert findings(tmp_path, *missed, *both(5, "www.example.com", 8)) == []


def test_another_host_named_www_is_no_walk(tmp_path: Path) -> None:
    assert (
        len(findings(tmp_path, *both(1, "www.absent.example", 7, rcode=NXDOMAIN), *both(1.1, "www.example.com", 8)))
        == 1
    )


@pytest.mark.parametrize(
    "name", ["9.1.1.10.in-addr.arpa", "wpad.corp.example", "isatap.corp.example", "host", "2.0.0.127.zen.example.org"]
)
def test_names_asked_on_chance_stay_silent(tmp_path: Path, name: str) -> None:
    assert findings(tmp_path, *both(1, name, 7, rcode=NXDOMAIN)) == []
    (refused,) = findings(tmp_path, *both(1, name, 7, rcode=REFUSED))
    assert refused.severity == Severity.INFO


def test_answers_without_records_are_no_error(tmp_path: Path) -> None:
    assert findings(tmp_path, *both(1, "www.example.com", 7)) == []


def test_dynamic_updates_that_are_refused_stay_silent(tmp_path: Path) -> None:
    frames = [ask(1, "corp.example"), give(1.01, "corp.example", rcode=REFUSED)]
    updates = [
        Frame(frame.time_ns, frame.data[:44] + bytes((frame.data[44] | 0x28,)) + frame.data[45:]) for frame in frames
    ]
    assert findings(tmp_path, *updates) == []


def test_everyday_and_suffixed_names() -> None:
    assert [is_everyday(name) for name in ("wpad.x", "b._dns-sd._udp.x", "www.example.com")] == [True, True, False]
    assert is_suffixed("a.b.corp", 1, {(1, "a.b")})
    assert not is_suffixed("a.b.corp", 2, {(1, "a.b")})


def aaaa(time_s: float, name: str, ident: int, rcode: int = 0, extra: bytes = b"") -> list[Frame]:
    """A question for an IPv6 address and an answer without records; `extra` is one additional record."""
    asked = dns_question(ident, name, 28)
    told = struct.pack("!6H", ident, 0x8180 | rcode, 1, 0, 0, 1 if extra else 0) + asked[12:] + extra
    frames = (
        (0.0, MACS, CLIENT, RESOLVER, UDP(5000, 53, asked)),
        (0.01, MACS[::-1], RESOLVER, CLIENT, UDP(53, 5000, told)),
    )
    return [
        Frame(round((time_s + wait) * SECOND), bytes(Ethernet(*macs, IPv4(a, b, udp))))
        for wait, macs, a, b, udp in frames
    ]


def test_ipv6_questions_that_fail_beside_ipv4_ones_that_work_are_information(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, *both(1, "www.example.com", 7), *aaaa(1.001, "www.example.com", 8, SERVFAIL))
    assert (finding.severity, finding.facts["only_ipv6"]) == (Severity.INFO, True)
    assert "IPv6 addresses" in finding.summary


def test_both_families_failing_is_a_warning(tmp_path: Path) -> None:
    frames = [*both(1, "www.example.com", 7, rcode=SERVFAIL), *aaaa(1.001, "www.example.com", 8, SERVFAIL)]
    (finding,) = findings(tmp_path, *frames)
    assert (finding.severity, finding.facts["only_ipv6"], finding.facts["count"]) == (Severity.WARNING, False, 2)


def test_an_extended_error_is_told(tmp_path: Path) -> None:
    words = b"\0\x07expired"
    option = struct.pack("!HH", 15, len(words)) + words
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option
    (finding,) = findings(tmp_path, *aaaa(1, "www.example.com", 8, SERVFAIL, opt))
    assert finding.facts["extended_errors"] == ["signature expired: expired"]
    assert "signature expired" in finding.summary

"""dns-error: error codes that stop lookups, and names whose absence is everyday life."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.dns.asking import RESOLVER, SECOND_RESOLVER, ask, both, give
from tests.support.files import Frame
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

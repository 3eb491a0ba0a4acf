"""arp-burst: a host that closes idle sessions, scans, and everyday requests."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d8_arp_burst
from tests.support.files import SECOND, Frame
from tests.support.packets import arp_reply, arp_request
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Finding, Severity

HOST, MAC = "10.1.1.9", "00:1b:21:00:00:09"


def requests(count: int, gap_s: float, same: bool = False) -> list[Frame]:
    """Requests for so many addresses (or one) at even distances."""
    return [
        Frame(round((1 + turn * gap_s) * SECOND), bytes(arp_request(MAC, HOST, f"10.1.1.{100 if same else 10 + turn}")))
        for turn in range(count)
    ]


def findings(folder: Path, frames: list[Frame]) -> list[Finding]:
    return judge(make_case(folder, {"tap": sorted(frames)}), "arp-burst").findings


def test_a_host_that_closes_idle_sessions_is_legitimate(tmp_path: Path) -> None:
    finding = only(open_case(d8_arp_burst.build(tmp_path)), "arp-burst")
    facts = finding.facts
    assert (finding.severity, facts["requests"], facts["addresses"]) == (Severity.INFO, 20, 20)
    assert (facts["answered"], facts["idle_sessions_closed"], facts["port"]) == (20, 20, d8_arp_burst.DEVICE_PORT)
    assert {piece.frame for piece in finding.evidence} >= {*d8_arp_burst.REQUESTS, d8_arp_burst.RESET_202}
    assert "WSDAPI" in finding.summary
    assert "legitimate" in finding.summary


def test_requests_that_nothing_explains_are_a_warning(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, requests(20, 0.0001))
    assert (finding.severity, finding.facts["idle_sessions_closed"]) == (Severity.WARNING, 0)
    assert "scan or a discovery" in finding.summary


def test_answers_are_counted_where_they_pass(tmp_path: Path) -> None:
    asked = requests(12, 0.0001)
    told = [
        Frame(
            frame.time_ns + 2_000_000, bytes(arp_reply(f"00:1b:21:00:01:{turn:02x}", f"10.1.1.{10 + turn}", MAC, HOST))
        )
        for turn, frame in enumerate(asked[:5])
    ]
    (finding,) = findings(tmp_path, asked + told)
    assert finding.facts["answered"] == 5
    assert "5 of 12 were answered" in finding.summary


def test_a_slow_scan_is_seen_by_its_many_addresses(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, requests(60, 0.1))
    assert finding.facts["addresses"] == 60


def test_a_router_that_asks_from_several_addresses_is_told_so(tmp_path: Path) -> None:
    frames = [
        Frame(SECOND + turn * 1000, bytes(arp_request(MAC, f"10.1.{turn % 2}.1", f"10.1.{turn % 2}.{20 + turn}")))
        for turn in range(20)
    ]
    (finding,) = findings(tmp_path, frames)
    assert "router" in finding.summary


def test_requests_for_one_address_are_no_burst(tmp_path: Path) -> None:
    assert findings(tmp_path, requests(40, 0.0001, same=True)) == []


def test_a_request_now_and_then_stays_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, requests(60, 0.5)) == []
    assert findings(tmp_path, requests(9, 0.0001)) == []

"""The published listings in other dress lead to the same conclusions: other addresses, columns, dates, line ends and mark-up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import listings, relisted
from wireproof.analyse import analyse

Conclusion = tuple[str, str, set[int]]
WIRESHARK: tuple[Conclusion, ...] = (
    ("SCCM", "path-loss", {1921, 1975, 2071, 2264, 2651, 3475}),
    ("SMTP", "tcp-mss-exceeded", {2, 11, 12, 15, 16, 17, 18}),
    ("ARP", "arp-burst", {326437, 326475}),
    ("RDP", "tcp-idle-reset", {8257, 10717}),
    ("DELAYED", "tcp-delayed-ack", {3564, 3566, 3567}),
    ("REFUSED", "tcp-connection-refused", {1299, 1300, 1353, 1356, 1360, 1361}),
    ("LOST_SYNS", "tcp-syn-unanswered", {2657, 2693, 2736, 2839}),
    ("SQL", "path-latency", {409, 410, 47, 48}),
)
MONITOR: tuple[Conclusion, ...] = (
    ("EDGE", "path-forged-reset", {606227, 606232, 606233}),
    ("EDGE", "tcp-syn-unanswered", {106631, 106984, 107347}),
    ("RPC", "tcp-syn-unanswered", {8980, 9390, 11236}),
)
NEED_LENGTHS = {"tcp-delayed-ack"}
"""Where the capture was taken shows in lengths alone: without them the rule asks."""
WITH_LENGTHS = {
    "other_addresses", "length", "date_delta_length", "utc", "comma", "no_header", "arrows", "tabs", "wide", "quoted", "wrapped", "html_table", "csv",
}  # fmt: skip
STYLED = [(*one, style) for one in WIRESHARK for style in relisted.WIRESHARK]
STYLED += [(*one, style) for one in MONITOR for style in relisted.MONITOR]


def judge(folder: Path, text: str) -> tuple[dict[str, set[int]], set[str]]:
    """Frames by rule, and rules that ask."""
    file = folder / "ticket.txt"
    file.write_text(text, encoding="utf-8")
    with analyse([str(file)]) as report:
        found = {finding.rule: {row.frame for row in finding.evidence} for finding in report.verdicts.findings}
        return found, {one.rule for one in report.verdicts.undecided}


@pytest.mark.parametrize(("name", "rule", "frames", "style"), STYLED)
def test_another_dress_leads_to_the_same_conclusion(
    tmp_path: Path, name: str, rule: str, frames: set[int], style: str
) -> None:
    make = (relisted.MONITOR if name in {"EDGE", "RPC"} else relisted.WIRESHARK)[style]
    plain, _ = judge(tmp_path, getattr(listings, name))
    found, asked = judge(tmp_path, make(getattr(listings, name)))
    if rule in NEED_LENGTHS and style not in WITH_LENGTHS:
        assert rule in asked
        return
    assert frames <= found.get(rule, set())
    assert set(found) <= set(plain)


@pytest.mark.parametrize("style", relisted.TREES)
@pytest.mark.parametrize(
    ("name", "rule", "frames"),
    [
        ("OUTLOOK", "rpc-endpoint-elsewhere", {32046, 32049}),
        ("RPC", "rpc-port-blocked", {5885, 5886, 8980, 9390, 11236}),
        ("TSO", "capture-offload-length", {8852}),
    ],
)
def test_trees_lead_to_the_same_conclusion_in_every_dress(
    tmp_path: Path, name: str, rule: str, frames: set[int], style: str
) -> None:
    found, _ = judge(tmp_path, relisted.TREES[style](getattr(listings, name)))
    assert frames <= found.get(rule, set())


@pytest.mark.parametrize("style", relisted.WIRESHARK)
def test_a_healthy_listing_is_quiet_in_every_dress(tmp_path: Path, style: str) -> None:
    assert judge(tmp_path, relisted.WIRESHARK[style](listings.TLS))[0] == {}


def test_a_tree_without_a_record_names_the_line_of_the_address_that_was_not_asked(tmp_path: Path) -> None:
    file = tmp_path / "ticket.txt"
    file.write_text(listings.OUTLOOK, encoding="utf-8")
    with analyse([str(file)]) as report:
        (finding,) = report.verdicts.findings
    assert finding.rule == "rpc-endpoint-elsewhere"
    assert (finding.facts["asked"], finding.facts["named"], finding.facts["ports"]) == (
        "10.11.2.2",
        ["10.11.2.7"],
        [41376],
    )
    line = next(row.line for row in finding.evidence if row.line)
    assert listings.OUTLOOK.splitlines()[line - 1] == "Floor 5 IP:10.11.2.7"
    assert {row.frame for row in finding.evidence} >= {32046, 32049}


def test_a_tree_beneath_a_record_names_the_port_that_is_blocked(tmp_path: Path) -> None:
    found, _ = judge(tmp_path, listings.RPC)
    assert found["rpc-port-blocked"] == {5885, 5886, 8980, 9390, 11236}


AT_CLIENT = """Captured on the client:
1 0.000000 10.0.107.58 10.7.3.187 TCP 66 59193 > 3389 [SYN] Seq=3976196062 Win=8192 Len=0 MSS=1380 WS=256 SACK_PERM=1
2 0.040000 10.7.3.187 10.0.107.58 TCP 66 3389 > 59193 [SYN, ACK] Seq=3028123794 Ack=3976196063 Win=8192 Len=0 MSS=1460 WS=256 SACK_PERM=1
3 0.040100 10.0.107.58 10.7.3.187 TCP 54 59193 > 3389 [ACK] Seq=3976196063 Ack=3028123795 Win=66048 Len=0
"""
MONITORED = """Captured on the server:
61 8:53:53 AM 1/6/2013 111.1142353 Idle (0) 10.0.107.58 10.7.3.187 TCP TCP:Flags=......S., SrcPort=59193, DstPort=3389, PayloadLen=0, Seq=3976196062, Ack=0, Win=8192 ( Negotiating scale factor 0x8 ) = 8192
62 8:53:53 AM 1/6/2013 111.1142853 Idle (0) 10.7.3.187 10.0.107.58 TCP TCP:Flags=...A..S., SrcPort=3389, DstPort=59193, PayloadLen=0, Seq=3028123794, Ack=3976196063, Win=8192 ( Negotiated scale factor 0x8 ) = 8192
63 8:53:53 AM 1/6/2013 111.1542853 Idle (0) 10.0.107.58 10.7.3.187 TCP TCP:Flags=...A...., SrcPort=59193, DstPort=3389, PayloadLen=0, Seq=3976196063, Ack=3028123795, Win=258 (scale factor 0x8) = 66048
"""  # noqa: E501 - as printed
CUT = re.sub(r"(?m)^(\d) ", r"7\1 ", AT_CLIENT.replace("on the client", "on the server").replace(" SACK_PERM=1", ""))


@pytest.mark.parametrize("other", [MONITORED, CUT, CUT.replace(" MSS=1380 WS=256", "")])
def test_options_that_one_end_does_not_print_were_not_removed(tmp_path: Path, other: str) -> None:
    assert judge(tmp_path, f"{AT_CLIENT}\n{other}")[0] == {}


def test_an_option_that_both_ends_print_differently_was_changed(tmp_path: Path) -> None:
    found, _ = judge(tmp_path, f"{AT_CLIENT}\n{CUT.replace('MSS=1380', 'MSS=1260')}")
    assert set(found) == {"path-header-rewritten"}


def test_an_option_is_missing_where_the_length_leaves_no_room_for_it(tmp_path: Path) -> None:
    short = CUT.replace("TCP 66 59193", "TCP 62 59193").replace("TCP 66 3389", "TCP 62 3389")
    found, _ = judge(tmp_path, f"{AT_CLIENT}\n{short}")
    assert set(found) == {"path-header-rewritten"}


TRACEROUTE = "".join(
    f"{2 * n + 1} {n}.000000 10.1.1.9 10.2.2.8 UDP 74 {50001 + n} > {33434 + n} Len=32\n"
    f"{2 * n + 2} {n}.010000 10.9.0.{n + 1} 10.1.1.9 ICMP 70 Time-to-live exceeded (Time to live exceeded in transit)\n"
    for n in range(6)
)
CHECKS = "".join(
    f"{2 * n + 1} {n}.000000 10.1.1.9 10.2.2.8 STUN 94 Binding Request user: a:b\n"
    f"{2 * n + 2} {n}.010000 10.2.2.8 10.1.1.9 STUN 106 Binding Success Response XOR-MAPPED-ADDRESS: 10.1.1.9:50001\n"
    for n in range(6)
)
TIME = CHECKS.replace("STUN 94 Binding Request user: a:b", "NTP 90 NTP Version 4, client").replace(
    "STUN 106 Binding Success Response XOR-MAPPED-ADDRESS: 10.1.1.9:50001", "NTP 90 NTP Version 4, server"
)


@pytest.mark.parametrize("text", [TRACEROUTE, CHECKS, TIME])
def test_what_lines_leave_open_is_not_held_against_them(tmp_path: Path, text: str) -> None:
    assert judge(tmp_path, text) == ({}, set())


def test_a_closed_window_that_is_opened_on_a_line_without_one_stays_short(tmp_path: Path) -> None:
    text = """1 0.0 10.0.0.1 10.0.0.2 TCP 66 1001 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460
2 0.1 10.0.0.2 10.0.0.1 TCP 66 80 > 1001 [SYN, ACK] Seq=0 Ack=1 Win=8192 Len=0 MSS=1460
3 0.2 10.0.0.1 10.0.0.2 TCP 1514 1001 > 80 [ACK] Seq=1 Ack=1 Win=8192 Len=1460
4 0.3 10.0.0.2 10.0.0.1 TCP 54 [TCP ZeroWindow] 80 > 1001 [ACK] Seq=1 Ack=1461 Win=0 Len=0
5 0.4 10.0.0.2 10.0.0.1 HTTP 254 HTTP/1.1 100 Continue
6 9.9 10.0.0.1 10.0.0.2 TCP 1514 1001 > 80 [ACK] Seq=1461 Ack=201 Win=8192 Len=1460
"""
    assert "tcp-zero-window" not in judge(tmp_path, text)[0]


def test_the_one_session_that_a_listing_prints_explains_the_requests(tmp_path: Path) -> None:
    file = tmp_path / "ticket.txt"
    file.write_text(listings.ARP, encoding="utf-8")
    with analyse([str(file)]) as report:
        (finding,) = report.verdicts.findings
    assert (finding.severity, finding.confidence) == ("info", "medium")
    assert "idle for 115 s before: the host closes idle sessions" in finding.summary
    assert "Of the other 19 the listing prints no more than the request." in finding.summary
    assert 326484 in {row.frame for row in finding.evidence}

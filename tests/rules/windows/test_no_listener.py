"""windows-no-listener: refused ports that the host's own sources show without a listener, and those that they do not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from examples.files import Frame
from tests.cases import d2_rdp
from tests.support.log_texts import with_logs
from tests.support.packets import UDP, Ethernet, IPv4, port_unreachable
from tests.support.path import EPOCH_NS
from tests.support.scripted import Row, frames
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence, Severity

RULE = "windows-no-listener"
CLIENT, SERVER = ("10.1.1.9", 50000), ("10.1.2.8", 8443)
LISTS = """\
  TCP    0.0.0.0:135     0.0.0.0:0     LISTENING    920
  TCP    0.0.0.0:445     0.0.0.0:0     LISTENING    4
  TCP    0.0.0.0:49152   0.0.0.0:0     LISTENING    636
  TCP    10.1.2.8:445    10.1.1.3:5123 ESTABLISHED  4
"""
DROP = (
    "7 {at:%I:%M:%S %p %m/%d/%Y} 111.1142562 Idle (0) TCPIP_MicrosoftWindowsTCPIP TCPIP_MicrosoftWindowsTCPIP:TCPIP: Transport (Protocol TCP, AddressFamily "
    "= IPV4) dropped 1 (0x1) packet(s) with Source = 10.1.2.8:{port}, Destination = 10.1.1.9:{peer}. Reason = Transport endpoint was not found.\n"
)


def drop(port: int, peer: int, days: int = 0) -> str:
    """Such a line at the time of the capture, or so many days from it, one hour ahead of UTC."""
    return DROP.format(port=port, peer=peer, at=datetime.fromtimestamp(EPOCH_NS / 1e9 + days * 86400 + 3600, UTC))


def refused(folder: Path, netstat: str = "", trace: str = "") -> Case:
    """One refused SYN, with what the server's tools say."""
    rows = [Row(0.0, "c", "S"), Row(0.001, "s", "RA", 0, 1, window=0)]
    case = make_case(folder, {"client": frames(rows, CLIENT, SERVER)})
    return with_logs(case, {"netstat.txt": netstat, "trace.txt": trace})


def test_the_terminal_server_has_nobody_on_its_port(tmp_path: Path) -> None:
    finding = only(with_logs(open_case(d2_rdp.build(tmp_path)), d2_rdp.LOGS), RULE)
    assert finding.title == "Nothing listens on port 3389 of 10.7.3.187"
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert {(piece.capture, piece.frame or piece.line) for piece in finding.evidence} == {
        ("folder/netstat.txt", 1), ("folder/trace.txt", 3), ("server", 10_800), ("server", 10_801),
    }  # fmt: skip
    assert finding.facts["drops"] == 1


def test_a_list_without_the_port_is_proof(tmp_path: Path) -> None:
    finding = only(refused(tmp_path, LISTS), RULE)
    assert "lists 3 listening ports, and not 8443" in finding.summary
    assert finding.confidence is Confidence.HIGH


def test_a_list_that_does_not_show_its_host_is_proof_on_a_condition(tmp_path: Path) -> None:
    finding = only(refused(tmp_path, "\n".join(LISTS.splitlines()[:3])), RULE)
    assert finding.confidence is Confidence.MEDIUM
    assert "if the listing was taken on 10.1.2.8" in finding.summary


def test_a_trace_alone_is_proof(tmp_path: Path) -> None:
    case = refused(tmp_path, trace=drop(port=8443, peer=50000))
    case.logs[0].zone_s = 3600
    finding = only(case, RULE)
    assert finding.confidence is Confidence.HIGH
    assert [piece.line for piece in finding.evidence if piece.line] == [1]


def test_a_trace_of_which_nothing_tells_the_clock_is_less_sure(tmp_path: Path) -> None:
    finding = only(refused(tmp_path, trace=drop(port=8443, peer=50000)), RULE)
    assert finding.confidence is Confidence.MEDIUM
    assert "nothing tells how its clock lies to the capture's" in finding.summary


def test_a_trace_of_another_time_is_of_other_attempts(tmp_path: Path) -> None:
    assert judge(refused(tmp_path, trace=drop(port=8443, peer=50000, days=-3)), RULE).findings == []
    case = refused(tmp_path, trace=drop(port=8443, peer=50000))
    case.logs[0].zone_s = 7200
    assert judge(case, RULE).findings == []


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("  TCP    127.0.0.1:8443   0.0.0.0:0   LISTENING   77\n", "127.0.0.1:8443 only"),
        ("  TCP    10.1.2.99:8443   0.0.0.0:0   LISTENING   77\n", "10.1.2.99:8443 only"),
        ("  TCP    [::]:8443        [::]:0      LISTENING   77\n", "takes IPv6 only"),
    ],
)
def test_a_listener_elsewhere_is_named(tmp_path: Path, row: str, says: str) -> None:
    finding = only(refused(tmp_path, LISTS + row), RULE)
    assert says in f"{finding.title} {finding.summary}"
    assert "process 77" in finding.fix[0]


@pytest.mark.parametrize(
    "netstat",
    [
        LISTS + "  TCP    0.0.0.0:8443   0.0.0.0:0   LISTENING   77\n",
        LISTS + "  TCP    10.1.2.8:8443  0.0.0.0:0   ABHÖREN     77\n",
        LISTS.splitlines()[3],
        LISTS.replace("10.1.2.8", "10.1.2.9"),
        'C:\\>netstat -ano | find ":3389"\n' + LISTS,
        "",
    ],
)  # fmt: skip
def test_what_does_not_show_the_port_empty_is_no_finding(tmp_path: Path, netstat: str) -> None:
    assert judge(refused(tmp_path, netstat), RULE).findings == []


def test_a_run_before_the_service_stopped_does_not_hide_the_one_after(tmp_path: Path) -> None:
    before = LISTS + "  TCP    0.0.0.0:8443   0.0.0.0:0   LISTENING   77\n"
    assert only(refused(tmp_path, before + LISTS), RULE).confidence is Confidence.HIGH


def test_it_explains_the_refusal(tmp_path: Path) -> None:
    findings = judge(refused(tmp_path, LISTS), RULE, "tcp-connection-refused").findings
    cause, effect = (next(one for one in findings if one.rule == rule) for rule in (RULE, "tcp-connection-refused"))
    assert cause.explains == [effect.id]


def test_two_clients_that_only_a_trace_shows_are_a_warning(tmp_path: Path) -> None:
    lines = drop(port=9000, peer=50001) + drop(port=9000, peer=50002)
    findings = judge(refused(tmp_path, trace=lines), RULE).findings
    assert [(one.severity, one.facts["port"]) for one in findings] == [(Severity.WARNING, 9000)]


@pytest.mark.parametrize("lines", [drop(port=9000, peer=50001), drop(port=60000, peer=1) + drop(port=60000, peer=2)])
def test_a_late_segment_and_closed_client_ports_are_no_finding(tmp_path: Path, lines: str) -> None:
    assert judge(refused(tmp_path, trace=lines), RULE).findings == []


def closed(folder: Path, netstat: str) -> Case:
    """A datagram that the host answers with port unreachable."""
    asked = IPv4("10.1.1.9", "10.1.2.8", UDP(50000, 3478, b"ask"))
    answer = IPv4("10.1.2.8", "10.1.1.9", port_unreachable(asked))
    macs = ("02:00:00:00:00:01", "02:00:00:00:00:02")
    told = [
        Frame(EPOCH_NS, bytes(Ethernet(*macs, asked))),
        Frame(EPOCH_NS + 1000, bytes(Ethernet(*macs[::-1], answer))),
    ]
    return with_logs(make_case(folder, {"client": told}), {"netstat.txt": netstat})


def test_a_closed_port_of_udp_is_told_as_well(tmp_path: Path) -> None:
    case = closed(tmp_path, LISTS + "  UDP    10.1.2.8:137   *:*   4\n")
    findings = {finding.rule: finding for finding in judge(case, RULE, "icmp-unreachable").findings}
    assert findings[RULE].title == "Nothing listens on UDP port 3478 of 10.1.2.8"
    assert [piece.frame for piece in findings[RULE].evidence if piece.frame] == [1, 2]
    assert findings[RULE].explains == [findings["icmp-unreachable"].id]


@pytest.mark.parametrize("rows", ["  UDP    10.1.2.8:3478   *:*   1952\n", "  UDP    0.0.0.0:3478   *:*   1952\n", ""])
def test_a_port_of_udp_that_is_open_or_not_listed_is_no_finding(tmp_path: Path, rows: str) -> None:
    assert judge(closed(tmp_path, LISTS + rows), RULE).findings == []

"""arp-unanswered: requests in vain, judged only where answers would be seen."""

from __future__ import annotations

from pathlib import Path

from tests.support.files import SECOND, Frame
from tests.support.packets import ARP, BROADCAST, UDP, Ethernet, IPv4, arp_reply, arp_request
from tests.support.verdicts import judge, make_case
from wireproof.finding import Finding, Severity

HOST, MAC = "10.1.1.9", "00:1b:21:00:00:09"
PEER, PEER_MAC = "10.1.1.20", "00:1b:21:00:00:20"
GATEWAY, GATEWAY_MAC = "10.1.1.1", "00:1b:21:00:00:01"


def asks(target: str, times_s: tuple[float, ...], mac: str = MAC, address: str = HOST) -> list[Frame]:
    return [Frame(round(time * SECOND), bytes(arp_request(mac, address, target))) for time in times_s]


def told(address: str, mac: str, time_s: float) -> Frame:
    return Frame(round(time_s * SECOND), bytes(arp_reply(mac, address, MAC, HOST)))


def datagram(time_s: float, source: str, target: str) -> Frame:
    macs = (MAC, PEER_MAC) if source == HOST else (PEER_MAC, MAC)
    return Frame(round(time_s * SECOND), bytes(Ethernet(*macs, IPv4(source, target, UDP(4000, 4001, bytes(50))))))


def findings(folder: Path, *frames: Frame) -> list[Finding]:
    return judge(make_case(folder, {"host": sorted(frames)}), "arp-unanswered").findings


ANSWERED = (*asks(PEER, (1.0,)), told(PEER, PEER_MAC, 1.001))
"""Another request of the same host that is answered: so answers to it are seen."""


def test_an_address_that_never_answers_is_information_while_the_host_talks_to_others(tmp_path: Path) -> None:
    (finding,) = findings(
        tmp_path, *ANSWERED, *asks("10.1.1.77", (2, 3, 4)), datagram(9, HOST, PEER), datagram(9.1, PEER, HOST)
    )
    assert (finding.severity, finding.facts["addresses"], finding.facts["count"]) == (Severity.INFO, ["10.1.1.77"], 3)
    assert [piece.frame for piece in finding.evidence] == [3, 4, 5]


def test_an_address_that_was_there_before_is_a_warning(tmp_path: Path) -> None:
    (finding,) = findings(
        tmp_path,
        *ANSWERED,
        datagram(1.5, HOST, PEER),
        datagram(1.6, PEER, HOST),
        *asks(PEER, (60, 61, 62)),
        datagram(70, HOST, "10.1.1.30"),
    )
    assert (finding.severity, finding.facts["seen_before"]) == (Severity.WARNING, True)


def test_a_host_that_sends_nothing_else_meanwhile_is_cut_off(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, *ANSWERED, *asks(GATEWAY, (2, 3, 4)))
    assert finding.severity == Severity.WARNING
    assert "default gateway" in finding.summary


def test_an_answer_after_repeats_stays_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, *ANSWERED, *asks(GATEWAY, (2, 3, 4)), told(GATEWAY, GATEWAY_MAC, 4.1)) == []


def test_two_requests_stay_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, *ANSWERED, *asks("10.1.1.77", (2, 3))) == []


def test_one_request_captured_several_times_stays_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, *ANSWERED, *asks("10.1.1.77", (2, 2.00001, 2.00002, 2.00003))) == []


def test_requests_of_another_host_stay_silent_because_its_answers_pass_elsewhere(tmp_path: Path) -> None:
    other = asks("10.1.1.77", (2, 3, 4), "00:1b:21:00:00:33", "10.1.1.33")
    assert findings(tmp_path, *ANSWERED, *other) == []


def test_probes_and_announcements_expect_no_answer(tmp_path: Path) -> None:
    probe = bytes(Ethernet(MAC, BROADCAST, ARP(1, MAC, "0.0.0.0", "00:00:00:00:00:00", "10.1.1.77")))
    probes = [Frame(second * SECOND, probe) for second in (2, 3, 4)]
    assert findings(tmp_path, *ANSWERED, *probes, *asks(HOST, (5, 6, 7))) == []


def test_an_address_that_sends_packets_is_reached_all_the_same(tmp_path: Path) -> None:
    assert findings(tmp_path, *ANSWERED, *asks(PEER, (20, 21, 22)), datagram(23, PEER, HOST)) == []


def test_a_flood_for_one_address_proves_itself(tmp_path: Path) -> None:
    flood = asks("10.1.1.77", tuple(2 + turn * 0.02 for turn in range(100)), "00:1b:21:00:00:33", "10.1.1.33")
    (finding,) = findings(tmp_path, *ANSWERED, *flood)
    assert (finding.severity, finding.facts["count"]) == (Severity.WARNING, 100)

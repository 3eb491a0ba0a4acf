"""arp-conflict: two machines with one address, and changes of hands that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.files import SECOND, Frame
from tests.support.packets import ARP, BROADCAST, VLAN, Ethernet, arp_reply, arp_request
from tests.support.verdicts import judge, make_case
from wireproof.finding import Finding, Severity

ONE, OTHER, ASKER = "00:1b:21:00:00:01", "00:50:56:00:00:02", "00:1b:21:00:00:09"
ADDRESS, HOST = "10.1.1.50", "10.1.1.9"


def ask(time_s: float) -> Frame:
    return Frame(round(time_s * SECOND), bytes(arp_request(ASKER, HOST, ADDRESS)))


def tell(time_s: float, mac: str, address: str = ADDRESS) -> Frame:
    return Frame(round(time_s * SECOND), bytes(arp_reply(mac, address, ASKER, HOST)))


def announce(time_s: float, mac: str) -> Frame:
    return Frame(round(time_s * SECOND), bytes(arp_request(mac, ADDRESS, ADDRESS)))


def findings(folder: Path, *frames: Frame) -> list[Finding]:
    return judge(make_case(folder, {"host": sorted(frames)}), "arp-conflict").findings


def test_two_answers_to_one_request_are_a_conflict(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, ask(1), tell(1.001, ONE), tell(1.004, OTHER))
    assert (finding.severity, finding.facts["answered_twice"]) == (Severity.WARNING, 1)
    assert finding.facts["macs"] == [ONE, OTHER]
    assert [piece.frame for piece in finding.evidence] == [2, 3]


def test_machines_that_speak_in_turn_are_an_error(tmp_path: Path) -> None:
    frames = [announce(1 + turn * 7, (ONE, OTHER)[turn % 2]) for turn in range(6)]
    (finding,) = findings(tmp_path, *frames)
    assert (finding.severity, finding.facts["returns"], finding.facts["address"]) == (Severity.ERROR, 4, ADDRESS)


def test_defending_an_address_at_once_is_a_conflict(tmp_path: Path) -> None:
    assert len(findings(tmp_path, announce(1, ONE), announce(2, OTHER), announce(2.001, ONE))) == 1


def test_failover_changes_hands_once(tmp_path: Path) -> None:
    assert findings(tmp_path, tell(1, ONE), tell(31, ONE), announce(60, OTHER), tell(90, OTHER), tell(120, OTHER)) == []


def test_failing_back_much_later_is_none(tmp_path: Path) -> None:
    assert findings(tmp_path, announce(1, ONE), announce(600, OTHER), announce(1800, ONE)) == []


@pytest.mark.parametrize("shared", ["00:00:5e:00:01:0a", "00:00:0c:07:ac:01", "02:bf:0a:01:01:32", "03:bf:0a:01:01:32"])
def test_shared_macs_are_no_rivals(tmp_path: Path, shared: str) -> None:
    assert findings(tmp_path, ask(1), tell(1.001, ONE), tell(1.004, shared), tell(2, ONE), tell(2.1, shared)) == []


def test_proxy_arp_answers_for_everybody(tmp_path: Path) -> None:
    others = [tell(5 + number, OTHER, f"10.1.1.{60 + number}") for number in range(10)]
    assert findings(tmp_path, ask(1), tell(1.001, ONE), tell(1.004, OTHER), *others) == []


def test_one_address_in_two_vlans_is_none(tmp_path: Path) -> None:
    frames = [
        Frame(
            turn * SECOND,
            bytes(Ethernet(mac, BROADCAST, VLAN(10 + turn % 2, ARP(1, mac, ADDRESS, "00:00:00:00:00:00", ADDRESS)))),
        )
        for turn, mac in enumerate((ONE, OTHER) * 3)
    ]
    assert findings(tmp_path, *frames) == []

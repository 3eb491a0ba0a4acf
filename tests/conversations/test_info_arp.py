"""The Info column of ARP."""

from __future__ import annotations

import pytest

from tests.support.packets import ARP
from wireproof.conversations.info_arp import name_mac, read_arp_macs, tell_arp

MAC, OTHER, NOBODY = "00:1f:29:10:11:91", "00:23:7d:13:2f:6b", "00:00:00:00:00:00"


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (ARP(1, MAC, "10.0.80.1", NOBODY, "10.0.80.202"), "Who has 10.0.80.202? Tell 10.0.80.1"),
        (ARP(2, OTHER, "10.0.80.202", MAC, "10.0.80.1"), f"10.0.80.202 is at {OTHER}"),
        (ARP(1, MAC, "10.0.80.1", NOBODY, "10.0.80.1"), "ARP Announcement for 10.0.80.1"),
        (ARP(1, MAC, "0.0.0.0", NOBODY, "10.0.80.1"), "Who has 10.0.80.1? (ARP Probe)"),
        (ARP(2, MAC, "10.0.80.1", MAC, "10.0.80.1"), f"Gratuitous ARP for 10.0.80.1 (Reply): is at {MAC}"),
        (ARP(9, MAC, "10.0.80.1", OTHER, "10.0.80.2"), f"ARP operation 9: 10.0.80.1 ({MAC}) to 10.0.80.2"),
    ],
)
def test_what_is_asked_or_told(frame: ARP, words: str) -> None:
    assert tell_arp(b"\xff" * 14 + bytes(frame), 14) == words


@pytest.mark.parametrize("kept", [0, 7])
def test_a_cut_header_is_said_to_be_cut(kept: int) -> None:
    assert tell_arp(bytes(ARP(1, MAC, "10.0.0.1", NOBODY, "10.0.0.2"))[:kept], 0) == "ARP, cut short"


def test_hardware_with_long_addresses_is_not_taken_for_ethernet() -> None:
    data = bytearray(bytes(ARP(1, MAC, "10.0.0.1", NOBODY, "10.0.0.2")) + bytes(200))
    data[4] = 64
    assert tell_arp(bytes(data), 0) == "ARP operation 1"
    assert read_arp_macs(bytes(data), 0) == ("", "")


def test_a_request_goes_to_everybody() -> None:
    assert read_arp_macs(bytes(ARP(1, MAC, "10.0.0.1", NOBODY, "10.0.0.2")), 0) == (MAC, "Broadcast")
    assert read_arp_macs(bytes(ARP(2, MAC, "10.0.0.1", OTHER, "10.0.0.2")), 0) == (MAC, OTHER)
    assert name_mac(b"\xff" * 6) == "Broadcast"

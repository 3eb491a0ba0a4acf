"""The table of DHCP messages: both versions, with their packets, and counts against tshark."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.files import write_pcap
from tests.support.ike import at
from tests.support.packets import BROADCAST, UDP, Ethernet, IPv4, IPv6
from tests.wire.test_dhcp import DUID, dhcp, option, option6
from wireproof.conversations import read_capture
from wireproof.messages.said import Said

MAC = "00:15:5d:10:0c:3f"


def test_both_versions_are_in_one_table(tmp_path: Path) -> None:
    discover = Ethernet(MAC, BROADCAST, IPv4("0.0.0.0", "255.255.255.255", UDP(68, 67, dhcp(option(53, b"\x01")))))
    solicit = Ethernet(
        MAC, "33:33:00:01:00:02", IPv6("fe80::1", "ff02::1:2", UDP(546, 547, b"\x01\x00\x00\x01" + option6(1, DUID)))
    )
    tables = read_capture(write_pcap(tmp_path / "x.pcap", at((0, bytes(discover)), (1, bytes(solicit)))))
    told = [(message.version, message.kind, message.row) for message in Said(tables).dhcp]
    tables.capture.close()
    assert told == [(4, "DISCOVER", 0), (6, "SOLICIT", 1)]


@pytest.mark.parametrize("name", ["sip/Wireshark__nb6-startup.pcap", "dns/Wireshark__anoop.pcap"])
def test_tshark_finds_as_many(captures: Path, name: str) -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    tables = read_capture(captures / name)
    ours = [tables.packets.number(message.row) for message in Said(tables).dhcp]
    tables.capture.close()
    command = ["tshark", "-r", str(captures / name), "-Y", "dhcp || dhcpv6", "-T", "fields", "-e", "frame.number"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ours == [int(line) for line in told.stdout.split()]

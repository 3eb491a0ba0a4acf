"""The ARP table: fields, MACs of the frames, VLANs, and which messages are what."""

from __future__ import annotations

from pathlib import Path

from tests.support.files import write_pcap
from tests.support.packets import ARP, BROADCAST, LINK_TYPES, VLAN, Ethernet, IPv4, arp_reply, arp_request, echo, sll
from tests.support.tables import spaced
from wireproof.conversations import read_capture
from wireproof.messages.arp import ArpTable, build_arp, ipv4_text, mac_bytes

HOST, PEER = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
NONE = "00:00:00:00:00:00"


def table(folder: Path, *frames: object, link_type: int = 1) -> ArpTable:
    path = write_pcap(folder / "arp.pcap", spaced(bytes(frame) for frame in frames), link_type=link_type)  # type: ignore[call-overload]
    tables = read_capture(path)
    with tables.capture:
        return build_arp(tables)


def test_each_message_is_a_row_with_its_addresses(tmp_path: Path) -> None:
    arp = table(tmp_path, arp_request(HOST, "10.1.1.1", "10.1.1.2"), arp_reply(PEER, "10.1.1.2", HOST, "10.1.1.1"))
    assert [ipv4_text(number) for number in (*arp.sender, *arp.target)] == [
        "10.1.1.1",
        "10.1.1.2",
        "10.1.1.2",
        "10.1.1.1",
    ]
    assert [mac_bytes(number).hex(":") for number in (arp.source[0], arp.destination[0])] == [HOST, BROADCAST]
    assert [mac_bytes(number).hex(":") for number in arp.sender_mac] == [HOST, PEER]
    assert (arp.row.tolist(), arp.operation.tolist()) == ([0, 1], [1, 2])
    assert int(arp.time_ns[1] - arp.time_ns[0]) == 1_000_000


def test_requests_probes_announcements_and_answers_are_told_apart(tmp_path: Path) -> None:
    probe = Ethernet(HOST, BROADCAST, ARP(1, HOST, "0.0.0.0", NONE, "10.1.1.1"))
    arp = table(
        tmp_path,
        arp_request(HOST, "10.1.1.1", "10.1.1.2"),
        probe,
        arp_request(HOST, "10.1.1.1", "10.1.1.1"),
        arp_reply(PEER, "10.1.1.2", HOST, "10.1.1.1"),
    )
    assert arp.asks.tolist() == [True, False, False, False]
    assert arp.announces.tolist() == [False, False, True, False]
    assert arp.tells.tolist() == [True, False, True, True]
    assert arp.replies.tolist() == [False, False, False, True]


def test_vlans_are_segments_of_their_own(tmp_path: Path) -> None:
    message = ARP(1, HOST, "10.1.1.1", NONE, "10.1.1.2")
    arp = table(tmp_path, *(Ethernet(HOST, BROADCAST, VLAN(number, message)) for number in (10, 20)))
    assert arp.segment.tolist() == [10, 20]
    assert [mac_bytes(number).hex(":") for number in arp.source] == [HOST, HOST]


def test_a_cooked_capture_has_no_macs_of_frames(tmp_path: Path) -> None:
    message = ARP(1, HOST, "10.1.1.1", NONE, "10.1.1.2")
    arp = table(tmp_path, sll(message, HOST), link_type=LINK_TYPES["sll"])
    assert (len(arp), int(arp.source[0]), mac_bytes(int(arp.sender_mac[0])).hex(":")) == (1, 0, HOST)


def test_cut_messages_are_left_out(tmp_path: Path) -> None:
    whole = arp_request(HOST, "10.1.1.1", "10.1.1.2")
    arp = table(tmp_path, bytes(whole)[:40], whole)
    assert arp.row.tolist() == [1]


def test_a_capture_without_arp_has_an_empty_table(tmp_path: Path) -> None:
    arp = table(tmp_path, Ethernet(HOST, PEER, IPv4("10.1.1.1", "10.1.1.2", echo(1, 1))))
    assert len(arp) == len(arp.asks) == 0

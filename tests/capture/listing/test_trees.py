"""Trees of fields that stand without a record: Wireshark's packet details and Network Monitor's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cases import d4_smtp_mss
from tests.support.files import write_pcap
from tests.support.listings import OUTLOOK, RPC
from tests.support.printed import print_listing
from wireproof.capture.listing.assemble import assemble
from wireproof.capture.listing.records import find_records
from wireproof.capture.listing.trees import find_trees
from wireproof.conversations import read_capture

MONITOR = """Frame: Number = 180, Captured Frame Length = 322, MediaType = ETHERNET
+ Ipv4: Src = 10.9.0.10, Dest = 10.9.0.13, Next Protocol = TCP, Packet ID = 24520, Total IP Length = 308
+ Tcp: Flags=...AP..., SrcPort=DCE endpoint resolution(135), DstPort=49710, PayloadLen=268, Seq=565984073 - 565984341, Ack=2427001492, Win=8194
"""
UDP = """Frame 7: 71 bytes on wire (568 bits), 71 bytes captured (568 bits)
    Arrival Time: Jan  6, 2013 09:52:15.407000000 UTC
Internet Protocol Version 6, Src: 2001:db8::1, Dst: 2001:db8::2
User Datagram Protocol, Src Port: domain (53), Dst Port: 50001 (50001)
    Length: 37
"""


def test_ends_numbers_and_ports_of_a_segment_are_read() -> None:
    (asked, one), (answered, other) = find_trees(OUTLOOK, [])
    assert (asked.source, asked.target, one.source_port, one.target_port) == ("10.1.1.1", "10.11.2.2", 33654, 135)
    assert (one.seq, one.ack, one.payload) == (2005198912, 3769475906, 156)
    assert (answered.source, other.ack) == ("10.11.2.2", 2005199068)


def test_trees_name_the_frames_of_each_other() -> None:
    assert [record.number for record, _ in find_trees(OUTLOOK, [])] == [32046, 32049]


def test_trees_that_run_together_on_a_line_are_read_as_well() -> None:
    found = list(find_trees(OUTLOOK.replace("\n", " "), []))
    assert [said.payload for _, said in found] == [156, 152]


def test_a_tree_of_network_monitor_is_read() -> None:
    ((record, said),) = find_trees(MONITOR, [])
    assert (record.number, record.source, said.source_port, said.payload) == (180, "10.9.0.10", 135, 268)


def test_a_datagram_is_read_with_its_time() -> None:
    ((record, said),) = find_trees(UDP, [])
    assert (said.source_port, said.target_port, said.payload, record.number) == (53, 50001, 29, 7)
    assert record.clocks.wall_ns == 1_357_465_935_407_000_000


def test_a_tree_beneath_its_record_is_no_packet_of_its_own() -> None:
    assert list(find_trees(RPC, list(find_records(RPC)))) == []


def test_prose_about_addresses_is_no_tree() -> None:
    assert list(find_trees("Internet Protocol Version 4, Src: and Dst: are its fields", [])) == []
    assert assemble("Ipv4: Src = 10.0.0.1, Dest = 10.0.0.2, Next Protocol = TCP") == []


def test_packet_details_hold_the_packets_of_their_capture(tmp_path: Path, program: Callable[[str], str]) -> None:
    capture = write_pcap(tmp_path / "made.pcap", d4_smtp_mss.frames())
    details = print_listing(program("tshark"), capture, tmp_path / "details.txt", ("-V",))
    with (made := read_capture(capture)).capture, (read := read_capture(details)).capture:
        assert read.packets.frames == made.packets.frames
        for column in ("length", "flags", "window", "time_ns", "original"):
            assert getattr(read.packets, column).tolist() == getattr(made.packets, column).tolist()
        (one,), (other,) = made.conversations.facts, read.conversations.facts
        assert one["sides"]["mss"].tolist() == other["sides"]["mss"].tolist()

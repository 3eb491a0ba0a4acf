"""IPv4, IPv6 and ARP headers: every field, every extension header, and lengths that need not be right."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.files import Frame, write_pcap
from tests.support.oracle import number, tshark_rows
from tests.support.packets import (
    TCP,
    UDP,
    Ethernet,
    IPv4,
    IPv6,
    Raw,
    arp_reply,
    arp_request,
    destination_options,
    fragment_v4,
    fragment_v6,
    hop_by_hop,
    routing_header,
)
from tests.support.tables import decode, layers_of

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
ATOMIC = (44, b"\0\0\0\0\0\0\7")
AUTHENTICATION = (51, bytes((4, 0, 0)) + bytes(20))
RAW_IP = 101
V4, V6 = ("10.0.0.1", "10.0.0.2"), ("2001:db8::1", "2001:db8::2")


def test_ipv4_fields_become_columns() -> None:
    packet = IPv4(*V4, UDP(1, 2, b"abc"), ttl=9, tos=0xB9, ident=0x1234, options=b"\x94\4\0\0")
    packets, talks = decode([Ethernet(*MACS, packet)])
    names = ("ttl", "tos", "ip_id", "protocol", "network_at", "transport_at", "payload_at", "length", "problem")
    assert [int(getattr(packets, name)[0]) for name in names] == [9, 0xB9, 0x1234, 17, 14, 38, 46, 3, 0]
    assert talks[0].client_endpoint == "10.0.0.1:1"
    assert talks[0].facts["version"] == 4


@pytest.mark.parametrize(
    "extensions",
    [
        pytest.param([], id="none"),
        pytest.param([hop_by_hop()], id="hop by hop"),
        pytest.param([routing_header("2001:db8::9")], id="routing"),
        pytest.param([destination_options(), destination_options()], id="destination options twice"),
        pytest.param([ATOMIC], id="atomic fragment"),
        pytest.param([AUTHENTICATION], id="authentication"),
        pytest.param(
            [hop_by_hop(), routing_header("2001:db8::9"), ATOMIC, AUTHENTICATION, destination_options()], id="all"
        ),
    ],
)
def test_ipv6_extension_headers_are_passed(
    tmp_path: Path, program: Callable[[str], str], extensions: list[tuple[int, bytes]]
) -> None:
    packet = IPv6(*V6, UDP(1, 2, b"abc"), ttl=9, tos=0xB9, flow=0xABCDE, extensions=extensions)
    packets, talks = decode([bytes(packet)], RAW_IP)
    assert (packets.ttl[0], packets.tos[0], packets.ip_id[0], packets.protocol[0]) == (9, 0xB9, 0, 17)
    assert packets.length[0] == 3
    assert packets.transport_at[0] == len(bytes(packet)) - 11
    assert layers_of(packets) == {"ipv6", "udp"}
    assert talks[0].facts["version"] == 6
    path = write_pcap(tmp_path / "one.pcap", [Frame(0, bytes(packet))], link_type=RAW_IP)
    rows = tshark_rows(program("tshark"), path, ["ipv6.hlim", "ipv6.tclass", "udp.length"])
    assert [[number(value) for value in row] for row in rows] == [[9, 0xB9, 11]]


def test_ethernet_padding_is_not_payload() -> None:
    packets, _ = decode([Ethernet(*MACS, IPv4(*V4, UDP(1, 2, b"abc")), padded=True)])
    assert packets.original[0] == 60
    assert packets.length[0] == 3


def test_a_total_length_of_0_takes_the_frame_s_and_says_so() -> None:
    packet = IPv4(*V4, TCP(1, 2, payload=b"x" * 70000), total_length=0)
    packets, talks = decode([Ethernet(*MACS, packet)])
    assert packets.length[0] == 70000
    assert "offload_length" in layers_of(packets)
    assert talks[0].facts["sides"]["offloaded"].tolist() == [1, 0]


def test_a_payload_length_of_0_takes_the_frame_s_and_says_so() -> None:
    packets, _ = decode([IPv6(*V6, TCP(1, 2, payload=b"x" * 70000), payload_length=0)], RAW_IP)
    assert packets.length[0] == 70000
    assert "offload_length" in layers_of(packets)


def test_an_empty_ipv6_packet_is_not_offloaded() -> None:
    packets, _ = decode([IPv6(*V6, Raw(59, b""))], RAW_IP)
    assert layers_of(packets) == {"ipv6"}
    assert packets.problem[0] == 0


def test_a_jumbogram_s_length_is_in_its_hop_by_hop_header() -> None:
    segment = TCP(1, 2, payload=b"x" * 70000)
    jumbo = hop_by_hop(b"\xc2\4" + struct.pack("!I", 8 + 20 + 70000))
    padded = bytes(IPv6(*V6, segment, extensions=(jumbo,), payload_length=0)) + b"behind"
    packets, _ = decode([padded], RAW_IP)
    assert packets.length[0] == 70000
    assert "offload_length" in layers_of(packets)


def test_a_jumbo_length_that_leaves_the_frame_changes_nothing() -> None:
    jumbo = hop_by_hop(b"\xc2\4\xff\xff\xff\xff")
    packets, _ = decode([IPv6(*V6, TCP(1, 2, payload=b"abc"), extensions=(jumbo,), payload_length=0)], RAW_IP)
    assert packets.length[0] == 3


@pytest.mark.parametrize(("checksum", "wrong"), [(-1, False), (0, True), (0x1234, True)])
def test_a_wrong_header_checksum_is_seen(checksum: int, wrong: bool) -> None:
    packets, talks = decode([Ethernet(*MACS, IPv4(*V4, UDP(1, 2), checksum=checksum, options=b"\1\1\1\0"))])
    assert ("bad_ip_checksum" in layers_of(packets)) == wrong
    assert len(talks) == 1


@pytest.mark.parametrize("version", [4, 6])
def test_fragments_are_named_and_left_for_reassembly(version: int) -> None:
    body = UDP(1, 2, bytes(2000))
    pieces = fragment_v4(IPv4(*V4, body), 1000) if version == 4 else fragment_v6(IPv6(*V6, body), 1000, 5)
    packets, talks = decode([bytes(piece) for piece in pieces], RAW_IP)
    for row in range(len(packets)):
        assert layers_of(packets, row) == {f"ipv{version}", "fragment"}
        assert (packets.protocol[row], packets.length[row], packets.payload_at[row]) == (17, 0, 0)
    assert len(talks) == 0


@pytest.mark.parametrize(
    ("packet", "problem"),
    [
        pytest.param(b"\x44" + bytes(IPv4(*V4, UDP(1, 2)))[1:], 2, id="header of 16 bytes"),
        pytest.param(bytes(IPv4(*V4, UDP(1, 2), total_length=19)), 2, id="total shorter than header"),
        pytest.param(bytes(IPv4(*V4, UDP(1, 2)))[:19], 1, id="header cut"),
        pytest.param(bytes(IPv6(*V6, UDP(1, 2)))[:39], 1, id="ipv6 header cut"),
        pytest.param(bytes(IPv6(*V6, Raw(60, b"\x11\xff" + bytes(6)))), 2, id="extension beyond the packet"),
    ],
)
def test_impossible_headers_make_no_conversation(packet: bytes, problem: int) -> None:
    packets, talks = decode([packet], RAW_IP)
    assert packets.problem[0] == problem
    assert all(talk.facts["sides"][0]["port"] == 0 for talk in talks)


def test_the_other_version_behind_an_ethertype_is_a_bad_length() -> None:
    frame = bytearray(bytes(Ethernet(*MACS, IPv4(*V4, UDP(1, 2)))))
    frame[14] = 0x65
    assert decode([bytes(frame)])[0].problem[0] == 2


def test_arp_keeps_its_operation_and_makes_no_conversation() -> None:
    packets, talks = decode([arp_request(MACS[0], V4[0], V4[1]), arp_reply(MACS[1], V4[1], MACS[0], V4[0])])
    assert packets.code.tolist() == [1, 2]
    assert packets.network_at.tolist() == [14, 14]
    assert packets.conversation.tolist() == [-1, -1]
    assert len(talks) == 0

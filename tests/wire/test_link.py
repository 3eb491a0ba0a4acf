"""Every link type and link-layer header leads to the same IP packet, and what is none of it says so."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.files import Frame, write_pcap
from tests.support.oracle import tshark_rows
from tests.support.packets import (
    LINK_TYPES,
    MPLS,
    TCP,
    UDP,
    VLAN,
    Ethernet,
    IPv4,
    IPv6,
    PPPoE,
    arp_request,
    null,
    pack_mac,
    ppp,
    qinq,
    radiotap,
    sll,
    sll2,
    wlan_data,
)
from tests.support.tables import decode, layers_of
from wireproof.table import PacketTable

MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"
V4 = IPv4("10.1.0.1", "10.1.0.2", TCP(1099, 80, seq=7, flags="PA", payload=b"GET /"), ttl=57)
V6 = IPv6("2001:db8::1", "2001:db8::2", UDP(5353, 53, b"question"), ttl=57)
SNAP = b"\xaa\xaa\x03\0\0\0"


def framed(packet: IPv4 | IPv6) -> dict[str, tuple[int, bytes]]:
    """One packet in every wrapping: link type and frame."""
    kinds = LINK_TYPES
    family = 30 if packet.ethertype == 0x86DD else 2
    ether = bytes(Ethernet(MAC, OTHER, packet))
    kind = packet.ethertype.to_bytes(2, "big")
    pppoe = bytes(PPPoE(17, packet))
    snap = SNAP + kind + bytes(packet)
    short_ppp = (b"\x57" if packet.ethertype == 0x86DD else b"\x21") + bytes(packet)
    made = {
        "ethernet": (1, ether),
        "vlan": (1, bytes(Ethernet(MAC, OTHER, VLAN(7, packet)))),
        "qinq": (1, bytes(Ethernet(MAC, OTHER, qinq(7, 8, packet)))),
        "llc snap": (1, ether[:12] + len(snap).to_bytes(2, "big") + snap),
        "mpls": (1, bytes(Ethernet(MAC, OTHER, MPLS((16, 17, 18), packet)))),
        "pppoe": (1, bytes(Ethernet(MAC, OTHER, PPPoE(17, packet)))),
        "pppoe link": (51, pppoe),
        "ppp": (kinds["ppp"], ppp(packet)),
        "ppp without address": (kinds["ppp"], ppp(packet, framed=False)),
        "ppp short protocol": (kinds["ppp"], short_ppp),
        "ppp hdlc": (50, ppp(packet)),
        "cisco hdlc": (104, b"\x0f\0" + kind + bytes(packet)),
        "null little": (kinds["null"], null(packet, "<", family)),
        "null big": (kinds["null"], null(packet, ">", family)),
        "loop": (kinds["loop"], null(packet, ">", family)),
        "raw": (kinds["raw"], bytes(packet)),
        "raw 12": (12, bytes(packet)),
        "sll": (kinds["sll"], sll(packet, MAC)),
        "sll2": (kinds["sll2"], sll2(packet, MAC)),
        "wlan": (kinds["wlan"], wlan_data(packet)),
        "wlan qos": (kinds["wlan"], wlan_data(packet, from_ds=False, qos=True)),
        "radiotap": (kinds["radiotap"], radiotap(wlan_data(packet, qos=True))),
        "fddi": (10, b"\x50" + pack_mac(OTHER) + pack_mac(MAC) + snap),
    }
    made["raw by version"] = (kinds["raw6" if family == 30 else "raw4"], bytes(packet))
    return made


def fields(packets: PacketTable) -> tuple[int, ...]:
    return tuple(int(packets.__getattribute__(name)[0]) for name in ("ttl", "protocol", "length", "seq", "problem"))


@pytest.mark.parametrize("wrapping", framed(V4))
def test_ipv4_is_found_in_every_wrapping(wrapping: str) -> None:
    link_type, frame = framed(V4)[wrapping]
    packets, talks = decode([frame], link_type)
    assert fields(packets) == (57, 6, 5, 7, 0)
    assert packets.network_at[0] == frame.index(bytes(V4))
    assert talks[0].client_endpoint == "10.1.0.1:1099"


@pytest.mark.parametrize("wrapping", framed(V6))
def test_ipv6_is_found_in_every_wrapping(wrapping: str) -> None:
    link_type, frame = framed(V6)[wrapping]
    packets, talks = decode([frame], link_type)
    assert fields(packets) == (57, 17, 8, 0, 0)
    assert talks[0].server_endpoint == "[2001:db8::2]:53"


@pytest.mark.parametrize("wrapping", [name for name in framed(V4) if name not in {"null big", "fddi"}])
def test_tshark_finds_the_same_packet(tmp_path: Path, program: Callable[[str], str], wrapping: str) -> None:
    """Tshark guesses the byte order of NULL frames from the file's, and made FDDI frames need its bit order."""
    link_type, frame = framed(V4)[wrapping]
    path = write_pcap(tmp_path / "one.pcap", [Frame(0, frame)], link_type=link_type)
    rows = tshark_rows(program("tshark"), path, ["ip.src", "ip.ttl", "tcp.len"])
    assert list(rows) == [["10.1.0.1", "57", "5"]]


@pytest.mark.parametrize(
    ("wrapping", "layers"),
    [
        ("vlan", {"ethernet", "vlan", "ipv4", "tcp"}),
        ("mpls", {"ethernet", "mpls", "ipv4", "tcp"}),
        ("pppoe", {"ethernet", "ppp", "ipv4", "tcp"}),
        ("radiotap", {"wlan", "ipv4", "tcp"}),
        ("sll2", {"ipv4", "tcp"}),
    ],
)
def test_layers_name_the_wrapping(wrapping: str, layers: set[str]) -> None:
    link_type, frame = framed(V4)[wrapping]
    assert layers_of(decode([frame], link_type)[0]) == layers


def test_a_group_address_is_marked_as_multicast() -> None:
    packets, _ = decode([bytes(arp_request(MAC, "10.0.0.1", "10.0.0.2")), bytes(Ethernet(MAC, OTHER, V4))])
    assert "multicast" in layers_of(packets, 0)
    assert "multicast" not in layers_of(packets, 1)


def test_an_ethernet_pseudowire_is_opened_behind_its_control_word() -> None:
    inner = bytes(Ethernet(MAC, OTHER, V4))
    labels = struct.pack("!II", 16 << 12 | 64, 17 << 12 | 1 << 8 | 64)
    frame = pack_mac(OTHER) + pack_mac(MAC) + b"\x88\x47" + labels + b"\0\0\0\0" + inner
    packets, talks = decode([frame])
    assert fields(packets) == (57, 6, 5, 7, 0)
    assert len(talks) == 1


def test_a_frame_check_sequence_that_radiotap_tells_of_is_not_payload() -> None:
    packet = IPv4("10.1.0.1", "10.1.0.2", UDP(1, 2, b"four"), total_length=0)
    head = struct.pack("<BBHIBB", 0, 0, 10, 0b110, 0x10, 12)
    packets, _ = decode([head + wlan_data(packet) + b"\1\2\3\4"], LINK_TYPES["radiotap"])
    assert packets.length[0] == 4


def test_a_radiotap_time_stamp_before_the_flags_is_passed_aligned() -> None:
    packet = IPv4("10.1.0.1", "10.1.0.2", UDP(1, 2, b"four"), total_length=0)
    head = struct.pack("<BBHIQBB", 0, 0, 18, 0b111, 5, 0x10, 12)
    packets, _ = decode([head + wlan_data(packet) + b"\1\2\3\4"], LINK_TYPES["radiotap"])
    assert packets.length[0] == 4


@pytest.mark.parametrize(
    ("place", "change"),
    [
        pytest.param(1, 0x40, id="encrypted"),
        pytest.param(0, 0x40, id="without data"),
        pytest.param(0, -0x08, id="management"),
    ],
)
def test_80211_frames_that_carry_no_readable_packet_are_left(place: int, change: int) -> None:
    frame = bytearray(wlan_data(V4))
    frame[place] += change
    packets, talks = decode([bytes(frame)], LINK_TYPES["wlan"])
    assert layers_of(packets) == {"wlan"}
    assert len(talks) == 0


def test_aggregates_of_80211_frames_are_left() -> None:
    frame = bytearray(wlan_data(V4, qos=True))
    frame[24] |= 0x80
    packets, _ = decode([bytes(frame)], LINK_TYPES["wlan"])
    assert layers_of(packets) == {"wlan"}


def test_four_addresses_and_ht_control_lengthen_the_80211_header() -> None:
    frame = wlan_data(V4, qos=True)
    longer = bytes((frame[0], 0x83)) + frame[2:24] + b"\2\0\0\0\0\4" + frame[24:26] + b"\0\0\0\0" + frame[26:]
    assert fields(decode([longer], LINK_TYPES["wlan"])[0]) == (57, 6, 5, 7, 0)


@pytest.mark.parametrize(
    ("link_type", "frame", "problem"),
    [
        pytest.param(1, pack_mac(OTHER) + pack_mac(MAC) + b"\x88\xcc" + b"lldp", 3, id="unknown ethertype"),
        pytest.param(1, pack_mac(OTHER) + pack_mac(MAC) + b"\0\x26" + b"\x42\x42\3" + bytes(35), 3, id="spanning tree"),
        pytest.param(1, b"short", 1, id="cut in the ethernet header"),
        pytest.param(9, b"\xff\x03\xc0\x21\1\1\0\4", 3, id="ppp control protocol"),
        pytest.param(101, b"\x70abc", 3, id="raw of no IP version"),
        pytest.param(127, b"\0\0\7\0" + bytes(20), 2, id="radiotap shorter than itself"),
        pytest.param(147, bytes(60), 4, id="unknown link type"),
        pytest.param(1, b"", 1, id="nothing captured"),
    ],
)
def test_what_is_not_read_says_why(link_type: int, frame: bytes, problem: int) -> None:
    packets, talks = decode([frame], link_type)
    assert packets.problem[0] == problem
    assert len(talks) == 0


def test_pppoe_discovery_is_no_session_data() -> None:
    frame = bytearray(bytes(Ethernet(MAC, OTHER, PPPoE(17, V4))))
    frame[15] = 0x09
    assert "ipv4" not in layers_of(decode([bytes(frame)])[0])

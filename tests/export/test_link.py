"""Frames of every link type become Ethernet frames with the same packet inside, or are refused."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from examples.packets import ARP, UDP, Ethernet, IPv4
from tests.support.packets import VLAN, IPv6, null, ppp, radiotap, sll, sll2, wlan_data
from wireproof.export.link import UNKNOWN_MAC, ethernet_part, find_header, make_mac, synthesise

FOUR = IPv4("10.1.1.1", "10.1.1.2", UDP(1000, 2000, b"payload of some length"))
SIX = IPv6("2001:db8::1", "2001:db8::2", UDP(1000, 2000, b"payload of some length"))
MAC = "02:11:22:33:44:55"
CASES: dict[str, tuple[int, Callable[..., bytes]]] = {
    "raw": (101, bytes),
    "raw bsd": (12, bytes),
    "null": (0, null),
    "loop": (108, lambda packet: null(packet, ">")),
    "sll": (113, lambda packet: sll(packet, MAC)),
    "sll2": (276, lambda packet: sll2(packet, MAC)),
    "ppp": (9, ppp),
    "ppp without framing": (9, lambda packet: ppp(packet, framed=False)),
    "hdlc": (104, lambda packet: struct.pack("!HH", 0x0F00, packet.ethertype) + bytes(packet)),
    "wlan": (105, wlan_data),
    "wlan upward": (105, lambda packet: wlan_data(packet, from_ds=False, qos=False)),
    "radiotap": (127, lambda packet: radiotap(wlan_data(packet))),
}


def converted(frame: bytes, link_type: int) -> bytes:
    """The frame as Ethernet; empty where it is refused."""
    found = find_header(frame, link_type)
    return found[0] + frame[found[1] :] if found else b""


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("packet", [FOUR, SIX], ids=["v4", "v6"])
def test_the_packet_of_a_frame_stands_behind_an_ethernet_header(name: str, packet: IPv4 | IPv6) -> None:
    link_type, build = CASES[name]
    frame = converted(build(packet), link_type)
    assert frame[14:] == bytes(packet)
    assert int.from_bytes(frame[12:14], "big") == packet.ethertype
    assert frame[0] & 1 == frame[6] & 1 == 0


def test_known_addresses_of_a_link_stay() -> None:
    assert converted(sll(FOUR, MAC), 113)[6:12] == bytes.fromhex("021122334455")
    assert converted(sll2(FOUR, MAC), 276)[6:12] == bytes.fromhex("021122334455")


def test_ethernet_stays_as_it_is() -> None:
    assert find_header(bytes(Ethernet(MAC, MAC, FOUR)), 1) == (b"", 0)


def test_other_content_keeps_its_type() -> None:
    arp = ARP(1, MAC, "10.1.1.1", "00:00:00:00:00:00", "10.1.1.2")
    frame = converted(sll(arp, MAC, kind=1), 113)
    assert frame[:6] == b"\xff" * 6
    assert frame[12:] == b"\x08\x06" + bytes(arp)
    assert converted(struct.pack("!HHHQH", 0, 1, 6, 0, 4) + b"\x42\x42\x03" + bytes(40), 113)[12:14] == b"\0\x2b"


@pytest.mark.parametrize(
    ("frame", "link_type"),
    [
        (b"", 101), (b"\x45" * 10, 101), (b"\x77" * 60, 101), (b"\0" * 5, 0), (b"\0" * 40, 113), (b"\xff\x03\xc0\x21" + bytes(40), 9),
        (b"\x80\0" + bytes(60), 105), (b"", 105), (b"\0\0\xff\xff" + bytes(60), 127), (b"x" * 60, 147), (b"", 276), (b"\xff\x03", 9), (b"\x01", 9),
    ],
)  # fmt: skip
def test_what_ethernet_cannot_carry_is_refused(frame: bytes, link_type: int) -> None:
    assert find_header(frame, link_type) is None


def test_addresses_are_made_by_the_rules_of_multicast() -> None:
    assert make_mac(bytes((224, 0, 0, 251))) == bytes.fromhex("01005e0000fb")
    assert make_mac(b"\xff\xff\xff\xff") == b"\xff" * 6
    assert make_mac(b"\xff\x02" + bytes(13) + b"\x01") == bytes.fromhex("333300000001")
    assert make_mac(bytes((10, 1, 2, 3))) == bytes.fromhex("02000a010203")
    assert make_mac(b"\x20\x01" + bytes(14))[0] & 3 == 2
    assert synthesise(b"") is None
    assert UNKNOWN_MAC[0] & 3 == 2


def test_tags_belong_to_the_link_header_and_tunnels_do_not() -> None:
    plain, tagged = bytes(Ethernet(MAC, MAC, FOUR)), bytes(Ethernet(MAC, MAC, VLAN(7, FOUR)))
    assert ethernet_part(plain, 14) == plain[:14]
    assert ethernet_part(tagged, 18) == tagged[:18]
    assert ethernet_part(plain, 34) is None

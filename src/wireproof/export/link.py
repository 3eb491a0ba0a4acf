"""Frames of any link type as Ethernet frames, so that one interface holds them all.

Takes a frame's bytes and its link type (LINKTYPE_ registry); gives the Ethernet header that takes the place of the frame's first
bytes, or None where the frame is nothing that Ethernet carries. Knows no capture.
"""

from __future__ import annotations

import zlib

ETHERNET, NULL, LOOP = 1, 0, 108
RAW = frozenset({12, 14, 101, 228, 229})
FDDI, PPP, PPP_HDLC, PPPOE, CISCO_HDLC, WLAN, SLL, RADIOTAP, SLL2 = 10, 9, 50, 51, 104, 105, 113, 127, 276
IPV4, IPV6, PPPOE_SESSION = b"\x08\0", b"\x86\xdd", b"\x88\x64"
PPP_CONTENT = {0x0021: IPV4, 0x0057: IPV6, 0x0281: b"\x88\x47", 0x0283: b"\x88\x48"}
"""PPP protocol numbers whose content has an EtherType of its own."""
VLAN_TAGS = frozenset({b"\x81\0", b"\x88\xa8", b"\x91\0", b"\x92\0"})
LEAST_ETHERTYPE = 0x600
LLC = 4
"""The pseudo EtherType of Linux for 802.2 frames."""
UNKNOWN_MAC = b"\x02\0\0\0\0\0"

Replacement = tuple[bytes, int]
"""An Ethernet header, and how many bytes of the frame it replaces."""


def make_mac(address: bytes) -> bytes:
    """A MAC address for an IP address (4 or 16 bytes): the group's for multicast (RFC 1112, RFC 2464), else a locally administered one."""
    if address == b"\xff\xff\xff\xff":
        return b"\xff" * 6
    if len(address) == 4:
        if address[0] >> 4 == 14:
            return bytes((1, 0, 0x5E, address[1] & 0x7F)) + address[2:]
        return b"\x02\0" + address
    if address[:1] == b"\xff":
        return b"\x33\x33" + address[12:]
    return b"\x02\x06" + zlib.crc32(address).to_bytes(4, "big")


def synthesise(packet: bytes) -> bytes | None:
    """An Ethernet header for an IP packet, by its addresses; None when it is none."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        return make_mac(packet[16:20]) + make_mac(packet[12:16]) + IPV4
    if version == 6 and len(packet) >= 40:
        return make_mac(packet[24:40]) + make_mac(packet[8:24]) + IPV6
    return None


def find_header(frame: bytes, link_type: int) -> Replacement | None:
    """The Ethernet header for a frame and the bytes of the frame that it replaces; empty and 0 for Ethernet itself."""
    if link_type == ETHERNET:
        return b"", 0
    if link_type in RAW:
        return _before_ip(frame, 0)
    if link_type in {NULL, LOOP}:
        return _before_ip(frame, 4)
    if link_type == SLL and len(frame) >= 16:
        return _cooked(frame, 16, frame[6:12] if frame[4:6] == b"\0\x06" else b"", frame[14:16], frame[1])
    if link_type == SLL2 and len(frame) >= 20:
        return _cooked(frame, 20, frame[12:18] if frame[11] == 6 else b"", frame[:2], frame[10])
    if link_type in {PPP, PPP_HDLC}:
        return _behind_ppp(frame)
    if link_type == PPPOE and len(frame) >= 6:
        return UNKNOWN_MAC + UNKNOWN_MAC + PPPOE_SESSION, 0
    if link_type == CISCO_HDLC and len(frame) >= 4:
        return _typed(frame, 4, frame[2:4])
    if link_type == FDDI and len(frame) >= 21:
        return _behind_llc(frame, 13, frame[1:13])
    if link_type in {WLAN, RADIOTAP}:
        return _wireless(frame, link_type)
    return None


def _before_ip(frame: bytes, at: int) -> Replacement | None:
    header = synthesise(frame[at : at + 40])
    return (header, at) if header else None


def _typed(frame: bytes, at: int, kind: bytes) -> Replacement | None:
    """A header for content of a known EtherType, by its addresses where it is IP."""
    if kind in {IPV4, IPV6}:
        return _before_ip(frame, at)
    if int.from_bytes(kind, "big") < LEAST_ETHERTYPE:
        return None
    return UNKNOWN_MAC + UNKNOWN_MAC + kind, at


def _cooked(frame: bytes, at: int, sender: bytes, kind: bytes, direction: int) -> Replacement | None:
    """Linux cooked capture: the sender's address is known, the other end's is made up. `direction` 1 is broadcast, 2 multicast."""
    header = synthesise(frame[at : at + 40]) if kind in {IPV4, IPV6} else None
    receiver = header[:6] if header else b"\xff" * 6 if direction == 1 else UNKNOWN_MAC
    sender = sender or (header[6:12] if header else UNKNOWN_MAC)
    number = int.from_bytes(kind, "big")
    if number == LLC and len(frame) - at <= 1500:
        return receiver + sender + (len(frame) - at).to_bytes(2, "big"), at
    return (receiver + sender + kind, at) if number >= LEAST_ETHERTYPE else None


def _behind_ppp(frame: bytes) -> Replacement | None:
    """RFC 1661 and 1662: address and control may be left out, and so may the protocol's first byte."""
    at = 2 if frame[:2] == b"\xff\x03" else 0
    if len(frame) <= at + 2:
        return None
    if frame[at] & 1:
        kind, at = frame[at], at + 1
    else:
        kind, at = int.from_bytes(frame[at : at + 2], "big"), at + 2
    return _typed(frame, at, PPP_CONTENT[kind]) if kind in PPP_CONTENT else None


def _behind_llc(frame: bytes, at: int, macs: bytes) -> Replacement | None:
    """802.2 behind a header with both MAC addresses: by its EtherType where it states one, else with its length."""
    if frame[at : at + 2] == b"\xaa\xaa" and int.from_bytes(frame[at + 6 : at + 8], "big") >= LEAST_ETHERTYPE:
        return macs + frame[at + 6 : at + 8], at + 8
    size = len(frame) - at
    return (macs + size.to_bytes(2, "big"), at) if 3 <= size <= 1500 else None


def _wireless(frame: bytes, link_type: int) -> Replacement | None:
    """IEEE 802.11 data frames that are not protected and no aggregates; all others are nothing that Ethernet carries."""
    at = int.from_bytes(frame[2:4], "little") if link_type == RADIOTAP else 0
    if len(frame) < at + 32:
        return None
    kind, flags = frame[at], frame[at + 1]
    if kind >> 2 & 3 != 2 or kind & 0x40 or flags & 0x40:
        return None
    first, second, third = (frame[at + begin : at + begin + 6] for begin in (4, 10, 16))
    size = 24 + 6 * (flags & 3 == 3)
    fourth = frame[at + 24 : at + 30]
    if kind & 0x80:
        if frame[at + size] & 0x80:
            return None
        size += 2 + 4 * (flags >> 7)
    receiver = third if flags & 1 else first
    sender = {2: third, 3: fourth}.get(flags & 3, second)
    return _behind_llc(frame, at + size, receiver + sender)


def ethernet_part(frame: bytes, network_at: int) -> bytes | None:
    """The Ethernet header with its VLAN tags before the IP header at `network_at`; None where something else stands between."""
    at = 12
    while frame[at : at + 2] in VLAN_TAGS:
        at += 4
    return frame[:network_at] if at + 2 == network_at and frame[at : at + 2] in {IPV4, IPV6} else None

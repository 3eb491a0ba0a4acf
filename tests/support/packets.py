"""Builders of the rarer packets: tags, other link types, IPv6 with extension headers, fragments, tunnels, ICMP errors.

Takes header fields, gives bytes, like `examples.packets`, whose everyday builders are offered here too.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from examples.packets import (
    ARP,
    BROADCAST,
    ICMP,
    OFFLOADED,
    RIGHT,
    TCP,
    TCP_FLAGS,
    UDP,
    Ethernet,
    IPv4,
    Payload,
    Raw,
    Upper,
    arp_reply,
    arp_request,
    echo,
    fill_checksum,
    internet_checksum,
    mss,
    ones_complement_sum,
    pack_address,
    pack_mac,
    sack,
    sack_permitted,
    timestamps,
    wscale,
)

__all__ = [
    "ARP",
    "BROADCAST",
    "GRE",
    "ICMP",
    "LINK_TYPES",
    "MPLS",
    "OFFLOADED",
    "RIGHT",
    "TCP",
    "TCP_FLAGS",
    "UDP",
    "VLAN",
    "Ethernet",
    "ICMPv6",
    "IPv4",
    "IPv6",
    "PPPoE",
    "Raw",
    "Upper",
    "arp_reply",
    "arp_request",
    "destination_options",
    "echo",
    "echo_v6",
    "fragment_v4",
    "fragment_v6",
    "hop_by_hop",
    "internet_checksum",
    "mss",
    "null",
    "pack_address",
    "pack_mac",
    "port_unreachable",
    "ppp",
    "qinq",
    "quoting",
    "radiotap",
    "routing_header",
    "sack",
    "sack_permitted",
    "six_in_four",
    "sll",
    "sll2",
    "teredo",
    "timestamps",
    "too_big",
    "vxlan",
    "wlan_data",
    "wscale",
]

LINK_TYPES = {
    "null": 0,
    "ethernet": 1,
    "ppp": 9,
    "raw": 101,
    "loop": 108,
    "wlan": 105,
    "sll": 113,
    "radiotap": 127,
    "raw4": 228,
    "raw6": 229,
    "sll2": 276,
}
"""LINKTYPE_ numbers of the file formats."""


@dataclass(frozen=True, slots=True)
class IPv6:
    """One packet. `extensions` are (protocol number, body without its next-header byte) in order."""

    source: str
    target: str
    upper: Upper
    ttl: int = 64
    tos: int = 0
    flow: int = 0
    extensions: Sequence[tuple[int, bytes]] = ()
    payload_length: int | None = None
    ethertype: ClassVar[int] = 0x86DD

    def __bytes__(self) -> bytes:
        addresses = pack_address(self.source) + pack_address(self.target)
        body = self.upper.pack(ones_complement_sum(addresses) + self.upper.protocol)
        following = self.upper.protocol
        for kind, data in reversed(self.extensions):
            body = bytes((following,)) + data + body
            following = kind
        size = len(body) if self.payload_length is None else self.payload_length
        return struct.pack("!IHBB", 6 << 28 | self.tos << 20 | self.flow, size, following, self.ttl) + addresses + body


def hop_by_hop(options: bytes = b"\x05\x02\x00\x00\x01\x00") -> tuple[int, bytes]:
    """A hop-by-hop header of eight bytes (router alert)."""
    return 0, b"\0" + options


def destination_options(options: bytes = b"\x01\x04\0\0\0\0") -> tuple[int, bytes]:
    """A destination options header of eight bytes (padding)."""
    return 60, b"\0" + options


def routing_header(final: str) -> tuple[int, bytes]:
    """A type 2 routing header with one address and no segments left."""
    return 43, bytes((2, 2, 0)) + b"\0\0\0\0" + pack_address(final)


@dataclass(frozen=True, slots=True)
class ICMPv6:
    """ICMP for IPv6, with the checksum over the pseudo header."""

    kind: int
    code: int = 0
    rest: bytes = b"\0\0\0\0"
    payload: bytes = b""
    checksum: int = RIGHT
    protocol: ClassVar[int] = 58

    def pack(self, pseudo_sum: int) -> bytes:
        """Header and payload."""
        data = bytes((self.kind, self.code, 0, 0)) + self.rest + self.payload
        return fill_checksum(data, 2, self.checksum, pseudo_sum + len(data))


def echo_v6(identifier: int, sequence: int, payload: bytes = b"abcdefgh", reply: bool = False) -> ICMPv6:
    """An ICMPv6 echo request or reply."""
    return ICMPv6(129 if reply else 128, 0, struct.pack("!HH", identifier, sequence), payload)


def quoting(packet: IPv4 | IPv6, keep: int = 28) -> bytes:
    """The first bytes of a packet as an ICMP error quotes it."""
    return bytes(packet)[:keep]


def port_unreachable(packet: IPv4) -> ICMP:
    """ICMP type 3 code 3 about a datagram."""
    return ICMP(3, 3, payload=quoting(packet))


def too_big(packet: IPv4 | IPv6, mtu: int) -> ICMP | ICMPv6:
    """ICMP "fragmentation needed" (RFC 1191) or "packet too big" (RFC 4443) with the next hop's MTU."""
    if isinstance(packet, IPv6):
        return ICMPv6(2, 0, struct.pack("!I", mtu), quoting(packet, 1232))
    return ICMP(3, 4, struct.pack("!HH", 0, mtu), quoting(packet))


def fragment_v4(packet: IPv4, size: int) -> list[IPv4]:
    """The packet in pieces of at most `size` payload bytes (a multiple of eight), with right offsets."""
    body = bytes(replace(packet, dont_fragment=False))[20 + len(packet.options) :]
    pieces = []
    for offset in range(0, len(body), size):
        raw = Raw(packet.upper.protocol, body[offset : offset + size])
        more = offset + size < len(body)
        pieces.append(replace(packet, upper=raw, dont_fragment=False, more_fragments=more, offset=offset))
    return pieces


def fragment_v6(packet: IPv6, size: int, identification: int) -> list[IPv6]:
    """The packet in pieces with fragment headers; extension headers it has stay unfragmented."""
    plain = bytes(replace(packet, extensions=()))
    body = plain[40:]
    pieces = []
    for offset in range(0, len(body), size):
        more = offset + size < len(body)
        header = (44, b"\0" + struct.pack("!HI", offset | more, identification))
        raw = Raw(packet.upper.protocol, body[offset : offset + size])
        pieces.append(replace(packet, upper=raw, extensions=(*packet.extensions, header)))
    return pieces


@dataclass(frozen=True, slots=True)
class VLAN:
    """An 802.1Q tag before its payload; `tpid` 0x88a8 makes it a service tag."""

    number: int
    payload: Payload
    priority: int = 0
    tpid: int = 0x8100

    @property
    def ethertype(self) -> int:
        """The tag's own protocol identifier."""
        return self.tpid

    def __bytes__(self) -> bytes:
        return struct.pack("!HH", self.priority << 13 | self.number, self.payload.ethertype) + bytes(self.payload)


def qinq(outer: int, inner: int, payload: Payload) -> VLAN:
    """A service tag around a customer tag (802.1ad)."""
    return VLAN(outer, VLAN(inner, payload), tpid=0x88A8)


@dataclass(frozen=True, slots=True)
class MPLS:
    """A label stack before an IP packet."""

    labels: Sequence[int]
    payload: Payload
    ethertype: ClassVar[int] = 0x8847

    def __bytes__(self) -> bytes:
        last = len(self.labels) - 1
        stack = (label << 12 | (place == last) << 8 | 64 for place, label in enumerate(self.labels))
        return b"".join(struct.pack("!I", entry) for entry in stack) + bytes(self.payload)


def ppp_protocol(payload: Payload) -> bytes:
    """PPP protocol field of an IP packet."""
    return b"\x00\x57" if payload.ethertype == 0x86DD else b"\x00\x21"


def ppp(payload: Payload, framed: bool = True) -> bytes:
    """PPP in HDLC-like framing (RFC 1662), or without address and control bytes."""
    return (b"\xff\x03" if framed else b"") + ppp_protocol(payload) + bytes(payload)


@dataclass(frozen=True, slots=True)
class PPPoE:
    """A PPPoE session packet (RFC 2516)."""

    session: int
    payload: Payload
    ethertype: ClassVar[int] = 0x8864

    def __bytes__(self) -> bytes:
        body = ppp_protocol(self.payload) + bytes(self.payload)
        return struct.pack("!BBHH", 0x11, 0, self.session, len(body)) + body


@dataclass(frozen=True, slots=True)
class GRE:
    """GRE (RFC 2784, RFC 2890) around an IP packet or an Ethernet frame; key and sequence are optional."""

    payload: Payload | Ethernet
    key: int | None = None
    sequence: int | None = None
    with_checksum: bool = False
    protocol: ClassVar[int] = 47

    def pack(self, pseudo_sum: int) -> bytes:
        """Header and payload; GRE has no pseudo header."""
        del pseudo_sum
        kind = 0x6558 if isinstance(self.payload, Ethernet) else self.payload.ethertype
        flags = self.with_checksum << 15 | (self.key is not None) << 13 | (self.sequence is not None) << 12
        head = struct.pack("!HH", flags, kind) + (b"\0\0\0\0" if self.with_checksum else b"")
        fields = [number for number in (self.key, self.sequence) if number is not None]
        data = head + struct.pack(f"!{len(fields)}I", *fields) + bytes(self.payload)
        return fill_checksum(data, 4, RIGHT, 0) if self.with_checksum else data


def six_in_four(packet: IPv6 | IPv4) -> Raw:
    """Protocol 41 (6to4, ISATAP) or protocol 4 payload of an outer packet."""
    return Raw(41 if isinstance(packet, IPv6) else 4, bytes(packet))


def teredo(source_port: int, packet: IPv6, origin: tuple[int, str] | None = None, target_port: int = 3544) -> UDP:
    """An IPv6 packet in a Teredo datagram (RFC 4380), with an origin indication when given (port, address)."""
    head = b""
    if origin:
        hidden = bytes(byte ^ 0xFF for byte in struct.pack("!H", origin[0]) + pack_address(origin[1]))
        head = b"\0\0" + hidden
    return UDP(source_port, target_port, head + bytes(packet))


def vxlan(source_port: int, network: int, frame: Ethernet) -> UDP:
    """An Ethernet frame in a VXLAN datagram (RFC 7348)."""
    return UDP(source_port, 4789, struct.pack("!II", 0x08000000, network << 8) + bytes(frame))


def sll(payload: Payload, source_mac: str, kind: int = 0) -> bytes:
    """Linux cooked capture header; `kind` 0 is "to us", 4 "sent by us"."""
    address = pack_mac(source_mac) + b"\0\0"
    return struct.pack("!HHH", kind, 1, 6) + address + struct.pack("!H", payload.ethertype) + bytes(payload)


def sll2(payload: Payload, source_mac: str, kind: int = 0, interface: int = 2) -> bytes:
    """Linux cooked capture header, version 2."""
    head = struct.pack("!HHIHBB", payload.ethertype, 0, interface, 1, kind, 6)
    return head + pack_mac(source_mac) + b"\0\0" + bytes(payload)


def null(payload: Payload, order: str = "<", family_v6: int = 30) -> bytes:
    """BSD loopback header: address family in the order of the capturing host (`>` for LINKTYPE_LOOP)."""
    family = family_v6 if payload.ethertype == 0x86DD else 2
    return struct.pack(order + "I", family) + bytes(payload)


def wlan_data(payload: Payload, from_ds: bool = True, qos: bool = False, macs: Sequence[str] = ()) -> bytes:
    """An 802.11 data frame with LLC/SNAP; `macs` are receiver, transmitter and the third address."""
    receiver, transmitter, third = macs or ("02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03")
    control = bytes((0x88 if qos else 0x08, 0x02 if from_ds else 0x01))
    head = control + b"\0\0" + pack_mac(receiver) + pack_mac(transmitter) + pack_mac(third) + b"\x10\x00"
    snap = b"\xaa\xaa\x03\0\0\0" + payload.ethertype.to_bytes(2, "big")
    return head + (b"\0\0" if qos else b"") + snap + bytes(payload)


def radiotap(frame: bytes) -> bytes:
    """A radiotap header (flags and rate present) before an 802.11 frame."""
    return struct.pack("<BBHIBB", 0, 0, 10, 0b110, 0, 12) + frame

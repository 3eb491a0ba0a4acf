"""ICMP errors (RFC 792, RFC 4443): what is reported, about which packet, and the names of types and codes.

Takes bytes and the offset of the ICMP header; gives fields, with None or 0 for what the bytes do not hold. Judges nothing.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

TOO_BIG_V6 = 2

V4_NAMES: dict[tuple[int, int], str] = {
    (3, 0): "network unreachable",
    (3, 1): "host unreachable",
    (3, 2): "protocol unreachable",
    (3, 3): "port unreachable",
    (3, 4): "fragmentation needed",
    (3, 5): "source route failed",
    (3, 6): "network unknown",
    (3, 7): "host unknown",
    (3, 8): "source host isolated",
    (3, 9): "network administratively prohibited",
    (3, 10): "host administratively prohibited",
    (3, 11): "network unreachable for this type of service",
    (3, 12): "host unreachable for this type of service",
    (3, 13): "communication administratively prohibited",
    (3, 14): "host precedence violation",
    (3, 15): "precedence cutoff in effect",
    (11, 0): "time to live exceeded in transit",
    (11, 1): "fragment reassembly time exceeded",
}
"""(type, code) of ICMP for IPv4, RFC 792, RFC 1122 section 3.2.2.1 and RFC 1812 section 5.2.7.1."""

V6_NAMES: dict[tuple[int, int], str] = {
    (1, 0): "no route to destination",
    (1, 1): "communication administratively prohibited",
    (1, 2): "beyond scope of source address",
    (1, 3): "address unreachable",
    (1, 4): "port unreachable",
    (1, 5): "source address failed ingress or egress policy",
    (1, 6): "reject route to destination",
    (2, 0): "packet too big",
    (3, 0): "hop limit exceeded in transit",
    (3, 1): "fragment reassembly time exceeded",
}
"""(type, code) of ICMPv6, RFC 4443 section 3."""


class Quoted(NamedTuple):
    """The packet that an error quotes. Ports and `seq` are 0 where the quote is too short or the protocol has none.

    `length` is the packet's whole length in bytes as its IP header states it.
    """

    source: bytes
    destination: bytes
    protocol: int
    source_port: int
    destination_port: int
    seq: int
    ttl: int
    length: int


class IcmpError(NamedTuple):
    """One error. `mtu` is the next hop's MTU in bytes, 0 when the error has none or an old router left it out."""

    version: int
    kind: int
    code: int
    mtu: int
    quoted: Quoted | None

    @property
    def name(self) -> str:
        """The error's standard name."""
        return error_name(self.version, self.kind, self.code)


def error_name(version: int, kind: int, code: int) -> str:
    """Standard name of an error; type and code as numbers where it has none."""
    names = V4_NAMES if version == 4 else V6_NAMES
    return names.get((kind, code), f"ICMP type {kind} code {code}")


def unpack_error(data: bytes, at: int, version: int) -> IcmpError | None:
    """The error at an offset; None when not even its first eight bytes are there. `version` is 4 or 6."""
    if at < 0 or len(data) < at + 8:
        return None
    kind, code, _, high, low = struct.unpack_from("!BBHHH", data, at)
    mtu = 0
    if version == 4 and (kind, code) == (3, 4):
        mtu = low
    elif version == 6 and kind == TOO_BIG_V6:
        mtu = high << 16 | low
    return IcmpError(version, kind, code, mtu, unpack_quoted(data, at + 8))


def unpack_quoted(data: bytes, at: int) -> Quoted | None:
    """The quoted packet's headers; None when its IP header is not there or is none."""
    if len(data) < at + 20:
        return None
    version = data[at] >> 4
    if version == 4:
        length, ttl, protocol = struct.unpack_from("!H4xBB", data, at + 2)
        transport = at + (data[at] & 15) * 4
        return Quoted(
            data[at + 12 : at + 16], data[at + 16 : at + 20], protocol, *_ports(data, transport, protocol), ttl, length
        )
    if version == 6 and len(data) >= at + 40:
        length, protocol, ttl = struct.unpack_from("!HBB", data, at + 4)
        addresses = (data[at + 8 : at + 24], data[at + 24 : at + 40])
        return Quoted(*addresses, protocol, *_ports(data, at + 40, protocol), ttl, length + 40)
    return None


def _ports(data: bytes, at: int, protocol: int) -> tuple[int, int, int]:
    """Source port, destination port, sequence number."""
    if protocol not in {6, 17} or len(data) < at + 4:
        return 0, 0, 0
    source, destination = struct.unpack_from("!HH", data, at)
    seq = struct.unpack_from("!I", data, at + 4)[0] if protocol == 6 and len(data) >= at + 8 else 0
    return source, destination, seq

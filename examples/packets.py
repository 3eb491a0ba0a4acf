"""Real packet bytes from readable parts: Ethernet, ARP, IPv4, TCP, UDP and ICMP, by default with right checksums.

Takes header fields, gives bytes: `bytes(Ethernet(mac, mac, IPv4("10.1.1.1", "10.1.1.2", TCP(1099, 80, flags="S"))))`.
Uses the standard library only and nothing of wireproof, so that tests built with it are an independent check.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass
from typing import ClassVar, Protocol

TCP_FLAGS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10, "U": 0x20, "E": 0x40, "C": 0x80, "N": 0x100}
BROADCAST = "ff:ff:ff:ff:ff:ff"
RIGHT = -1
"""Checksum that is computed."""
OFFLOADED = -2
"""Checksum as a capture at the sender shows it when the adapter computes it: the sum of the pseudo header only."""


class Upper(Protocol):
    """What an IP packet can carry: knows its protocol number and packs itself given the sum of its pseudo header."""

    @property
    def protocol(self) -> int:
        """IP protocol number."""

    def pack(self, pseudo_sum: int) -> bytes:
        """Bytes with the checksum filled in. `pseudo_sum` leaves out the length, which only the upper layer knows."""


def ones_complement_sum(data: bytes) -> int:
    """Sum of the big-endian 16-bit words with end-around carry (RFC 1071), 0..0xffff."""
    if len(data) % 2:
        data += b"\0"
    number = int.from_bytes(data, "big")
    return number % 0xFFFF or (0xFFFF if number else 0)


def internet_checksum(data: bytes, start: int = 0) -> int:
    """RFC 1071 checksum of `data` added to the sum `start`."""
    total = (ones_complement_sum(data) + start) % 0xFFFF
    return 0xFFFF - total if total else 0


def pack_mac(text: str) -> bytes:
    """Six bytes of `00:11:22:33:44:55` or `00-11-22-33-44-55`."""
    return bytes.fromhex(text.replace(":", "").replace("-", ""))


def pack_address(text: str) -> bytes:
    """Four or sixteen bytes of an IP address."""
    return ipaddress.ip_address(text).packed


def fill_checksum(data: bytes, at: int, wanted: int, pseudo_sum: int) -> bytes:
    """Put a checksum at `at`: computed, left as an offloading sender leaves it, or the given number."""
    if wanted == RIGHT:
        wanted = internet_checksum(data, pseudo_sum)
    elif wanted == OFFLOADED:
        wanted = pseudo_sum % 0xFFFF
    return data[:at] + wanted.to_bytes(2, "big") + data[at + 2 :]


def mss(size: int) -> bytes:
    """TCP option 2."""
    return struct.pack("!BBH", 2, 4, size)


def wscale(shift: int) -> bytes:
    """TCP option 3 with the padding that stacks put before it (RFC 7323)."""
    return struct.pack("!BBBB", 1, 3, 3, shift)


def sack_permitted() -> bytes:
    """TCP option 4 with padding (RFC 2018)."""
    return b"\x01\x01\x04\x02"


def sack(*edges: tuple[int, int]) -> bytes:
    """TCP option 5: (left, right) edges of the blocks held (RFC 2018)."""
    blocks = b"".join(struct.pack("!II", left % 2**32, right % 2**32) for left, right in edges)
    return b"\x01\x01" + bytes((5, 2 + len(blocks))) + blocks


def timestamps(value: int, echo: int) -> bytes:
    """TCP option 8 with padding (RFC 7323)."""
    return b"\x01\x01" + struct.pack("!BBII", 8, 10, value % 2**32, echo % 2**32)


@dataclass(frozen=True, slots=True)
class TCP:
    """One segment. `flags` are letters of `TCP_FLAGS`; `options` are bytes, padded to a multiple of four."""

    source: int
    target: int
    seq: int = 0
    ack: int = 0
    flags: str = "A"
    window: int = 65535
    options: bytes = b""
    payload: bytes = b""
    checksum: int = RIGHT
    protocol: ClassVar[int] = 6

    @property
    def length(self) -> int:
        """Sequence numbers that the segment takes: payload bytes, SYN and FIN."""
        return len(self.payload) + ("S" in self.flags) + ("F" in self.flags)

    def pack(self, pseudo_sum: int) -> bytes:
        """Header, options and payload."""
        options = self.options + b"\0" * (-len(self.options) % 4)
        bits = sum(TCP_FLAGS[letter] for letter in self.flags)
        words = (20 + len(options)) // 4 << 12 | bits
        head = struct.pack(
            "!HHIIHHHH", self.source, self.target, self.seq % 2**32, self.ack % 2**32, words, self.window, 0, 0
        )
        data = head + options + self.payload
        return fill_checksum(data, 16, self.checksum, pseudo_sum + len(data))


@dataclass(frozen=True, slots=True)
class UDP:
    """One datagram; `length` overrides the length field."""

    source: int
    target: int
    payload: bytes = b""
    checksum: int = RIGHT
    length: int | None = None
    protocol: ClassVar[int] = 17

    def pack(self, pseudo_sum: int) -> bytes:
        """Header and payload; a computed checksum of 0 is sent as 0xffff (RFC 768)."""
        size = 8 + len(self.payload)
        data = struct.pack("!HHHH", self.source, self.target, size if self.length is None else self.length, 0)
        data = fill_checksum(data + self.payload, 6, self.checksum, pseudo_sum + size)
        return data[:6] + b"\xff\xff" + data[8:] if self.checksum == RIGHT and data[6:8] == b"\0\0" else data


@dataclass(frozen=True, slots=True)
class ICMP:
    """ICMP for IPv4. `rest` is the four bytes after the checksum (identifier and sequence, or the next-hop MTU)."""

    kind: int
    code: int = 0
    rest: bytes = b"\0\0\0\0"
    payload: bytes = b""
    checksum: int = RIGHT
    protocol: ClassVar[int] = 1

    def pack(self, pseudo_sum: int) -> bytes:
        """Header and payload; ICMP for IPv4 has no pseudo header."""
        del pseudo_sum
        data = bytes((self.kind, self.code, 0, 0)) + self.rest + self.payload
        return fill_checksum(data, 2, self.checksum, 0)


def echo(identifier: int, sequence: int, payload: bytes = b"abcdefgh", reply: bool = False) -> ICMP:
    """An ICMP echo request or reply."""
    return ICMP(0 if reply else 8, 0, struct.pack("!HH", identifier, sequence), payload)


@dataclass(frozen=True, slots=True)
class Raw:
    """Any other protocol above IP: its number and its bytes as they are."""

    protocol: int
    data: bytes

    def pack(self, pseudo_sum: int) -> bytes:
        """The bytes as given."""
        del pseudo_sum
        return self.data


@dataclass(frozen=True, slots=True)
class IPv4:
    """One packet. `total_length` overrides the field (0 is what an offloading sender shows); `offset` counts bytes."""

    source: str
    target: str
    upper: Upper
    ttl: int = 64
    ident: int = 0
    tos: int = 0
    dont_fragment: bool = True
    more_fragments: bool = False
    offset: int = 0
    options: bytes = b""
    total_length: int | None = None
    checksum: int = RIGHT
    ethertype: ClassVar[int] = 0x0800

    def __bytes__(self) -> bytes:
        addresses = pack_address(self.source) + pack_address(self.target)
        body = self.upper.pack(ones_complement_sum(addresses) + self.upper.protocol)
        options = self.options + b"\0" * (-len(self.options) % 4)
        head_size = 20 + len(options)
        total = head_size + len(body) if self.total_length is None else self.total_length
        flags = self.dont_fragment << 14 | self.more_fragments << 13 | self.offset // 8
        head = struct.pack(
            "!BBHHHBBH", 0x40 | head_size // 4, self.tos, total, self.ident, flags, self.ttl, self.upper.protocol, 0
        )
        return fill_checksum(head + addresses + options, 10, self.checksum, 0) + body


@dataclass(frozen=True, slots=True)
class ARP:
    """ARP for IPv4 over Ethernet: operation 1 asks, 2 answers."""

    operation: int
    sender_mac: str
    sender: str
    target_mac: str
    target: str
    ethertype: ClassVar[int] = 0x0806

    def __bytes__(self) -> bytes:
        head = struct.pack("!HHBBH", 1, 0x0800, 6, 4, self.operation)
        sender = pack_mac(self.sender_mac) + pack_address(self.sender)
        return head + sender + pack_mac(self.target_mac) + pack_address(self.target)


def arp_request(mac: str, address: str, wanted: str) -> Ethernet:
    """The frame in which `address` asks everybody for `wanted`."""
    return Ethernet(mac, BROADCAST, ARP(1, mac, address, "00:00:00:00:00:00", wanted))


def arp_reply(mac: str, address: str, asker_mac: str, asker: str) -> Ethernet:
    """The frame in which `address` tells the asker that it is at `mac`."""
    return Ethernet(mac, asker_mac, ARP(2, mac, address, asker_mac, asker), padded=True)


class Payload(Protocol):
    """What an Ethernet frame can carry."""

    @property
    def ethertype(self) -> int:
        """EtherType; below 0x600 an 802.3 length."""

    def __bytes__(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Ethernet:
    """One frame without check sequence. `padded` fills up to 60 bytes, as a receiver sees a short frame."""

    source: str
    target: str
    payload: Payload
    padded: bool = False

    def __bytes__(self) -> bytes:
        head = pack_mac(self.target) + pack_mac(self.source) + self.payload.ethertype.to_bytes(2, "big")
        data = head + bytes(self.payload)
        return data.ljust(60, b"\0") if self.padded else data

"""The frame of one packet of a listing: headers of what is known, data as far as the words are the data, lengths as printed.

Takes settled packets; gives bytes and the length on the wire. Checksums are right; addresses of adapters that are not printed are zero.
"""

from __future__ import annotations

import ipaddress
import struct
import zlib

from wireproof.capture.listing.info import ARP, ICMP, ICMPV6, SYN, TCP, UDP
from wireproof.capture.listing.packet import ALL, Connection, Packet
from wireproof.capture.listing.records import WIRESHARK

ETHERNET, IPV4_HEADER, IPV6_HEADER = 14, 20, 40
LEAST_FRAME = 60
UNKNOWN_TTL = 64
PROTOCOLS = {TCP: 6, UDP: 17, ICMP: 1, ICMPV6: 58}
NO_MAC, BROADCAST = bytes(6), b"\xff" * 6
MOST_PACKET = 65_535


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class Addresses:
    """IP addresses of names and numbers, and MACs of adapters. `made_up` maps names to the addresses that stand in for them."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        self.made_up: dict[str, str] = {}
        self.macs: dict[str, bytes] = {}

    def ip(self, text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        """The address that a column's text is or stands for."""
        bare = text.partition("%")[0]
        if is_address(bare):
            return ipaddress.ip_address(bare)
        known = self._names.get(text.lower()) or self.made_up.setdefault(text, self._stand_in(text))
        return ipaddress.ip_address(known)

    def _stand_in(self, name: str) -> str:
        """An address of the block for benchmarks (RFC 2544): nobody's, and the same one for the same name."""
        number = zlib.crc32(name.lower().encode("utf-8", "replace"))
        return f"198.{18 + (number >> 16 & 1)}.{number >> 8 & 255}.{number & 255}"

    def mac(self, text: str) -> bytes:
        """The MAC of a column: as printed, or with a made-up beginning where a manufacturer's name stands in its place."""
        low = text.lower().replace("-", ":")
        if low == "broadcast":
            return BROADCAST
        if text in self.macs:
            return self.macs[text]
        parts = low.rpartition("_")[2].split(":")
        try:
            data = bytes(int(part, 16) for part in parts)
        except ValueError:
            return NO_MAC
        if len(data) == 6:
            return data
        if "_" not in text or len(data) > 3:
            return NO_MAC
        # Locally administered, so that it is nobody's: the beginning is the manufacturer's name, not its number.
        maker = zlib.crc32(low.rpartition("_")[0].encode("utf-8", "replace")).to_bytes(4, "big")
        return b"\x02" + maker[: 5 - len(data)] + data


def internet_checksum(data: bytes) -> int:
    """The checksum of RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    number = int.from_bytes(data, "big") % 0xFFFF
    return 0xFFFF - (number or (0xFFFF if any(data) else 0))


def build_frame(packet: Packet, addresses: Addresses, connection: Connection | None) -> tuple[bytes, int]:
    """The bytes of a packet as far as they are known, and its length on the wire."""
    if packet.raw:
        return packet.raw, max(packet.record.length or 0, len(packet.raw))
    if packet.said.kind == ARP:
        frame = _build_arp(packet, addresses)
        return frame.ljust(min(packet.record.length or LEAST_FRAME, LEAST_FRAME), b"\0"), max(
            packet.record.length or LEAST_FRAME, len(frame)
        )
    upper, size = _build_upper(packet, connection, addresses)
    head = _build_ip(packet, addresses, size)
    if len(upper) == size or packet.is_tcp:
        upper = _fill_checksum(packet, head, upper, size)
    frame = _build_ethernet(packet, addresses, head) + head + upper
    whole = ETHERNET + len(head) + size
    length = max(packet.record.length or whole, whole)
    is_whole = len(upper) == size
    return (frame.ljust(min(length, LEAST_FRAME), b"\0") if is_whole else frame), length


def _build_ethernet(packet: Packet, addresses: Addresses, head: bytes) -> bytes:
    kind = 0x0800 if head[0] >> 4 == 4 else 0x86DD
    target, source = (addresses.mac(text) if text else NO_MAC for text in packet.said.macs[::-1])
    return target + source + kind.to_bytes(2, "big")


def _build_ip(packet: Packet, addresses: Addresses, size: int) -> bytes:
    source, target = addresses.ip(packet.record.source), addresses.ip(packet.record.target)
    ttl, protocol = packet.said.ttl or UNKNOWN_TTL, PROTOCOLS.get(packet.said.kind, 17 if not packet.is_tcp else 6)
    if source.version == 6 or target.version == 6:
        sides = [a.packed if a.version == 6 else b"\0" * 10 + b"\xff\xff" + a.packed for a in (source, target)]
        return struct.pack(">IHBB", 6 << 28, min(size, MOST_PACKET), protocol, ttl) + sides[0] + sides[1]
    total = min(IPV4_HEADER + size, MOST_PACKET)
    head = struct.pack(">BBHHHBBH", 0x45, 0, total, packet.said.ip_id & 0xFFFF, 0x4000, ttl, protocol, 0)
    head += source.packed + target.packed
    return head[:10] + internet_checksum(head).to_bytes(2, "big") + head[12:]


def _build_upper(packet: Packet, connection: Connection | None, addresses: Addresses) -> tuple[bytes, int]:
    """The transport header and the data that are known, and how many bytes they are on the wire."""
    if packet.is_tcp and connection is not None:
        header = _build_tcp(packet, connection)
    elif packet.said.kind in (ICMP, ICMPV6):
        header = (
            bytes((*packet.said.code, 0, 0)) + struct.pack(">HH", *packet.said.rest) + _build_quoted(packet, addresses)
        )
    else:
        size = min(8 + (packet.payload or 0), MOST_PACKET)
        header = struct.pack(">HHHH", packet.said.source_port or 0, packet.said.target_port or 0, size, 0)
    payload = packet.payload or 0
    return header + packet.data[:payload], len(header) + payload


def _build_quoted(packet: Packet, addresses: Addresses) -> bytes:
    """The IP header and the first eight bytes of the datagram that an ICMP error is about (RFC 792)."""
    if packet.quoted is None:
        return b""
    quoted = packet.quoted
    upper, size = _build_upper(quoted, None, addresses)
    if quoted.is_tcp:
        ports = quoted.said.source_port or 0, quoted.said.target_port or 0
        upper, size = struct.pack(">HHI", *ports, (quoted.seq or 0) % ALL), 20 + (quoted.payload or 0)
    return _build_ip(quoted, addresses, size) + upper[:8]


def _build_tcp(packet: Packet, connection: Connection) -> bytes:
    options = _build_options(packet, connection)
    words = (20 + len(options)) // 4 << 12 | packet.flags & 0x1FF
    seq, ack = (packet.seq or 0) % ALL, (packet.ack or 0) % ALL
    ports = packet.said.source_port or 0, packet.said.target_port or 0
    return struct.pack(">HHIIHHHH", *ports, seq, ack, words, packet.window & 0xFFFF, 0, 0) + options


def _build_options(packet: Packet, connection: Connection) -> bytes:
    """Options as printed, and as many bytes of nothing as the frame's length says that there are more."""
    said, options = packet.said, _said_options(packet)
    blocks = said.sacked[: (40 - len(options) - 4) // 8]
    if blocks:
        base = connection.bases[1 - packet.side]
        edges = [(edge + base) % ALL for block in blocks for edge in block]
        options += b"\x01\x01" + bytes((5, 2 + 4 * len(edges))) + struct.pack(f">{len(edges)}I", *edges)
    more = _option_bytes(packet) - len(options)
    return options + b"\x01" * more if 0 < more <= 40 - len(options) and more % 4 == 0 else options


def _said_options(packet: Packet) -> bytes:
    """The options of a SYN and the time stamps, each padded to four bytes."""
    said, options = packet.said, b""
    if packet.flags & SYN:
        options += struct.pack(">BBH", 2, 4, min(said.mss, 0xFFFF)) if said.mss else b""
        options += b"\x01" + bytes((3, 3, said.shift)) if said.shift is not None else b""
        options += b"\x01\x01\x04\x02" if said.sack_permitted else b""
    if said.stamps:
        options += b"\x01\x01" + struct.pack(">BBII", 8, 10, said.stamps[0] % ALL, said.stamps[1] % ALL)
    return options


def shows_options(packet: Packet) -> bool:
    """Whether a SYN's record surely shows all of its options: the bytes dumped, tcpdump's list of them, or a length that they explain.

    Network Monitor prints the window scale alone, and people cut long lines.
    """
    if packet.raw or "options [" in packet.record.info:
        return True
    length = packet.record.length or 0
    if packet.record.style != WIRESHARK or length <= LEAST_FRAME:
        return False
    said = packet.said
    least = 4 * bool(said.mss) + 3 * (said.shift is not None) + 2 * said.sack_permitted + 10 * (said.stamps is not None)
    # Some systems pad each option to four bytes, others all of them together.
    return -(-least // 4) * 4 <= _option_bytes(packet) <= len(_said_options(packet))


def _option_bytes(packet: Packet) -> int:
    """How many bytes of options the frame's length leaves room for; 0 where it may be padded."""
    length = packet.record.length or 0
    head = ETHERNET + (IPV6_HEADER if ":" in packet.record.source else IPV4_HEADER) + 20
    return length - head - (packet.payload or 0) if length > LEAST_FRAME else 0


def _fill_checksum(packet: Packet, head: bytes, upper: bytes, size: int) -> bytes:
    """The right checksum over what is known; of a cut packet nobody can tell what it was, or check it."""
    at = {TCP: 16, UDP: 6, ICMP: 2, ICMPV6: 2}.get(packet.said.kind, 16 if packet.is_tcp else 6)
    protocol = PROTOCOLS.get(packet.said.kind, 6 if packet.is_tcp else 17)
    pseudo = b"" if protocol == 1 else _pseudo_header(head, protocol, size)
    value = internet_checksum(pseudo + upper)
    value = 0xFFFF if protocol == 17 and value == 0 else value
    return upper[:at] + value.to_bytes(2, "big") + upper[at + 2 :]


def _pseudo_header(head: bytes, protocol: int, size: int) -> bytes:
    if head[0] >> 4 == 4:
        return head[12:20] + struct.pack(">HH", protocol, size & 0xFFFF)
    return head[8:40] + struct.pack(">II", size, protocol)


def _build_arp(packet: Packet, addresses: Addresses) -> bytes:
    said, record = packet.said, packet.record
    source = addresses.mac(record.source)
    target = addresses.mac(record.target) if record.target else BROADCAST
    told = addresses.mac(said.macs[0]) if said.macs[0] else source
    asker = addresses.ip(said.addresses[1]) if said.addresses[1] else ipaddress.IPv4Address(0)
    sender = addresses.ip(said.addresses[0])
    head = struct.pack(">HHBBH", 1, 0x0800, 6, 4, said.code[0])
    body = told + sender.packed[:4] + (target if said.code[0] == 2 else NO_MAC) + asker.packed[:4]
    return target + source + b"\x08\x06" + head + body

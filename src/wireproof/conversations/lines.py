"""One frame as one line, in the columns and words of Wireshark's packet list.

Takes the tables of a capture and a row; gives a `FrameLine`. Fetches the frame's bytes again, so it is for the frames
that a report shows, not for all of a capture. Judges nothing.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

from wireproof.conversations.info_arp import name_mac, read_arp_macs, tell_arp
from wireproof.conversations.info_ip import tell_fragment, tell_icmp, tell_icmpv6, tell_udp
from wireproof.conversations.info_tcp import tell_tcp
from wireproof.conversations.read import CaptureTables
from wireproof.conversations.talks import PROTOCOL_NAMES
from wireproof.table.schema import LAYERS, PROBLEMS

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
HEADER_BYTES = {ICMP: 4, TCP: 20, UDP: 8, ICMPV6: 4}
"""What has to be captured of a transport header for its line."""

ETHERTYPES = {0x88CC: "LLDP", 0x8863: "PPPoED", 0x888E: "EAPOL", 0x8809: "LACP", 0x9000: "LOOP", 0x8035: "RARP"}


@dataclass(frozen=True, slots=True)
class FrameLine:
    """A frame's row in Wireshark's packet list.

    `number` counts from 1; `time_s` is seconds since the capture's first frame and `time_ns` nanoseconds since 1970,
    both on the capture's own clock. `length` is bytes on the wire. Addresses are those of the innermost packet.
    """

    number: int
    time_s: float
    time_ns: int
    source: str
    destination: str
    protocol: str
    length: int
    info: str


def describe(tables: CaptureTables, row: int) -> FrameLine:
    """The line of one row. Raises IndexError for a row that the capture does not have."""
    packets = tables.packets
    if not 0 <= row < packets.count:
        raise IndexError(f"{tables.capture.file} has no frame {row + 1}")
    data = tables.read_frames([row])[0]
    protocol, info = _tell(tables, row, data)
    source, destination = _read_addresses(data, int(packets.network_at[row]), int(packets.layers[row]))
    time_ns = int(packets.time_ns[row])
    return FrameLine(
        packets.number(row),
        (time_ns - int(packets.time_ns[0])) / 1e9,
        time_ns,
        source,
        destination,
        protocol,
        int(packets.original[row]),
        info,
    )


def find_row(tables: CaptureTables, number: int) -> int:
    """The row that a frame number stands for: that of the packet which this frame completes, or of the frame itself.

    Raises IndexError for a number that the capture does not have.
    """
    own = tables.packets.row_of(number)
    if own < 0:
        raise IndexError(f"{tables.capture.file} has no frame {number}")
    completed = [row for row, outer in tables.packets.outer.items() if outer == own]
    return completed[0] if completed else own


def _tell(tables: CaptureTables, row: int, data: bytes) -> tuple[str, str]:
    """Protocol and Info column."""
    packets = tables.packets
    layers, protocol = int(packets.layers[row]), int(packets.protocol[row])
    if layers & LAYERS["fragment"]:
        return tell_fragment(packets, row, data)
    if layers & LAYERS["arp"]:
        return "ARP", tell_arp(data, int(packets.network_at[row]))
    # `layers` also names the carriers of a tunnel; `protocol` is the innermost packet's.
    header = HEADER_BYTES.get(protocol, 0)
    if not header or len(data) < int(packets.transport_at[row]) + header:
        return _tell_other(protocol, int(packets.problem[row]), layers, data)
    if protocol == TCP:
        return "TCP", tell_tcp(tables, row, data)
    if protocol == UDP:
        return tell_udp(packets, row, data)
    return ("ICMP", tell_icmp(packets, row, data)) if protocol == ICMP else ("ICMPv6", tell_icmpv6(packets, row, data))


def _tell_other(protocol: int, problem: int, layers: int, data: bytes) -> tuple[str, str]:
    """Frames beyond the protocols that wireproof decodes: what they claim to be, and why decoding stopped."""
    why = PROBLEMS.get(problem, "")
    if layers & (LAYERS["ipv4"] | LAYERS["ipv6"]):
        name = PROTOCOL_NAMES.get(protocol, "")
        return name.upper() or ("IPv4" if layers & LAYERS["ipv4"] else "IPv6"), why or f"IP protocol {protocol}"
    if layers & LAYERS["ethernet"] and len(data) >= 14:
        (kind,) = struct.unpack_from(">H", data, 12)
        if kind >= 0x600:
            return ETHERTYPES.get(kind, f"0x{kind:04x}"), f"EtherType 0x{kind:04x}" if kind in ETHERTYPES else why
        return "LLC", "802.3 frame"
    return "?", why


def _read_addresses(data: bytes, network_at: int, layers: int) -> tuple[str, str]:
    """IP addresses of the innermost packet, else the link's; ("", "") when there are neither."""
    header = data[network_at : network_at + 40]
    if layers & LAYERS["arp"] and not layers & LAYERS["ethernet"]:
        return read_arp_macs(data, network_at)
    if layers & (LAYERS["ipv4"] | LAYERS["ipv6"]) and not layers & LAYERS["arp"]:
        if header[:1] and header[0] >> 4 == 4 and len(header) >= 20:
            return str(ipaddress.IPv4Address(header[12:16])), str(ipaddress.IPv4Address(header[16:20]))
        if len(header) == 40:
            return str(ipaddress.IPv6Address(header[8:24])), str(ipaddress.IPv6Address(header[24:40]))
    if layers & LAYERS["ethernet"] and len(data) >= 12:
        return name_mac(data[6:12]), name_mac(data[0:6])
    return "", ""

"""The Info column of UDP, ICMP, ICMPv6 and IP fragments, in Wireshark's words.

Takes the packet table, a row and the frame's bytes; gives text. Texts stop where the captured bytes do.
"""

from __future__ import annotations

import ipaddress
import struct

from wireproof.conversations.info_dns import DNS_PORTS, tell_dns
from wireproof.conversations.talks import PROTOCOL_NAMES
from wireproof.table.packets import PacketTable

UNREACHABLE = {
    0: "Network unreachable",
    1: "Host unreachable",
    2: "Protocol unreachable",
    3: "Port unreachable",
    4: "Fragmentation needed",
    5: "Source route failed",
    6: "Network unknown",
    7: "Host unknown",
    9: "Network administratively prohibited",
    10: "Host administratively prohibited",
    11: "Network unreachable for TOS",
    12: "Host unreachable for TOS",
    13: "Communication administratively filtered",
}
"""Codes of ICMP type 3 (RFC 792, 1122, 1812)."""

UNREACHABLE_V6 = {
    0: "no route to destination",
    1: "Administratively prohibited",
    2: "Beyond scope",
    3: "Address unreachable",
    4: "Port unreachable",
    5: "Source address failed ingress/egress policy",
    6: "Reject route to destination",
}
"""Codes of ICMPv6 type 1 (RFC 4443)."""

ICMP_TYPES = {
    4: "Source quench",
    5: "Redirect",
    9: "Router advertisement",
    10: "Router solicitation",
    12: "Parameter problem",
    13: "Timestamp request",
    14: "Timestamp reply",
}
ICMPV6_TYPES = {
    4: "Parameter Problem",
    130: "Multicast Listener Query",
    131: "Multicast Listener Report",
    132: "Multicast Listener Done",
    133: "Router Solicitation",
    134: "Router Advertisement",
    137: "Redirect",
    143: "Multicast Listener Report Message v2",
}


def tell_udp(packets: PacketTable, row: int, data: bytes) -> tuple[str, str]:
    """Protocol and Info: `53 → 1025 Len=40`, or the DNS question where the port says that it is one."""
    at = int(packets.transport_at[row])
    source, destination = struct.unpack_from(">HH", data, at)
    for port in (source, destination):
        told = tell_dns(data[at + 8 :], multicast=port == 5353) if port in DNS_PORTS else ""
        if told:
            return DNS_PORTS[port], told
    return "UDP", f"{source} → {destination} Len={int(packets.length[row])}"


def tell_icmp(packets: PacketTable, row: int, data: bytes) -> str:
    """Type and code in words (RFC 792), with identifier and sequence of an echo, and the MTU that a router names."""
    kind, code = divmod(int(packets.code[row]), 256)
    at = int(packets.transport_at[row])
    if kind in (0, 8):
        return f"Echo (ping) {'request' if kind else 'reply'} {_echo(data, at, int(packets.ttl[row]))}"
    if kind == 3:
        mtu = int.from_bytes(data[at + 6 : at + 8], "big") if code == 4 else 0
        return f"Destination unreachable ({UNREACHABLE.get(code, f'code {code}')})" + (f" MTU={mtu}" if mtu else "")
    if kind == 11:
        return f"Time-to-live exceeded ({'Fragment reassembly time' if code else 'Time to live'} exceeded)"
    return ICMP_TYPES.get(kind, f"Type {kind} code {code}")


def tell_icmpv6(packets: PacketTable, row: int, data: bytes) -> str:
    """Type and code in words (RFC 4443, RFC 4861)."""
    kind, code = divmod(int(packets.code[row]), 256)
    at = int(packets.transport_at[row])
    if kind in (128, 129):
        return f"Echo (ping) {'request' if kind == 128 else 'reply'} {_echo(data, at, int(packets.ttl[row]))}"
    if kind == 1:
        return f"Destination Unreachable ({UNREACHABLE_V6.get(code, f'code {code}')})"
    if kind == 2:
        return f"Packet Too Big MTU={int.from_bytes(data[at + 4 : at + 8], 'big')}"
    if kind == 3:
        return f"Time Exceeded ({'fragment reassembly time exceeded' if code else 'hop limit exceeded in transit'})"
    if kind in (135, 136):
        return _tell_neighbour(kind, data[at : at + 32])
    return ICMPV6_TYPES.get(kind, f"Type {kind} code {code}")


def tell_fragment(packets: PacketTable, row: int, data: bytes) -> tuple[str, str]:
    """Protocol and Info of a fragment: what it belongs to and where it stands in it, in bytes."""
    at = int(packets.network_at[row])
    protocol = int(packets.protocol[row])
    name = PROTOCOL_NAMES.get(protocol, "").upper() or "protocol"
    if data[at] >> 4 == 4:
        (field,) = struct.unpack_from(">H", data, at + 6)
        offset, more, identity = (field & 0x1FFF) * 8, field & 0x2000, f"{int(packets.ip_id[row]):04x}"
        family = "IPv4"
    else:
        header = data[int(packets.transport_at[row]) :][:8].ljust(8, b"\0")
        (field,) = struct.unpack_from(">H", header, 2)
        offset, more, identity = field & 0xFFF8, field & 1, header[4:8].hex()
        family = "IPv6"
    last = "" if more else ", last"
    return family, f"Fragmented IP protocol (proto={name} {protocol}, off={offset}, ID={identity}{last})"


def _echo(data: bytes, at: int, ttl: int) -> str:
    if len(data) < at + 8:
        return f"ttl={ttl}"
    identity, sequence = struct.unpack_from(">HH", data, at + 4)
    swapped = (sequence & 0xFF) << 8 | sequence >> 8
    return f"id=0x{identity:04x}, seq={sequence}/{swapped}, ttl={ttl}"


def _tell_neighbour(kind: int, message: bytes) -> str:
    """A neighbour solicitation or advertisement (RFC 4861 4.3, 4.4), with the link address that it may carry."""
    if len(message) < 24:
        return "Neighbor Solicitation" if kind == 135 else "Neighbor Advertisement"
    target = ipaddress.IPv6Address(message[8:24])
    link = message[26:32].hex(":") if len(message) == 32 and message[24] in (1, 2) else ""
    if kind == 135:
        return f"Neighbor Solicitation for {target}" + (f" from {link}" if link else "")
    flags = ", ".join(name for bit, name in ((0x80, "rtr"), (0x40, "sol"), (0x20, "ovr")) if message[4] & bit)
    return f"Neighbor Advertisement {target} ({flags})" + (f" is at {link}" if link else "")

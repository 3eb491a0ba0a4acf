"""Every column of the packet table, once: name, type, meaning, and who fills it.

The documentation page and the Parquet export are made from here. One row is one frame, row = frame number - 1; frames
found inside others (reassembled fragments) follow after the last frame of the file.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: NumPy type, unit or coding, and the pass that fills it (`walk`, `decode` or `track`)."""

    name: str
    dtype: str
    filled_by: str
    meaning: str


PACKET_COLUMNS: tuple[Column, ...] = (
    Column("time_ns", "<i8", "walk", "capture time in nanoseconds since 1970-01-01 UTC, as the file states it"),
    Column("offset", "<u8", "walk", "byte of the (uncompressed) file at which the frame's own bytes start"),
    Column("captured", "<u4", "walk", "bytes of the frame that the file holds"),
    Column("original", "<u4", "walk", "bytes that the frame had on the wire, as the capturer states it"),
    Column("interface", "<u2", "walk", "index of the capture interface"),
    Column("layers", "<u4", "decode", "set of headers found, see LAYERS"),
    Column("problem", "u1", "decode", "why decoding stopped early, see PROBLEMS; 0 when it did not"),
    Column(
        "network_at", "<u2", "decode", "offset in the frame of the innermost IP or ARP header; 0 when there is none"
    ),
    Column("transport_at", "<u2", "decode", "offset in the frame of the transport header; 0 when there is none"),
    Column("payload_at", "<u2", "decode", "offset in the frame of the transport payload; 0 when there is none"),
    Column("protocol", "u1", "decode", "IP protocol number of the transport header; 0 when there is none"),
    Column("ttl", "u1", "decode", "IPv4 time to live or IPv6 hop limit"),
    Column("tos", "u1", "decode", "DSCP (upper six bits) and ECN (lower two)"),
    Column("ip_id", "<u2", "decode", "IPv4 identification; 0 for IPv6"),
    Column(
        "length", "<u4", "decode", "transport payload in bytes as on the wire: TCP segment length, UDP data, ICMP data"
    ),
    Column("flags", "<u2", "decode", "TCP flags, nine bits with NS as 0x100"),
    Column("code", "<u2", "decode", "ICMP type times 256 plus code; ARP operation"),
    Column("seq", "<u4", "decode", "TCP sequence number; for ICMP echo identifier times 65536 plus sequence"),
    Column("ack", "<u4", "decode", "TCP acknowledgment number, also where the ACK flag is not set"),
    Column("window", "<u2", "decode", "TCP window field, not scaled"),
    Column(
        "conversation",
        "<i4",
        "track",
        "index of the conversation, -1 for none; an ICMP error belongs to the one it quotes",
    ),
    Column("direction", "u1", "track", "0 when sent by side 0 of the conversation, 1 when by side 1"),
    Column("marks", "<u4", "track", "set of TCP marks, see MARKS"),
    Column(
        "in_flight",
        "<u4",
        "track",
        "bytes sent by this side and not yet acknowledged, this segment included; 0 when unknown",
    ),
    Column("acks_row", "<u4", "track", "row + 1 of the segment that this one acknowledges exactly; 0 for none"),
)

LAYERS: dict[str, int] = {
    "ethernet": 1 << 0,
    "vlan": 1 << 1,
    "wlan": 1 << 2,
    "arp": 1 << 3,
    "ipv4": 1 << 4,
    "ipv6": 1 << 5,
    "fragment": 1 << 6,
    "tcp": 1 << 7,
    "udp": 1 << 8,
    "icmp": 1 << 9,
    "icmpv6": 1 << 10,
    "quoted": 1 << 11,
    "mpls": 1 << 12,
    "ppp": 1 << 13,
    "ip_in_ip": 1 << 14,
    "teredo": 1 << 15,
    "gre": 1 << 16,
    "vxlan": 1 << 17,
    "offload_length": 1 << 18,
    "bad_ip_checksum": 1 << 19,
    "derived": 1 << 20,
    "multicast": 1 << 21,
    "zero_transport_checksum": 1 << 22,
    "geneve": 1 << 23,
    "gtp": 1 << 24,
    "l2tp": 1 << 25,
}
"""Bits of the column `layers`. `ip_in_ip` covers 6to4, ISATAP and every other protocol 41 or 4 tunnel; `quoted` is an ICMP
error that quotes a packet; `offload_length` is an IPv4 total length (or IPv6 payload length) of 0 on a frame that has more;
`multicast` is a destination MAC with the group bit."""

PROBLEMS: dict[int, str] = {
    0: "",
    1: "the capture holds fewer bytes of this frame than its headers need",
    2: "a header states a length that can't be",
    3: "a header is followed by one that wireproof does not read",
    4: "the link type is one that wireproof does not read",
    5: "headers are nested deeper, or lie further behind, than wireproof follows",
}
"""Codes of the column `problem`."""

MARKS: dict[str, int] = {
    "retransmission": 1 << 0,
    "fast_retransmission": 1 << 1,
    "spurious_retransmission": 1 << 2,
    "out_of_order": 1 << 3,
    "lost_segment": 1 << 4,
    "ack_lost_segment": 1 << 5,
    "duplicate_ack": 1 << 6,
    "keep_alive": 1 << 7,
    "keep_alive_ack": 1 << 8,
    "zero_window": 1 << 9,
    "zero_window_probe": 1 << 10,
    "zero_window_probe_ack": 1 << 11,
    "window_full": 1 << 12,
    "window_update": 1 << 13,
    "reused_ports": 1 << 14,
}
"""Bits of the column `marks`, named as Wireshark's `tcp.analysis.*`. As in Wireshark, a fast or spurious retransmission is a
retransmission too."""

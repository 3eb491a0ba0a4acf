"""The layout of the records that the compiled pass keeps, one a conversation, and what each field means.

Mirrors `Facts` and `SideFacts` of _state.pxd; a test compares sizes and offsets. Fields named `*_row` hold row + 1, so that 0
is "none". Times are nanoseconds, sizes bytes. A side's facts are about what that side sent.
"""

from __future__ import annotations

import numpy as np

SIDE_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("first_ns", "<i8", "time of its first packet"),
    ("last_ns", "<i8", "time of its last packet"),
    ("payload_bytes", "<u8", "transport payload sent, repeats included"),
    ("rtt_min_ns", "<i8", "shortest time from one of its segments to the ACK that names its end"),
    ("rtt_sum_ns", "<i8", "sum of those times"),
    ("response_sum_ns", "<i8", "sum of the times from the other side's last data to its next data"),
    ("response_max_ns", "<i8", "longest of those times"),
    ("syn_ns", "<i8", "time of its last SYN (or SYN/ACK) before the handshake was over"),
    ("opening", "<u8", "the first eight bytes of payload that it sent, the first one lowest; zeros behind fewer"),
    ("held_ack_max_ns", "<i8", "longest time from its data to the empty ACK of its end, without data in between"),
    ("packets", "<u4", "packets sent"),
    ("data_packets", "<u4", "packets with payload"),
    ("first_row", "<u4", "first packet"),
    ("last_row", "<u4", "last packet"),
    ("syn_row", "<u4", "first SYN or SYN/ACK"),
    ("syns", "<u4", "SYN segments without ACK"),
    ("syn_acks", "<u4", "SYN/ACK segments"),
    ("fin_row", "<u4", "first FIN"),
    ("rst_row", "<u4", "first RST"),
    ("rsts", "<u4", "RST segments"),
    ("first_data_row", "<u4", "first packet with payload"),
    ("last_data_row", "<u4", "last packet with payload"),
    ("isn", "<u4", "initial sequence number, valid where syn_row is set"),
    ("max_payload", "<u4", "largest payload of one packet"),
    ("retransmissions", "<u4", "segments marked so (fast and spurious ones included)"),
    ("fast_retransmissions", "<u4", "segments marked so"),
    ("spurious_retransmissions", "<u4", "segments marked so"),
    ("out_of_order", "<u4", "segments marked so"),
    ("lost_segments", "<u4", "segments before which something is missing"),
    ("ack_lost_segments", "<u4", "segments that acknowledge data the capture lacks"),
    ("duplicate_acks", "<u4", "segments marked so"),
    ("keep_alives", "<u4", "segments marked so"),
    ("keep_alive_acks", "<u4", "segments marked so"),
    ("zero_windows", "<u4", "segments marked so"),
    ("window_fulls", "<u4", "segments marked so"),
    ("probes", "<u4", "zero window probes"),
    ("rtt_count", "<u4", "how many round trips rtt_sum_ns holds"),
    ("responses", "<u4", "how often it sent data after the other side's data"),
    ("response_row", "<u4", "packet that ended response_max_ns"),
    ("window_max", "<u4", "largest receive window that it announced, scaled where scaling is known"),
    ("in_flight_max", "<u4", "most bytes it had unacknowledged"),
    ("offloaded", "<u4", "packets with an IP length of 0"),
    ("port", "<u2", "TCP or UDP port, ICMP echo identifier"),
    ("mss", "<u2", "MSS option of its SYN; 0 for none"),
    ("window_scale", "i1", "shift count; -1 when its SYN was not seen, -2 when scaling is not used"),
    ("syn_options", "u1", "options of its SYN: 1 MSS, 2 window scale, 4 SACK permitted, 8 timestamps"),
    ("ttl_min", "u1", "lowest TTL or hop limit"),
    ("ttl_max", "u1", "highest TTL or hop limit"),
    ("keep_alive_row", "<u4", "first keep-alive"),
    ("acked_max", "<u4", "largest payload of a segment whose end an ACK named"),
)

TALK_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("idle_max_ns", "<i8", "longest time without a packet between two packets"),
    ("data_ns", "<i8", "time of the last new data of either side"),
    ("handshake_ns", "<i8", "first SYN's last copy to the ACK that ends the handshake; 0 when not seen whole"),
    ("idle_row", "<u4", "packet that ended idle_max_ns"),
    ("icmp_errors", "<u4", "ICMP errors that quote it"),
    ("icmp_row", "<u4", "first such error"),
    ("reused_from", "<u4", "conversation + 1 that used the same addresses and ports before"),
    ("reset_row", "<u4", "first RST of either side"),
    ("icmp_code", "<u4", "type times 256 plus code of the first ICMP error"),
    ("addresses", "V32", "addresses of side 0 and side 1, 16 bytes each, IPv4 as ::ffff:a.b.c.d"),
    ("protocol", "u1", "IP protocol number"),
    ("client", "u1", "the side that opened it"),
    ("client_known", "u1", "2 by a SYN, 1 by its ports, 0 assumed: side 0 spoke first"),
    ("version", "u1", "IP version"),
    ("data_side", "u1", "side + 1 of the last new data"),
    ("padding", "V3", ""),
)

SIDE_DTYPE = np.dtype([(name, kind) for name, kind, _ in SIDE_FIELDS], align=True)
FACTS_DTYPE = np.dtype([("sides", SIDE_DTYPE, (2,)), *((name, kind) for name, kind, _ in TALK_FIELDS)], align=True)

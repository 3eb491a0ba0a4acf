"""The Info column of TCP segments, in Wireshark's words: marks, ports, flags, relative numbers, options.

Takes the tables, a row and the frame's bytes; gives text. Sequence numbers count from the conversation's own start, as
Wireshark's do by default. Judges nothing: the marks are those that the conversation pass set.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wireproof.table.schema import MARKS

if TYPE_CHECKING:
    from wireproof.conversations.read import CaptureTables

FLAG_NAMES = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE")
SYN, ACK = 0x02, 0x10
TCP = 6
NOT_USED = -2
"""The fact `window_scale` of a side whose SYN has no such option: then neither side scales (RFC 7323 section 2.2)."""

MARK_WORDS: tuple[tuple[str, str], ...] = (
    ("zero_window", "TCP ZeroWindow"),
    ("zero_window_probe", "TCP ZeroWindowProbe"),
    ("zero_window_probe_ack", "TCP ZeroWindowProbeAck"),
    ("duplicate_ack", "TCP Dup ACK"),
    ("keep_alive_ack", "TCP Keep-Alive ACK"),
    ("keep_alive", "TCP Keep-Alive"),
    ("window_update", "TCP Window Update"),
    ("window_full", "TCP Window Full"),
    ("ack_lost_segment", "TCP ACKed unseen segment"),
    ("lost_segment", "TCP Previous segment not captured"),
    ("reused_ports", "TCP Port numbers reused"),
    ("out_of_order", "TCP Out-Of-Order"),
    ("spurious_retransmission", "TCP Spurious Retransmission"),
    ("fast_retransmission", "TCP Fast Retransmission"),
    ("retransmission", "TCP Retransmission"),
)
"""What a mark is called, in the order in which Wireshark prints several of one segment."""

MORE_EXACT = MARKS["spurious_retransmission"] | MARKS["fast_retransmission"]
"""Kinds of retransmission that Wireshark names in place of the general one."""


def tell_tcp(tables: CaptureTables, row: int, data: bytes) -> str:
    """`[TCP Retransmission] 1099 → 80 [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=1460`; what was not captured is left out."""
    packets = tables.packets
    at = int(packets.transport_at[row])
    flags = int(packets.flags[row])
    source, destination = struct.unpack_from(">HH", data, at)
    own, other = _bases(tables, row)
    words = [f"{source} → {destination} [{name_flags(flags)}] Seq={(int(packets.seq[row]) - own) % 2**32}"]
    if flags & ACK:
        words.append(f"Ack={(int(packets.ack[row]) - other) % 2**32}")
    words += [f"Win={scaled_window(tables, row)}", f"Len={int(packets.length[row])}"]
    words += _tell_options(data[at + 20 : at + (data[at + 12] >> 4) * 4], other)
    return _tell_marks(tables, row) + " ".join(words)


def name_flags(flags: int) -> str:
    """`SYN, ACK` as Wireshark writes it."""
    return ", ".join(name for bit, name in enumerate(FLAG_NAMES) if flags >> bit & 1) or "<None>"


def scaled_window(tables: CaptureTables, row: int) -> int:
    """The receive window in bytes where the scale is known (RFC 7323: not on a SYN), else the field as it stands."""
    packets = tables.packets
    window, number = int(packets.window[row]), int(packets.conversation[row])
    if number < 0 or int(packets.flags[row]) & SYN:
        return window
    sides, own = tables.conversations.facts[number]["sides"], int(packets.direction[row])
    scale, other = int(sides[own]["window_scale"]), int(sides[1 - own]["window_scale"])
    return window << scale if scale > 0 and other != NOT_USED else window


def _bases(tables: CaptureTables, row: int) -> tuple[int, int]:
    """The sequence numbers that count as 0, of the sender's and of the other side's stream.

    As in Wireshark: the first segment of a side tells, or the first that acknowledges it, whichever is earlier. Without
    a SYN the first byte seen counts as 1.
    """
    packets = tables.packets
    number, direction = int(packets.conversation[row]), int(packets.direction[row])
    if number < 0:
        return 0, 0
    return _base(tables, number, direction), _base(tables, number, 1 - direction)


def _base(tables: CaptureTables, number: int, side: int) -> int:
    """Where one side's stream starts; 0 when no segment tells."""
    packets = tables.packets
    own, other = (int(tables.conversations.facts[number]["sides"][each]["first_row"]) - 1 for each in (side, 1 - side))
    acknowledges = other >= 0 and int(packets.flags[other]) & ACK
    if own < 0 <= other and not acknowledges:
        rows = tables.conversations.rows_of_side(number, 1 - side)
        later = rows[(packets.flags[rows] & ACK) != 0]
        other, acknowledges = (int(later[0]), ACK) if len(later) else (-1, 0)
    if acknowledges and (own < 0 or other < own):
        return int(packets.ack[other]) - 1
    if own < 0:
        return 0
    return int(packets.seq[own]) - (0 if int(packets.flags[own]) & SYN else 1)


def _tell_options(options: bytes, other_base: int) -> Iterator[str]:
    """Options in their order (RFC 9293 3.2, RFC 7323, RFC 2018); stops at the first that can't be read."""
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        length = options[at + 1] if at + 1 < len(options) else 0
        if length < 2 or at + length > len(options):
            return
        yield from _tell_option(options[at], options[at + 2 : at + length], other_base)
        at += length


def _tell_option(kind: int, value: bytes, other_base: int) -> Iterator[str]:
    if kind == 2 and len(value) == 2:
        yield f"MSS={int.from_bytes(value, 'big')}"
    elif kind == 3 and len(value) == 1:
        yield f"WS={1 << min(value[0], 14)}"
    elif kind == 4:
        yield "SACK_PERM"
    elif kind == 5:
        for place in range(0, len(value) - 7, 8):
            left, right = struct.unpack_from(">II", value, place)
            yield f"SLE={(left - other_base) % 2**32} SRE={(right - other_base) % 2**32}"
    elif kind == 8 and len(value) == 8:
        yield "TSval={} TSecr={}".format(*struct.unpack(">II", value))


def _tell_marks(tables: CaptureTables, row: int) -> str:
    marks = int(tables.packets.marks[row])
    if marks & MORE_EXACT:
        marks &= ~MARKS["retransmission"]
    told = []
    for name, words in MARK_WORDS:
        if marks & MARKS[name]:
            told.append(f"[{words}{_repeat_of(tables, row) if name == 'duplicate_ack' else ''}] ")
    return "".join(told)


def _repeat_of(tables: CaptureTables, row: int) -> str:
    """` 12#3`: the third repeat of the acknowledgment that frame 12 was the first to make."""
    packets = tables.packets
    rows = tables.conversations.rows_of_side(int(packets.conversation[row]), int(packets.direction[row]))
    earlier = rows[(rows <= row) & (packets.protocol[rows] == TCP)]
    others = np.flatnonzero(packets.ack[earlier] != packets.ack[row])
    same = earlier[others[-1] + 1 if len(others) else 0 :]
    repeats = int(((packets.marks[same] & MARKS["duplicate_ack"]) != 0).sum()) if len(same) else 0
    return f" {packets.number(int(same[0]))}#{repeats}" if repeats else ""

"""One packet in a few words for figures: flags, relative numbers, length, Wireshark's marks.

Takes a point's tables; gives text. Sequence numbers count from the sender's initial one where its SYN was seen, else from its first
segment, as Wireshark does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.table.schema import LAYERS, MARKS

if TYPE_CHECKING:
    from wireproof.case import Point

FLAGS = ((0x02, "SYN"), (0x01, "FIN"), (0x04, "RST"), (0x08, "PSH"), (0x10, "ACK"), (0x20, "URG"))
MARK_TEXTS = {
    "spurious_retransmission": "spurious retransmission",
    "fast_retransmission": "fast retransmission",
    "retransmission": "retransmission",
    "out_of_order": "out of order",
    "keep_alive": "keep-alive",
    "keep_alive_ack": "keep-alive ACK",
    "zero_window_probe": "zero window probe",
    "zero_window_probe_ack": "probe ACK",
    "zero_window": "zero window",
    "window_full": "window full",
    "window_update": "window update",
    "lost_segment": "previous segment missing",
    "ack_lost_segment": "ACK of unseen segment",
    "duplicate_ack": "duplicate ACK",
    "reused_ports": "ports reused",
}
"""Mark to text, the ones that say most first; only the first that applies is written."""

ICMP_TEXTS = {
    0x0000: "echo reply",
    0x0300: "network unreachable",
    0x0301: "host unreachable",
    0x0302: "protocol unreachable",
    0x0303: "port unreachable",
    0x0304: "fragmentation needed",
    0x030D: "administratively prohibited",
    0x0800: "echo request",
    0x0B00: "TTL exceeded",
}
ICMPV6_TEXTS = {
    0x0100: "no route",
    0x0101: "administratively prohibited",
    0x0103: "address unreachable",
    0x0104: "port unreachable",
    0x0200: "packet too big",
    0x0300: "hop limit exceeded",
    0x8000: "echo request",
    0x8100: "echo reply",
}


class Describer:
    """Describes packets of one conversation at one point; keeps the numbers that relative ones count from."""

    def __init__(self, point: Point, number: int) -> None:
        self.packets = point.packets
        self._bases = [self._base(point, number, side) for side in (0, 1)]

    @staticmethod
    def _base(point: Point, number: int, side: int) -> int:
        facts = point.conversations.facts["sides"][number][side]
        if facts["syn_row"]:
            return int(point.packets.seq[facts["syn_row"] - 1])
        rows = point.conversations.rows_of_side(number, side)
        rows = rows[(point.packets.layers[rows] & LAYERS["tcp"]) != 0]
        return int(point.packets.seq[rows[0]]) - 1 if len(rows) else 0

    def text(self, row: int) -> str:
        """`PSH, ACK seq 282 len 1460`; for other protocols their name and length."""
        layers = int(self.packets.layers[row])
        if layers & (LAYERS["icmp"] | LAYERS["icmpv6"]):
            return self._icmp(row)
        if layers & LAYERS["tcp"]:
            return self._tcp(row)
        return f"{'UDP ' if layers & LAYERS['udp'] else ''}{int(self.packets.length[row])} bytes"

    def _tcp(self, row: int) -> str:
        packets, flags = self.packets, int(self.packets.flags[row])
        names = ", ".join(name for bit, name in FLAGS if flags & bit) or "no flags"
        side = int(packets.direction[row])
        length = int(packets.length[row])
        seq, ack = ((int(number) - base) % (1 << 32) for number, base in (
            (packets.seq[row], self._bases[side]), (packets.ack[row], self._bases[1 - side])
        ))  # fmt: skip
        parts = [names]
        if seq and (length or flags & 0x07 or not flags & 0x10):
            parts.append(f"seq {seq}")
        if flags & 0x10 and not length:
            parts.append(f"ack {ack}")
        if not flags & 0x10 and packets.ack[row]:
            parts.append(f"ack field {int(packets.ack[row])}")
        if length:
            parts.append(f"len {length}")
        return " ".join(parts)

    def _icmp(self, row: int) -> str:
        code, six = int(self.packets.code[row]), bool(self.packets.layers[row] & LAYERS["icmpv6"])
        name = (ICMPV6_TEXTS if six else ICMP_TEXTS).get(code, f"type {code >> 8} code {code & 255}")
        return f"{'ICMPv6' if six else 'ICMP'} {name}"

    def on_the_wire(self, row: int) -> tuple[int, ...]:
        """What no honest device between two points changes: TCP flags, length, and the acknowledgment field where it means nothing."""
        flags = int(self.packets.flags[row])
        return flags, int(self.packets.length[row]), 0 if flags & 0x10 else int(self.packets.ack[row])

    def mark(self, row: int) -> str:
        """The mark that says most about a segment; empty for none."""
        marks = int(self.packets.marks[row])
        return next((text for name, text in MARK_TEXTS.items() if marks & MARKS[name]), "")

    def is_repeat(self, row: int) -> bool:
        """Whether the segment is a retransmission of any kind."""
        return bool(int(self.packets.marks[row]) & MARKS["retransmission"])

"""The numbers that records leave out: sequence numbers, lengths and acknowledgments, as far as the records around them settle them.

Takes a `Connection`; fills its packets in. A length that nothing settles is a guess and marked as one. Knows no text and no bytes.

    seq, length   between two numbers that are printed, cut where an acknowledgment or a SACK block cuts
    repeats       the first segment that is not acknowledged, of the same words where there is one
    ack           all that had come, as far as later numbers and repeats of the other side allow
    window        the last one that the sender printed
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

from wireproof.capture.listing.connections import absolute, settle_tcpdump
from wireproof.capture.listing.info import RST, SYN
from wireproof.capture.listing.packet import ALL, Connection, Packet, signed
from wireproof.capture.listing.pieces import MOST_SEGMENT, Piece, share

USUAL_MSS = 1460
LATE = ("Out-Of-Order",)
REPEATED = ("Retransmission", "ReTransmit", "Retransmit", *LATE)
PROBING = ("ZeroWindowProbe]", "Keep-Alive]")
GAP_BEFORE = ("Previous segment",)
LOOKED_BACK = 400
"""Segments before a repeat among which the one that it repeats is looked for."""
BLOCKS = 8


def settle(connection: Connection) -> None:
    """Fill in `seq`, `ack`, `payload` and `window` of every packet of a connection."""
    settle_tcpdump(connection)
    for packet in connection.packets:
        packet.seq, packet.ack = absolute(connection, packet)
        if packet.said.payload is not None:
            packet.payload = packet.said.payload
    sides = [_Stream(connection, side) for side in (0, 1)]
    for stream in sides:
        stream.settle()
    for stream in sides:
        _settle_acks(connection, stream.side)
    _settle_windows(connection)


@dataclass(slots=True)
class _Stream:
    """What one side sends. Offsets count from its first sequence number."""

    connection: Connection
    side: int
    origin: int = 0
    now: int = 0
    run: list[tuple[int, Piece]] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    placed: list[tuple[int, Packet]] = field(default_factory=list)
    acks: list[tuple[int, int]] = field(default_factory=list)
    blocks: list[tuple[int, int, int]] = field(default_factory=list)
    holes: list[tuple[int, int, int]] = field(default_factory=list)
    mss: int = USUAL_MSS

    def settle(self) -> None:
        """Place every packet of this side."""
        packets = self.connection.packets
        own = [(place, p) for place, p in enumerate(packets) if p.side == self.side]
        if not own:
            return
        self.origin = self._find_origin()
        self.edges = self._find_edges()
        self._find_acks()
        told = [p.said.mss for p in packets if p.said.mss]
        self.mss = min(told) if told else USUAL_MSS
        repeats = []
        for place, packet in own:
            if packet.seq is not None:
                self._place_known(place, packet)
            elif packet.said.has(*REPEATED, *PROBING):
                repeats.append((place, packet))
            else:
                if packet.said.has(*GAP_BEFORE):
                    self.run.append((place, Piece(None, None)))
                self.run.append((place, Piece(packet, packet.payload)))
        self._end_run()
        self.placed.sort(key=lambda one: one[0])
        for place, packet in repeats:
            self._place_repeat(place, packet)

    def _find_origin(self) -> int:
        """The number of the first byte of this side that the listing holds, or of its SYN."""
        packets = self.connection.packets
        own = [p for p in packets if p.side == self.side]
        if self.connection.bases != (0, 0):
            return self.connection.bases[self.side] + (not any(p.flags & SYN for p in own))
        before = 0
        for packet in own:
            if packet.seq is not None:
                return (packet.seq - before) % ALL
            before += packet.payload or 1
        acks = [p.ack for p in packets if p.side != self.side and p.ack is not None]
        return acks[0] if acks else 1

    def _find_edges(self) -> list[tuple[int, int]]:
        """(offset, place of the packet that names it) of every end of a segment that the other side names."""
        found: dict[int, int] = {}
        base = self.connection.bases[self.side]
        for place, packet in enumerate(self.connection.packets):
            if packet.side == self.side:
                continue
            named = [packet.ack] if packet.ack is not None and not packet.flags & SYN else []
            named += [(edge + base) % ALL for block in packet.said.sacked for edge in block]
            for edge in named:
                found.setdefault(signed(edge - self.origin), place)
        return sorted(found.items())

    def _place_known(self, place: int, packet: Packet) -> None:
        offset = signed((packet.seq or 0) - self.origin)
        packet.payload = packet.payload or 0
        packet.start = offset
        if packet.said.has(*REPEATED) and self.run:
            self.placed.append((place, packet))
            return
        if offset >= self.now and not (packet.flags & RST and self.run and offset == self.now):
            self._end_run((offset, place))
            if offset > self.now and self.placed:
                self.holes.append((self.now, offset - self.now, place))
        self.now = max(self.now, offset + packet.taken)
        self.placed.append((place, packet))

    def _end_run(self, stop: tuple[int, int] | None = None) -> None:
        """Place what has no printed numbers, up to `stop`, an offset that a packet prints; without one what is acknowledged."""
        if not self.run:
            return
        first = bisect.bisect_right(self.edges, (self.now, ALL))
        last = len(self.edges) if stop is None else bisect.bisect_left(self.edges, (stop[0],))
        edges = self.edges[first:last]
        edges += [stop] if stop is not None and stop[0] > self.now else []
        places = [place for place, _ in self.run]
        counted = [(bisect.bisect_left(places, place), edge - self.now) for edge, place in edges]
        end = stop[0] - self.now if stop is not None and stop[0] > self.now else None
        share([piece for _, piece in self.run], counted, end, self.mss)
        self._place_run()

    def _place_run(self) -> None:
        for place, piece in self.run:
            size = piece.size or 0
            if piece.packet is not None:
                piece.packet.seq = (self.origin + self.now) % ALL
                piece.packet.start, piece.packet.payload = self.now, size
                self.placed.append((place, piece.packet))
            elif size:
                self.holes.append((self.now, size, place))
            self.now += size
        self.run = []

    def _held(self, place: int) -> tuple[int, list[tuple[int, int]]]:
        """What the other side had acknowledged before `place`, and the blocks that it had beyond."""
        at = bisect.bisect_left(self.acks, (place,))
        blocks = self.blocks[: bisect.bisect_left(self.blocks, (place,))][-BLOCKS:]
        return self.acks[at - 1][1] if at else -1, [(left, right) for _, left, right in blocks]

    def _find_acks(self) -> None:
        base, acked = self.connection.bases[self.side], -1
        for place, packet in enumerate(self.connection.packets):
            if packet.side != self.side and packet.ack is not None and not packet.flags & SYN:
                acked = max(acked, signed(packet.ack - self.origin))
                self.acks.append((place, acked))
                self.blocks += [
                    (place, signed(left + base - self.origin), signed(right + base - self.origin))
                    for left, right in packet.said.sacked
                ]

    def _place_repeat(self, place: int, packet: Packet) -> None:
        """Give a repeat whose numbers are not printed those of the segment, or of the gap, that it most likely fills."""
        acked, blocks = self._held(place)
        if packet.said.has(*PROBING):
            packet.start, packet.payload = max(acked, 0), packet.payload or 1
            packet.seq = (self.origin + packet.start) % ALL
            return
        at = bisect.bisect_left(self.placed, place, key=lambda one: one[0])
        before = [p for _, p in self.placed[max(at - LOOKED_BACK, 0) : at] if p.payload]
        before = [p for p in before if not any(left <= p.start < right for left, right in blocks)]
        fits = [p for p in before if packet.payload is None or p.payload == packet.payload]
        open_ones = [p for p in fits if p.start >= acked]
        next_ones = [p for p in open_ones if p.start == max(acked, 0)]
        same = [p for p in open_ones if p.said.words == packet.said.words]
        chosen = next_ones or same or open_ones
        first = min(chosen, key=lambda p: p.start) if chosen else None
        hole = self._find_hole(place, packet, acked)
        if hole is not None and (first is None or hole[0] < first.start or packet.said.has(*LATE)):
            packet.start, packet.payload = hole[0], min(packet.payload or hole[1], MOST_SEGMENT)
        elif first is not None:
            packet.start, packet.payload, packet.guessed = first.start, first.payload, first.guessed
        else:
            last = [p for p in fits if p.said.words == packet.said.words][-1:]
            packet.start = last[0].start if last else max(acked, 0)
            packet.payload = last[0].payload if last else packet.payload or 0
        packet.seq = (self.origin + packet.start) % ALL

    def _find_hole(self, place: int, packet: Packet, acked: int) -> tuple[int, int] | None:
        """The first gap before `place` that nothing has filled and that has room for the packet: (offset, bytes)."""
        for number, (start, size, seen) in enumerate(self.holes[-LOOKED_BACK:], max(len(self.holes) - LOOKED_BACK, 0)):
            if seen < place and start + size > acked and (packet.payload or 1) <= size:
                used = packet.payload or size
                self.holes[number] = (start + used, size - used, seen)
                return start, size
        return None


def _settle_acks(connection: Connection, side: int) -> None:
    """Acknowledge what had come, where a record does not say, as far as later numbers and repeats allow."""
    packets = connection.packets
    ceilings = _ceilings(packets, side)
    origin = next((p.seq - p.start for p in packets if p.side != side and p.seq is not None), None)
    arrived = last = 0
    for packet, ceiling in zip(packets, ceilings, strict=True):
        if packet.side != side:
            if origin is not None and packet.seq is not None and packet.start <= arrived:
                arrived = max(arrived, packet.start + packet.taken)
            continue
        if packet.ack is not None:
            last = max(last, signed(packet.ack - (origin or 0))) if origin is not None else 0
        elif packet.said.flags is None or packet.flags & 16:
            reach = arrived if ceiling is None else min(arrived, signed(ceiling - (origin or 0)))
            last = max(last, reach)
            packet.ack = ((origin or 0) + last) % ALL if origin is not None else (connection.bases[1 - side] + 1) % ALL


def _ceilings(packets: list[Packet], side: int) -> list[int | None]:
    """For each packet the number that its sender's acknowledgment can't have been above; None for no bound."""
    found: list[int | None] = [None] * len(packets)
    bound: int | None = None
    for place in range(len(packets) - 1, -1, -1):
        packet = packets[place]
        if packet.side == side and packet.ack is not None:
            bound = packet.ack if bound is None or signed(packet.ack - bound) < 0 else bound
        elif packet.side != side and packet.seq is not None and packet.payload and packet.said.has(*REPEATED):
            bound = packet.seq if bound is None or signed(packet.seq - bound) < 0 else bound
        found[place] = bound
    return found


def _settle_windows(connection: Connection) -> None:
    """Windows as a header carries them: scaled down where both SYNs offer a scale (RFC 7323 section 2.2)."""
    syns = [next((p for p in connection.packets if p.side == side and p.flags & SYN), None) for side in (0, 1)]
    offered = [None if syn is None else syn.said.shift for syn in syns]
    both = all(shift is not None for shift in offered)
    last: list[int | None] = [None, None]
    firsts = [_first_window(connection, side, (offered[side] or 0) if both else 0) for side in (0, 1)]
    for packet in connection.packets:
        side, window = packet.side, packet.said.window
        shift = (offered[side] or 0) if both and not packet.flags & SYN else 0
        if window is not None:
            raw = window >> shift if packet.said.scaled else window
            packet.window = min(raw, 65_535)
            # That of a SYN is not scaled: what it stands for later is not known where both sides scale.
            last[side] = packet.window if not (both and packet.flags & SYN) else last[side]
        else:
            known = last[side]
            packet.window = firsts[side] if known is None else known
        # A closed window that is opened again is told on a line that may print no window.
        last[side] = last[side] or None


def leaves_windows_open(connection: Connection) -> bool:
    """Whether a side sends and prints no window that holds for it."""
    for side in (0, 1):
        own = [p for p in connection.packets if p.side == side and not p.flags & (SYN | RST)]
        if own and not any(p.said.window is not None for p in own):
            return True
    return False


def _first_window(connection: Connection, side: int, shift: int) -> int:
    """The first window that a side prints, as a header carries it; the largest where it prints none."""
    told = next(
        (p.said for p in connection.packets if p.side == side and p.said.window and not p.flags & (SYN | RST)),
        None,
    )
    if told is None or told.window is None:
        return 65_535
    return min(told.window >> shift if told.scaled else told.window, 65_535)


SHIFTS = range(15)


def settle_scales(connections: list[Connection], *, has_length: bool) -> None:
    """Turn the window scales of SYNs into shift counts: Wireshark before 1.6 printed these, later ones what they multiply by."""
    offers = [p.said for c in connections for p in c.packets if p.said.scale is not None]
    values = {said.scale for said in offers}
    shifts = bool(values & {0, 3, 5, 6, 7, 9, 10, 11, 12, 13, 14})
    factors = bool(values & {16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384})
    if not shifts and not factors:
        factors = has_length or any(
            p.said.payload is not None and "SACK_PERM" in p.record.info for c in connections for p in c.packets
        )
    for said in offers:
        value = said.scale or 0
        is_shift = value in SHIFTS and (shifts or not factors or value & (value - 1) or value == 0)
        said.shift = value if is_shift else min(value.bit_length() - 1, 14)

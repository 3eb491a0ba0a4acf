"""IP reassembly (RFC 791 section 3.2, RFC 8200 section 4.5, RFC 5722): fragments into the packet that was sent.

Takes the bytes of fragment rows in file order; gives whole datagrams as derived frames and counts what did not fit.
Holds bounded memory. Knows neither files nor tables beyond a row's number.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field, replace

from wireproof.conversations.derived import DerivedFrame
from wireproof.limits import limit

LIFETIME = limit(
    "fragments.lifetime_s", 60, "RFC 8200 4.5 and RFC 1122 3.3.2 give a datagram 60 s from its first fragment"
)
PAUSE = limit("fragments.pause_s", 30, "one datagram's fragments leave together; Linux gives up 30 s after the first")
HELD_DATAGRAMS = limit("fragments.held_datagrams", 4096, "incomplete datagrams in memory; Windows and Linux hold fewer")
HELD_BYTES = limit("fragments.held_bytes", 32 << 20, "bytes of incomplete datagrams in memory; the oldest give way")
LONGEST = 65535
FRAGMENT_HEADER = 44
EXTENSIONS = frozenset((0, 43, 60, 135, 139, 140))
"""IPv6 headers that may stand before a fragment header; all start with next header and length in 8 bytes less 1."""

SECOND = 1_000_000_000

Key = tuple[bytes, int, int]
"""Both addresses, identification, protocol (IPv4 only: RFC 8200 leaves it out)."""


@dataclass(slots=True)
class Fragment:
    """One fragment: bytes `start` to `end` of the datagram's data, of which `data` was captured.

    `head` is what comes before the data, up to and without a fragment header; `next_at` is where in it the number of
    the following header stands (IPv6), and `protocol` what to write there.
    """

    key: Key
    row: int
    time_ns: int
    start: int
    end: int
    more: bool
    head: bytes
    data: bytes
    protocol: int
    next_at: int = 0

    @property
    def is_v6(self) -> bool:
        """Whether it came by IPv6."""
        return self.head[0] >> 4 == 6


def unpack_fragment(packet: bytes, original: int, row: int, time_ns: int) -> Fragment | None:
    """Read the fragment whose IP header starts `packet`; None where that was not captured or nothing follows it.

    `original` is the length that the packet had on the wire, for the rare IPv4 total length of 0.
    """
    if not packet:
        return None
    if packet[0] >> 4 == 6:
        return _unpack_v6(packet, row, time_ns)
    return _unpack_v4(packet, original, row, time_ns)


def _unpack_v4(packet: bytes, original: int, row: int, time_ns: int) -> Fragment | None:
    size = (packet[0] & 15) * 4
    if len(packet) < size or size < 20:
        return None
    total, identification, place = struct.unpack_from("!HHH", packet, 2)
    length = (total or original) - size
    if length <= 0:
        return None
    start = (place & 0x1FFF) * 8
    key = (packet[12:20], identification, packet[9])
    data = packet[size : size + length]
    return Fragment(key, row, time_ns, start, start + length, bool(place & 0x2000), packet[:size], data, packet[9])


def _unpack_v6(packet: bytes, row: int, time_ns: int) -> Fragment | None:
    at, next_at = 40, 6
    while len(packet) >= at + 8 and packet[next_at] in EXTENSIONS:
        at, next_at = at + (packet[at + 1] + 1) * 8, at
    if len(packet) < at + 8 or packet[next_at] != FRAGMENT_HEADER:
        return None
    length = int.from_bytes(packet[4:6], "big") + 40 - at - 8
    if length <= 0:
        return None
    place, identification = struct.unpack_from("!HI", packet, at + 2)
    start = place & 0xFFF8
    key = (packet[8:40], identification, -1)
    data = packet[at + 8 : at + 8 + length]
    return Fragment(key, row, time_ns, start, start + length, bool(place & 1), packet[:at], data, packet[at], next_at)


@dataclass(slots=True)
class Datagram:
    """Fragments of one datagram, without overlaps and in order of `starts`. `size` is -1 until the last one came."""

    first_ns: int
    last_ns: int
    first_row: int
    last_row: int
    starts: list[int] = field(default_factory=list)
    pieces: list[Fragment] = field(default_factory=list)
    size: int = -1
    filled: int = 0
    held: int = 0
    spoilt: bool = False
    overlaps: int = 0

    def add(self, fragment: Fragment) -> None:
        """Take what is new of a fragment. Of an overlap the bytes that came first stay."""
        self.last_ns, self.last_row = max(self.last_ns, fragment.time_ns), max(self.last_row, fragment.row)
        if not fragment.more and self.size < 0:
            self.size = fragment.end
        if self._repeats(fragment):
            return
        end = min(fragment.end, self.size) if self.size >= 0 else fragment.end
        place = bisect_right(self.starts, fragment.start)
        start = max(fragment.start, self.pieces[place - 1].end) if place else fragment.start
        while start < end:
            until = min(end, self.starts[place] if place < len(self.starts) else end)
            if start < until:
                self._insert(place, fragment, start, until)
                place += 1
            if place >= len(self.pieces):
                break
            start, place = self.pieces[place].end, place + 1

    def _repeats(self, fragment: Fragment) -> bool:
        """Whether it is the same range once more. Another overlap counts, and spoils an IPv6 datagram (RFC 5722)."""
        place = bisect_right(self.starts, fragment.start)
        before = self.pieces[place - 1] if place else None
        if before and (before.start, before.end) == (fragment.start, fragment.end):
            return True
        after = self.starts[place] if place < len(self.starts) else fragment.end
        if (before and before.end > fragment.start) or after < fragment.end or 0 <= self.size < fragment.end:
            self.overlaps += 1
            self.spoilt |= fragment.is_v6
        return False

    def _insert(self, place: int, fragment: Fragment, start: int, end: int) -> None:
        data = fragment.data[start - fragment.start : end - fragment.start]
        self.starts.insert(place, start)
        self.pieces.insert(place, replace(fragment, start=start, end=end, data=data))
        self.filled += end - start
        self.held += len(data)

    @property
    def is_whole(self) -> bool:
        """Whether every byte from 0 to the end of the last fragment is covered."""
        return 0 <= self.size <= self.filled and self.starts[0] == 0 and self._gapless()

    def _gapless(self) -> bool:
        reached = 0
        for piece in self.pieces:
            if piece.start > reached:
                break
            reached = piece.end
        return reached >= self.size

    def put_together(self) -> DerivedFrame:
        """The packet as it was sent; where a fragment was cut by the capturer, up to that place."""
        first = self.pieces[0]
        data = bytearray()
        for piece in self.pieces:
            data += piece.data
            if len(piece.data) < piece.end - piece.start:
                break
        del data[self.size :]
        head = patch_v6(first, self.size) if first.is_v6 else patch_v4(first.head, self.size)
        return DerivedFrame(head + bytes(data), len(head) + self.size, self.last_row)


def patch_v6(first: Fragment, size: int) -> bytes:
    """The headers before the fragment header, saying what follows now and how long it is (RFC 8200 section 4.5)."""
    head = bytearray(first.head)
    head[first.next_at] = first.protocol
    head[4:6] = min(len(head) - 40 + size, LONGEST).to_bytes(2, "big")
    return bytes(head)


def patch_v4(header: bytes, size: int) -> bytes:
    """The header of the whole datagram: its length, no offset, no "more fragments", and the checksum to go with it."""
    head = bytearray(header)
    was_right = checksum(header) == 0xFFFF
    head[2:4] = (len(head) + size).to_bytes(2, "big")
    head[6] &= 0xC0
    head[7] = 0
    if was_right:
        head[10:12] = b"\0\0"
        head[10:12] = (checksum(head) ^ 0xFFFF).to_bytes(2, "big")
    return bytes(head)


def checksum(data: bytes | bytearray) -> int:
    """One's complement sum of 16-bit words (RFC 1071); 0xFFFF over a header whose checksum is right."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Reassembly:
    """Datagrams on their way. `dropped` counts by reason what will never be whole, `first` holds the first rows."""

    def __init__(self) -> None:
        self._waiting: dict[Key, Datagram] = {}
        self._held = 0
        self.dropped: Counter[str] = Counter()
        self.first: dict[str, int] = {}

    def add(self, fragment: Fragment) -> DerivedFrame | None:
        """Take one fragment; gives the datagram that it completes."""
        if len(fragment.head) + fragment.end > LONGEST + (40 if fragment.is_v6 else 0):
            self.drop("longer than IP allows", fragment.row)
            return None
        datagram = self._waiting.get(fragment.key)
        if datagram is not None and is_over(datagram, fragment.time_ns):
            self._forget(fragment.key, "incomplete")
            datagram = None
        if datagram is None:
            datagram = Datagram(fragment.time_ns, fragment.time_ns, fragment.row, fragment.row)
            self._waiting[fragment.key] = datagram
        held = datagram.held
        datagram.add(fragment)
        self._held += datagram.held - held
        if datagram.is_whole and not datagram.spoilt:
            return self._finish(fragment.key)
        self._stay_small()
        return None

    def end(self) -> None:
        """Count what is still waiting: nothing more will come."""
        for key in list(self._waiting):
            self._forget(key, "incomplete")

    def _finish(self, key: Key) -> DerivedFrame:
        datagram = self._waiting.pop(key)
        self._held -= datagram.held
        if datagram.overlaps:
            self.drop("overlaps kept", datagram.first_row)
        return datagram.put_together()

    def _forget(self, key: Key, reason: str) -> None:
        datagram = self._waiting.pop(key)
        self._held -= datagram.held
        self.drop("overlaps refused" if datagram.spoilt else reason, datagram.first_row)

    def drop(self, reason: str, row: int) -> None:
        """Count something that will not become a packet, and remember the first row of its kind."""
        self.dropped[reason] += 1
        self.first.setdefault(reason, row)

    def _stay_small(self) -> None:
        """Give up the oldest datagrams while too many, or too many bytes, are held."""
        while len(self._waiting) > HELD_DATAGRAMS.value or self._held > HELD_BYTES.value:
            self._forget(next(iter(self._waiting)), "given up for want of room")


def is_over(datagram: Datagram, now_ns: int) -> bool:
    """Whether a fragment at this time belongs to a later datagram that bears the same identification."""
    return abs(now_ns - datagram.first_ns) > LIFETIME.value * SECOND or now_ns - datagram.last_ns > PAUSE.value * SECOND

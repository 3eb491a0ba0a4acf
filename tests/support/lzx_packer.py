"""Streams of LZX that use all of the format: blocks of each kind, new and repeated distances, long matches, codes that follow from the block before.

Takes a seed; gives the packed blocks of a cabinet and the bytes that they stand for. It packs badly and by chance, to reach what good packers
rarely do. Written apart from the unpacker that it tests; cabextract confirms its streams.
"""

from __future__ import annotations

import heapq
import itertools
import random
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

FRAME = 32_768
VERBATIM, ALIGNED, PLAIN = 1, 2, 3
SLOTS = {15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50}
ALIGNED_LENGTHS = (1, 2, 3, 4, 5, 6, 7, 7)
PRE_LENGTHS = (4,) * 12 + (5,) * 8
Token = tuple[int, int]
"""A literal as (-1, byte), a match as (distance, length)."""


def pack(seed: int, size: int, window_bits: int = 16, *, calls: int = 0) -> tuple[list[tuple[bytes, int]], bytes]:
    """(packed bytes, unpacked size) of each frame, and all unpacked bytes before calls are turned back."""
    packer = _Packer(random.Random(seed), window_bits, calls)
    return packer.frames(size), bytes(packer.plain)


@dataclass
class _Writer:
    """Bits in words of 16, the low byte first."""

    done: bytearray = field(default_factory=bytearray)
    bits: str = ""

    def put(self, value: int, count: int) -> None:
        self.bits += f"{value:0{count}b}" if count else ""
        whole = len(self.bits) // 16 * 16
        for at in range(0, whole, 16):
            self.done += struct.pack("<H", int(self.bits[at : at + 16], 2))
        self.bits = self.bits[whole:]

    def align(self) -> None:
        """Fill the word that is begun."""
        if self.bits:
            self.put(0, 16 - len(self.bits))


class _Packer:
    def __init__(self, chance: random.Random, window_bits: int, calls: int) -> None:
        self._chance = chance
        self._window = 1 << window_bits
        self._slots = SLOTS[window_bits]
        self._calls = calls
        self._main = [0] * (256 + 8 * self._slots)
        self._lengths = [0] * 249
        self._recent = [1, 1, 1]
        self._words = [chance.randbytes(chance.randrange(2, 40)) for _ in range(30)]
        self.plain = bytearray()
        self._out = _Writer()
        self._frames: list[tuple[bytes, int]] = []
        self._in_frame = 0

    def frames(self, size: int) -> list[tuple[bytes, int]]:
        self._out.put(1 if self._calls else 0, 1)
        if self._calls:
            self._out.put(self._calls >> 16, 16)
            self._out.put(self._calls & 0xFFFF, 16)
        while len(self.plain) < size:
            length = min(self._chance.choice((1, 7, 300, 5001, 20_000, 70_000)), size - len(self.plain))
            self._block(self._chance.choice((VERBATIM, ALIGNED, PLAIN)), length)
        self._end_frame()
        return self._frames

    def _end_frame(self) -> None:
        if self._in_frame:
            self._out.align()
            self._frames.append((bytes(self._out.done), self._in_frame))
            self._out, self._in_frame = _Writer(), 0

    def _block(self, kind: int, length: int) -> None:
        self._out.put(kind, 3)
        self._out.put(length >> 8, 16)
        self._out.put(length & 0xFF, 8)
        if kind == PLAIN:
            self._plain(length)
            return
        start, recent = len(self.plain), list(self._recent)
        tokens = self._tokens(length)
        self._recent = recent
        del self.plain[start:]
        coded = [self._coded(token) for token in tokens]
        main = _lengths_for([symbol for symbol, *_ in coded], len(self._main))
        lengths = _lengths_for([more for _, more, *_ in coded if more >= 0], 249)
        if kind == ALIGNED:
            for one in ALIGNED_LENGTHS:
                self._out.put(one, 3)
        self._put_lengths(self._main, main, 0, 256)
        self._put_lengths(self._main, main, 256, len(main))
        self._put_lengths(self._lengths, lengths, 0, 249)
        self._main, self._lengths = main, lengths
        self._put_tokens(tokens, coded, kind)

    def _put_tokens(self, tokens: Sequence[Token], coded: Sequence[tuple[int, int, int, int]], kind: int) -> None:
        main, lengths, aligned = (_codes(one) for one in (self._main, self._lengths, ALIGNED_LENGTHS))
        for token, (symbol, more, extra, value) in zip(tokens, coded, strict=True):
            self._out.put(*main[symbol])
            if more >= 0:
                self._out.put(*lengths[more])
            if kind == ALIGNED and extra >= 3:
                self._out.put(value >> 3, extra - 3)
                self._out.put(*aligned[value & 7])
            else:
                self._out.put(value, extra)
            self._take(token)
            if self._in_frame == FRAME:
                self._end_frame()

    def _plain(self, length: int) -> None:
        if self._out.bits:
            self._out.align()
        else:
            self._out.put(0, 16)
        self._out.done += struct.pack("<III", *self._recent)
        data = self._chance.randbytes(length)
        while data:
            part = data[: FRAME - self._in_frame]
            self._out.done += part
            self.plain += part
            self._in_frame += len(part)
            data = data[len(part) :]
            if not data and length & 1:
                self._out.done.append(0)
            if self._in_frame == FRAME:
                self._end_frame()

    def _tokens(self, length: int) -> list[Token]:
        """Literals and matches of so many bytes, none of which crosses a frame's end."""
        tokens: list[Token] = []
        left, frame_left, in_frame = length, FRAME - self._in_frame, self._in_frame
        while left:
            room = min(left, frame_left, 257)
            if room >= 2 and len(self.plain) > 2 and self._chance.random() < 0.4:
                token = (
                    self._some_distance(),
                    self._chance.choice((2, min(room, 9), min(room, 8), self._chance.randrange(2, room + 1))),
                )
            else:
                token = (-1, self._chance.choice(self._chance.choice(self._words)))
            tokens.append(token)
            size = self._take(token)
            left, frame_left = left - size, (frame_left - size) or FRAME
        self._in_frame = in_frame
        return tokens

    def _some_distance(self) -> int:
        known = [one for one in self._recent if one <= min(len(self.plain), self._window - 3)]
        if known and self._chance.random() < 0.4:
            return self._chance.choice(known)
        most = min(len(self.plain), self._window - 3)
        return self._chance.randrange(1, self._chance.choice((min(most, 4), min(most, 300), most)) + 1)

    def _take(self, token: Token) -> int:
        """Add a token's bytes; how many they are."""
        distance, value = token
        if distance < 0:
            self.plain.append(value)
            self._in_frame += 1
            return 1
        for _ in range(value):
            self.plain.append(self.plain[-distance])
        self._in_frame += value
        if distance in self._recent:
            place = self._recent.index(distance)
            self._recent[0], self._recent[place] = self._recent[place], self._recent[0]
        else:
            self._recent = [distance, *self._recent[:2]]
        return value

    def _coded(self, token: Token) -> tuple[int, int, int, int]:
        """Main symbol, symbol of further length or -1, number of extra bits and their value; follows the distances used."""
        distance, value = token
        if distance < 0:
            return value, -1, 0, 0
        head = min(value - 2, 7)
        more = value - 9 if head == 7 else -1
        if distance in self._recent:
            slot, extra, rest = self._recent.index(distance), 0, 0
            self._recent[0], self._recent[slot] = self._recent[slot], self._recent[0]
        else:
            slot, extra, rest = _slot_of(distance + 2)
            self._recent = [distance, *self._recent[:2]]
        return 256 + slot * 8 + head, more, extra, rest

    def _put_lengths(self, before: Sequence[int], after: Sequence[int], at: int, end: int) -> None:
        """The lengths of a code's words as differences, runs of equal ones in short."""
        codes = _codes(PRE_LENGTHS)
        for one in PRE_LENGTHS:
            self._out.put(one, 4)
        while at < end:
            same = next((place for place in range(at, end) if after[place] != after[at]), end) - at
            if after[at] == 0 and same >= 20:
                run = min(same, 51)
                self._out.put(*codes[18])
                self._out.put(run - 20, 5)
            elif after[at] == 0 and same >= 4:
                run = min(same, 19)
                self._out.put(*codes[17])
                self._out.put(run - 4, 4)
            elif same >= 4:
                run = min(same, 5)
                self._out.put(*codes[19])
                self._out.put(run - 4, 1)
                self._out.put(*codes[(before[at] - after[at]) % 17])
            else:
                run = 1
                self._out.put(*codes[(before[at] - after[at]) % 17])
            at += run


def _slot_of(formatted: int) -> tuple[int, int, int]:
    base = 0
    for slot in range(50):
        extra = 0 if slot < 4 else min(slot // 2 - 1, 17)
        if formatted < base + (1 << extra):
            return slot, extra, formatted - base
        base += 1 << extra
    raise AssertionError(formatted)


def _lengths_for(symbols: Sequence[int], count: int) -> list[int]:
    """Lengths of the words of a complete code; all zero for no symbols."""
    used = Counter(symbols)
    if not used:
        return [0] * count
    for symbol in (0, 1):
        if len(used) < 2:
            used[symbol] += 1
    heap = [(weight, place, [symbol]) for place, (symbol, weight) in enumerate(sorted(used.items()))]
    lengths = [0] * count
    heapq.heapify(heap)
    for place in itertools.count(len(heap)):
        if len(heap) == 1:
            break
        first, second = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in [*first[2], *second[2]]:
            lengths[symbol] += 1
        heapq.heappush(heap, (first[0] + second[0], place, first[2] + second[2]))
    if max(lengths) <= 16:
        return lengths
    # Too skewed: words of two neighbouring lengths, which always make a complete code.
    order, longest = sorted(used), (len(used) - 1).bit_length()
    short = (1 << longest) - len(order)
    return [0 if symbol not in used else longest - (order.index(symbol) < short) for symbol in range(count)]


def _codes(lengths: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Symbol to (word, length), in the canonical order."""
    codes, word = {}, 0
    for length in range(1, 17):
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = (word, length)
                word += 1
        word <<= 1
    return codes

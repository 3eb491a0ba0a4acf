"""LZX as cabinets have it: Huffman codes over literals and matches, in blocks that know nothing of the cabinet's own.

Takes the packed bytes of one cabinet block after the other; gives their unpacked bytes. Source: Microsoft, "LZX Data Compression Format" (of the Cabinet SDK),
and [MS-PATCH] section 2 for the same format. Raises `LzxError` for what is damaged; no input makes it write more than it is asked for.
"""

from __future__ import annotations

import struct

VERBATIM, ALIGNED, PLAIN = 1, 2, 3
FRAME = 32_768
"""Bytes of every cabinet block but the last; bits are counted anew in each."""
SLOTS = {15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50}
"""How many classes of distances there are, by the window's size as a power of two."""
SPARE = 8
"""Words of zeros behind the end, so that the code that ends there can be looked up."""
LITERALS, LENGTHS, PRE_CODES, ALIGNED_CODES = 256, 249, 20, 8
LONGEST_CODE, LONGEST_PRE_CODE, LONGEST_ALIGNED = 16, 15, 7
SHORTEST_MATCH, MORE_LENGTH = 2, 7
EXTRA_BITS = [0, 0, 0, 0, *(min(slot // 2 - 1, 17) for slot in range(4, 50))]
BASES = [sum(1 << extra for extra in EXTRA_BITS[:slot]) for slot in range(50)]
CALL = 0xE8
CALLS_UNTIL = 32_768
"""Frames in which the targets of calls are turned back into relative ones: a gigabyte."""
ZEROS, MORE_ZEROS, SAME = 17, 18, 19


class LzxError(ValueError):
    """The packed data are damaged; the sentence says how."""


class Bits:
    """The bits of one cabinet block: words of 16 bits with the low byte first, bits from the top.

    `held` are the last `count` bits of the number in hand, `at` is the next word. The loop over symbols works on these fields itself.
    """

    def __init__(self, data: bytes) -> None:
        self.go_on_with(data)

    def go_on_with(self, data: bytes) -> None:
        """Begin anew with these bytes."""
        self.data = data
        self.words: tuple[int, ...] = (
            struct.unpack(f"<{-(-len(data) // 2)}H", data + bytes(len(data) % 2)) + (0,) * SPARE
        )
        self.held = self.count = self.at = 0

    def take(self, count: int) -> int:
        """The next bits, at most 24. Raises LzxError behind the end."""
        while self.count < count:
            self.held = (self.held & 0xFFFFFF) << 16 | self.next_word()
            self.count += 16
        self.count -= count
        return self.held >> self.count & (1 << count) - 1

    def next_word(self) -> int:
        """The next word. Raises LzxError well behind the end."""
        self.at += 1
        if self.at > len(self.words):
            raise LzxError("its bits end too early")
        return self.words[self.at - 1]

    def symbol(self, code: list[int], longest: int) -> int:
        """The symbol of the next word of a code."""
        while self.count < longest:
            self.held = (self.held & 0xFFFFFF) << 16 | self.next_word()
            self.count += 16
        entry = code[self.held >> self.count - longest & (1 << longest) - 1]
        if not entry:
            raise LzxError("a word is in no code")
        self.count -= entry & 31
        return entry >> 5

    def byte_place(self) -> int:
        """The byte behind the present word, or behind the next one where no bit of it is taken: whole bytes follow there."""
        return 2 * (self.at - self.count // 16) + (2 if self.count % 16 == 0 else 0)


def make_code(lengths: list[int], longest: int) -> list[int]:
    """A Huffman code as a table over the next `longest` bits: symbol and length of the word that they begin with, 0 for none."""
    table: list[int] = []
    for length in range(1, longest + 1):
        for symbol, own in enumerate(lengths):
            if own == length:
                table += [symbol << 5 | length] * (1 << longest - length)
    if len(table) > 1 << longest:
        raise LzxError("a code has more words than fit")
    return table + [0] * ((1 << longest) - len(table))


class Lzx:
    """The unpacker of one folder: what one block of the cabinet leaves behind, the next one needs."""

    def __init__(self, window_bits: int) -> None:
        if window_bits not in SLOTS:
            raise LzxError(f"a window of {window_bits} bits is none")
        self._window = 1 << window_bits
        self._history = bytearray()
        self._main_lengths = [0] * (LITERALS + 8 * SLOTS[window_bits])
        self._length_lengths = [0] * LENGTHS
        self._main: list[int] = []
        self._lengths: list[int] = []
        self._aligned: list[int] = []
        self._recent = (1, 1, 1)
        self._kind = self._left = 0
        self._is_odd = self._owes_byte = False
        self._frames = 0
        self._calls_size: int | None = None

    def unpack(self, data: bytes, size: int) -> bytes:
        """The next `size` bytes, at most a frame, from one block's packed bytes."""
        bits = Bits(data[1:] if self._owes_byte else data)
        self._owes_byte = False
        if self._calls_size is None:
            self._calls_size = bits.take(16) << 16 | bits.take(16) if bits.take(1) else 0
        out = self._history
        start = len(out)
        while len(out) - start < size:
            if not self._left:
                self._begin_block(bits)
            before, most = len(out), min(self._left, size - (len(out) - start))
            if self._kind == PLAIN:
                self._copy(bits, most)
            else:
                self._expand(bits, len(out) + most)
            self._left -= len(out) - before
            if len(out) - start > size or self._left < 0:
                raise LzxError("a match reaches over the end of its block")
        frame = bytes(out[start:])
        del out[: max(len(out) - self._window, 0)]
        self._frames += 1
        return self._with_calls(frame)

    def _begin_block(self, bits: Bits) -> None:
        self._kind, self._left = bits.take(3), bits.take(16) << 8 | bits.take(8)
        if self._kind == PLAIN:
            place = bits.byte_place()
            if len(bits.data) < place + 12:
                raise LzxError("its bytes end too early")
            self._recent = struct.unpack_from("<III", bits.data, place)
            self._is_odd = bool(self._left & 1)
            bits.go_on_with(bits.data[place + 12 :])
        elif self._kind in {VERBATIM, ALIGNED}:
            if self._kind == ALIGNED:
                self._aligned = make_code([bits.take(3) for _ in range(ALIGNED_CODES)], LONGEST_ALIGNED)
            self._read_lengths(bits, self._main_lengths, 0, LITERALS)
            self._read_lengths(bits, self._main_lengths, LITERALS, len(self._main_lengths))
            self._read_lengths(bits, self._length_lengths, 0, LENGTHS)
            self._main = make_code(self._main_lengths, LONGEST_CODE)
            self._lengths = make_code(self._length_lengths, LONGEST_CODE)
        else:
            raise LzxError(f"a block is of kind {self._kind}")
        if not self._left:
            raise LzxError("a block is empty")

    def _read_lengths(self, bits: Bits, lengths: list[int], at: int, end: int) -> None:
        """Lengths of the words of a code, as differences from those of the block before."""
        code = make_code([bits.take(4) for _ in range(PRE_CODES)], LONGEST_PRE_CODE)
        while at < end:
            symbol = bits.symbol(code, LONGEST_PRE_CODE)
            if symbol == ZEROS:
                run, value = bits.take(4) + 4, 0
            elif symbol == MORE_ZEROS:
                run, value = bits.take(5) + 20, 0
            else:
                run = bits.take(1) + 4 if symbol == SAME else 1
                step = bits.symbol(code, LONGEST_PRE_CODE) if symbol == SAME else symbol
                if step > LONGEST_CODE:
                    raise LzxError("a length of a code is none")
                value = (lengths[at] - step) % 17
            if at + run > end:
                raise LzxError("a code has more words than it may")
            lengths[at : at + run] = [value] * run
            at += run

    def _copy(self, bits: Bits, most: int) -> None:
        """Bytes that are not packed; a block of an odd number of them is followed by one more, perhaps in the next cabinet block."""
        found = bits.data[:most]
        if len(found) < most:
            raise LzxError("its bytes end too early")
        self._history += found
        ends_odd = most == self._left and self._is_odd
        self._owes_byte = ends_odd and len(bits.data) == most
        bits.go_on_with(bits.data[most + ends_odd :])

    def _expand(self, bits: Bits, end: int) -> None:
        """Literals and matches until the history is `end` long. One loop on local names, since it runs for every symbol."""
        words, at, held, count = bits.words, bits.at, bits.held, bits.count
        main, lengths, out = self._main, self._lengths, self._history
        recent, older, oldest = self._recent
        last = len(words) - 4
        while len(out) < end:
            if at > last:
                raise LzxError("its bits end too early")
            while count < 32:
                held, count, at = (held & 0xFFFFFFFF) << 16 | words[at], count + 16, at + 1
            entry = main[held >> count - 16 & 0xFFFF]
            count -= entry & 31
            symbol = entry >> 5
            if symbol < LITERALS and entry:
                out.append(symbol)
                continue
            if not entry:
                raise LzxError("a word is in no code")
            length, slot = symbol & 7, symbol - LITERALS >> 3
            if length == MORE_LENGTH:
                entry = lengths[held >> count - 16 & 0xFFFF]
                if not entry:
                    raise LzxError("a word is in no code")
                count -= entry & 31
                length += entry >> 5
            length += SHORTEST_MATCH
            if slot == 1:
                recent, older = older, recent
            elif slot == 2:
                recent, oldest = oldest, recent
            elif slot:
                bits.at, bits.held, bits.count = at, held, count
                recent, older, oldest = self._distance(bits, slot), recent, older
                at, held, count = bits.at, bits.held, bits.count
            if recent > len(out) or recent > self._window or not recent:
                raise LzxError("a match refers to bytes before the first")
            out += (
                out[-recent : len(out) - recent + length]
                if length <= recent
                else (bytes(out[-recent:]) * (length // recent + 1))[:length]
            )
        bits.at, bits.held, bits.count = at, held, count
        self._recent = (recent, older, oldest)

    def _distance(self, bits: Bits, slot: int) -> int:
        """How far back a match reaches whose distance is of this class."""
        extra = EXTRA_BITS[slot]
        if self._kind == ALIGNED and extra >= 3:
            upper = bits.take(extra - 3) << 3
            return BASES[slot] + upper + bits.symbol(self._aligned, LONGEST_ALIGNED) - 2
        return BASES[slot] + bits.take(extra) - 2

    def _with_calls(self, frame: bytes) -> bytes:
        """The frame with targets of calls relative again: packing made them absolute, which repeats more."""
        size = self._calls_size or 0
        if not size or self._frames > CALLS_UNTIL or len(frame) <= 10:
            return frame
        made, start, at = bytearray(frame), (self._frames - 1) * FRAME, 0
        while (at := made.find(CALL, at, len(frame) - 10)) >= 0:
            (target,) = struct.unpack_from("<i", made, at + 1)
            if -(start + at) <= target < size:
                struct.pack_into("<i", made, at + 1, target - (start + at) if target >= 0 else target + size)
            at += 5
        return bytes(made)

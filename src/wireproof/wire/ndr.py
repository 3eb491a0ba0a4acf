"""Values marshalled in Network Data Representation (C706 chapter 14), in the 32-bit form and in NDR64 ([MS-RPCE] 2.2.5).

Takes bytes, their integer order and where to begin; gives values in turn, each aligned as its type asks. Knows no interface.
"""

from __future__ import annotations

import functools
import struct
import uuid

NULL_UUID = "00000000-0000-0000-0000-000000000000"


class NdrError(ValueError):
    """The bytes end before what is asked for, or a count in them is impossible."""


@functools.lru_cache(4096)
def uuid_text(raw: bytes, order: str) -> str:
    """A UUID of sixteen bytes as text; its first three fields follow the integer order, "<" or ">"."""
    return str(uuid.UUID(bytes_le=raw) if order == "<" else uuid.UUID(bytes=raw))


class NdrReader:
    """Reads values one after the other. `wide` is NDR64: pointers and counts take eight bytes. Alignment counts from `start`.

    Every method raises NdrError where the bytes end.
    """

    __slots__ = ("at", "data", "order", "start", "wide")

    def __init__(self, data: bytes, order: str = "<", start: int = 0, *, wide: bool = False) -> None:
        self.data, self.order, self.start, self.at, self.wide = data, order, start, start, wide

    def align(self, size: int) -> None:
        """Go on to the next multiple of `size`."""
        self.at += -(self.at - self.start) % size

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self.at + count
        if count < 0 or end > len(self.data):
            raise NdrError(f"{count} bytes are asked for at offset {self.at} of {len(self.data)}")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def _number(self, code: str, size: int) -> int:
        self.align(size)
        value: int = struct.unpack(self.order + code, self.take(size))[0]
        return value

    def short(self) -> int:
        """An unsigned 16-bit integer."""
        return self._number("H", 2)

    def long(self) -> int:
        """An unsigned 32-bit integer."""
        return self._number("I", 4)

    def hyper(self) -> int:
        """An unsigned 64-bit integer."""
        return self._number("Q", 8)

    def count(self, most: int) -> int:
        """The size, offset or length of an array, or a pointer's referent. Raises NdrError above `most`."""
        value = self.hyper() if self.wide else self.long()
        if value > most:
            raise NdrError(f"a count of {value} where {most} is the most")
        return value

    def pointer(self) -> bool:
        """Whether a unique or full pointer points at something, which then comes later."""
        return bool(self.hyper() if self.wide else self.long())

    def uuid(self) -> str:
        """A UUID as text."""
        self.align(4)
        return uuid_text(self.take(16), self.order)

"""BER of indefinite lengths (X.690 section 8.1.3.6) as DER has it: PKCS#12 files of Java and Mozilla programs are written so.

Takes bytes; gives the value with definite lengths and octet strings in one piece, or nothing where it does not end as it should.
"""

from __future__ import annotations

INDEFINITE = 0x80
OCTET_STRING, PIECES = 0x04, 0x24
CONSTRUCTED = 0x20
DEEPEST = 16
MOST_ELEMENTS = 20_000


class _Broken(ValueError):
    """The bytes end or contradict themselves."""


def starts_indefinite(data: bytes) -> bool:
    """Whether the bytes begin with a SEQUENCE of indefinite length."""
    return data[:2] == bytes((0x30, INDEFINITE))


def make_definite(data: bytes) -> bytes:
    """The first value in `data` with definite lengths; empty when it is cut or damaged."""
    try:
        return _Writer(data).write(0, DEEPEST)[0]
    except _Broken:
        return b""


class _Writer:
    """Writes elements anew, counting them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MOST_ELEMENTS

    def write(self, at: int, depth: int) -> tuple[bytes, int]:
        """The element at `at` written anew, and the offset behind it. Raises _Broken."""
        tag, length, start = self._read_head(at)
        self._left -= 1
        if depth < 0 or self._left < 0 or start + max(length, 0) > len(self._data):
            raise _Broken
        if not tag & CONSTRUCTED:
            return _encode(tag, self._data[start : start + length]), start + length
        parts = []
        place = start
        while place < start + length if length >= 0 else self._data[place : place + 2] != b"\0\0":
            part, place = self.write(place, depth - 1)
            parts.append(part)
        if length >= 0 and place != start + length:
            raise _Broken
        if tag == PIECES:
            return _encode(OCTET_STRING, b"".join(_content(part) for part in parts)), place + 2 * (length < 0)
        return _encode(tag, b"".join(parts)), place + 2 * (length < 0)

    def _read_head(self, at: int) -> tuple[int, int, int]:
        """Tag, length (-1 for indefinite) and where the content starts."""
        head = self._data[at : at + 2]
        if len(head) < 2 or head[0] & 0x1F == 0x1F:
            raise _Broken
        tag, length = head
        if length < INDEFINITE:
            return tag, length, at + 2
        size = length & 0x7F
        octets = self._data[at + 2 : at + 2 + size]
        if size > 4 or len(octets) < size or (not size and not tag & CONSTRUCTED):
            raise _Broken
        return tag, int.from_bytes(octets, "big") if size else -1, at + 2 + size


def _encode(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < INDEFINITE:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, INDEFINITE | size)) + length.to_bytes(size, "big") + content


def _content(element: bytes) -> bytes:
    """The content of an element that `_encode` wrote."""
    length = element[1]
    return element[2:] if length < INDEFINITE else element[2 + (length & 0x7F) :]

"""How the bytes of a text file are encoded: byte order marks, and UTF-16 without one, as Windows writes them.

Takes bytes; gives names of encodings. Knows no text.
"""

from __future__ import annotations

import codecs

SAMPLE = 4096
"""Bytes or characters of a file's beginning that are looked at."""
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def find_mark(data: bytes) -> tuple[str, int]:
    """(encoding, bytes of mark before the text) by a byte order mark; UTF-8 and 0 where there is none."""
    return next(((name, len(mark)) for mark, name in MARKS if data.startswith(mark)), ("utf-8", 0))


def find_encoding(data: bytes) -> tuple[str, int]:
    """(encoding, bytes of mark before the text), also of UTF-16 that has no mark; UTF-8 where nothing else shows."""
    name, length = find_mark(data)
    if length:
        return name, length
    sample = data[:SAMPLE]
    # Text in the Latin alphabet has a zero in every second byte of UTF-16.
    for place, wide in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = sample[place::2]
        if len(half) > 2 and half.count(0) > 0.6 * len(half) and sample[1 - place :: 2].count(0) < 0.1 * len(half):
            return wide, 0
    return "utf-8", 0


def is_binary(text: str) -> bool:
    """Whether the beginning of what was decoded holds what no text does: NUL, or many control characters."""
    sample = text[:SAMPLE]
    odd = sum(letter < " " and letter not in "\t\n\r\f\x1b\x1a" for letter in sample)
    return "\0" in sample or odd > len(sample) // 100 + 2

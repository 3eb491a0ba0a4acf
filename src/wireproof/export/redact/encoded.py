r"""Secrets in text of which names are coded: in UTF-16, or with single letters as %77, \u0061 or &#119;.

Takes bytes; gives what to blank. Text is read as it is meant, and what is found there is blanked where it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import numpy as np

from wireproof.export.redact.secret import NOWHERE, Secret
from wireproof.export.redact.text import find_stems, find_text_secrets

CODED = (
    re.compile(rb"%([2-7][0-9A-Fa-f])"),
    re.compile(rb"\\(?:u00|U000000|x)([2-7][0-9A-Fa-f])"),
    re.compile(rb"&#0{0,6}([0-9]{2,3});?"),
    re.compile(rb"&#[xX]0{0,6}([2-7][0-9A-Fa-f]);?"),
)
"""A character that is told by its number: in addresses and forms, in JSON and its like, in HTML and XML."""
DECIMAL = 2
NEAR = 80
"""Bytes around a coded letter that may belong to the same name."""

WIDE = (re.compile(rb"(?:[^\0]\0){8,}"), re.compile(rb"(?:\0[^\0]){8,}"))
"""Text in UTF-16, little and big endian, as far as it is Latin."""
LONGEST_WIDE, BEHIND_WIDE = 1 << 16, 4096
"""Bytes of a value without an end, and behind such a stretch, that may be the rest of a value, in other letters."""


def find_coded_secrets(data: bytes) -> Iterator[Secret]:
    """Every secret of which the name is coded; the same may be found without that too."""
    letters = _coded_letters(data)
    if letters:
        yield from _in_meaning(data, letters)
    if _has_wide(data):
        yield from _in_wide(data)


def coded_places(data: bytes) -> list[int]:
    """Where coded letters and text in UTF-16 stand, by which packets are picked out."""
    places = [start for start, _, _ in _coded_letters(data)]
    if _has_wide(data):
        places += [found.start() for pattern in WIDE for found in pattern.finditer(data)]
    return places


def _coded_letters(data: bytes) -> list[tuple[int, int, int]]:
    """(start, end, letter) of letters and digits that need no coding, in order."""
    found = []
    for kind, pattern in enumerate(CODED):
        for coded in pattern.finditer(data):
            letter = int(coded[1], 10 if kind == DECIMAL else 16)
            if letter < 128 and (chr(letter).isalnum() or letter in b"_-"):
                found.append((coded.start(), coded.end(), letter))
    return sorted(found)


def _in_meaning(data: bytes, letters: list[tuple[int, int, int]]) -> Iterator[Secret]:
    """Secrets in the text as it is meant, with their places in the text as it stands."""
    parts, there, here, last, length = [], [0], [0], 0, 0
    for start, end, letter in letters:
        parts += [data[last:start], bytes((letter,))]
        length += start - last
        there += [length, length + 1]
        here += [start, end]
        length, last = length + 1, end
    meant = b"".join([*parts, data[last:]])

    def place(at: int) -> int:
        before = bisect_right(there, at) - 1
        return here[before] + at - there[before]

    if _tells(meant, there[1::2]):
        for secret in find_text_secrets(meant):
            yield secret._replace(start=place(secret.start), end=place(secret.end), name_at=place(secret.name_at))


def _tells(meant: bytes, places: list[int]) -> bool:
    """Whether there is a name near any of these places."""
    near, done = [], 0
    for at in places:
        near.append((b"" if at - NEAR <= done else b"\n") + meant[max(at - NEAR, done) : at + NEAR])
        done = at + NEAR
    return next(find_stems(b"".join(near).lower()), None) is not None


def _has_wide(data: bytes) -> bool:
    """Whether there are eight bytes of which every other one is zero."""
    zero = np.frombuffer(data, np.uint8) == 0
    if len(zero) < 16 or not zero.any():
        return False
    some = zero[:-7] & zero[2:-5] & zero[4:-3] & zero[6:-1]
    return bool((some & ~(zero[1:-6] | zero[3:-4] | zero[5:-2])).any())


def _in_wide(data: bytes) -> Iterator[Secret]:
    for big, pattern in enumerate(WIDE):
        for found in pattern.finditer(data):
            low = found.start() + big
            for secret in find_text_secrets(data[low : found.end() : 2]):
                # From the first letter's byte to the last one's: what is zero around them may belong to other letters.
                start, end = low + 2 * secret.start, max(low + 2 * secret.end - 1, low + 2 * secret.start)
                end = min(end + BEHIND_WIDE, start + LONGEST_WIDE) if secret.open else end
                yield Secret(start, end, NOWHERE, low + 2 * secret.name_at, False)

"""Blocks of fields of HTTP/2 (HPACK, RFC 7541) that say nothing: they fill a given size, and every decoder reads them without a table.

Takes a size and the first bytes that were there; gives bytes.
"""

from __future__ import annotations

import re

FILLER = b"\x90"
"""accept-encoding: gzip, deflate of the static table: one byte."""
NAMELESS = b"\0\1*"
"""A field that enters no table, by the name of `*`; its value follows."""
LONGEST = 126
"""Of a value whose length fits one byte."""

SIZE_UPDATES = re.compile(rb"(?:[\x20-\x3e]|\x3f[\x80-\xff]{0,4}[\0-\x7f])*", re.DOTALL)
METHOD = re.compile(rb"[\x82\x83]")
STATUS = re.compile(rb"[\x88-\x8e]|[\x48\x08\x18](?:\x03[1-5][0-9]{2}|\x82..|\x83...)", re.DOTALL)
"""The status out of the static table, or spelled out, which both stand first in a block."""
SCHEME, PATH = b"\x87", b"\x04\1*"
HIDDEN_METHOD, HIDDEN_STATUS = b"\x02\1*", b"\x08\3***"


def first_fields(block: bytes, asking: bool) -> bytes:
    """What a block begins with: method, scheme and path, or the status, `*` where it stands in a table; changes of the table's size before."""
    found = SIZE_UPDATES.match(block)
    updates = found[0] if found else b""
    told = (METHOD if asking else STATUS).match(block, len(updates))
    if asking:
        return updates + (told[0] if told else HIDDEN_METHOD) + SCHEME + PATH
    return updates + (told[0] if told else HIDDEN_STATUS)


def make_block(size: int, first: bytes) -> bytes:
    """Fields of exactly `size` bytes, the first of which are these where they fit."""
    made = [first] if len(first) <= size else []
    left = size - sum(len(part) for part in made)
    while left > len(NAMELESS):
        count = min(left - len(NAMELESS) - 1, LONGEST)
        made.append(NAMELESS + bytes((count,)) + b"*" * count)
        left -= len(NAMELESS) + 1 + count
    return b"".join(made) + FILLER * left

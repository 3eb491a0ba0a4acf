"""What a secret in bytes is: where it stands, and what ends it.

Takes bytes and the pattern of an end; gives a `Secret`. Knows no protocol.
"""

from __future__ import annotations

import re
from typing import NamedTuple

AT_LINE = re.compile(rb"(\r?\n)(?![ \t])")
"""The end of a line that is not folded."""
NOWHERE = re.compile(rb"(?!)")
"""The end of a secret whose length is all that tells where it ends."""


class Secret(NamedTuple):
    """One secret: it ends where `until` matches (group 1 begins), or is `open` where the data ends before."""

    start: int
    end: int
    until: re.Pattern[bytes]
    name_at: int
    open: bool


def secret_until(data: bytes, start: int, until: re.Pattern[bytes], name_at: int) -> Secret:
    """The secret from `start` to where `until` matches."""
    found = until.search(data, start)
    if found is None:
        return Secret(start, len(data), until, name_at, True)
    # An end that may yet grow with what follows, such as a line that is folded, is none.
    return Secret(start, found.start(1), until, name_at, until is AT_LINE and found.end() == len(data))

"""Records and layers of trees whose lines a mail program broke at words, each on one line again.

Takes plain text; gives a text with as many lines, in which the line ends inside of records stand behind them.
"""

from __future__ import annotations

import re

from wireproof.capture.listing.records import HEADER, START

_LAYER = re.compile(
    r"[ \t]*(?:[+-] ?[A-Z]|Internet Protocol|Transmission Control Protocol|User Datagram Protocol|Distributed Computing|Ethernet II|Frame[ :])"
)
"""How the line of a layer begins in a tree of fields."""
WIDEST = 110
"""Characters of a line: mail is broken long before, and lists of packets have some longer line where they are not."""
SLACK = 3
"""Characters that quoting puts before a line, which the program that broke it counted."""
SHARE = 5
"""One record in so many is broken at least where a text is."""


def unwrap(text: str) -> str:
    """The text with whole records; itself where nothing was broken."""
    lines = text.split("\n")
    starts = [place for place, line in enumerate(lines) if _is_start(line)]
    width = max((len(lines[place]) for place in starts), default=0)
    if not 0 < width <= WIDEST:
        return text
    broken = sum(_goes_on(lines, place, width) for place in starts)
    if broken * SHARE < len(starts) or (broken == 1 and len(starts) > 1):
        return text
    ends = set(starts)
    joined: list[str] = []
    place = 0
    while place < len(lines):
        first, line = place, lines[place]
        while first in ends and _goes_on(lines, place, width):
            place += 1
            line = f"{line.rstrip()} {lines[place].strip()}"
        joined += [line, *[""] * (place - first)]
        place += 1
    return "\n".join(joined)


def _is_start(line: str) -> bool:
    return START.match(f"{line} ") is not None or _LAYER.match(line) is not None


def _goes_on(lines: list[str], place: int, width: int) -> bool:
    """Whether a line was broken because the first word of the next one had no room on it."""
    following = lines[place + 1].strip() if place + 1 < len(lines) else ""
    if not following or _is_start(following) or HEADER.search(following):
        return False
    return len(lines[place].rstrip()) + 1 + len(following.split(None, 1)[0]) > width - SLACK

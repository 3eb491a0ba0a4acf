"""The line above a table of packets that names its columns, in the words of Wireshark, Network Monitor and `tshark -T fields`.

Takes a line; gives a `Heading`: what each column holds, and how columns are parted. Knows no record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

NUMBERS = ("source_port", "target_port", "length", "payload", "seq", "ack", "window", "ip_id", "stream", "ttl")
"""Columns of one number, by the names that `records` has for them."""
OTHER = "other"
MOST_COLUMNS, MOST_SPACED, MOST_OTHER = 40, 18, 5
"""Columns of a table, of one in which only spaces part them, and those of no use among these: each may be empty, which has to be tried."""
LONGEST = 500
"""Characters of the line; a longer one is a record or prose."""
UNUSED = ("raw", "adapter")
"""Known columns that are of no use: numbers that don't fit the relative ones beside them, and addresses that few listings have."""
_END = r"(?: address| addr(?:ess)?\.?| ip)?"
_PORT_END = r"(?: number)?"
_KINDS: dict[str, str] = {
    "raw": r"(?:tcp )?(?:seq|ack)\w{0,20}(?: number)? \(raw\)|tcp\.(?:seq|ack)_raw",
    "adapter": r"(?:hw|hardware|mac|eth(?:ernet)?)[ .]?(?:src|source|dst|dest(?:ination)?)(?: (?:addr(?:ess)?|port))?",
    "source_port": rf"s-?port|(?:src|source)[ .]?port{_PORT_END}|(?:tcp|udp)\.srcport",
    "target_port": rf"d-?port|(?:dst|dest\.?|destination)[ .]?port{_PORT_END}|(?:tcp|udp)\.dstport",
    "delta": r"time offset|time delta|delta(?: time)?(?: displayed)?|time since (?:previous|first|reference)(?: (?:displayed|captured|frame|packet)){0,2}"
    r"|frame\.time_(?:delta|relative)\w{0,20}|tcp\.time_(?:delta|relative)",
    "time": r"time date local adjusted|time of day|date and time|date/time|timestamp|frame\.time(?:_epoch|_utc)?"
    r"|(?:utc|gmt|epoch|absolute|relative|arrival|local|frame|capture) (?:date(?: and time)?|time)(?: of day)?"
    r"|(?:utc |gmt )?time|date|epoch|utc",
    "number": r"no\.?|frame (?:number|no\.?)|frame\.number|packet (?:number|no\.?)|frame|number|#",
    "process": r"(?:ut )?process name|process",
    "source": rf"(?:src|source|ip source){_END}|(?:ip|ipv6)\.src(?:_host)?",
    "target": rf"(?:dst|dest\.?|destination|ip destination){_END}|(?:ip|ipv6)\.dst(?:_host)?",
    "protocol": r"protocol(?: name)?|proto",
    "payload": r"tcp (?:segment |payload )?len(?:gth)?|tcp payload|payload len(?:gth)?|tcp\.len",
    "length": r"(?:packet |frame )?len(?:gth)?|frame\.len",
    "seq": r"(?:tcp )?seq(?:uence)?(?: number| no\.?)?|tcp\.seq",
    "ack": r"(?:tcp )?ack(?:nowledg\w{1,10})?(?: number| no\.?)?|tcp\.ack",
    "window": r"(?:calculated |tcp )?win(?:dow)?(?: size)?|tcp\.window_size",
    "ip_id": r"identification|ip ?id|ip\.id",
    "stream": r"(?:tcp )?stream(?: index)?|tcp\.stream",
    "ttl": r"ttl|time to live|ip\.ttl",
    "info": r"info(?:rmation)?|description|summary",
}
_NAMES = re.compile(
    r"(?i)(?:_ws\.col\.)?(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _KINDS.items())
    + r")(?: \((?:un)?resolved\)| \((?:utc|gmt|s|sec|ms|bytes)\))?(?![\w.])"
)
_CHUNK = re.compile(r"\S+(?:[ \t]\S+)*")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Heading:
    """`kinds` of the columns in their order, OTHER for those of no use. `starts` is where the name of each stands; empty where tabs part them."""

    kinds: tuple[str, ...]
    starts: tuple[int, ...]


def read_heading(line: str) -> Heading | None:
    """What a line names as columns; None for a line that is none of a table of packets."""
    low = line.lower() if len(line) <= LONGEST else ""
    if not (("source" in low or "src" in low) and ("info" in low or "description" in low or "summary" in low)):
        return None
    tabbed = line.count("\t") >= 3
    named = [(_kind(cell), 0) for cell in line.rstrip().split("\t")] if tabbed else list(_spaced(line))
    kinds = [kind for kind, _ in named]
    wanted = {"source", "target", "info"} <= set(kinds) and {"number", "time", "delta"} & set(kinds)
    once = all(kinds.count(kind) == 1 for kind in ("info", "number", "protocol", "process") if kind in kinds)
    if not wanted or not once or len(kinds) > MOST_COLUMNS:
        return None
    if not tabbed and (kinds[-1] != "info" or kinds.count(OTHER) > MOST_OTHER or len(named) > MOST_SPACED):
        return None
    return Heading(tuple(kinds), () if tabbed else tuple(start for _, start in named))


def _kind(title: str) -> str:
    found = _NAMES.fullmatch(title.strip().strip('"'))
    return _use(found)


def _use(found: re.Match[str] | None) -> str:
    kind = (found and found.lastgroup) or OTHER
    return OTHER if kind in UNUSED else kind


def _spaced(line: str) -> Iterator[tuple[str, int]]:
    """Columns of a line in which spaces part them, with their places: by names where these are known, else by two spaces at least."""
    for chunk in _CHUNK.finditer(line):
        if _NAMES.fullmatch(chunk[0]):
            yield _kind(chunk[0]), chunk.start()
            continue
        at, is_open = chunk.start(), False
        while at < chunk.end():
            found = _NAMES.match(line, at, chunk.end()) or _WORD.match(line, at)
            assert found is not None
            # Words of no known name that follow one another are one name.
            if found.re is _NAMES or not is_open:
                yield _use(found), at
            is_open = found.re is _WORD
            at = found.end() + len(line[found.end() :]) - len(line[found.end() :].lstrip())

"""Windows Firewall's own log, `pfirewall.log`: what it dropped and let through, in the W3C format that names its columns.

Takes a text; gives entries. Columns are those of the `#Fields` line; without one, those of Windows XP and later in their usual order.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.endpoint_text import Endpoint, end_text, read_address
from wireproof.logs.log import Anchor, Event, Log, pair_key
from wireproof.logs.stamps import read_moment
from wireproof.logs.text import LogText

FIELDS = [
    "date", "time", "action", "protocol", "src-ip", "dst-ip", "src-port", "dst-port", "size", "tcpflags", "tcpsyn", "tcpack", "tcpwin",
    "icmptype", "icmpcode", "info", "path", "pid",
]  # fmt: skip
ROW = re.compile(
    r"^\d{4}-\d\d-\d\d[ \t]+\d\d:\d\d:\d\d[ \t]+(?:DROP|ALLOW|OPEN|CLOSE|OPEN-INBOUND|INFO-EVENTS-LOST)[ \t]",
    re.MULTILINE,
)
LONGEST = 400


@dataclass(frozen=True, slots=True)
class FirewallEntry:
    """One line. `action` is DROP, ALLOW, OPEN, CLOSE or OPEN-INBOUND; `path` SEND, RECEIVE or FORWARD; `flags` TCP's letters."""

    time_ns: int
    line: int
    action: str
    protocol: str
    source: Endpoint
    destination: Endpoint
    flags: str = ""
    path: str = ""
    pid: int = 0


@dataclass(slots=True, kw_only=True)
class FirewallLog(Log):
    """The entries of one firewall log. `lost` counts events that the firewall says it did not log."""

    title: ClassVar[str] = "Windows Firewall log"

    entries: list[FirewallEntry] = field(default_factory=list)
    lost: int = 0

    def events(self) -> Iterator[Event]:
        """What was dropped."""
        for one in self.entries:
            if one.action == "DROP" and one.time_ns:
                ends = f"{one.source[0]}:{one.source[1]} > {one.destination[0]}:{one.destination[1]}"
                yield Event(one.time_ns, f"firewall drops {one.protocol.upper()} {ends}", one.line, pid=one.pid)

    def anchors(self) -> Iterator[Anchor]:
        """First packets of TCP connections, let through, or dropped when they had come; what it keeps from leaving no capture shows."""
        for one in self.entries:
            opens = one.action in {"OPEN", "OPEN-INBOUND"} or one.flags == "S"
            leaves = one.action != "DROP" or one.path != "SEND"
            if opens and leaves and one.time_ns and one.protocol == "tcp":
                yield Anchor(
                    one.time_ns, one.line, "tcp-syn", pair_key(end_text(one.source), end_text(one.destination))
                )


def find(text: LogText) -> FirewallLog | None:
    """The firewall log in a text; None for none."""
    log = FirewallLog(file=text.file)
    names, longer = FIELDS, list[int]()
    for number, line in enumerate(text.lines, 1):
        if line.startswith("#"):
            names = line[8:LONGEST].lower().split() if line.lower().startswith("#fields:") else names
            log.in_utc = log.in_utc or ("time format" in line.lower() and "utc" in line.lower())
        elif ROW.match(line):
            if len(line) >= LONGEST:
                longer.append(number)
                continue
            _take(log, dict(zip(names, line.split(), strict=False)), number)
    if longer:
        log.notes.append(
            f"lines of {LONGEST} or more characters, which were not read: {len(longer):,}, the first is line {longer[0]:,}"
        )
    if log.lost:
        log.notes.append(f"the firewall did not log {log.lost} events")
    return log if log.entries else None


def _take(log: FirewallLog, cells: dict[str, str], number: int) -> None:
    action = cells.get("action", "").upper()
    source = _end(cells.get("src-ip", ""), cells.get("src-port", ""))
    destination = _end(cells.get("dst-ip", ""), cells.get("dst-port", ""))
    if action == "INFO-EVENTS-LOST":
        log.lost += _number(cells.get("info", ""))
    if not source or not destination:
        return
    log.entries.append(
        FirewallEntry(
            _moment(cells.get("date", ""), cells.get("time", "")),
            number,
            sys.intern(action),
            sys.intern(cells.get("protocol", "").lower()),
            source,
            destination,
            sys.intern(cells.get("tcpflags", "").strip("-")),
            sys.intern(cells.get("path", "").upper().strip("-")),
            _number(cells.get("pid", "")),
        )
    )


# A log has a million entries and few words, seconds and ends: each is kept once.
_moment = functools.lru_cache(1024)(read_moment)


@functools.lru_cache(1 << 16)
def _end(address: str, port: str) -> Endpoint | None:
    read = read_address(address)
    return (sys.intern(read), _number(port)) if read else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

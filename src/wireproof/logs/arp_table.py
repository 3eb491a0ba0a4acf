"""ARP tables as `arp -a` (Windows, Linux, macOS), `netsh interface ipv4 show neighbors`, `ip neigh` and Cisco's `show arp` print them.

Takes a text; gives entries. Rows are told by address and MAC, so that any language and rows that run together are read.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.endpoint_text import read_address
from wireproof.logs.log import Log
from wireproof.logs.scan import find_near, places
from wireproof.logs.text import LogText

IPV4 = r"(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?![\d.])"
DASHED = r"(?P<mac>[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5})(?![\w-])"
DOTTED = r"(?P<mac>[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|incomplete)(?![\w.])"
COLONS = r"(?P<mac>[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){5})(?![\w:])"
SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("windows", re.compile(rf"(?<![\d.]){IPV4}[ \t]{{1,40}}{DASHED}(?:[ \t]{{1,20}}(?P<kind>[^\W\d]\w{{2,20}}))?")),
    (
        "cisco",
        re.compile(
            rf"\bInternet[ \t]{{1,20}}{IPV4}[ \t]{{1,20}}(?P<age>\d{{1,9}}|-)[ \t]{{1,20}}{DOTTED}(?:[ \t]{{1,20}}(?:ARPA|SNAP|SAP|SRP-[AB])\b)?"
            r"(?:[ \t]{1,20}(?P<interface>[A-Z][a-z][\w./-]{1,40}))?",
            re.IGNORECASE,
        ),
    ),
    (
        "nexus",
        re.compile(
            rf"(?<![\d.]){IPV4}[ \t]{{1,20}}(?P<age>\d\d:\d\d:\d\d|\d{{1,3}}d\d\d?h|-)[ \t]{{1,20}}{DOTTED}"
            r"(?:[ \t]{1,20}(?P<interface>[A-Z][a-z][\w./-]{1,40}))?",
            re.IGNORECASE,
        ),
    ),
    (
        "unix",
        re.compile(
            rf"\({IPV4}\) at (?:{COLONS}|<?\(?incomplete\)?>?)(?: \[\w{{1,16}}\])?(?P<kind> PERM\b)?"
            r"(?: on (?P<interface>[\w.@-]{1,40}))?"
        ),
    ),
    (
        "iproute",
        re.compile(
            rf"(?<![\d.]){IPV4} dev (?P<interface>[\w.@-]{{1,40}})(?: lladdr {COLONS})?(?: (?:router|proxy|extern_learn))* (?P<kind>[A-Z]{{4,10}})\b"
        ),
    ),
)
BEFORE, MOST = 120, 320
"""Characters of a row before what it is looked for by, and in all."""
ROUTERS = frozenset(("cisco", "nexus"))
BY_HAND = re.compile(r"(?i)stat|estát|стат|permanent|perm\b|静|정적")
WITHOUT = frozenset(("FAILED", "INCOMPLETE"))


@dataclass(frozen=True, slots=True)
class ArpEntry:
    """One row: `mac` has six bytes, none where the address was asked for in vain. `tool` is the kind of output: `windows`, `cisco`, …"""

    address: str
    mac: bytes
    line: int
    tool: str
    by_hand: bool = False
    interface: str = ""

    @property
    def is_of_router(self) -> bool:
        """Whether a router's or switch's own command printed it."""
        return self.tool in ROUTERS


@dataclass(slots=True, kw_only=True)
class ArpTableLog(Log):
    """The rows of every ARP table in one text, in its order."""

    title: ClassVar[str] = "ARP table"

    entries: list[ArpEntry] = field(default_factory=list)


def find(text: LogText) -> ArpTableLog | None:
    """The ARP tables in a text; None for none."""
    log, taken = ArpTableLog(file=text.file), set[int]()
    for tool, shape in SHAPES:
        for match in find_near(shape, text.whole, _anchors(tool, text), BEFORE, MOST):
            at = match.start("address")
            entry = _entry(tool, match.groupdict(), text.line_at(at)) if at not in taken else None
            if entry is not None:
                taken.add(at)
                log.entries.append(entry)
    log.entries.sort(key=lambda entry: entry.line)
    return log if log.entries else None


def _anchors(tool: str, text: LogText) -> Iterator[int]:
    """Where a row of a tool may be: at what its MAC, or the words before it, can't be without."""
    if tool == "windows":
        return places(text.shape, b"00-00-00-00-00-00")
    if tool in ROUTERS:
        return heapq.merge(places(text.shape, b" 0000.0000.0000"), places(text.whole, "ncomplete", "NCOMPLETE"))
    return places(text.whole, ") at " if tool == "unix" else " dev ")


def _entry(tool: str, parts: dict[str, str | None], line: int) -> ArpEntry | None:
    address, kind = read_address(parts["address"] or ""), parts.get("kind") or ""
    mac = _mac(parts["mac"] or "")
    if not address or (tool == "iproute" and not mac and kind not in WITHOUT):
        return None
    by_hand = parts.get("age") == "-" if tool in ROUTERS else bool(BY_HAND.search(kind))
    return ArpEntry(address, mac, line, tool, by_hand and bool(mac), parts.get("interface") or "")


def _mac(text: str) -> bytes:
    """The six bytes of a MAC in any of the forms; none for what is no MAC, or zero."""
    if ":" in text:
        text = "".join(part.zfill(2) for part in text.split(":"))
    digits = re.sub(r"[-.]", "", text)
    return bytes.fromhex(digits) if re.fullmatch(r"[0-9A-Fa-f]{12}", digits) and int(digits, 16) else b""

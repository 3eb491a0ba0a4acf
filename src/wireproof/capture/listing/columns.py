"""Tables of packets whose columns are others than those of the usual list, or hold names: each line with its cells as `records` has them.

Takes plain text; gives one with as many lines, in which lines of such tables and the headings above them are written anew. Columns are told
by the heading, and by their shape where nothing else fits. Knows no packet.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from functools import lru_cache

from wireproof.capture.listing.headings import NUMBERS, OTHER, Heading, read_heading
from wireproof.capture.listing.ports import port_number
from wireproof.capture.listing.records import ADDRESS, EMPTY, HEADER, MAC, NAME_MARK, PORTS, PROTOCOL, RECORD
from wireproof.capture.listing.times import TIME
from wireproof.capture.listing.unnamed import OTHER as UNNAMED
from wireproof.capture.listing.unnamed import protocol_of
from wireproof.capture.listing.unwrap import unwrap

TITLES = {
    "source_port": "Source Port", "target_port": "Destination Port", "length": "Length", "payload": "TCP Len", "seq": "Seq", "ack": "Ack",
    "window": "Window", "ip_id": "IP ID", "stream": "Stream", "ttl": "TTL",
}  # fmt: skip
"""Titles by which `records` knows columns of numbers."""
NAMELESS = "0x0000"
"""Stands for a protocol that neither a column nor the words tell."""

LEAST_LENGTH = 42
_GAP = r"[ \t]{1,200}"
_WHEN = rf"{TIME}|\d{{4}}-\d\d-\d\d|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{4}}|\d{{1,10}}"
_TIMES = rf"{TIME}(?:[ \t]{{1,60}}{TIME}){{0,3}}"
_ONE = r"0x[0-9a-fA-F]{1,8}(?: \(\d{1,10}\))?|\d{1,10}"
_NUMBER = rf"(?:{_ONE})(?:,(?:{_ONE})){{0,8}}"
"""A cell of numbers: of packets in packets one for each."""
_PORT = r"\d{1,5}|[a-z][a-z0-9-]{1,30}"
"""A port's number or name; protocols are written with capitals."""
_NAME = r"(?=[\w.-]{0,80}[A-Za-z])[A-Za-z0-9_][\w.-]{0,80}"
_HOST = rf"(?:{ADDRESS}|{_NAME})(?!\S)"
_PROCESS = r"[A-Za-z_<\[][^\t\n]{0,60}?(?: \(\d{1,7}\))?"
_SHAPES = {
    "number": r"\d{1,9}",
    "time": _WHEN,
    "delta": _WHEN,
    "process": _PROCESS,
    "source": _HOST,
    "target": _HOST,
    "protocol": PROTOCOL,
    "length": r"\d{1,6}",
    "source_port": _PORT,
    "target_port": _PORT,
    "info": r"[^\n]*",
    OTHER: r"\{[^{}\n]{0,80}\}|\S{1,80}",
}
_ARROWS = ("→", "←", "->", "<-")
"""What tshark prints between two columns of addresses that stand side by side."""
_WORDS = r"\S{1,80}(?: (?:[A-Za-z(][\w(),-]{0,40}|\d,\w{1,40})){0,2}?"
_LISTED = re.compile(r"\s\d{1,10},\d{1,10}\s")
"""A cell of several numbers, which looks like seconds."""
_OPTIONAL = {"process", OTHER, *NUMBERS}
_IS_ADDRESS, _IS_NAME, _IS_PROTOCOL = re.compile(ADDRESS), re.compile(_NAME), re.compile(PROTOCOL)
_IS_NUMBER, _IS_TIMES = re.compile(_ONE), re.compile(rf"{TIME}(?: {TIME}){{0,3}}")
_HAS_ID = re.compile(r"\(\d{1,7}\)$")
_MONITOR = re.compile(
    rf"[ \t]*(?P<number>\d{{1,9}}){_GAP}(?P<time>{_TIMES}){_GAP}(?:(?P<process>{_PROCESS}){_GAP})?"
    rf"(?P<source>{_HOST}){_GAP}(?P<target>{_HOST}){_GAP}(?P<protocol>{PROTOCOL}){_GAP}(?P<info>(?P=protocol):[^\n]*)"
)
"""A line of Network Monitor without a heading: the description begins with the name of its protocol."""
_BESIDE = rf"(?:(?:{_ONE}|{MAC}|CS\d|AF\d\d|EF(?: PHB)?|Default)(?![ \t]{{0,4}}(?:>|→|->)){_GAP})"
"""A cell between the usual columns: a number, an adapter's address, a class of service."""
_ARROW = rf"(?:(?:>|→|->){_GAP})?"
_WIDER = re.compile(
    rf"[ \t]*(?P<number>\d{{1,9}}){_GAP}(?:(?P<second>\d{{1,9}}){_GAP})?(?P<time>{_TIMES}){_GAP}{_BESIDE}{{0,3}}?(?P<source>{ADDRESS}){_GAP}"
    rf"{_BESIDE}{{0,2}}?{_ARROW}(?P<target>{ADDRESS}){_GAP}{_BESIDE}{{0,4}}(?P<rest>(?:(?:{PROTOCOL})(?=[\s:])|{PORTS} \[|\[TCP )[^\n]*)"
)
"""A line of Wireshark with cells between the usual ones, without a heading."""
_TURNED = re.compile(rf"(?P<target>{ADDRESS}){_GAP}(?:←|<-){_GAP}(?P<source>{ADDRESS})(?=\s)")
"""How tshark prints addresses where the destination's column stands first."""
_TCP_ONLY = {"seq", "ack", "payload", "window", "stream"}
_DELTA = re.compile(rf"({ADDRESS}{_GAP}(?:{PROTOCOL}){_GAP}\d{{1,6}}{_GAP})-?\d{{1,6}}\.\d{{6,9}}{_GAP}(?!{ADDRESS}\s)")
"""Seconds behind the length, which would look like the start of another record."""
_BEGINS = re.compile(rf"[ \t]*(\d{{1,9}}){_GAP}(?:(\d{{1,9}}){_GAP})?{TIME}[ \t]")
_LEFT_OUT = ({"ack"}, {"source_port", "target_port"}, _TCP_ONLY, {"source_port", "target_port", *_TCP_ONLY})
"""Columns that are empty together: a SYN acknowledges nothing, and what is not TCP has none of its numbers."""


def rearrange(text: str, searched: int) -> str:
    """The text with the cells of such tables in order; itself where its first `searched` characters show none."""
    if not any(read_heading(line) or _guess(line) != line for line in text[:searched].splitlines()):
        return text
    heading: Heading | None = None
    usual, count = False, 0
    lines = unwrap(text).split("\n")
    counts_second = _counts_second(lines)
    for place, line in enumerate(lines):
        found = read_heading(line)
        if found is not None:
            heading, usual, count = found, _is_usual(found, line), 0
            lines[place] = line if usual else _title(found)
        elif heading is None:
            lines[place] = _guess(line, counts_second)
        elif not (usual and RECORD.match(line.lstrip())) or _LISTED.search(line):
            written = _write(_aligned(line, heading), heading, count + 1)
            written = written or _write(_cells(line, heading), heading, count + 1)
            count += bool(written)
            lines[place] = written or line
    return "\n".join(lines)


def _is_usual(heading: Heading, line: str) -> bool:
    """Whether records of a table are understood as they stand."""
    begins = tuple(itertools.takewhile(lambda kind: kind in ("time", "delta"), heading.kinds[1:]))
    kinds = heading.kinds[:1] + heading.kinds[1 + len(begins) :]
    rest = kinds[3:-1]
    if kinds[:3] != ("number", "source", "target") or kinds[-1] != "info" or not 0 < len(begins) <= 4:
        return False
    if rest and (rest[0] != "protocol" or not set(rest[1:]) <= set(NUMBERS)):
        return False
    return HEADER.search(line) is not None


def _numbers(heading: Heading) -> list[str]:
    return [kind for kind in heading.kinds if kind in NUMBERS]


def _title(heading: Heading) -> str:
    return "\t".join(
        ["No.", "Time", "Source", "Destination", "Protocol", *(TITLES[kind] for kind in _numbers(heading)), "Info"]
    )


def _cells(line: str, heading: Heading) -> dict[str, list[str]]:
    """What a line has for each kind of column; nothing for a line of something else."""
    if not heading.starts:
        parts = [part.strip() for part in line.split("\t") if part.strip() not in _ARROWS]
        most = len(heading.kinds)
        if heading.kinds[-1] == "info":
            parts = [*parts[: most - 1], " ".join(parts[most - 1 :])]
        return _by_kind(zip(heading.kinds, parts, strict=False))
    match = _line_shape(heading.kinds, is_full=True).match(line) or _line_shape(heading.kinds).match(line)
    if match is None:
        return {}
    return _by_kind(_place(heading.kinds, [match[f"c{place}"] or "" for place in range(len(heading.kinds))]))


def _aligned(line: str, heading: Heading) -> dict[str, list[str]]:
    """The cells of a line that stand under the names of their columns; nothing where one is wider than its column."""
    starts = (0, *heading.starts[1:])
    if not heading.starts or any(line[start - 1 : start].strip() for start in starts[1:]):
        return {}
    ends = (*starts[1:], len(line))
    parts = [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return _by_kind(zip(heading.kinds, parts, strict=True))


def _by_kind(shown: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Cells by what their columns hold, without the empty ones."""
    cells: dict[str, list[str]] = {}
    for kind, cell in shown:
        cells.setdefault(kind, []).extend([cell] if cell else [])
    return cells


@lru_cache(maxsize=64)
def _line_shape(kinds: tuple[str, ...], *, is_full: bool = False) -> re.Pattern[str]:
    """What lines look like whose cells are parted by spaces; `is_full` says that none of these is empty, so that one may hold spaces."""
    parts = []
    for place, kind in enumerate(kinds[:-1]):
        arrow = f"(?:(?:{'|'.join(_ARROWS)}){_GAP})?" if {kind, kinds[place + 1]} == {"source", "target"} else ""
        shape = _WORDS if kind == OTHER and is_full else _SHAPES.get(kind, _NUMBER)
        part = rf"(?P<c{place}>{shape}){_GAP}{arrow}"
        parts.append(f"(?:{part})?" if kind in _OPTIONAL and not (is_full and kind != "process") else part)
    return re.compile(rf"[ \t]*{''.join(parts)}(?P<c{len(kinds) - 1}>[^\n]*)")


def _place(kinds: tuple[str, ...], cells: list[str]) -> list[tuple[str, str]]:
    """Cells by column where spaces part them: of columns of numbers side by side it shows which ones a line leaves empty."""
    shown: list[tuple[str, str]] = []
    for are_numbers, places in itertools.groupby(range(len(kinds)), key=lambda place: kinds[place] in NUMBERS):
        own = list(places)
        names, values = [kinds[place] for place in own], [cells[place] for place in own]
        if are_numbers and "" in values:
            values = [value for value in values if value]
            kept = ([name for name in names if name not in left] for left in _LEFT_OUT)
            names = next((one for one in kept if len(one) == len(values)), [])
        shown += zip(names, values, strict=False)
    return shown


def _write(cells: dict[str, list[str]], heading: Heading, count: int) -> str:
    """A line of its cells as records have them; empty for none."""
    first = {kind: own[0] for kind, own in cells.items() if own}
    info = first.get("info", "")
    source, target = _end(first.get("source", "")), _end(first.get("target", ""))
    times = _times([*cells.get("time", ()), *cells.get("delta", ())])
    number = first.get("number", "") if "number" in heading.kinds else str(count)
    protocol = first.get("protocol", "") if "protocol" in heading.kinds else protocol_of(info, target)
    protocol = NAMELESS if protocol == UNNAMED else protocol
    if not (source and target and times and number.isdecimal() and _IS_PROTOCOL.fullmatch(protocol)):
        return ""
    if info.startswith(f"{protocol}:"):
        return _monitor_line([number, times, first.get("process", ""), source, target, protocol, info])
    numbers = [_cell(kind, first.get(kind, "")) for kind in _numbers(heading)]
    return "\t".join([number, times, source, target, protocol, *numbers, info])


def _monitor_line(cells: list[str]) -> str:
    """A line of Network Monitor. A program without its id is left out: two of one name can't be told apart."""
    return "\t".join(cell for place, cell in enumerate(cells) if place != 2 or _HAS_ID.search(cell))


def _end(text: str) -> str:
    """An address or a name as records have it; of packets in packets those of the innermost; empty for anything else."""
    text = text.rpartition(",")[2]
    if _IS_ADDRESS.fullmatch(text):
        return text
    return NAME_MARK + text if _IS_NAME.fullmatch(text) else ""


def _times(cells: list[str]) -> str:
    """The times of a line; seconds that are whole get a fraction, by which they are told from other numbers."""
    text = " ".join(f"{cell}.0" if cell.isdecimal() else cell for cell in cells[:4])
    return text if _IS_TIMES.fullmatch(text) else ""


def _cell(kind: str, text: str) -> str:
    if kind in ("source_port", "target_port"):
        port = port_number(text)
        return EMPTY if port is None else str(port)
    return text if _IS_NUMBER.fullmatch(text) else EMPTY


def _counts_second(lines: list[str]) -> bool:
    """Whether of two numbers before the time the second one counts frames: it rises, and the first one does not."""
    pairs = [(int(found[1]), int(found[2])) for line in lines if (found := _BEGINS.match(line)) and found[2]]
    rises = [all(one < other for one, other in itertools.pairwise(column)) for column in zip(*pairs, strict=True)]
    if not pairs or not rises[1]:
        return False
    # No frame is shorter than a header of Ethernet with one of IP and one of UDP.
    return not rises[0] or min(first for first, _ in pairs) >= LEAST_LENGTH > min(second for _, second in pairs)


def _guess(line: str, counts_second: bool = False) -> str:
    """A line without a heading as records have it; itself where its shape does not tell what its cells are."""
    if not _BEGINS.match(line):
        return line
    if "←" in line or "<-" in line:
        line = _TURNED.sub(r"\g<source> → \g<target>", line, count=1)
    if RECORD.match(line.lstrip()):
        return _DELTA.sub(r"\1", line, count=1)
    if found := _MONITOR.match(line):
        source, target = _end(found["source"]), _end(found["target"])
        cells = [
            found["number"],
            found["time"],
            found["process"] or "",
            source,
            target,
            found["protocol"],
            found["info"],
        ]
        return _monitor_line(cells)
    found = _WIDER.match(line)
    if found is None:
        return line
    number = "second" if counts_second and found["second"] else "number"
    return "\t".join(found.group(number, "time", "source", "target", "rest"))

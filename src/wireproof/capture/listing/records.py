"""Where the records of a listing stand in a text, and their columns: one record a line, several on one line, or one on two lines.

Takes plain text; gives `Record`s in the order of the text. Knows columns by their shape; what the last one says is read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wireproof.capture.listing.times import TIME, Clocks, unpack_times

WIRESHARK, NETMON, TCPDUMP = "Wireshark", "Network Monitor", "tcpdump"

IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}"
IPV6 = r"(?=[0-9A-Fa-f]*:)[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:%\w{1,16})?"
MAC = r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}"
NAMED_MAC = r"[A-Za-z0-9][\w.-]{0,19}_[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){1,2}|Broadcast|Spanning-tree-\S{1,24}"
HOST = r"(?=[\w.-]{0,80}[A-Za-z])[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,8}"
NAME_MARK, EMPTY = "@", "\u2400"
"""What `columns` puts before a name that stands in place of an address, and in place of an empty cell."""
ADDRESS = rf"(?:{IPV4}(?![.\d])|{MAC}(?![:\w])|{IPV6}(?![:.\w])|{NAMED_MAC}|{HOST})"
MARKED = rf"(?:{ADDRESS}|{NAME_MARK}[\w.-]{{1,80}})"
GLUED = r"\d{1,3}(?:\.\d{1,3}){2}\.\d{2,6}(?:\.\d{1,3}){3}(?![.\d])"
"""Two addresses between which a column's space was lost."""
PROTOCOL = r"[A-Za-z][\w.+-]{0,30}(?:/[A-Za-z0-9][\w.+-]{0,30}){0,5}|0x[0-9a-f]{4}|802\.11"
PORTS = r"[\w.()-]{1,40} ?(?:>|→|->) ?[\w.()-]{1,40}"
"""Both ports of a segment, which stand first where no column names the protocol."""
GAP = r"(?:[ \t]{1,60}|[ \t]{0,8}\n[ \t]{0,60})"
"""Between two columns; a mail may have broken the line there."""

RECORD = re.compile(
    rf"(?<![^\s|])(?P<number>\d{{1,9}})(?P<gap>{GAP})"
    rf"(?P<times>{TIME}(?:[ \t]{{1,60}}{TIME}){{0,3}}){GAP}"
    rf"(?:(?P<process>[A-Za-z_][\w .+-]{{0,50}}?) \((?P<pid>\d{{1,7}})\){GAP})?"
    rf"(?:(?P<source>{MARKED})(?:{GAP}(?:→|->|>)?{GAP}?)(?P<target>{MARKED})|(?P<glued>{GLUED}))"
    rf"(?:{GAP}|(?<=\d)(?=[A-Z]))(?:(?P<protocol>{PROTOCOL})(?=[\s:])|(?={PORTS} \[|\[TCP ))"
)
START = re.compile(rf"(?<![^\s|])\d{{1,9}}[ \t]{{1,60}}{TIME}[ \t]")
"""Where some record starts, be it of a packet or of something else."""
HEADER = re.compile(
    r"(?<!\w)No\.?[ \t]+(?:[A-Z]+ )?Time\b(?P<before>[^\n]{1,200}?)\b(?:Protocol|Destination(?![^\n]{0,200}\bProtocol\b))\b"
    r"(?P<columns>[^\n]{0,200}?)[ \t]Info\b"
)
DETAILS = re.compile(r"(?<=\s)Frame(?: \d{1,9} \(|: Number = )")
"""Where the tree of a record's fields starts."""
TIMES = re.compile(TIME)
_NAMES = re.compile(
    r"(?i)(?<!\w)(?:(?P<payload>tcp (?:segment )?len|tcp payload)|(?P<ack>(?:tcp )?ack(?:nowledg\w+)?(?: number| no\.?)?)"
    r"|(?P<seq>(?:tcp )?seq(?:uence)?(?: number| no\.?)?)|(?P<window>(?:tcp )?win(?:dow)?(?: size)?)"
    r"|(?P<source_port>s-?port|src ?port|source port)|(?P<target_port>d-?port|dst ?port|dest(?:ination)? port)"
    r"|(?P<ip_id>identification|ip ?id)|(?P<stream>(?:tcp )?stream(?: index)?)|(?P<ttl>ttl|time to live)"
    r"|(?P<length>length|len)|(?P<other>\S+))(?!\w)"
)
_VALUE = r"(?:0x[0-9a-fA-F]{1,8}(?: \(\d{1,10}\))?|\d{1,10}(?:\.\d{6,9})?)"
_CELL = re.compile(rf"(?:{EMPTY}|{_VALUE}(?:,{_VALUE}){{0,8}})(?=\s)[ \t]*")
"""A number; or one for each of several packets in one another, or seconds, which are no number of any column."""
_PORTS = re.compile(rf"(?<!\S){PORTS}(?=\s)")


@dataclass(slots=True)
class Record:
    """One record: where it stands in the text, its columns, and `info`, the last of them. `cells` are columns before it by name."""

    at: int
    end: int
    style: str
    number: int | None
    clocks: Clocks
    source: str
    target: str
    protocol: str
    info: str
    process: tuple[int, str] | None = None
    length: int | None = None
    cells: dict[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    spread: bool = False


def find_records(text: str) -> Iterator[Record]:
    """Every record of Wireshark's packet list and of Network Monitor's frame summary in a text."""
    headers = [(match.start(), _column_names(match["columns"])) for match in HEADER.finditer(text)]
    place = 0
    matches = RECORD.finditer(text)
    match = next(matches, None)
    while match is not None:
        following = next(matches, None)
        while place < len(headers) and headers[place][0] < match.start():
            place += 1
        columns = headers[place - 1][1] if place else None
        yield _make_record(text, match, following.start() if following else len(text), columns)
        match = following


def _make_record(text: str, match: re.Match[str], stop: int, columns: tuple[str, ...] | None) -> Record:
    start, end = match.end(), _end_of(text, match.end(), stop)
    info = " ".join(text[start:end].split())
    source, target = match["glued"] or match["source"].removeprefix(NAME_MARK), ""
    if not match["glued"]:
        target = match["target"].removeprefix(NAME_MARK)
    protocol = match["protocol"] or ""
    style = NETMON if (protocol and info.startswith(f"{protocol}:")) or match["process"] else WIRESHARK
    process = (int(match["pid"]), match["process"]) if match["process"] else None
    clocks = unpack_times(TIMES.findall(match["times"]))
    record = Record(match.start(), end, style, int(match["number"]), clocks, source, target, protocol, info, process)
    record.columns = columns if style == WIRESHARK else None
    record.spread = "\n" in match["gap"]
    return record


def _end_of(text: str, start: int, stop: int) -> int:
    """Where a record that starts before `start` ends: at the line's end, or where another record or a header starts on its line."""
    end = text.find("\n", start, stop)
    end = min(stop if end < 0 else end, start + 4000)
    for sign in (START, HEADER, DETAILS):
        found = sign.search(text, start, end)
        end = found.start() if found else end
    rest = text[end : end + 200].partition("\n")[2].partition("\n")[0]
    if text[end : end + 1] == "\n" and end < stop and _goes_on(text[start:end], rest):
        end += 1 + len(rest)
    return end


def _goes_on(info: str, rest: str) -> bool:
    """Whether the next line is the rest of this record's: it lacks fields that every TCP line has, and they stand there."""
    if not re.search(r"\[(?:[A-Z]{3}(?:, )?)+\]|Flags=[.A-Z]{8}", info):
        return bool(re.match(r"\s*(?:[\w.-]+ > [\w.-]+ )?\[(?:[A-Z]{3}(?:, )?)+\] Seq=\d", rest))
    return (
        not re.search(r"\b(?:Payload)?Len=", info)
        and bool(re.match(r"[^\n]{0,80}\b(?:Len|Win|Seq|Ack)=\d", rest))
        and not START.match(rest)
    )


def _column_names(text: str) -> tuple[str, ...]:
    return tuple(match.lastgroup or "other" for match in _NAMES.finditer(text))


def settle_cells(records: list[Record]) -> None:
    """Take the numbers before each Info apart: by the header, or as the length where every TCP record has one there."""
    leads = [_lead(record) for record in records]
    told = [bool(cells) for record, (cells, _) in zip(records, leads, strict=True) if _PORTS.search(record.info[:120])]
    has_length = bool(told) and all(told)
    for record, (cells, end) in zip(records, leads, strict=True):
        if record.style != WIRESHARK:
            continue
        columns = record.columns
        if columns is None or (not columns and has_length):
            columns = ("length",) if has_length or (not told and _looks_like_length(cells)) else ()
        if record.columns is None and len(cells) > 1 and not told:
            record.info = record.info[end:].lstrip()
        elif columns and cells:
            record.cells = _assign(columns, cells)
            record.length = record.cells.get("length")
            record.info = record.info[end:].lstrip()


def _looks_like_length(cells: list[int | None]) -> bool:
    return len(cells) == 1 and 42 <= (cells[0] or 0) <= 65_600


def _lead(record: Record) -> tuple[list[int | None], int]:
    """The numbers that stand before the words of an Info, None for an empty cell, and where these start."""
    ports = _PORTS.search(record.info[:120])
    stop = ports.start() if ports else len(record.info)
    cells: list[int | None] = []
    at = 0
    while (found := _CELL.match(record.info, at)) and found.end() <= stop:
        word = found[0].split()[0]
        cells.append(
            None if word == EMPTY or set(",.") & set(found[0]) else int(word, 16 if word.startswith("0x") else 10)
        )
        at = found.end()
    return cells, at


def _assign(columns: tuple[str, ...], cells: list[int | None]) -> dict[str, int]:
    """Numbers by column. Where one is missing it is the acknowledgment number: a SYN has none."""
    names = [name for name in columns if name != "ack"] if len(cells) < len(columns) else list(columns)
    shown = zip(names, cells, strict=False) if len(cells) <= len(columns) else ()
    return {name: cell for name, cell in shown if cell is not None}

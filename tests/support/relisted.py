"""Listings in other dress: the same records with other addresses, columns, times and line ends.

Takes the text of a listing; `STYLES` maps names to functions that give a text which holds the same packets.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wireproof.capture.listing.assemble import assemble
from wireproof.capture.listing.decode import flatten
from wireproof.capture.listing.records import IPV4, NETMON, find_records, settle_cells

START = datetime(2013, 1, 6, 9, 52, 15, tzinfo=UTC)
WIDTH = 76


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `at` is its time since the listing's first one in microseconds; a length that is not printed is that of a padded frame."""

    number: int
    at: int
    process: str
    source: str
    target: str
    protocol: str
    length: int
    info: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The records of one listing, and the place that its heading names."""

    place: str
    rows: list[Row]
    is_monitor: bool


def listings_of(text: str) -> Iterator[Listed]:
    """The listings of a text, as they are read."""
    plain = flatten(text)
    records = list(find_records(plain))
    settle_cells(records)
    by_number = {record.number: record for record in records if record.target}
    for one in assemble(plain):
        rows, first = [], min(one.times)
        for number, time_ns, length in zip(one.numbers, one.times, one.lengths, strict=True):
            record = by_number[number]
            process = f"{record.process[1]} ({record.process[0]})" if record.process else ""
            ends = record.source, record.target
            size = record.length or max(length, 60)
            rows.append(Row(number, (time_ns - first) // 1000, process, *ends, record.protocol, size, record.info))
        yield Listed(one.place, rows, by_number[one.numbers[0]].style == NETMON)


def moved(text: str) -> str:
    """The text with other IPv4 addresses in place of each of its own."""
    places: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        last = found[0].rpartition(".")[2]
        return places.setdefault(found[0], f"10.{200 + len(places) // 100}.{77 + len(places) % 100}.{last}")

    return re.sub(rf"(?<![\d.]){IPV4}(?![.\d])", other, text)


def seconds(row: Row, _: Row | None) -> str:
    return f"{row.at / 1e6 + 12.5:.6f}"


def comma(row: Row, before: Row | None) -> str:
    return seconds(row, before).replace(".", ",")


def delta(row: Row, before: Row | None) -> str:
    return f"{(row.at - before.at) / 1e6 if before else 0.0:.6f}"


def moment(row: Row) -> datetime:
    return START + timedelta(microseconds=row.at)


def dated(form: str, end: str = "") -> Callable[[Row, Row | None], str]:
    return lambda row, _: moment(row).strftime(form) + end


iso = dated("%Y-%m-%d %H:%M:%S.%f")
clock = dated("%H:%M:%S.%f")
Time = Callable[[Row, "Row | None"], str]


def wireshark(
    one: Listed, times: dict[str, Time], *, length: bool = False, protocol: bool = True, gap: str = " ", arrow: str = ""
) -> list[str]:
    """The lines of Wireshark's packet list with these time columns, a header before them."""
    names = [
        "No.",
        *times,
        "Source",
        "Destination",
        *(["Protocol"] if protocol else []),
        *(["Length"] if length else []),
    ]
    lines, before = [gap.join([*names, "Info"])], None
    for row in one.rows:
        stamps = [time(row, before) for time in times.values()]
        ends = [f"{row.source} {arrow} {row.target}"] if arrow else [row.source, row.target]
        info = re.sub(r"(?<=\w) > (?=\w+ \[)", f" {arrow} ", row.info) if arrow else row.info
        cells = [*ends, *([row.protocol] if protocol else []), *([str(row.length)] if length else [])]
        lines.append(gap.join([str(row.number), *stamps, *cells, info]))
        before = row
    return lines


def monitor(one: Listed, times: list[Time], *, ids: bool = True, process: bool = True, gap: str = " ") -> list[str]:
    """The lines of Network Monitor's frame summary."""
    lines, before = [], None
    for row in one.rows:
        info = re.sub(r"\s*\{[^{}]*\}$", "", row.info) + (" {TCP:861, IPv4:843}" if ids else "")
        cells = [*(time(row, before) for time in times), *([row.process] if process and row.process else [])]
        lines.append(gap.join([str(row.number), *cells, row.source, row.target, row.protocol, info]))
        before = row
    return lines


def headed(text: str, lines: Callable[[Listed], list[str]], end: str = "\n") -> str:
    """All listings of a text one after another, each below a heading that names its place."""
    parts = []
    for one in listings_of(text):
        heading = f"Captured on the {one.place.replace('-', ' ')}:" if one.place else "And then:"
        parts.append(f"{heading}\n{end.join(lines(one))}\n\n")
    return "".join(parts)


def wrapped(text: str, width: int = WIDTH) -> str:
    """Each line broken at words, as mail does."""
    return "\n".join(
        part
        for line in text.splitlines()
        for part in textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
    )


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def table(lines: list[str]) -> list[str]:
    cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in line.split("\t")) for line in lines)
    return [f"<tr>{row}</tr>" for row in cells]


def csv_lines(lines: list[str]) -> list[str]:
    return [",".join('"' + cell.replace('"', '""') + '"' for cell in line.split("\t")) for line in lines]


SECONDS: dict[str, Time] = {"Time": seconds}
Style = Callable[[str], str]
WIRESHARK: dict[str, Style] = {
    "other_addresses": moved,
    "seconds": lambda text: headed(text, lambda one: wireshark(one, SECONDS)),
    "length": lambda text: headed(text, lambda one: wireshark(one, SECONDS, length=True)),
    "date_delta_length": lambda text: headed(
        text, lambda one: wireshark(one, {"Time": iso, "Delta": delta}, length=True)
    ),
    "clock_and_seconds": lambda text: headed(
        text, lambda one: wireshark(one, {"Time": clock, "Time since": seconds, "Delta": delta})
    ),
    "utc": lambda text: headed(
        text, lambda one: wireshark(one, {"UTC Time": dated("%Y-%m-%d %H:%M:%S.%f", "Z")}, length=True)
    ),
    "named_month": lambda text: headed(
        text, lambda one: wireshark(one, {"Time": dated("%b %d, %Y %H:%M:%S.%f", " UTC")})
    ),
    "day_first": lambda text: headed(text, lambda one: wireshark(one, {"Time": dated("%d.%m.%Y %H:%M:%S.%f")})),
    "comma": lambda text: headed(text, lambda one: wireshark(one, {"Time": comma}, length=True)),
    "no_header": lambda text: headed(text, lambda one: wireshark(one, SECONDS, length=True)[1:]),
    "no_protocol": lambda text: headed(text, lambda one: wireshark(one, SECONDS, protocol=False)),
    "arrows": lambda text: headed(text, lambda one: wireshark(one, SECONDS, length=True, arrow="→")),
    "tabs": lambda text: headed(text, lambda one: wireshark(one, SECONDS, length=True, gap="\t")),
    "wide": lambda text: headed(text, lambda one: wireshark(one, SECONDS, length=True, gap="      ")),
    "one_line": lambda text: headed(text, lambda one: wireshark(one, SECONDS), end=" "),
    "quoted": lambda text: quoted(headed(text, lambda one: wireshark(one, SECONDS, length=True))),
    "wrapped": lambda text: wrapped(headed(text, lambda one: wireshark(one, {"Time": iso}, length=True))),
    "wrapped_and_quoted": lambda text: quoted(wrapped(headed(text, lambda one: wireshark(one, SECONDS)), 72)),
    "html_table": lambda text: (
        "<html><body><table>" + headed(text, lambda one: table(wireshark(one, SECONDS, length=True, gap="\t")))
    ),
    "html_lines": lambda text: (
        "<p>" + headed(text, lambda one: [html.escape(line) for line in wireshark(one, SECONDS)], end="<br>\n")
    ),
    "escaped": lambda text: headed(text, lambda one: [html.escape(line) for line in wireshark(one, SECONDS)]),
    "csv": lambda text: headed(text, lambda one: csv_lines(wireshark(one, SECONDS, length=True, gap="\t"))),
    "carriage_returns": lambda text: headed(text, lambda one: wireshark(one, SECONDS), end="\r\n"),
}
"""Wireshark's list."""
TREES: dict[str, Style] = {
    "other_addresses": moved,
    "quoted": quoted,
    "one_line": lambda text: text.replace("\n", " "),
    "wrapped": wrapped,
    "wrapped_and_quoted": lambda text: quoted(wrapped(text, 72)),
    "html_lines": lambda text: "<html><body><p>" + "<br>".join(map(html.escape, text.splitlines())),
    "preformatted": lambda text: f"<pre>{html.escape(text)}</pre>",
    "escaped": html.escape,
    "indented": lambda text: "\n".join(f"\t{line}" for line in text.splitlines()),
    "carriage_returns": lambda text: text.replace("\n", "\r\n"),
}
"""Texts whose records have trees beneath them, or are trees."""
AMERICAN, GERMAN = dated("%I:%M:%S %p %m/%d/%Y"), dated("%H:%M:%S %d.%m.%Y")
MONITOR: dict[str, Style] = {
    "other_addresses": moved,
    "american": lambda text: headed(text, lambda one: monitor(one, [AMERICAN, seconds])),
    "german": lambda text: headed(text, lambda one: monitor(one, [GERMAN, comma])),
    "no_ids": lambda text: headed(text, lambda one: monitor(one, [AMERICAN, seconds], ids=False)),
    "no_process": lambda text: headed(text, lambda one: monitor(one, [GERMAN, seconds], process=False)),
    "offset": lambda text: headed(text, lambda one: monitor(one, [seconds], process=False)),
    "tabs": lambda text: headed(text, lambda one: monitor(one, [AMERICAN, seconds], gap="\t")),
    "one_line": lambda text: headed(text, lambda one: monitor(one, [GERMAN, seconds]), end=" "),
    "quoted": lambda text: quoted(headed(text, lambda one: monitor(one, [GERMAN, seconds]))),
    "wrapped": lambda text: wrapped(headed(text, lambda one: monitor(one, [AMERICAN, seconds])), 80),
    "html_lines": lambda text: (
        "<p>" + headed(text, lambda one: [html.escape(line) for line in monitor(one, [GERMAN, seconds])], end="<br>\n")
    ),
}
"""Network Monitor's frame summary."""

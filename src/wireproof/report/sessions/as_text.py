"""The table of TLS sessions for a terminal: one line a session, then why some stay closed, then what each key opened.

Takes what `decrypt` has to tell; gives a rich `Text`. On a narrow terminal columns are left out, never the session's number, frame and state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from wireproof.decrypt.keys.ring import KeyKind
from wireproof.decrypt.outcome import Status
from wireproof.report.as_text import draw_captures
from wireproof.report.page import Page, cut, pad, widest
from wireproof.report.sessions.words import (
    REASONS,
    headline,
    left_out,
    named_server,
    numbers,
    told,
    told_written,
    unused,
    version,
)
from wireproof.report.words import count, size

if TYPE_CHECKING:
    from wireproof.report.sessions.keys import KeyItem
    from wireproof.report.sessions.outcome import Decrypted
    from wireproof.report.sessions.table import ReasonGroup, SessionRow, SessionTable
    from wireproof.report.sessions.viewing import View

STYLES = {Status.DECRYPTED: "green", Status.PARTLY: "yellow", Status.CLOSED: "red"}
MOST_TEXTS = 3
"""Different sentences that are shown of one reason."""
MOST_CERTIFICATES = 5
"""Certificates that are named, of those whose keys are missing."""
LONG_NAME = 32
"""Cells of a name from which on what is said of it stands below."""
LEAST_CELLS = 16
"""Cells below which a name or a reason says too little: another column is left out before."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, what stands in it, and whether it is set to the right."""

    head: str
    cell: Callable[[SessionRow], str]
    right: bool = False


NUMBER = Column("#", lambda row: str(row.number), right=True)
FRAME = Column("Frame", lambda row: str(row.frame) if row.frame else "", right=True)
CLIENT = Column("Client", lambda row: row.client)
ADDRESS = Column("Server", lambda row: row.server)
NAME = Column("Name", lambda row: row.server_name)
SERVER = Column("Server", named_server)
VERSION = Column("Version", version)
SUITE = Column("Suite", lambda row: row.suite_title)
STATE = Column("State", lambda row: row.status.value)
RECORDS = Column("Records", lambda row: f"{row.records:,}" if row.opened else "", right=True)
READ = Column("Read", lambda row: size(row.octets) if row.opened else "", right=True)
TOLD = Column("Key or reason", told)

LAYOUTS: tuple[tuple[Column, ...], ...] = (
    (NUMBER, FRAME, CLIENT, ADDRESS, NAME, VERSION, SUITE, STATE, RECORDS, READ, TOLD),
    (NUMBER, FRAME, CLIENT, SERVER, VERSION, SUITE, STATE, RECORDS, READ, TOLD),
    (NUMBER, FRAME, CLIENT, SERVER, VERSION, STATE, READ, TOLD),
    (NUMBER, FRAME, CLIENT, SERVER, STATE, READ, TOLD),
    (NUMBER, FRAME, SERVER, VERSION, STATE, READ, TOLD),
    (NUMBER, FRAME, SERVER, STATE, READ, TOLD),
)
"""From the widest to the narrowest. Empty columns are left out of each."""


def render_decrypted(made: Decrypted, width: int | None = None, top: int = 20) -> Text:
    """What `decrypt` prints on a terminal of `width` columns, or into a pipe (None), where rows are never cut."""
    page = Page(width)
    for item, table in made.captures:
        page.blank()
        draw_captures(page, [item])
        draw_sessions(page, table, top)
    draw_keys(page, made.keys)
    _draw_written(page, made)
    _draw_views(page, made.views)
    if made.notes:
        page.blank()
        page.line(("Notes", "bold"))
        for note in made.notes:
            page.prose(note, 3, first="- ")
    return page.text


def draw_sessions(page: Page, table: SessionTable, top: int = 20) -> None:
    """Headline, the first `top` sessions of each state and reason (0 for all), the reasons."""
    page.prose(headline(table), style="bold")
    if table.rows:
        page.blank()
        shown = table.first(top)
        _draw_rows(page, shown)
        rest = left_out(table, shown)
        if rest:
            page.line((f"and {rest}; --top 0 shows all", "dim"))
    _draw_reasons(page, table.groups)


def _draw_rows(page: Page, rows: Sequence[SessionRow]) -> None:
    columns, widths = _fit(page, rows)
    heads = [
        pad(cut(column.head, width), width, right=column.right) for column, width in zip(columns, widths, strict=True)
    ]
    page.line(("  ".join(heads).rstrip(), "dim"))
    for row in rows:
        parts: list[str | tuple[str, str]] = []
        for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
            words = (_cut_server if column is SERVER else cut)(column.cell(row), width)
            words = words if place == len(columns) - 1 else pad(words, width, right=column.right) + "  "
            parts.append((words, STYLES[row.status]) if column is STATE else words)
        page.line(*parts)


def _cut_server(words: str, width: int) -> str:
    """A server of at most `width` cells that keeps its port."""
    host, colon, port = words.rpartition(":")
    room = width - len(colon + port)
    return words if cell_len(words) <= width else cut(host, room) + colon + port if room > 1 else cut(words, width)


def _fit(page: Page, rows: Sequence[SessionRow]) -> tuple[list[Column], list[int]]:
    """The widest layout that fits, with the width of each column; what is too long for the narrowest is cut."""
    columns: list[Column] = []
    widths: list[int] = []
    for layout in LAYOUTS:
        columns = [column for column in layout if any(map(column.cell, rows))]
        widths = [max(widest(map(column.cell, rows)), len(column.head)) for column in columns]
        if page.width is None or _total(widths) <= page.width:
            return columns, widths
        if _narrow(page.width, columns, widths, LEAST_CELLS):
            return columns, widths
    _narrow(page.width or 0, columns, widths, 1)
    return columns, widths


def _narrow(width: int, columns: Sequence[Column], widths: list[int], least: int) -> bool:
    """Take cells from the last column and from the server's name, down to `least` each; whether the row fits then."""
    for column in (TOLD, SERVER, NAME):
        over = _total(widths) - width
        if over > 0 and column in columns:
            place = columns.index(column)
            widths[place] -= min(over, max(widths[place] - least, 0))
    return _total(widths) <= width


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 1)


# --- reasons, keys, files ------------------------------------------------------------------------------------------------


def _draw_reasons(page: Page, groups: Sequence[ReasonGroup]) -> None:
    for group in groups:
        page.blank()
        page.line((_who(group), "bold"), f": {REASONS[group.reason]}")
        texts = group.texts
        for text, members in list(texts.items())[:MOST_TEXTS]:
            page.prose(f"{numbers(members)}: {text}" if len(texts) > 1 else text, 3)
        if len(texts) > MOST_TEXTS:
            page.line((f"and {len(texts) - MOST_TEXTS:,} more like these; --format json has all", "dim"), indent=3)
        if group.advice:
            page.prose(group.advice, 3, first="→ ", style="cyan")
        needed = group.certificates
        for (name, thumbprint), number in list(needed.items())[:MOST_CERTIFICATES]:
            page.prose(f"{name}, thumbprint {thumbprint}: {count(number, 'session')}", 5, style="cyan")
        if len(needed) > MOST_CERTIFICATES:
            page.line((f"and {count(len(needed) - MOST_CERTIFICATES, 'more certificate')}", "dim"), indent=5)


def _who(group: ReasonGroup) -> str:
    """The sessions by number while they are few, else how many."""
    words = numbers([row.number for row in group.rows])
    return words.capitalize() if "more" not in words else count(len(group.rows), "session")


def draw_keys(page: Page, keys: Sequence[KeyItem]) -> None:
    """What each source of keys opened, or why it opened nothing."""
    if not keys:
        return
    page.blank()
    page.line(("Keys", "bold"))
    names = widest(key.title for key in keys)
    for key in keys:
        opened = f", opened {count(key.opened, 'session')}" if key.opened else f", opened no session: {unused(key)}"
        # Of a file without any key its notes tell all.
        _draw_named(
            page, key.title, _amount(key) + (opened if key.count else ""), names, "" if key.opened else "yellow"
        )
        for note in key.notes:
            page.prose(note, 5, style="dim")


def _draw_named(page: Page, name: str, words: str, room: int, style: str) -> None:
    """A name with words beside it, or below it where one of the names is long; `room` is the longest one's cells."""
    if room > LONG_NAME:
        page.line(name, indent=3)
        page.prose(words, 5, style=style)
    else:
        page.prose(words, 3, first=f"{pad(name, room)}  ", style=style)


def _amount(key: KeyItem) -> str:
    """`private key`, `3 private keys`, `key log with 40 secrets`."""
    if key.kind == KeyKind.KEY_LOG:
        return f"{key.kind} with {count(key.count, 'secret')}"
    return key.kind if key.count == 1 else count(key.count, key.kind) if key.count else f"no {key.kind}"


def _draw_views(page: Page, views: Sequence[View]) -> None:
    """How to see what stays as captured: commands in one line each, so that they can be copied."""
    for view in views:
        page.blank()
        page.prose(view.text)
        if view.command:
            page.line((view.command, "cyan"), indent=3)


def _draw_written(page: Page, made: Decrypted) -> None:
    """The files, or how to get one."""
    if made.written:
        page.blank()
        page.line(("Written", "bold"))
    names = widest(written.file for written in made.written.values())
    for written in made.written.values():
        _draw_named(page, written.file, told_written(written), names, "green")
        for note in written.exported.notes:
            page.prose(note, 5, style="dim")
    if made.writable and not made.asked:
        page.blank()
        page.prose(
            "Nothing was written; --output FILE.pcapng writes what was decrypted as a capture that any tool reads.",
            style="dim",
        )

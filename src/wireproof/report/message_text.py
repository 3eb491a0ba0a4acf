"""Application messages as a table for a terminal: frame, time, sender and receiver, and the fields that say something.

Takes a case and a protocol's name; gives a rich `Text`. No judgement: nothing is coloured good or bad.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from wireproof.messages.said import TABLES
from wireproof.messages.table import Message, MessageTable, is_row, plain
from wireproof.report.as_text import draw_captures
from wireproof.report.captures import make_captures
from wireproof.report.page import Page, cut, pad, widest
from wireproof.report.words import count

if TYPE_CHECKING:
    from wireproof.case import Case, Point

HEADS = ("Frame", "Time", "#", "From", "To", "Message")
RIGHT = frozenset((0, 1, 2))
LONGEST = 60
"""Cells of one field's value; what is longer is cut, the export holds all of it."""
OWN = frozenset(field.name for field in dataclasses.fields(Message))
INTERNAL = frozenset(("start", "end", "body_at", "data_offset"))
"""Fields for other code to find a message's bytes by."""


def render_messages(case: Case, name: str, top: int, width: int | None = None) -> Text:
    """The first `top` messages (0 for all) of one protocol in each capture; of "all", how many of each protocol there are."""
    page = Page(width)
    for point, item in zip(case.points, list(make_captures(case)), strict=True):
        page.blank()
        draw_captures(page, [item])
        if name == "all":
            _draw_counts(page, point)
        else:
            _draw_messages(page, point, point.said.table(name), top)
    return page.text


def _draw_counts(page: Page, point: Point) -> None:
    counts = {name: len(point.said.table(name)) for name in TABLES}
    found = {name: number for name, number in counts.items() if number}
    for name, number in found.items():
        page.line(f"{name:<10} {number:>9,}")
    if not found:
        page.line(("no application messages were recognised", "dim"))


def _draw_messages(page: Page, point: Point, table: MessageTable[Message], top: int) -> None:
    shown = table[:top] if top else list(table)
    cells = [_cells(point, message) for message in shown]
    if not cells:
        page.line(("no such messages", "dim"))
        return
    widths = [max(widest(column), len(head)) for head, column in zip(HEADS, zip(*cells, strict=True), strict=True)]
    widths[-1] = 0
    page.line((_join(HEADS, widths), "dim"))
    for row in cells:
        line = _join(row, widths)
        page.line(cut(line, page.width) if page.width else line)
    left = len(table) - len(shown)
    if left:
        page.line((f"and {count(left, 'more message')}; --top 0 shows all", "dim"))


def _join(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(
        pad(cell, width, right=place in RIGHT) for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ).rstrip()


def _cells(point: Point, message: Message) -> tuple[str, ...]:
    talk, packets = point.talk(message.conversation), point.packets
    start_ns = int(packets.time_ns[0])
    return (
        str(packets.number(message.last_row)),
        f"{(message.time_ns - start_ns) / 1e9:.6f}",
        str(message.conversation),
        talk.endpoint(message.side),
        talk.endpoint(1 - message.side),
        " ".join(tell_fields(point, message)) + (" (cut)" if message.cut else ""),
    )


def tell_fields(point: Point, message: Message) -> Iterator[str]:
    """`name=value` of each field that has another value than its default; `yes` fields by their name alone."""
    for field in dataclasses.fields(message):
        value = getattr(message, field.name)
        if field.name in OWN or field.name in INTERNAL or value == field.default:
            continue
        if is_row(field.name):
            yield f"{field.name.removesuffix('row')}frame={point.packets.number(value) if value >= 0 else 0}"
        elif isinstance(value, bool):
            yield field.name if value else f"{field.name}=no"
        else:
            yield f"{field.name}={cut(_words(plain(value)), LONGEST)}"


def _words(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(_words, value))
    text = str(value)
    return f'"{text}"' if " " in text else text

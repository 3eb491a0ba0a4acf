"""What a report on findings says of decryption, in short: how many sessions were read, with what, and what would open the others.

Takes the tables of the captures that have something to say; gives lines, which each format draws in its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.decrypt.outcome import Reason
from wireproof.report.sessions.keys import sum_keys
from wireproof.report.sessions.words import REASONS, headline, unused
from wireproof.report.words import count

if TYPE_CHECKING:
    from wireproof.report.page import Page
    from wireproof.report.sessions.table import SessionTable

MOST_ADVICE = 4


@dataclass(frozen=True, slots=True)
class Section:
    """`leads` are (capture, headline); `advice` pairs who is meant with what to do next time; `unused` names keys of no use."""

    leads: list[tuple[str, str]]
    advice: list[tuple[str, str]]
    unused: list[str]

    def lines(self, name_captures: bool) -> list[str]:
        """The headlines, each with its capture's name where there are several."""
        return [f"{name}: {lead}" if name_captures else lead for name, lead in self.leads]


def make_section(tables: Sequence[SessionTable]) -> Section:
    """Headlines in the order of the captures, each advice once over all of them."""
    meant: dict[tuple[Reason, str], int] = {}
    for group in (group for table in tables for group in table.groups):
        if not group.advice or group.reason is Reason.NOT_FINISHED:
            # Nothing was said that a key could open, and why handshakes fail the findings tell.
            continue
        key = (group.reason, group.advice)
        meant[key] = meant.get(key, 0) + len(group.rows)
    most = sorted(meant.items(), key=lambda one: -one[1])[:MOST_ADVICE]
    advice = [(f"{count(number, 'session')}, {REASONS[reason]}", text) for (reason, text), number in most]
    useless = [
        f"{key.title} opened no session: {unused(key)}"
        for key in sum_keys(key for table in tables for key in table.keys)
        if not key.opened
    ]
    return Section([(table.capture, headline(table)) for table in tables], advice, useless)


def draw_section(page: Page, tables: Sequence[SessionTable], *, name_captures: bool = False) -> None:
    """The section on a terminal; nothing where there is nothing to say."""
    if not tables:
        return
    section = make_section(tables)
    page.blank()
    page.line(("Decryption", "bold"))
    for line in section.lines(name_captures):
        page.prose(line, 3)
    for who, text in section.advice:
        page.prose(f"{who}: {text}", 3, first="→ ", style="cyan")
    for text in section.unused:
        page.prose(text, 3, first="- ", style="yellow")

"""What the command `decrypt` has to tell: each capture's sessions, what was written, what the keys opened, notes.

Holds plain values for its renderers; finds nothing out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.report.sessions.keys import sum_keys

if TYPE_CHECKING:
    from wireproof.export.options import Exported
    from wireproof.report.captures import CaptureItem
    from wireproof.report.sessions.keys import KeyItem
    from wireproof.report.sessions.table import SessionTable
    from wireproof.report.sessions.viewing import View


@dataclass(frozen=True, slots=True)
class Written:
    """A clear capture that was written, and what is in it."""

    file: str
    exported: Exported


@dataclass(slots=True)
class Decrypted:
    """Each capture with its sessions; `written` by capture name, without those for which nothing was written.

    `views` tell how to see what stays as captured though it was read. `asked` tells whether clear captures were asked for.
    """

    captures: list[tuple[CaptureItem, SessionTable]]
    written: dict[str, Written] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    asked: bool = False

    @property
    def tables(self) -> list[SessionTable]:
        """The sessions of each capture."""
        return [table for _, table in self.captures]

    @property
    def keys(self) -> list[KeyItem]:
        """Every source of keys once, with what it opened in all captures."""
        return sum_keys(key for table in self.tables for key in table.keys)

    @property
    def opened(self) -> int:
        """Sessions that were read, wholly or in part."""
        return sum(table.opened for table in self.tables)

    @property
    def writable(self) -> bool:
        """Whether a clear capture has something to show: QUIC stays as it was captured."""
        return any(kind.opened and kind.family != "QUIC" for table in self.tables for kind in table.counts)

    @property
    def needed(self) -> int:
        """Sessions in which anything is encrypted."""
        return sum(table.needed for table in self.tables)

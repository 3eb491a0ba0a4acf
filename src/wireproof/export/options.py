"""What is asked of an export, and what came of it.

Holds choices and counts; writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wireproof.errors import WireproofError


class ExportError(WireproofError):
    """The clear capture can't be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How a clear capture is written.

    `others` keeps what belongs to no opened conversation. `tunnels` keeps the stream that carries an IP-HTTPS tunnel beside the packets
    from inside it. `ports` maps ports of servers, in opened conversations only. `redact` blanks credentials. `inputs` are files that
    must not be overwritten, besides the capture itself.
    """

    others: bool = True
    tunnels: bool = True
    ports: Mapping[int, int] = field(default_factory=dict)
    redact: bool = False
    inputs: tuple[Path, ...] = ()


@dataclass(slots=True)
class Exported:
    """What was written: `frames` in all, of which `clear` stand for opened conversations and `inner` come from inside tunnels.

    `left_out` counts frames of the capture that the file lacks, by reason; frames that clear ones stand for are not among them.
    `redacted` counts the places that were blanked. `notes` are sentences for the user.
    """

    frames: int = 0
    clear: int = 0
    inner: int = 0
    conversations: int = 0
    redacted: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

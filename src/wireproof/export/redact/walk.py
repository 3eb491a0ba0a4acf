"""Secrets in a stream of any length, a window at a time: values that lie across windows, and what a gap leaves in doubt.

Takes a stream; gives what to blank by offset. Holds one window in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from wireproof.export.redact.binary import find_binary_secrets
from wireproof.export.redact.commands import find_command_secrets
from wireproof.export.redact.encoded import find_coded_secrets
from wireproof.export.redact.members import find_cut_object
from wireproof.export.redact.secret import Secret
from wireproof.export.redact.spans import blank, merge
from wireproof.export.redact.tags import find_cut_tag
from wireproof.export.redact.text import find_text_secrets

if TYPE_CHECKING:
    from wireproof.export.redact.spans import Span

WINDOW = 1 << 18
OVERLAP = 1 << 13
"""What stands at the end of a window is looked at again with what follows: longer than any name with what belongs to it."""
BEFORE = 256
"""Bytes kept before the name of a value that goes on: the line or tag that it stands in."""
LINE_OVER = re.compile(rb"(\r?\n)(?=(?![Cc]ontent-)[^\s:]{1,200}[ \t:][^\r\n]*(?<!\})\r?\n)")
"""The end of a line before one that says something by itself: it is no folded line, no coded answer to a challenge, no part of a form or its head,
and announces no literal (RFC 9051 section 4.3).
"""
START_LINE = re.compile(
    rb"[A-Z][A-Z_-]{1,15} [^\r\n ]{1,8000} (?:HTTP|SIP|RTSP)/[0-9.]{1,4}\r\n|(?:HTTP|SIP|RTSP)/[0-9.]{1,4} [0-9]{3}[ \r]"
)
"""A message's first line: whatever stands before it is over."""


class Readable(Protocol):
    """What is read of a stream."""

    begins_known: bool

    def read(self, start: int, count: int) -> bytes:
        """Bytes from `start`; fewer at a gap and at the end."""

    def next_after(self, offset: int) -> int | None:
        """Where bytes go on; None at the end."""


def find_secrets(data: bytes, commands: bool = True) -> Iterator[Secret]:
    """Every secret in the data; `commands` also looks for lines that log in."""
    yield from find_text_secrets(data)
    yield from find_coded_secrets(data)
    yield from find_cut_tag(data)
    yield from find_cut_object(data)
    yield from find_binary_secrets(data)
    if commands:
        yield from find_command_secrets(data)


def hide_in_text(text: str) -> str:
    """A text, such as a comment, with its secrets blanked."""
    data = text.encode()
    return blank(data, merge((secret.start, secret.end) for secret in find_secrets(data))).decode("utf-8", "replace")


def find_spans(stream: Readable, commands: bool = True) -> list[Span]:
    """What to blank of a stream. Behind a gap, what comes before the first whole line of its own may be the rest of a secret, and goes too."""
    walk = _Walk(stream, commands)
    at = stream.next_after(0)
    doubtful = not stream.begins_known
    while at is not None:
        if (at > 0 or doubtful) and not START_LINE.match(stream.read(at, 8192)):
            walk.pending.add(LINE_OVER)
        at = stream.next_after(walk.stretch(at))
    return walk.spans


@dataclass(slots=True)
class _Walk:
    """One pass through a stream. `pending` are the ends that values in progress wait for."""

    stream: Readable
    commands: bool
    spans: list[Span] = field(default_factory=list)
    pending: set[re.Pattern[bytes]] = field(default_factory=set)

    def stretch(self, begin: int) -> int:
        """Look through the bytes from `begin` to the next gap; gives where they end."""
        while True:
            data = read_window(self.stream, begin)
            final = len(data) < WINDOW
            self._go_on(data, begin)
            step = WINDOW - OVERLAP
            for secret in find_secrets(data, self.commands):
                start = secret.name_at - BEFORE
                if secret.open and not final and start >= OVERLAP:
                    # It is found again, with its end, in a window that begins with its name.
                    step = min(step, start)
                    continue
                self.spans.append((begin + secret.start, begin + secret.end))
                if secret.open:
                    self.pending.add(secret.until)
            if final:
                return begin + max(len(data), 1)
            begin += step

    def _go_on(self, data: bytes, begin: int) -> None:
        """Blank up to the ends that are waited for."""
        for until in list(self.pending):
            end = until.search(data)
            self.spans.append((begin, begin + (end.start(1) if end else len(data))))
            if end:
                self.pending.discard(until)


def read_window(stream: Readable, begin: int) -> bytes:
    """A window's bytes; fewer only at a gap or the end."""
    data = stream.read(begin, WINDOW)
    while 0 < len(data) < WINDOW:
        more = stream.read(begin + len(data), WINDOW - len(data))
        if not more:
            break
        data += more
    return data

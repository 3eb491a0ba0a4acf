"""How to see what was read and has no form in a clear capture: QUIC, which Wireshark shows with the secrets beside the packets.

Takes a capture point whose sessions were opened; gives a sentence and a command that can be run as it is. Runs nothing.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from wireproof.decrypt.outcome import Status
from wireproof.report.sessions.words import EMBEDDED
from wireproof.report.words import count

if TYPE_CHECKING:
    from wireproof.case import Point

SUFFIX = ".secrets.pcapng"


class View(NamedTuple):
    """What to say of connections that were read and stay as captured, and the command that lets Wireshark show them; "" where none is needed."""

    text: str
    command: str


def find_views(points: Sequence[Point]) -> Iterator[View]:
    """One view for each capture with QUIC connections that were read."""
    for point in points:
        every = point.clear.quic.values() if point.clear is not None else ()
        sources = [one.outcome.key for one in every if one.outcome.status is not Status.CLOSED]
        if sources:
            yield _view(point, sources)


def _view(point: Point, sources: Sequence[str]) -> View:
    """How to see the connections that these sources of secrets opened."""
    was = "was" if len(sources) == 1 else "were"
    text = f"{count(len(sources), 'QUIC connection')} of {point.name} {was} read. `wireproof check` looks inside; a clear capture keeps QUIC as captured."
    logs = list(dict.fromkeys(source for source in sources if source and not source.endswith(EMBEDDED)))
    if not logs:
        return View(f"{text} Wireshark shows it in the capture itself, which holds the secrets.", "")
    words = [part for log in logs for part in ("--inject-secrets", f"tls,{log}")]
    command = shlex.join(["editcap", *words, point.file, f"{point.name}{SUFFIX}"])
    return View(
        f"{text} This makes a copy in which Wireshark shows it; whoever has the copy has all of the log's secrets:",
        command,
    )

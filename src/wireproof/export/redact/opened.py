"""Credentials in opened conversations, before TLS begins and inside it.

Takes opened conversations and their content; has the content blank what is found whenever it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wireproof.export.redact.protocols import is_known
from wireproof.export.redact.spans import Spans
from wireproof.export.redact.talks import find_talk_spans
from wireproof.export.redact.walk import find_spans
from wireproof.export.said import CLEAR, PLAIN

if TYPE_CHECKING:
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.export.content import Content
    from wireproof.streams.stream import Stream


def hide_in_content(content: Content, talks: Sequence[ClearTalk]) -> tuple[int, set[str], list[int]]:
    """(places that are blanked, what the user should know, conversations with a protocol that is not known)."""
    places, notes, strange = 0, set(), []
    for place, talk in enumerate(talks):
        found = find_talk_spans(talk.talk())
        notes |= found.notes
        before, plain_known = _before_tls(content.plain(2 * place), content.plain(2 * place + 1))
        for side in (0, 1):
            content.hide(2 * place + side, CLEAR, found.sides[side])
            content.hide(2 * place + side, PLAIN, before[side])
            places += len(found.sides[side]) + len(before[side])
            talk.streams[side].preload(b"", 0)
        if found.strange or not plain_known:
            strange.append(talk.conversation)
    return places, notes, strange


def _before_tls(one: Stream | None, other: Stream | None) -> tuple[tuple[Spans, Spans], bool]:
    """What to blank of what both sides said before TLS began, and whether its protocol is known."""
    said = [stream for stream in (one, other) if stream]
    known = not said or is_known(said[0], said[1] if len(said) > 1 else None)
    spans = [
        Spans(find_spans(stream) if known else [(0, stream.end)]) if stream else Spans() for stream in (one, other)
    ]
    return (spans[0], spans[1]), known

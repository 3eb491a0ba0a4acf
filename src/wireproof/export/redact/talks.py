"""What to blank of a whole conversation: each protocol as it hides or shows its secrets.

Takes both streams; gives what to blank by side, and what the user should know of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.export.redact.bodies import find_body_spans
from wireproof.export.redact.http2 import hide_frames, is_http2
from wireproof.export.redact.protocols import LOOKED_AT, is_cut, is_known, records_from
from wireproof.export.redact.spans import Spans
from wireproof.export.redact.walk import find_spans
from wireproof.wire.tls import unpack_record

if TYPE_CHECKING:
    from wireproof.export.redact.spans import Span
    from wireproof.streams.stream import Stream, TalkStreams

HTTP2 = "heads and data of HTTP/2 are blanked whole"
SWITCHED = "what follows a change from HTTP to another protocol is blanked whole"
PACKED = "what two sides say after they agreed on compression is blanked whole"
TUNNEL = "what goes through a proxy's tunnel in a protocol that is not known here is blanked whole"

PACKING = re.compile(
    rb"(?im)^(?:NEGOTIATE [^\r\n]*SIP/2\.0|Compression:[ \t]|[A-Za-z0-9.]{1,20} COMPRESS DEFLATE)|http://jabber\.org/protocol/compress"
)
"""A side asks for compression: Microsoft's SIP (MS-SIPCOMP), IMAP (RFC 4978), XMPP (XEP-0138)."""
PACKING_SIGNS = (b"negotiate ", b"compression:", b" compress deflate", b"/protocol/compress")
"""One of these is in whatever matches, lower case."""
PACKING_SEARCHED = 1 << 16


@dataclass(slots=True)
class TalkSpans:
    """What to blank of each side's stream (0 and 1).

    `strange` tells that the protocol is not known and all of it goes; `whole` that single packets of it are blanked whole too.
    """

    sides: tuple[Spans, Spans]
    notes: set[str] = field(default_factory=set)
    strange: bool = False
    whole: bool = False

    def __len__(self) -> int:
        return len(self.sides[0]) + len(self.sides[1])


def find_talk_spans(talk: TalkStreams) -> TalkSpans:
    """What to blank of a conversation."""
    if is_http2(talk):
        one, other = (hide_frames(stream) for stream in talk.sides)
        return TalkSpans((one, other), {HTTP2}, whole=True)
    if not is_known(*talk.sides):
        one, other = (Spans([(0, stream.end)]) for stream in talk.sides)
        return TalkSpans((one, other), strange=True, whole=True)
    spans = [find_spans(stream) + _before_records(stream) for stream in talk.sides]
    notes = set()
    bodies = find_body_spans(talk)
    if bodies:
        spans = [own + more for own, more in zip(spans, bodies.spans, strict=True)]
        notes |= {SWITCHED} if bodies.switched else set()
        if bodies.tunnel and not is_known(*talk.sides, *bodies.tunnel):
            notes.add(TUNNEL)
            for side, at in enumerate(bodies.tunnel):
                spans[side].append((at, talk.sides[side].end))
    packed = [_packed_from(stream) for stream in talk.sides]
    if any(at is not None for at in packed):
        notes.add(PACKED)
        for side, begins in enumerate(packed):
            spans[side].append((begins or 0, talk.sides[side].end))
    return TalkSpans((Spans(spans[0]), Spans(spans[1])), notes, whole=bool(notes))


def _before_records(stream: Stream) -> list[Span]:
    """What stands before the first record that is whole, in a capture that begins in the middle: it may be anything."""
    at = stream.next_after(0)
    if at is None or not is_cut(stream):
        return []
    head = stream.read(at, LOOKED_AT)
    begins = None if unpack_record(head[:5]) else records_from(head)
    return [(at, at + begins)] if begins else []


def _packed_from(stream: Stream) -> int | None:
    """Where a side that asked for compression has said so."""
    data = stream.read(0, PACKING_SEARCHED)
    lowered = data.lower()
    if not any(sign in lowered for sign in PACKING_SIGNS):
        return None
    found = PACKING.search(data)
    if found is None:
        return None
    blank = data.find(b"\r\n\r\n", found.end())
    return blank + 4 if blank >= 0 and found[0][:1] in b"NnCc" else found.end()

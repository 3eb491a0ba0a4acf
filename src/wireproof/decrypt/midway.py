"""TLS that was under way when the capture began: where its first whole record stands.

Takes the facts of conversations, and the streams of one; gives the conversations that may hold such sessions, and the place. Opens nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.beginning import Beginning
from wireproof.decrypt.record_feed import HEADERS
from wireproof.streams.recognise import Beginnings
from wireproof.wire.tls import APPLICATION_DATA, RECORD_HEADER, RECORD_MOST, unpack_record

if TYPE_CHECKING:
    from wireproof.conversations import Conversations
    from wireproof.streams.protocols import Protocols
    from wireproof.streams.stream import Stream, TalkStreams

SEARCHED = 1 << 14
"""Bytes in which the first whole record is looked for: no record is much longer."""


def begun_before(conversations: Conversations, protocols: Protocols) -> NDArray[np.int64]:
    """Conversations that may have been TLS already when the capture began: by a record, or because they are nothing else that is known."""
    first = Beginnings(conversations.side_facts("opening"), conversations.side_facts("port"))
    records = first.starts(bytes([APPLICATION_DATA, 3])) & (first.byte(2) <= 4) & (first.short(3) <= RECORD_MOST)
    unknown = (conversations.side_facts("syn_row") == 0).all(axis=1) & (first.words != 0).any(axis=1)
    for numbers in protocols.tcp.values():
        unknown[numbers] = False
    return np.flatnonzero((records.any(axis=1) | unknown) & conversations.is_tcp)


def find_midway(talk: TalkStreams) -> Beginning | None:
    """Where the first whole records of a session stand that began before the capture; None where there is none."""
    starts = [-1 if stream.begins_known else _first_record(stream) for stream in talk.sides]
    if max(starts) < 0:
        return None
    return Beginning(talk.client_side, talk.sides, (starts[0], starts[1]))


def _first_record(stream: Stream) -> int:
    """Where a record begins that another one follows, or behind which the stream ends; -1 for none."""
    window = stream.read(0, SEARCHED)
    for found in HEADERS.finditer(window):
        at = found.start()
        record = unpack_record(window[at : at + RECORD_HEADER])
        if record is None or record.kind != APPLICATION_DATA:
            continue
        behind = at + RECORD_HEADER + record.length
        following = unpack_record(stream.read(behind, RECORD_HEADER))
        if behind == stream.end or (following is not None and following.version == record.version):
            return at
    return -1

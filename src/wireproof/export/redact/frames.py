"""Credentials in frames that are kept as they are: blanked where they stand, with transport checksums kept as right or wrong as they were.

Takes a capture's tables; gives frames with their secrets blanked. Streams are looked through as streams, so that a value in two segments,
and every copy of it, is found; all other packets one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.export.redact.binary import PA_ENC_TIMESTAMP
from wireproof.export.redact.checksums import hide_in_packet
from wireproof.export.redact.encoded import coded_places
from wireproof.export.redact.spans import Patch, Span, blank, merge
from wireproof.export.redact.talks import find_talk_spans
from wireproof.export.redact.text import find_stems, occurrences
from wireproof.export.redact.walk import find_secrets
from wireproof.export.said import reach_at
from wireproof.export.sides import SYN, find_rows, find_sides
from wireproof.streams import open_streams
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.export.redact.talks import TalkSpans
    from wireproof.export.rows import RowOrder

Ints = NDArray[np.int64]
GROUP = 512
SIGNS = (
    b"\x02\x01\x03\x04",
    b"\x02\x01\x02\x04",
    b"ntlmssp\0\x03",
    b"user ",
    b"login ",
    b"unicodepwd",
    PA_ENC_TIMESTAMP,
)
"""What every secret that has no name has near it, lower case: packets without any need not be looked at."""
ETHERNET_HEADER = 14
NAMED = 5
"""Servers that a note names."""
QUOTED_KEPT = {6: 20, 17: 8}
"""Bytes behind the IP header that stay of a packet that an ICMP error quotes."""


class FrameRedactor:
    """Blanks secrets in rows. `places` counts those in streams from the start on, others as they are come across."""

    def __init__(
        self, tables: CaptureTables, order: RowOrder, conversations: Ints, strange: Sequence[int] = ()
    ) -> None:
        self._tables, self._order = tables, order
        self._in_streams: dict[int, list[Span]] = {}
        self._patches: dict[int, list[Patch]] = {}
        self._alone: set[int] = set()
        self._wholly: set[int] = set()
        self.places = 0
        self.notes: set[str] = set()
        self._strange = list(strange)
        for begin in range(0, len(conversations), GROUP):
            self._look_through(conversations[begin : begin + GROUP])
        if self._strange:
            self.notes.add(self._tell_strange())

    def _tell_strange(self) -> str:
        """How many conversations are blanked whole since their protocol is not known, and the servers of some."""
        talks = self._tables.conversations
        servers = list(dict.fromkeys(talks[number].server_endpoint for number in sorted(self._strange)))
        named = ", ".join(servers[:NAMED]) + (f" and {len(servers) - NAMED} more" if len(servers) > NAMED else "")
        count = len(self._strange)
        which = "1 conversation" if count == 1 else f"{count} conversations"
        return f"all that is said in {which} is blanked, since the protocol is not known here: {named}"

    def _look_through(self, numbers: Ints) -> None:
        """Find what to blank in the streams of these conversations, and which of their packets are in no stream."""
        spans: list[TalkSpans] = []
        for talk in open_streams(self._tables, numbers):
            spans.append(find_talk_spans(talk))
            self.places += len(spans[-1])
            self.notes |= spans[-1].notes
            self._strange += [talk.conversation] if spans[-1].strange else []
        packets = self._tables.packets
        rows = find_rows(self._tables, numbers, self._order)
        sides = find_sides(self._tables, numbers, rows, self._order)
        carried = packets.length[rows.row] > 0
        stream, rank, row = rows.stream[carried], rows.rank[carried], rows.row[carried]
        alone = ~np.isin(row, sides.raw.row)
        self._alone.update(row[alone].tolist())
        self._wholly.update(
            number
            for number, one in zip(row[alone].tolist(), stream[alone].tolist(), strict=True)
            if spans[one >> 1].whole
        )
        near = reach_at(sides, self._order, stream, rank)
        first = packets.seq[row] + (rows.flags[carried] & SYN != 0).astype(np.uint32)
        start = near + (first - sides.base[stream] - near.astype(np.uint32)).astype(np.uint32).view(np.int32)
        at, end = packets.payload_at[row].astype(np.int64), start + packets.length[row]
        for place, number in enumerate(row.tolist()):
            one = int(stream[place])
            side, here = spans[one >> 1].sides[one & 1], int(at[place])
            hidden = side.within(int(start[place]), int(end[place]))
            if hidden:
                self._in_streams[number] = [(here + a, here + b) for a, b in hidden]
            patches = side.patches(int(start[place]), int(end[place]))
            if patches:
                self._patches[number] = [(here + offset, data) for offset, data in patches]

    def hide(self, rows: Ints, frames: Sequence[bytes]) -> list[bytes]:
        """The frames of these rows with their secrets blanked."""
        found = list(frames)
        packets = self._tables.packets
        columns = (packets.network_at, packets.transport_at, packets.protocol)
        spans = [self._in_streams.get(row, []) for row in rows.tolist()]
        for place, more in self._find_alone(rows, frames):
            spans[place] = [*spans[place], *more]
        for place, hidden in enumerate(spans):
            if hidden:
                network, transport, protocol = (int(column[rows[place]]) for column in columns)
                patches = self._patches.get(int(rows[place]), ())
                found[place] = hide_in_packet(found[place], merge(hidden), (network, transport, protocol), patches)
        return found

    def hide_in_datagrams(self, contents: Sequence[bytes]) -> list[bytes]:
        """What datagrams carry, each looked through by itself, with its secrets blanked."""
        found = list(contents)
        for place in _suspects(contents, range(len(contents))):
            spans = merge((secret.start, secret.end) for secret in find_secrets(contents[place]))
            self.places += len(spans)
            found[place] = blank(contents[place], spans)
        return found

    def _find_alone(self, rows: Ints, frames: Sequence[bytes]) -> list[tuple[int, list[Span]]]:
        """(place, what to blank) of packets that are no part of a stream."""
        packets = self._tables.packets
        layers = packets.layers[rows]
        in_stream = layers & (LAYERS["tcp"] | LAYERS["quoted"]) == LAYERS["tcp"]
        alone = [
            place
            for place, (row, inside) in enumerate(zip(rows.tolist(), in_stream.tolist(), strict=True))
            if not inside or row in self._alone
        ]
        starts = packets.payload_at[rows].tolist()
        found = [(place, self._in_packet(frames[place], starts[place])) for place in _suspects(frames, alone)]
        wholly = [place for place in alone if int(rows[place]) in self._wholly and starts[place]]
        found += [(place, [(starts[place], len(frames[place]))]) for place in wholly]
        quoting = np.flatnonzero(layers & LAYERS["quoted"] != 0).tolist()
        found += [(place, _behind_quoted(frames[place], int(packets.transport_at[rows[place]]))) for place in quoting]
        return found

    def _in_packet(self, frame: bytes, payload_at: int) -> list[Span]:
        at = payload_at or min(ETHERNET_HEADER, len(frame))
        spans = merge((at + secret.start, min(at + secret.end, len(frame))) for secret in find_secrets(frame[at:]))
        self.places += len(spans)
        return spans


def _suspects(frames: Sequence[bytes], places: Sequence[int]) -> list[int]:
    """Which of these frames have a sign of a secret in them."""
    lowered = b"\0".join([frames[place] for place in places]).lower()
    starts, at = [], 0
    for place in places:
        starts.append(at)
        at += len(frames[place]) + 1
    signs = {where for sign in SIGNS for where in occurrences(lowered, sign)} | {
        where for _, where in find_stems(lowered)
    }
    signs.update(coded_places(lowered))
    hit = {bisect_right(starts, where) - 1 for where in signs}
    return [places[one] for one in sorted(hit)]


def _behind_quoted(frame: bytes, icmp_at: int) -> list[Span]:
    """What an ICMP error quotes of a packet's content: a part of a stream that can't be looked at by itself."""
    at = icmp_at + 8
    if len(frame) <= at:
        return []
    version = frame[at] >> 4
    header, protocol_at = ((frame[at] & 15) * 4, 9) if version == 4 else (40, 6)
    protocol = frame[at + protocol_at] if at + protocol_at < len(frame) else 0
    start = at + header + QUOTED_KEPT.get(protocol, 8)
    return [(start, len(frame))] if start < len(frame) else []

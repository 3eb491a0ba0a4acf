"""Segments of opened conversations as a source of frames: their bytes fetched, their headers laid before them.

Takes events and what holds their bytes; gives frames where they are asked for.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.export.batches import Made
from wireproof.export.segments import Segments

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.export.carriers import Carriers
    from wireproof.export.comments import Comments
    from wireproof.export.content import Content
    from wireproof.export.ends import Ends
    from wireproof.export.events import Events

UNREADABLE = "bytes of opened conversations that could not be read again"

Ints = NDArray[np.int64]


class OpenedSegments:
    """Segments to write. `left_out` takes counts of those whose bytes could not be read again, `written` counts all others."""

    def __init__(
        self,
        tables: CaptureTables,
        events: tuple[Events, Carriers],
        ends: Ends,
        content: Content,
        comments: Comments,
    ) -> None:
        self._events, self._carriers = events
        self.times: Ints = self._events["time_ns"]
        self.sizes: Ints = self._events["size"].astype(np.int64)
        self.left_out: Counter[str] = Counter()
        self.written = 0
        self._packets = tables.packets
        self._segments, self._content, self._comments = Segments(ends), content, comments

    def make(self, indexes: Ints) -> Made:
        """The segments at these places of the events."""
        events, packets = self._events[indexes], self._packets
        payloads = self._content.gather(events)
        last, sizes = events["row"], payloads.sizes
        heads, ends = self._segments.pack_heads(events, payloads, packets.ttl[last], packets.tos[last])
        short = sizes < events["size"]
        written = ~short | (sizes > 0)
        if missing := int(short.sum()):
            self.left_out[UNREADABLE] += missing
        self.written += int(written.sum())
        originals = np.diff(ends, prepend=0) + sizes
        said = self._comments.of_events(indexes)
        carriers = self._carriers.of(events["carried"], last)
        return Made(heads, ends, payloads.data, payloads.starts, sizes, originals, carriers, written, said)

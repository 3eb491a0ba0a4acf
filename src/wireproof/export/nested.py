"""Sessions inside sessions as they are written: what the outer one says before the inner one begins, and then what the inner one says.

Takes what was opened; gives conversations with streams put together. Opens nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.outcome import Status
from wireproof.streams.stream import Stream

if TYPE_CHECKING:
    from wireproof.decrypt.clear import Clear, ClearTalk

Ints = NDArray[np.int64]


def join_nested(clear: Clear) -> list[ClearTalk]:
    """Every opened conversation in the order of their numbers, each with all that could be read."""
    return [
        _join(clear.talks[number], clear.nested[number]) if number in clear.nested else clear.talks[number]
        for number in sorted(clear.talks)
    ]


def _join(outer: ClearTalk, inner: ClearTalk) -> ClearTalk:
    one, other = (
        JoinedStream(before, begins, behind)
        for before, begins, behind in zip(outer.streams, inner.begins, inner.streams, strict=True)
    )
    partly = Status.PARTLY in {outer.outcome.status, inner.outcome.status}
    outcome = replace(outer.outcome, status=Status.PARTLY if partly else outer.outcome.status)
    return replace(outer, streams=(one, other), outcome=outcome)


class JoinedStream(Stream):
    """The first bytes of one stream, and another one behind them; all of the first where the other one never begins."""

    opened = True

    __slots__ = ("_before", "_behind", "_places", "_upto")

    def __init__(self, before: Stream, begins: int, behind: Stream) -> None:
        self._before, self._behind = before, behind
        self._upto = begins if begins >= 0 else before.end
        self.conversation, self.side, self.begins_known = before.conversation, before.side, before.begins_known
        kept = before.starts < self._upto
        self.starts = np.concatenate([before.starts[kept], behind.starts + self._upto])
        self.ends = np.concatenate([np.minimum(before.ends[kept], self._upto), behind.ends + self._upto])
        self.piece_rows = np.concatenate([before.piece_rows[kept], behind.piece_rows])
        (first, last), (later_first, later_last) = before.places, behind.places
        self._places = np.concatenate([first[kept], later_first]), np.concatenate([last[kept], later_last])

    @property
    def places(self) -> tuple[Ints, Ints]:
        """As `Stream.places`: where what carried each piece stands in what was captured of this side."""
        return self._places

    def read(self, start: int, count: int) -> bytes:
        """As `Stream.read`."""
        if start >= self._upto:
            return self._behind.read(start - self._upto, count)
        data = self._before.read(start, min(count, self._upto - start))
        whole = start + len(data) == self._upto and len(data) < count
        return data + self._behind.read(0, count - len(data)) if whole else data

    def preload(self, data: bytes, asked: int) -> None:
        """Let go of what both hold."""
        self._before.preload(data, asked)
        self._behind.preload(b"", 0)

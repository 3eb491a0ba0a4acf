"""Rows that are kept as they are, as a source of frames.

Takes rows of a capture; gives them as Ethernet frames where they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.export.batches import Made
from wireproof.export.carriers import Carriers
from wireproof.export.others import make_frames

if TYPE_CHECKING:
    from collections import Counter

    from wireproof.conversations import CaptureTables
    from wireproof.export.comments import Comments
    from wireproof.export.redact.frames import FrameRedactor

Ints = NDArray[np.int64]


class KeptRows:
    """Rows to write as they are but for what `redactor` blanks; `left_out` takes counts of those that Ethernet can't carry."""

    def __init__(
        self,
        tables: CaptureTables,
        rows: Ints,
        comments: Comments,
        left_out: Counter[str],
        redactor: FrameRedactor | None,
    ) -> None:
        self.times: Ints = tables.packets.time_ns[rows]
        self.sizes: Ints = tables.packets.captured[rows].astype(np.int64)
        self._tables, self._rows, self._comments = tables, rows, comments
        self._left_out, self._redactor = left_out, redactor

    def make(self, indexes: Ints) -> Made:
        """The rows at these places."""
        rows = self._rows[indexes]
        frames = make_frames(self._tables, rows, self._left_out, self._redactor)
        written = np.array([frame is not None for frame in frames], bool)
        data = [frame[0] if frame else b"" for frame in frames]
        sizes = np.array([len(one) for one in data], np.int64)
        ends = np.cumsum(sizes)
        return Made(
            b"",
            np.zeros(len(rows), np.int64),
            b"".join(data),
            ends - sizes,
            sizes,
            np.array([frame[1] if frame else 0 for frame in frames], np.int64),
            Carriers(rows, np.arange(1, len(rows) + 1)),
            written,
            self._comments.of_rows(rows),
            rows >= self._tables.packets.frames,
        )

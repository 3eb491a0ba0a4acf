"""Batches of frames into rows of a PacketTable: the walk's columns copied, the headers' decoded.

Takes `Batch`es of the capture room; gives rows and the scratch headers that the conversation pass reads next.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.frames import Batch
from wireproof.table._decode import HeaderBatch, decode_batch
from wireproof.table.packets import PacketTable


class TableBuilder:
    """Appends batches to `packets`; after each `append`, `headers` holds what the batch's frames said.

    The headers of the batch before stay valid as well, so that another thread may still be following them.
    """

    def __init__(self, packets: PacketTable) -> None:
        self.packets = packets
        self.headers = HeaderBatch()
        self._before = HeaderBatch()

    def append(self, batch: Batch, link_types: NDArray[np.uint16]) -> None:
        """Decode a batch into new rows. `link_types` gives each interface's link type."""
        packets, first, count = self.packets, self.packets.count, batch.count
        packets.reserve(first + count)
        self.headers, self._before = self._before, self.headers
        rows = slice(first, first + count)
        packets.time_ns[rows] = batch.time_ns[:count]
        packets.captured[rows] = batch.captured[:count]
        packets.original[rows] = batch.original[:count]
        packets.interface[rows] = batch.interface[:count]
        np.add(batch.position[:count], np.uint64(batch.origin), out=packets.offset[rows], dtype=np.uint64)
        decode_batch(
            self.headers,
            batch.data,
            count,
            batch.position,
            batch.captured,
            batch.original,
            batch.interface,
            link_types,
            first,
            packets,
        )
        packets.count = first + count

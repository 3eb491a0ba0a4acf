"""PacketTable: one NumPy array a column, one row a frame.

Takes batches through `build.py`; gives columns, row slices and a Polars frame on request. Knows no file and no
conversation.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.table.schema import MARKS, PACKET_COLUMNS

if TYPE_CHECKING:
    import polars

ROW_BYTES = sum(np.dtype(column.dtype).itemsize for column in PACKET_COLUMNS)
SPILL_BYTES = 2 << 30
"""Columns larger than this live in an unlinked temporary file, so that memory stays bounded whatever the capture's size."""


class PacketTable:
    """The columns of `wireproof.table.schema.PACKET_COLUMNS`, each as an attribute of `count` entries.

    Row r is frame r + 1 for the first `frames` rows; rows beyond them are frames found inside others, and `outer[r]`
    is the row that completed them.
    """

    time_ns: NDArray[np.int64]
    offset: NDArray[np.uint64]
    captured: NDArray[np.uint32]
    original: NDArray[np.uint32]
    interface: NDArray[np.uint16]
    layers: NDArray[np.uint32]
    problem: NDArray[np.uint8]
    network_at: NDArray[np.uint16]
    transport_at: NDArray[np.uint16]
    payload_at: NDArray[np.uint16]
    protocol: NDArray[np.uint8]
    ttl: NDArray[np.uint8]
    tos: NDArray[np.uint8]
    ip_id: NDArray[np.uint16]
    length: NDArray[np.uint32]
    flags: NDArray[np.uint16]
    code: NDArray[np.uint16]
    seq: NDArray[np.uint32]
    ack: NDArray[np.uint32]
    window: NDArray[np.uint16]
    conversation: NDArray[np.int32]
    direction: NDArray[np.uint8]
    marks: NDArray[np.uint32]
    in_flight: NDArray[np.uint32]
    acks_row: NDArray[np.uint32]

    def __init__(self, room: int = 4096) -> None:
        self.count = 0
        self.frames = 0
        self.outer: dict[int, int] = {}
        self._room = 0
        self.reserve(room)

    def reserve(self, rows: int) -> None:
        """Make room for `rows` rows in all; what is there stays. Columns grow by halves to keep copying linear."""
        if rows <= self._room:
            return
        room = max(rows, self._room + self._room // 2, 4096)
        for column in PACKET_COLUMNS:
            grown = _allocate(room, np.dtype(column.dtype))
            if self.count:
                grown[: self.count] = getattr(self, column.name)[: self.count]
            setattr(self, column.name, grown)
        self._room = room

    def trim(self) -> None:
        """Cut every column to `count` entries once reading is done."""
        for column in PACKET_COLUMNS:
            setattr(self, column.name, getattr(self, column.name)[: self.count])
        self._room = self.count

    def __len__(self) -> int:
        return self.count

    def number(self, row: int) -> int:
        """The frame number, from 1, that Wireshark shows for a row; for a derived row that of the frame that completed it."""
        while row in self.outer:
            row = self.outer[row]
        return int(row) + 1

    def marked(self, mark: str) -> NDArray[np.bool_]:
        """Which rows carry a mark, by its name in `MARKS`."""
        return (self.marks & MARKS[mark]) != 0

    def to_polars(self) -> polars.DataFrame:
        """All columns as a Polars frame, with the frame number in front; the arrays are not copied where types agree."""
        import polars

        columns: dict[str, Any] = {"frame": np.arange(1, self.count + 1, dtype=np.uint32)}
        columns.update({column.name: np.asarray(getattr(self, column.name)) for column in PACKET_COLUMNS})
        return polars.DataFrame(columns)


def _allocate(room: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Memory for one column, or a mapped temporary file once the table is larger than `SPILL_BYTES`."""
    if room * ROW_BYTES <= SPILL_BYTES:
        return np.empty(room, dtype)
    with tempfile.TemporaryFile(prefix="wireproof-") as file:
        file.truncate(room * dtype.itemsize)
        return np.memmap(file, dtype, "r+", shape=(room,))

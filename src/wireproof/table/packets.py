"""PacketTable: one NumPy array a column, one row a frame.

Takes batches through `build.py`; gives columns, row slices and a Polars frame on request. Knows no file and no
conversation.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.table.schema import MARKS, PACKET_COLUMNS

if TYPE_CHECKING:
    import polars as pl

ROW_BYTES = sum(np.dtype(column.dtype).itemsize for column in PACKET_COLUMNS)
SPILL_BYTES = 2 << 30
"""Tables larger than this live in an unlinked temporary file, so that memory stays bounded whatever the capture's size."""
ALIGNMENT = 64
"""Each column starts on a cache line of its own."""

PIECE_ROWS = 1 << 20
"""How many rows of a column are looked at in one go."""


class PacketTable:
    """The columns of `wireproof.table.schema.PACKET_COLUMNS`, each as an attribute of `count` entries.

    Row r is frame r + 1 for the first `frames` rows; rows beyond them are frames found inside others, and `outer[r]`
    is the row that completed them. `numbers` holds the numbers of frames that do not count from 1, in rising order; it is empty
    where they do. Up to `room` rows fit without growing.
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
        self.numbers: NDArray[np.int64] = np.zeros(0, np.int64)
        self.room = 0
        self.reserve(room)

    def reserve(self, rows: int) -> None:
        """Make room for `rows` rows in all; what is there stays. Columns grow by halves to keep copying linear."""
        if rows <= self.room:
            return
        room = max(rows, self.room + self.room // 2, 4096)
        for name, grown in _allocate(room):
            if self.count:
                grown[: self.count] = getattr(self, name)[: self.count]
            setattr(self, name, grown)
        self.room = room

    def expect(self, rows: int) -> None:
        """Make room for as many rows as a capture seems to have, so that columns need not be copied while they grow.

        A wrong guess costs address space only, and never more than `SPILL_BYTES` of it.
        """
        self.reserve(min(rows, SPILL_BYTES // ROW_BYTES))

    def trim(self) -> None:
        """Cut every column to `count` entries once reading is done."""
        for column in PACKET_COLUMNS:
            setattr(self, column.name, getattr(self, column.name)[: self.count])
        self.room = self.count

    def __len__(self) -> int:
        return self.count

    def number(self, row: int) -> int:
        """The frame number, from 1, that Wireshark shows for a row; for a derived row that of the frame that completed it."""
        while row in self.outer:
            row = self.outer[row]
        return int(self.numbers[row]) if len(self.numbers) else int(row) + 1

    def row_of(self, number: int) -> int:
        """The row of a frame number; -1 for a number that no frame has."""
        if not len(self.numbers):
            return number - 1 if 0 < number <= self.frames else -1
        place = int(np.searchsorted(self.numbers, number))
        return place if place < len(self.numbers) and int(self.numbers[place]) == number else -1

    def time_s(self, row: int) -> float:
        """Seconds from the capture's first frame to a row."""
        return float(self.time_ns[row] - self.time_ns[0]) / 1e9

    def marked(self, mark: str) -> NDArray[np.bool_]:
        """Which rows carry a mark, by its name in `MARKS`."""
        return np.asarray((self.marks & MARKS[mark]) != 0)

    def rows_with(self, column: str, bits: int, first: int = 0) -> NDArray[np.int64]:
        """Rows from `first` on in which a column of flags has any of `bits`, in order.

        Looks at a piece of the column at a time, so that nothing as long as a capture larger than memory is made.
        """
        values = getattr(self, column)[: self.count]
        pieces = [
            start + np.flatnonzero(values[start : start + PIECE_ROWS] & bits)
            for start in range(first, self.count, PIECE_ROWS)
        ]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)

    def to_polars(self) -> pl.DataFrame:
        """All columns as a Polars frame, with the frame number in front; the arrays are not copied where types agree."""
        import polars as pl

        numbers = self.numbers if len(self.numbers) == self.count else np.arange(1, self.count + 1)
        columns: dict[str, Any] = {"frame": numbers.astype(np.uint32)}
        columns.update({column.name: np.asarray(getattr(self, column.name)) for column in PACKET_COLUMNS})
        return pl.DataFrame(columns)


def _allocate(room: int) -> Iterator[tuple[str, NDArray[Any]]]:
    """All columns in one block of memory, or in one mapped temporary file once that is larger than `SPILL_BYTES`."""
    dtypes = [(column.name, np.dtype(column.dtype)) for column in PACKET_COLUMNS]
    sizes = [-(-room * dtype.itemsize // ALIGNMENT) * ALIGNMENT for _, dtype in dtypes]
    block = _take_block(sum(sizes))
    start = 0
    for (name, dtype), size in zip(dtypes, sizes, strict=True):
        yield name, block[start : start + room * dtype.itemsize].view(dtype)
        start += size


def _take_block(size: int) -> NDArray[np.uint8]:
    if size <= SPILL_BYTES:
        return np.empty(size, np.uint8)
    with tempfile.TemporaryFile(prefix="wireproof-") as file:
        file.truncate(size)
        return np.memmap(file, np.uint8, "r+", shape=(size,))

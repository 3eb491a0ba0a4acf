"""Records of many clear streams as columns of all of them: where each stands in its clear stream and in the raw one, and what completed it.

Takes clear streams; those that were opened as a group are not gone through one by one. Reads no byte.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.short.columns import Columns, ShortStream
from wireproof.streams.stream import Stream

Ints = NDArray[np.int64]


class Records(NamedTuple):
    """One entry a record, by stream: `counts` tells how many each stream has. `row` is the packet that completed a record."""

    counts: Ints
    start: Ints
    end: Ints
    row: Ints
    raw_start: Ints
    raw_end: Ints


def collect_records(streams: Sequence[Stream]) -> Records:
    """The records of these streams, in their order."""
    parts = list(_parts(streams))
    return Records(*map(np.concatenate, zip(*parts, strict=True))) if parts else Records(*np.zeros((6, 0), np.int64))


def _parts(streams: Sequence[Stream]) -> Iterator[Records]:
    for columns, some in itertools.groupby(streams, _columns_of):
        if columns is None:
            yield from map(_of_stream, some)
        else:
            yield _of_columns(columns, [one.place for one in some if isinstance(one, ShortStream)])


def _columns_of(stream: Stream) -> Columns | None:
    return stream.columns if isinstance(stream, ShortStream) else None


def _of_columns(columns: Columns, places: list[int]) -> Records:
    first, last = columns.first[places], columns.first[np.array(places) + 1]
    counts = last - first
    behind = np.cumsum(counts)
    chosen = np.arange(behind[-1]) + np.repeat(first - behind + counts, counts)
    raw_start, raw_end = columns.raw
    return Records(
        counts, columns.starts[chosen], columns.ends[chosen], columns.rows[chosen], raw_start[chosen], raw_end[chosen]
    )


def _of_stream(stream: Stream) -> Records:
    starts, ends = stream.starts.astype(np.int64), stream.ends.astype(np.int64)
    return Records(np.array([len(starts)]), starts, ends, stream.piece_rows.astype(np.int64), *stream.places)

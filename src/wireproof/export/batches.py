"""Frames of several kinds brought into order of time and laid out by the batch, as the writers of files take them.

Takes sources that make frames where they are asked to; gives rows and the buffers that they point into. Knows no protocol.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.write import ROW, Parts
from wireproof.export.carriers import join_carriers

if TYPE_CHECKING:
    from wireproof.export.carriers import Carriers
    from wireproof.export.comments import Comments

BATCH = 8192
"""Frames that are made together."""
BATCH_BYTES = 8 << 20
"""Bytes after which a batch has enough of them."""

Ints = NDArray[np.int64]


class Made(NamedTuple):
    """Frames that a source made: each is a part of `heads` and behind it a part of `bodies`.

    `originals` are bytes on the wire, `carriers` the rows that each stands for, `comments` what else is said on some, by place. `written` is
    False for those that could not be made.
    """

    heads: bytes | bytearray
    head_ends: Ints
    bodies: bytes
    body_starts: Ints
    body_sizes: Ints
    originals: Ints
    carriers: Carriers
    written: NDArray[np.bool_]
    comments: Mapping[int, Sequence[str]]
    inside: bool | NDArray[np.bool_] = False
    """Whether its row is one that was found inside others."""


class Source(Protocol):
    """Frames of one kind: their times, about how many bytes each has, and how they are made."""

    times: Ints
    sizes: Ints

    def make(self, indexes: Ints) -> Made:
        """The frames at these places."""


class Batch(NamedTuple):
    """Frames in the order in which they are written: rows of ROW, what they point into, and further comments by place."""

    rows: NDArray[Any]
    parts: Parts
    comments: dict[int, Sequence[str]]


def make_batches(sources: Sequence[Source], comments: Comments) -> Iterator[Batch]:
    """All frames of all sources; of equal times those of earlier sources, and of earlier places, come first."""
    times = np.concatenate([source.times for source in sources])
    sizes = np.concatenate([source.sizes for source in sources])
    bounds = np.cumsum([0, *(len(source.times) for source in sources)])
    order = np.argsort(times, kind="stable")
    for chosen in _cut(order, sizes):
        made = []
        for source, begin, end in zip(sources, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            places = np.flatnonzero((chosen >= begin) & (chosen < end))
            if len(places):
                made.append((places, source.make(chosen[places] - begin)))
        yield _lay_out(times[chosen], made, comments)


def _cut(order: Ints, sizes: Ints) -> Iterator[Ints]:
    reach = np.cumsum(sizes[order])
    begin = 0
    while begin < len(order):
        before = int(reach[begin - 1]) if begin else 0
        end = min(begin + BATCH, int(np.searchsorted(reach, before + BATCH_BYTES, side="right")))
        end = max(end, begin + 1)
        yield order[begin:end]
        begin = end


def _lay_out(times: Ints, made: Sequence[tuple[Ints, Made]], comments: Comments) -> Batch:
    """One batch of what its sources made; `made` holds the places of each one's frames."""
    count = len(times)
    rows = np.zeros(count, ROW)
    rows["time_ns"] = times
    inside, written = np.zeros(count, bool), np.zeros(count, bool)
    more: dict[int, Sequence[str]] = {}
    heads = bodies = 0
    for places, part in made:
        starts = np.concatenate([[0], part.head_ends[:-1]])
        own: Ints | slice = places if len(places) < count else slice(None)
        rows["head_at"][own], rows["head_size"][own] = heads + starts, part.head_ends - starts
        rows["body_at"][own], rows["body_size"][own] = bodies + part.body_starts, part.body_sizes
        rows["original"][own] = part.originals
        inside[own], written[own] = part.inside, part.written
        more |= {int(places[place]): texts for place, texts in part.comments.items()}
        heads, bodies = heads + len(part.heads), bodies + len(part.bodies)
    texts, ends = comments.name_rows(_in_order(count, made), inside)
    rows["text_at"][1:] = ends[:-1]
    rows["text_size"] = ends - rows["text_at"]
    parts = Parts(_joined([part.heads for _, part in made]), _joined([part.bodies for _, part in made]), texts)
    if written.all():
        return Batch(rows, parts, more)
    place_of = np.cumsum(written) - 1
    return Batch(rows[written], parts, {int(place_of[place]): said for place, said in more.items() if written[place]})


def _in_order(count: int, made: Sequence[tuple[Ints, Made]]) -> Carriers:
    """The rows that each of so many frames stands for, in the order of the batch."""
    if len(made) == 1:
        return made[0][1].carriers
    place = np.concatenate([places for places, _ in made])
    together = join_carriers([part.carriers for _, part in made])
    turn = np.empty(count, np.int64)
    turn[place] = np.arange(count)
    return together.of(turn, turn)


def _joined(buffers: Sequence[bytes | bytearray]) -> bytes | bytearray:
    return buffers[0] if len(buffers) == 1 else b"".join(buffers)

"""Frames of several sources: in order of time, none lost, and batches end before they hold too much."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.clearing import close_all, handshake, read_made
from wireproof.export import batches
from wireproof.export.batches import Batch, Ints, Made, make_batches
from wireproof.export.carriers import Carriers
from wireproof.export.comments import Comments
from wireproof.export.rows import RowOrder


class Numbers:
    """A source whose frames are numbers with a head; every third can't be made, every second says more."""

    def __init__(self, name: bytes, times: list[int]) -> None:
        self.name = name
        self.times = np.array(times, np.int64)
        self.sizes = np.full(len(times), 10, np.int64)

    def frame(self, index: int) -> bytes:
        return self.name + str(index).encode()

    def make(self, indexes: Ints) -> Made:
        places = indexes.tolist()
        bodies = [str(index).encode() for index in places]
        sizes = np.array([len(body) for body in bodies], np.int64)
        return Made(
            self.name * len(places),
            np.arange(1, len(places) + 1) * len(self.name),
            b"".join(bodies),
            np.cumsum(sizes) - sizes,
            sizes,
            sizes + len(self.name),
            carriers_of(indexes.tolist()),
            indexes % 3 != 2,
            {place: ["more"] for place, index in enumerate(places) if index % 2 == 0},
        )


def unpack(batch: Batch) -> list[tuple[int, bytes, bytes]]:
    """(time, frame, its first comment)."""
    heads, bodies, texts = (bytes(part) for part in batch.parts)
    return [
        (
            row["time_ns"],
            heads[row["head_at"] : row["head_at"] + row["head_size"]] + bodies[row["body_at"] : row["body_at"] + row["body_size"]],
            texts[row["text_at"] : row["text_at"] + row["text_size"]],
        )
        for row in batch.rows
    ]  # fmt: skip


def carriers_of(indexes: list[int]) -> Carriers:
    """Frames of odd numbers stand for rows 0 and 1, others for row 0."""
    lists = [[0, 1] if index % 2 else [0] for index in indexes]
    return Carriers(np.array([row for rows in lists for row in rows]), np.cumsum([len(rows) for rows in lists]))


times = st.lists(st.integers(-5, 5), max_size=30)


@given(times, times, st.integers(1, 9))
def test_all_frames_come_in_order_of_time_and_of_equal_times_by_source(
    tmp_path_factory: pytest.TempPathFactory, one: list[int], two: list[int], most: int
) -> None:
    tables = read_made(tmp_path_factory.mktemp("order"), handshake())
    comments = Comments(tables, RowOrder(tables.packets))
    sources = [Numbers(b"one ", one), Numbers(b"two ", two)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "BATCH", most)
        made = list(make_batches(sources, comments))
    close_all()
    expected = sorted(
        (time, turn, index) for turn, source in enumerate(sources) for index, time in enumerate(source.times.tolist())
    )
    assert [frame for batch in made for frame in unpack(batch)] == [
        (time, sources[turn].frame(index), b"frames 1-2 of made.pcap" if index % 2 else b"frame 1 of made.pcap")
        for time, turn, index in expected
        if index % 3 != 2
    ]
    said = [(unpack(batch)[place][1], texts) for batch in made for place, texts in batch.comments.items()]
    chosen = [sources[turn].frame(index) for _, turn, index in expected if index % 3 != 2 and index % 2 == 0]
    assert sorted(said) == sorted((frame, ["more"]) for frame in chosen)
    assert all(len(batch.rows) <= most for batch in made)


def test_a_batch_ends_before_it_holds_too_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = read_made(tmp_path, handshake())
    monkeypatch.setattr(batches, "BATCH_BYTES", 35)
    made = make_batches([Numbers(b"", [0] * 10)], Comments(tables, RowOrder(tables.packets)))
    # Of each three one is not written.
    assert [len(batch.rows) for batch in made] == [2, 2, 2, 1]
    monkeypatch.setattr(batches, "BATCH_BYTES", 1)
    made = make_batches([Numbers(b"", [0] * 3)], Comments(tables, RowOrder(tables.packets)))
    assert [len(batch.rows) for batch in made] == [1, 1, 0]

"""Frames in batches: bytes, offsets that find them again, and reads that take neighbours along."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from wireproof.capture.etl import emit
from wireproof.capture.etl.emit import Frames, number_frames
from wireproof.capture.etl.packets import ETHERNET, FROM_NDIS, FROM_PKTMON, IEEE_802_11, PACKET_DTYPE
from wireproof.capture.etl.places import Places
from wireproof.capture.source import CopiedSource
from wireproof.capture.streams import FileStream

DATA = np.random.default_rng(5).integers(0, 256, 100_000, np.uint8).tobytes()


@pytest.fixture
def places() -> Iterator[Places]:
    source = CopiedSource(FileStream(io.BytesIO(DATA), regular=False, keep_open=False), 0)
    source.readinto(memoryview(bytearray(len(DATA))))
    with contextlib.closing(source), contextlib.closing(Places(source)) as made:
        yield made


def make(values: list[tuple[int, int]], parts: Any = None, **fields: int) -> Frames:
    packets = np.zeros(len(values), PACKET_DTYPE)
    for row, (place, captured) in zip(packets, values, strict=True):
        row["place"], row["captured"] = place, captured
    for name, value in ({"link": ETHERNET, "source": FROM_NDIS} | fields).items():
        packets[name] = value
    return Frames(packets, np.zeros(len(values), np.int64), np.arange(len(values), dtype=np.int64), parts or {})


def walk(frames: Frames, places: Places, size: int = 0) -> tuple[list[bytes], list[int]]:
    found, offsets = [], []
    for batch in emit.emit(frames, places, size, lambda: None):
        for row in range(batch.count):
            position = int(batch.position[row])
            found.append(bytes(batch.data[position : position + int(batch.captured[row])]))
            offsets.append(batch.origin + position)
    return found, offsets


@pytest.mark.parametrize("size", [0, 500, 10**9])
@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_frames_are_found_again_by_their_offset(
    places: Places, monkeypatch: pytest.MonkeyPatch, size: int, rows: int
) -> None:
    monkeypatch.setattr(emit, "BATCH_ROWS", rows)
    random = np.random.default_rng(1)
    values = [(int(place), int(length)) for place, length in random.integers(0, (90_000, 1500), (50, 2))]
    values[5:7] = [(100, 0), (200, 0)]
    frames = make(values)
    found, offsets = walk(frames, places, size)
    expected = [DATA[place : place + length] for place, length in values]
    assert found == expected
    pairs = zip(offsets, expected, strict=True)
    again = [frames.read(frames.find_row(offset), len(data), places) for offset, data in pairs]
    assert [one for one in again if one] == [one for one in expected if one]
    assert offsets == sorted(offsets)
    assert frames.find_row(-1) == -1


def test_offsets_reach_the_size_of_the_file() -> None:
    """How many frames follow is judged by how far the offsets have come."""
    frames = make([(0, 10)] * 50_000)
    ends = number_frames(frames, 2_500_000)
    assert ends == [16384, 32768, 49152, 50_000]
    done = [int(frames.offset[end - 1]) + 10 for end in ends]
    assert [round(reached / 2_500_000, 2) for reached in done] == [0.33, 0.66, 0.98, 1.0]


def test_batches_are_bounded_in_bytes() -> None:
    frames = make([(0, 1 << 20)] * 9)
    assert number_frames(frames, 0) == [4, 8, 9]
    assert number_frames(make([(0, 9 << 20)] * 2), 0) == [1, 2]
    assert number_frames(make([]), 100) == []


@pytest.mark.parametrize(("gap", "run"), [(0, 1 << 20), (1 << 20, 1 << 20), (1 << 20, 2000), (100, 1)])
def test_it_does_not_matter_which_reads_are_joined(
    places: Places, monkeypatch: pytest.MonkeyPatch, gap: int, run: int
) -> None:
    monkeypatch.setattr(emit, "RUN_GAP", gap)
    monkeypatch.setattr(emit, "RUN_BYTES", run)
    values = [(5000, 700), (100, 50), (5100, 20), (100, 50), (90_000, 1500), (0, 1), (5650, 200)]
    assert walk(make(values), places)[0] == [DATA[place : place + length] for place, length in values]


def test_joined_frames_are_made_of_their_parts(places: Places) -> None:
    frames = make([(0, 5), (99, 30), (50, 5)], {1: [(10, 10), (500, 10), (90, 10)]})
    whole = DATA[10:20] + DATA[500:510] + DATA[90:100]
    found, offsets = walk(frames, places)
    assert found == [DATA[0:5], whole, DATA[50:55]]
    assert frames.read(frames.find_row(offsets[1]), 30, places) == whole
    assert frames.read(1, 12, places) == whole[:12]


@pytest.mark.parametrize(("source", "mask"), [(FROM_NDIS, 0xBF), (FROM_PKTMON, 0xFF)])
def test_frames_of_80211_that_were_logged_decrypted_do_not_say_encrypted(
    places: Places, source: int, mask: int
) -> None:
    values = [(place, 20) for place in range(0, 200, 20)] + [(300, 1), (301, 2)]
    frames = make(values, link=IEEE_802_11, source=source)
    expected = [
        bytes([*data[:1], *(one & mask for one in data[1:2]), *data[2:]])
        for data in (DATA[at : at + size] for at, size in values)
    ]
    assert walk(frames, places)[0] == expected
    assert [frames.read(row, size, places) for row, (_, size) in enumerate(values)] == expected


def test_what_the_file_lost_meanwhile_is_zero(places: Places) -> None:
    assert walk(make([(len(DATA) - 5, 10), (10, 3)]), places)[0] == [bytes(10), DATA[10:13]]

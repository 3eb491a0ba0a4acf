"""What all readers share: batches, progress, notes within a bound, and the end of a search."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.capture.reading import read, some_frames, walk
from tests.support.files import Frame, pcap_bytes, pcapng_bytes
from wireproof.capture import open_capture, reader


def test_batches_hold_at_most_the_fixed_count_of_rows() -> None:
    count = 2 * reader.ROWS + 5
    with open_capture(io.BytesIO(pcap_bytes([Frame(0, b"")._replace(original=1)] * count))) as capture:
        sizes = [batch.count for batch in capture.batches()]
    assert sum(sizes) == count
    assert max(sizes) == reader.ROWS


def test_offsets_of_every_batch_lead_back_to_the_frame() -> None:
    frames = some_frames(4000, size=600)
    data = pcapng_bytes(frames)
    found = read(data)
    assert all(data[at : at + len(frame.data)] == frame.data for at, frame in zip(found.offsets, frames, strict=True))


def test_batches_are_walked_once() -> None:
    with open_capture(io.BytesIO(pcap_bytes(some_frames()))) as capture:
        walk(capture)
        with pytest.raises(RuntimeError, match="once"):
            next(capture.batches())


def test_batch_data_cannot_be_written() -> None:
    with open_capture(io.BytesIO(pcap_bytes(some_frames()))) as capture:
        assert next(capture.batches()).data.readonly


def test_progress_ends_with_all_bytes() -> None:
    data = pcap_bytes(some_frames(5000))
    calls: list[tuple[int, int]] = []
    with open_capture(io.BytesIO(data)) as capture:
        for _ in capture.batches(lambda done, total: calls.append((done, total))):
            pass
    assert calls[-1] == (len(data), 0)
    assert calls == sorted(calls)


def test_progress_knows_the_size_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap_bytes(some_frames()))
    calls: list[tuple[int, int]] = []
    with open_capture(path) as capture:
        for _ in capture.batches(lambda done, total: calls.append((done, total))):
            pass
    assert calls[-1] == (path.stat().st_size, path.stat().st_size)


def test_notes_are_bounded() -> None:
    frame = pcapng_bytes(some_frames(1))
    damaged = frame + (b"\xee" * 12 + frame) * (reader.MAX_NOTES + 30)
    found = read(damaged)
    assert len(found.frames) == reader.MAX_NOTES + 31
    assert len(found.notes) == reader.MAX_NOTES + 1
    assert found.notes[-1] == "30 further notes of these kinds are left out"


def test_a_search_gives_up_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader.SEARCH_BYTES, "value", 1 << 20)
    found = read(pcap_bytes(some_frames()) + b"\xee" * (5 << 20) + pcap_bytes(some_frames())[24:])
    assert len(found.frames) == 5
    assert "no record found" in found.notes[0]

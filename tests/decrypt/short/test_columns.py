"""Streams over the columns of a group read as those of single sessions do, and make what is asked for only when it is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support import tls_lab
from tests.support.opened import log_of, ring_of
from tests.support.tls_captures import write_sessions
from tests.support.tls_handshakes import TLS13
from tests.support.tls_lab import Setup
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.clear_stream import ClearStream
from wireproof.decrypt.short import hellos
from wireproof.decrypt.short.columns import ShortStream, opened_records
from wireproof.streams.stream import Stream

WRITES: tls_lab.Writes = (("client", b"ask"), ("server", b"answer" * 9), ("server", b"more"), ("client", b"thanks"))


def streams_of(path: Path, log: bytes) -> list[Stream]:
    tables = read_capture(path)
    with tables.capture:
        found = open_tls(tables, ring_of(log)).talks
        return [stream for talk in found.values() for stream in talk.streams]


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[ShortStream, ClearStream]]:
    """The same streams in both forms: the second session says nothing."""
    sessions = [tls_lab.play(Setup(version=TLS13), writes) for writes in (WRITES, (), WRITES[::-1])]
    written, log = write_sessions(tmp_path / "sessions.pcapng", sessions), log_of(sessions)
    short = streams_of(written.path, log)
    monkeypatch.setattr(hellos, "SHORT", -1)
    found = []
    for one, other in zip(short, streams_of(written.path, log), strict=True):
        assert isinstance(one, ShortStream)
        assert isinstance(other, ClearStream)
        found.append((one, other))
    assert len(found) == 6
    return found


def test_any_part_reads_the_same(both: list[tuple[ShortStream, ClearStream]]) -> None:
    for one, other in both:
        for start in range(-2, 70):
            for count in (-1, 0, 1, 5, 700):
                assert one.read(start, count) == other.read(start, count)


def test_records_have_the_same_places_and_packets(both: list[tuple[ShortStream, ClearStream]]) -> None:
    for one, other in both:
        for name in ("starts", "ends", "piece_rows"):
            assert np.array_equal(getattr(one, name), getattr(other, name))
        assert all(map(np.array_equal, one.places, other.places))
        assert (one.end, one.conversation, one.side, one.begins_known) == (
            other.end,
            other.conversation,
            other.side,
            True,
        )
        for offset in range(70):
            assert (one.row(offset), one.next_after(offset), one.gap_before(offset)) == (
                other.row(offset),
                other.next_after(offset),
                other.gap_before(offset),
            )
            assert one.rows(0, offset) == other.rows(0, offset)


def test_reading_makes_no_columns(both: list[tuple[ShortStream, ClearStream]]) -> None:
    one = both[0][0]
    one.preload(b"other bytes", 3)
    assert one.read(0, 3) == b"ask"
    with pytest.raises(AttributeError):
        object.__getattribute__(one, "starts")
    assert one.starts.tolist() == [0, 3]
    with pytest.raises(AttributeError):
        one.nothing  # type: ignore[attr-defined]  # noqa: B018 - asking is what is tested


def test_other_records_are_found_by_their_beginning() -> None:
    found = opened_records([(7, 20, 21, b"\x01\0"), (20, 40, 22, b"")])
    assert [(begin, one.start, one.end, one.kind, one.data) for begin, one in found.items()] == [
        (7, 7, 20, 21, b"\x01\0"),
        (20, 20, 40, 22, b""),
    ]

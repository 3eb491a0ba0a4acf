"""Records of streams that were opened together are those that each stream tells by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.decrypt.short.test_columns import WRITES, streams_of
from tests.support import tls_lab
from tests.support.opened import log_of
from tests.support.tls_captures import write_sessions
from tests.support.tls_handshakes import TLS13
from tests.support.tls_lab import Setup
from wireproof.decrypt.short import hellos
from wireproof.export.records import collect_records
from wireproof.streams import streams as groups
from wireproof.streams.stream import Stream


def one_by_one(streams: list[Stream]) -> list[list[int]]:
    found: list[list[int]] = [[], [], [], [], [], []]
    for stream in streams:
        raw_starts, raw_ends = stream.places
        columns = [len(stream.starts)], stream.starts, stream.ends, stream.piece_rows, raw_starts, raw_ends
        for one, more in zip(found, columns, strict=True):
            one += list(more)
    return found


@pytest.mark.parametrize("group", [1, 2, 512])
def test_streams_of_groups_and_others_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    monkeypatch.setattr(groups, "GROUP", group)
    monkeypatch.setattr(hellos, "SHORT", 250_000)
    updated: tls_lab.Writes = (("server", bytes(300_000)),)
    sessions = [tls_lab.play(Setup(version=TLS13), writes) for writes in (WRITES, (), updated, WRITES, WRITES[:1])]
    streams = streams_of(write_sessions(tmp_path / "sessions.pcapng", sessions).path, log_of(sessions))
    assert len({type(stream) for stream in streams}) == 2
    for chosen in (streams, streams[::-1], streams[:4], streams[2:4], [streams[0], streams[7], streams[1]]):
        assert [column.tolist() for column in collect_records(chosen)] == one_by_one(chosen)


def test_of_no_streams_there_are_no_records() -> None:
    assert [len(column) for column in collect_records([])] == [0] * 6
    assert all(column.dtype == np.int64 for column in collect_records([]))

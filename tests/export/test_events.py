"""The segments of a conversation: one a record, in order, at the times of their packets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.export.clearing import clear_of, handshake, read_capture, segment, timed
from tests.support.files import write_pcap
from wireproof.export import events as events_module
from wireproof.export.events import Events, build_events
from wireproof.export.rows import RowOrder


def events_of(folder: Path, frames: list[bytes], shifts: dict[int, int] | None = None) -> Events:
    """The events of all conversations; `shifts` moves frames in time."""
    made = timed(frames)
    for place, shift in (shifts or {}).items():
        made[place] = made[place].__class__(made[place].time_ns + shift, made[place].data)
    tables = read_capture(write_pcap(folder / "made.pcap", made, nanoseconds=True))
    return build_events(tables, list(clear_of(tables).talks.values()), RowOrder(tables.packets))[0]


def test_a_record_is_one_segment_whatever_mss_was_stated(tmp_path: Path) -> None:
    events = events_of(
        tmp_path, [*handshake(), segment(True, "PA", 0, 0, b"x" * 16_384), segment(True, "A", 16_384, 0, b"y")]
    )
    data = events[events["size"] > 0]
    assert data["size"].tolist() == [16_384, 1]
    assert data["flags"].tolist() == [0x18, 0x18]


def test_what_fits_no_packet_becomes_segments_of_one_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "LARGEST", 1460)
    events = events_of(tmp_path, [*handshake(), segment(True, "PA", 0, 0, b"x" * 4000)])
    data = events[events["size"] > 0]
    assert data["size"].tolist() == [1460, 1460, 1080]
    assert data["begin"].tolist() == [0, 1460, 2920]
    assert len(set(data["time_ns"].tolist())) == 1
    assert data["flags"].tolist() == [0x10, 0x10, 0x18]
    assert np.diff(data["seq"]).tolist() == [1460, 1460]
    assert data["ident"].tolist() == [2, 3, 4]


def test_a_clock_that_goes_back_does_not_turn_the_order(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(True, "A", 0, 0, b"a"),
        segment(True, "A", 1, 0, b"b"),
        segment(True, "A", 2, 0, b"c"),
    ]
    events = events_of(tmp_path, frames, {4: -2_500_000})
    assert (np.diff(events["time_ns"]) >= 0).all()
    assert events["time_ns"][4] == events["time_ns"][3]


def test_conversations_stand_one_after_the_other(tmp_path: Path) -> None:
    one, two = (
        [*handshake(ports=(port, 443)), segment(True, "A", 0, 0, b"a", ports=(port, 443))] for port in (40000, 40001)
    )
    events = events_of(tmp_path, [frame for pair in zip(one, two, strict=True) for frame in pair])
    assert (events["stream"] >> 1).tolist() == [0] * 4 + [1] * 4

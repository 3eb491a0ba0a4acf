"""The compiled loops: bounds hold for any bytes, and where windows end does not change what is found."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.reading import START, some_frames
from tests.support.files import Interface, pcap_bytes, pcapng_bytes
from wireproof.capture import _walk
from wireproof.capture.frames import Interface as Described
from wireproof.capture.pcapng_blocks import clock_row

CLOCKS = np.array([clock_row(Described(1, ticks_per_second=10**9))], np.int64)


def make_rows(count: int) -> tuple[_walk.Rows, list[np.ndarray]]:
    arrays = [np.zeros(count, dtype) for dtype in ("u4", "u4", "u4", "i8", "u2")]
    return _walk.Rows(*arrays), arrays


def make_layout(big: bool = False) -> _walk.PcapLayout:
    return _walk.PcapLayout(big, 16, 1000, 262_144, 0, 0)


def test_a_pcap_walk_stops_where_a_record_is_not_whole() -> None:
    frames = some_frames(3)
    data = pcap_bytes(frames)
    filled, arrays = make_rows(10)
    at, stop, want = _walk.walk_pcap(data, 24, len(data) - 1, filled, make_layout())
    assert (filled.count, stop, want) == (2, _walk.SHORT, 16 + len(frames[2].data))
    assert at == len(data) - want
    assert arrays[0][:2].tolist() == [40, 40 + len(frames[0].data) + 16]
    assert arrays[3][:2].tolist() == [frame.time_ns for frame in frames[:2]]


def test_a_walk_stops_when_the_rows_are_full_and_can_go_on() -> None:
    data = pcap_bytes(some_frames(5))
    filled, _ = make_rows(3)
    at, stop, _ = _walk.walk_pcap(data, 24, len(data), filled, make_layout())
    assert (filled.count, stop) == (3, _walk.FULL)
    filled.count = 0
    at, stop, want = _walk.walk_pcap(data, at, len(data), filled, make_layout())
    assert (filled.count, stop, want, at) == (2, _walk.SHORT, 16, len(data))
    filled.add(0, 0, 0, 0, 0)
    with pytest.raises(IndexError):
        filled.add(0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("record", "stop"),
    [
        ((1, 2, 300_000, 300_000), _walk.DAMAGED),
        ((0, 0, 0, 0), _walk.SUSPECT),
        ((1, 1_000_000, 8, 8), _walk.SUSPECT),
        ((1, 2, 8, 7), _walk.SUSPECT),
    ],
)
def test_a_pcap_walk_stops_at_odd_records(record: tuple[int, int, int, int], stop: int) -> None:
    filled, _ = make_rows(3)
    data = struct.pack("<IIII", *record) + bytes(8)
    assert _walk.walk_pcap(data, 0, len(data), filled, make_layout())[:2] == (0, stop)
    assert filled.count == 0


def test_a_pcapng_walk_stops_at_other_blocks() -> None:
    frames = some_frames(3)
    data = pcapng_bytes(frames[:2]) + pcapng_bytes(frames[2:])
    first = data.index(struct.pack("<I", 6), 28)
    filled, arrays = make_rows(9)
    at, stop, _ = _walk.walk_pcapng(data, first, len(data), filled, False, 7, CLOCKS)
    assert (filled.count, stop) == (2, _walk.BLOCK)
    assert data[at : at + 4] == b"\x0a\x0d\x0d\x0a"
    assert arrays[4][:2].tolist() == [7, 7]
    assert arrays[3][:2].tolist() == [START, START + 1_234_000]


@pytest.mark.parametrize("big", [False, True])
@given(data=st.binary(max_size=300), at=st.integers(0, 310), end=st.integers(0, 300))
def test_walks_and_searches_stay_inside_any_bytes(big: bool, data: bytes, at: int, end: int) -> None:
    end = min(end, len(data))
    at = min(at, end)
    order = ">" if big else "<"
    headed = struct.pack(order + "IIII", 5, 6, 20, 20) + data
    blocked = struct.pack(order + "II", 6, 40) + data
    filled, _ = make_rows(50)
    for bytes_ in (data, headed, blocked):
        stop_at = min(end, len(bytes_))
        assert at <= _walk.walk_pcap(bytes_, at, stop_at, filled, make_layout(big))[0] <= len(bytes_)
        assert at <= _walk.walk_pcapng(bytes_, at, stop_at, filled, big, 0, CLOCKS)[0] <= len(bytes_)
        for at_end in (False, True):
            assert at <= _walk.find_pcap(bytes_, at, stop_at, at_end, make_layout(big))[1] <= stop_at
            assert at <= _walk.find_pcapng(bytes_, at, stop_at, at_end, big)[1] <= stop_at
            _walk.is_pcapng_block(bytes_, at, stop_at, at_end, big)
        _walk.confirms_pcap(bytes_, at, stop_at, make_layout(big))


def test_rows_beyond_the_arrays_raise_instead_of_writing() -> None:
    filled, _ = make_rows(0)
    with pytest.raises(IndexError):
        filled.add(0, 0, 0, 0, 0)
    with pytest.raises(IndexError):
        _walk.take_pcap(struct.pack("<IIII", 1, 2, 9, 9) + b"short", 0, make_rows(1)[0], make_layout())


@pytest.mark.parametrize("noise", [0, 1, 5, 4096])
def test_searches_find_the_next_record_behind_noise(noise: int) -> None:
    frames = some_frames(6)
    pcap = b"\xee" * noise + pcap_bytes(frames)[24:]
    assert _walk.find_pcap(pcap, 0, len(pcap), True, make_layout()) == (True, noise)
    pcapng = b"\xee" * noise + pcapng_bytes(frames)
    assert _walk.find_pcapng(pcapng, 0, len(pcapng), True, False) == (True, noise)


def test_a_search_waits_for_more_bytes_where_they_could_decide() -> None:
    frames = some_frames(6)
    pcap = b"\xee" * 50 + pcap_bytes(frames)[24:]
    assert _walk.find_pcap(pcap, 0, 200, False, make_layout()) == (False, 49)
    pcapng = b"\xee" * 50 + pcapng_bytes(frames)[28:]
    assert _walk.find_pcapng(pcapng, 0, 60, False, False) == (False, 49)


def test_clocks_count_in_any_unit() -> None:
    row = np.array([clock_row(Described(1, ticks_per_second=2**20, offset_s=3))], np.int64)
    assert _walk.clock_ns(5 << 19, row, 0) == 5_500_000_000
    with pytest.raises(IndexError):
        _walk.clock_ns(1, row, 1)


def test_options_that_python_reads_stop_the_walk_behind_their_block() -> None:
    frames = [some_frames(1)[0]._replace(comment="c")] * 2
    data = pcapng_bytes(frames, [Interface()])
    first = data.index(struct.pack("<I", 6), 28)
    filled, _ = make_rows(9)
    at, stop, want = _walk.walk_pcapng(data, first, len(data), filled, False, 0, CLOCKS)
    assert (filled.count, stop, at - want) == (1, _walk.OPTIONS, first)

"""The compiled loops: every kind of event header is passed, unpacking restores what was packed, and bounds hold for any bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.etl.logs import (
    NDIS,
    OTHER,
    Event,
    classic_event,
    message_event,
    pack_buffer,
    pack_event,
    pack_lz77,
    pack_lznt1,
)
from wireproof.capture.etl import _events
from wireproof.capture.etl.log import EVENT_DTYPE
from wireproof.capture.etl.providers import guid_halves

GUIDS = guid_halves()
DATA = b"user data, twelve or more"


def walk(data: bytes, room: int = 100) -> tuple[int, int, np.ndarray, int]:
    rows = np.zeros(room, EVENT_DTYPE)
    at, stop, count, passed = _events.walk_events(data, 0, len(data), GUIDS, rows)
    return at, stop, rows[:count], passed


@pytest.mark.parametrize("kind", [18, 19])
def test_an_event_of_a_provider_is_found_with_all_its_fields(kind: int) -> None:
    event = Event(NDIS, 1001, DATA, 0, 0x1_C000_0001, 77, 88, 3, kind, (), -5)
    data = pack_event(event)
    at, stop, rows, passed = walk(data)
    assert (at, stop, passed, len(rows)) == (len(data), _events.END, 1, 1)
    (row,) = rows
    found = {name: int(row[name]) for name in EVENT_DTYPE.names}
    assert found == {
        "ticks": -5, "keyword": 0x1_C000_0001, "at": 80, "size": len(DATA), "process": 77, "thread": 88,
        "id": 1001, "version": 3, "provider": 0,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 10, 16, 17, 20])
def test_other_kinds_of_header_are_passed_by_their_own_length(kind: int) -> None:
    data = classic_event(b"12345", kind) + pack_event(Event(NDIS, 1, DATA)) + message_event(b"abc")
    _, stop, rows, passed = walk(data + pack_event(Event(NDIS, 2, DATA)))
    assert (stop, passed) == (_events.END, 4)
    assert rows["id"].tolist() == [1, 2]


def test_events_of_other_providers_are_only_counted() -> None:
    _, _, rows, passed = walk(pack_event(Event(OTHER, 1, DATA)) * 3 + pack_event(Event(NDIS, 9, DATA)))
    assert (rows["id"].tolist(), passed) == ([9], 4)


def test_extended_items_are_skipped() -> None:
    data = pack_event(Event(NDIS, 1, DATA, extended=(b"one", b"second item")))
    (row,) = walk(data)[2]
    assert data[row["at"] : row["at"] + row["size"]] == DATA


def test_extended_items_that_leave_the_event_leave_no_user_data() -> None:
    data = bytearray(pack_event(Event(NDIS, 1, DATA, extended=(b"one",))))
    data[86:88] = b"\xff\xff"
    (row,) = walk(bytes(data))[2]
    assert (row["size"], row["at"]) == (0, 96 + len(DATA))


def test_a_walk_stops_when_the_rows_are_full_and_can_go_on() -> None:
    data = b"".join(pack_event(Event(NDIS, number, DATA)) for number in range(5))
    rows = np.zeros(2, EVENT_DTYPE)
    found, at, stop = [], 0, _events.FULL
    while stop == _events.FULL:
        at, stop, count, _ = _events.walk_events(data, at, len(data), GUIDS, rows)
        found += rows["id"][:count].tolist()
    assert (found, stop) == ([0, 1, 2, 3, 4], _events.END)


@pytest.mark.parametrize(("at", "value"), [(3, 0x40), (0, 0), (0, 7), (1, 0xFF)])
def test_a_walk_stops_at_what_is_no_event(at: int, value: int) -> None:
    good = pack_event(Event(NDIS, 1, DATA))
    bad = bytearray(good)
    bad[at] = value
    if at == 0:
        bad[1] = 0
    where, stop, rows, _ = walk(good + bytes(bad))
    assert (where, stop, len(rows)) == (len(good), _events.DAMAGED, 1)


def test_the_next_buffer_is_found_behind_noise() -> None:
    buffer = pack_buffer(pack_event(Event(NDIS, 1, DATA)))
    noise = b"\x01" * 777
    assert _events.find_buffer(noise + buffer, 0, len(noise + buffer)) == len(noise)
    assert _events.find_buffer(noise + buffer[:71], 0, len(noise) + 71) == -1


TEXTS = (
    b"", b"a", b"abcabcabcabcabc", b"x" * 9, b"x" * 10, b"x" * 24, b"x" * 25, b"x" * 300, b"x" * 3000,
    bytes(range(256)) * 3 + b"ab" * 40 + b"q" * 4000, b"abcdefgh" * 30 + b"12345678" * 30 + b"xyz",
)  # fmt: skip


@pytest.mark.parametrize("data", TEXTS)
def test_unpacking_restores_what_was_packed(data: bytes) -> None:
    for pack, unpack in ((pack_lz77, _events.unpack_lz77), (pack_lznt1, _events.unpack_lznt1)):
        packed = pack(data)
        out = bytearray(len(data))
        assert unpack(packed, out) == len(data)
        assert out == data


@given(st.lists(st.sampled_from([b"a", b"bc", b"defg" * 9, b"\0" * 70, b"x" * 300]), max_size=30).map(b"".join))
def test_unpacking_restores_any_text(data: bytes) -> None:
    out = bytearray(len(data))
    assert _events.unpack_lz77(pack_lz77(data), out) == len(data)
    assert out == data


@pytest.mark.parametrize("unpack", [_events.unpack_lz77, _events.unpack_lznt1])
def test_cut_input_gives_the_beginning(unpack: object) -> None:
    data = b"beginning " * 3 + bytes(range(200))
    packed = (pack_lz77 if unpack is _events.unpack_lz77 else pack_lznt1)(data)
    out = bytearray(len(data))
    got = unpack(packed[:-60], out)  # type: ignore[operator]
    assert got < len(data)
    if unpack is _events.unpack_lz77:
        assert got > 50
        assert out[:got] == data[:got]


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        (b"\0\0\0\x80" + b"\0\0", 0),
        (b"\0\0\0\x40" + b"a" + b"\x09\0", 1),
        (b"\0\0\0\x40" + b"a" + b"\x07\0" + b"\x0f\xff\0\0\x15\0\0\0", 1),
        (b"\0\0\0\x40" + b"a" + b"\x07\0" + b"\x0f\xff\0\0\xff\xff\xff\xff", 50),
    ],
)
def test_matches_that_reach_too_far_end_the_unpacking(packed: bytes, expected: int) -> None:
    assert _events.unpack_lz77(packed, bytearray(50)) == expected


@given(data=st.binary(max_size=400), room=st.integers(0, 300))
def test_unpacking_and_walks_stay_inside_any_bytes(data: bytes, room: int) -> None:
    for unpack in (_events.unpack_lz77, _events.unpack_lznt1):
        assert 0 <= unpack(data, bytearray(room)) <= room
    whole = pack_event(Event(NDIS, 1, DATA)) + data
    at, _, rows, _ = walk(whole)
    assert 0 <= at <= len(whole)
    assert (rows["at"] + rows["size"] <= len(whole)).all()
    assert -1 <= _events.find_buffer(data, 0, 500) <= len(data)


def test_pieces_are_gathered_and_those_outside_refused() -> None:
    def gather(starts: list[int], lengths: list[int], ends: list[int]) -> bytes:
        out = bytearray(b"......")
        columns = np.array(starts, np.int64), np.array(lengths, np.uint32), out, np.array(ends, np.uint32)
        _events.gather(b"0123456789", *columns)
        return bytes(out)

    assert gather([8, 0, 4], [2, 0, 3], [2, 2, 6]) == b"89.456"
    for wrong in (([9], [2], [2]), ([-1], [1], [1]), ([0], [3], [2]), ([0], [1], [7])):
        with pytest.raises(IndexError):
            gather(*wrong)

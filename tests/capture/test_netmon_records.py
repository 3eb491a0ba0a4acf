"""Records in a window: those that lie whole in it, rows of them, and the next one after damage."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.netmon_files import Layout, Record, netmon_bytes, pack_record
from wireproof.capture.netmon_layout import HEADER, Header, unpack_header
from wireproof.capture.netmon_records import Records, can_be_record, count_true, find_record, walk_row, wanted_bytes

VERSIONS = [(1, 1), (2, 0), (2, 1), (2, 2), (2, 3)]


def packed(layout: Layout, count: int = 9) -> tuple[memoryview, list[int], Header]:
    """Records in a row, where each of them starts and the last one ends, and the header of their file."""
    parts = [
        pack_record(Record(bytes([65 + number]) * (40 + number), 1000 * number), layout) for number in range(count)
    ]
    starts = [sum(map(len, parts[:number])) for number in range(count + 1)]
    return memoryview(bytearray(b"".join(parts))), starts, unpack_header(netmon_bytes([], layout)[:HEADER])


@pytest.mark.parametrize("version", VERSIONS)
def test_records_that_do_not_lie_whole_in_the_window_are_not_among_them(version: tuple[int, int]) -> None:
    view, starts, header = packed(Layout(*version))
    for missing in (0, 1, 40, 60):
        end = len(view) - missing
        records = Records(view, np.array(starts[:-1]), end, header)
        assert records.at.tolist() == [at for at, behind in itertools.pairwise(starts) if behind <= end]
        assert records.ends.tolist() == starts[1 : len(records) + 1]
        assert walk_row(view, 0, end, header, 99).tolist() == records.at.tolist()


def test_a_record_that_is_too_long_to_be_one_is_not_sound() -> None:
    view, starts, header = packed(Layout())
    view[starts[1] + 12 : starts[1] + 16] = b"\xff" * 4
    records = Records(view, np.array(starts[:-1]), len(view), header)
    assert records.is_sound.tolist() == [True, False] + [True] * 7
    assert records.tails["media"][[0, 2]].tolist() == [1, 1]


def test_a_row_ends_at_its_bound_and_at_what_can_be_no_record() -> None:
    view, starts, header = packed(Layout())
    assert walk_row(view, 0, len(view), header, 3).tolist() == starts[:3]
    view[starts[4] : starts[5]] = bytes(starts[5] - starts[4])
    assert walk_row(view, starts[1], len(view), header, 99).tolist() == starts[1:4]


def test_the_bytes_wanted_are_those_of_the_head_and_then_of_the_record() -> None:
    view, starts, header = packed(Layout())
    assert wanted_bytes(view, starts[1], starts[1] + 15, header) == 16
    assert wanted_bytes(view, starts[1], starts[1] + 16, header) == starts[2] - starts[1]


@pytest.mark.parametrize(
    ("original", "captured", "is_one"),
    [(60, 60, True), (60, 0, True), (0, 0, False), (60, 61, False), (1 << 31, 1 << 30, False)],
)
def test_lengths_tell_what_can_be_a_record(original: int, captured: int, is_one: bool) -> None:
    assert can_be_record(original, captured) is is_one


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("junk", [b"\xee" * 50, bytes(50), b"some text that is no record, and longer than a head"])
def test_the_next_record_is_found_behind_damage(version: tuple[int, int], junk: bytes) -> None:
    view, _, header = packed(Layout(*version))
    data = memoryview(bytearray(junk + bytes(view)))
    assert find_record(data, 0, len(data), True, header) == (True, len(junk))


def test_more_bytes_are_asked_for_before_a_run_is_judged() -> None:
    view, starts, header = packed(Layout(), 3)
    data = memoryview(bytearray(b"\xee" * 9 + bytes(view)))
    for end in range(9 + 16, len(data) - 30):
        found, position = find_record(data, 0, end, False, header)
        assert (found, position <= 9) == (False, True)
    assert find_record(data, 0, len(data), True, header) == (True, 9)
    assert find_record(data, 0, 9 + starts[2] + 16, True, header) == (True, 9)


def test_nothing_is_found_in_noise() -> None:
    data = memoryview(bytearray(bytes(range(256)) * 40))
    _, _, header = packed(Layout())
    assert find_record(data, 0, len(data), True, header) == (False, len(data))
    assert find_record(data, 0, len(data), False, header) == (False, len(data) - 15)


@given(st.binary(max_size=300), st.sampled_from(VERSIONS), st.booleans(), st.integers(0, 300))
def test_any_bytes_can_be_searched(data: bytes, version: tuple[int, int], at_end: bool, at: int) -> None:
    _, _, header = packed(Layout(*version), 0)
    start = min(at, len(data))
    found, position = find_record(memoryview(bytearray(data)), start, len(data), at_end, header)
    assert start <= position <= len(data)
    assert found or not at_end or position == len(data)


def test_counting_stops_at_the_first_that_is_not_true() -> None:
    assert [count_true(np.array(flags, np.bool_)) for flags in ([], [True], [True, False, True], [False])] == [
        0,
        1,
        1,
        0,
    ]

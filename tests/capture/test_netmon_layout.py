"""The file header of every version, and the times of records."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.netmon_files import START_NS, Layout, Owner, netmon_bytes
from wireproof.capture.netmon_layout import (
    FILETIME_1970,
    HEADER,
    LATEST_NS,
    TRAILERS,
    record_times,
    unpack_header,
)
from wireproof.capture.netmon_layout import HEAD as NEW
from wireproof.capture.netmon_layout import OLD_HEAD as OLD


def test_the_header_states_version_media_start_and_tables() -> None:
    header = unpack_header(netmon_bytes([], Layout(2, 2, 6, owners=[Owner("a", 1)], comments=[]))[:HEADER])
    assert (header.major, header.minor, header.media, header.start_ns) == (2, 2, 6, START_NS)
    assert header.processes == (128, 1)
    assert header.table[1] == 0


def test_what_older_versions_do_not_state_is_not_read() -> None:
    data = bytearray(netmon_bytes([], Layout(2, 1))[:HEADER])
    data[40:56] = b"\xff" * 16
    header = unpack_header(bytes(data))
    assert (header.comments, header.processes) == ((0, 0), (0, 0))


@pytest.mark.parametrize(("version", "overhead"), [((1, 1), 8), ((2, 0), 16), ((2, 1), 18), ((2, 2), 22), ((2, 3), 31)])
def test_records_have_the_head_and_trailer_of_their_version(version: tuple[int, int], overhead: int) -> None:
    assert unpack_header(netmon_bytes([], Layout(*version))[:HEADER]).overhead == overhead


def test_a_start_that_is_no_date_is_none() -> None:
    data = bytearray(netmon_bytes([])[:HEADER])
    data[10:12] = struct.pack("<H", 13)
    assert unpack_header(bytes(data)).start_ns is None


def test_old_records_count_milliseconds() -> None:
    heads = np.array([(0, 9, 9), (1500, 9, 9)], OLD)
    times, beyond = record_times(heads, np.zeros(2, TRAILERS[0]), START_NS)
    assert times.tolist() == [START_NS, START_NS + 1_500_000_000]
    assert beyond == 0


def test_a_time_of_day_counts_before_the_time_since_the_start() -> None:
    heads = np.array([(5, 9, 9), (7, 9, 9)], NEW)
    tails = np.array([(1, 0, FILETIME_1970 + 12, 0), (1, 0, 0, 0)], TRAILERS[3])
    times, beyond = record_times(heads, tails, START_NS)
    assert times.tolist() == [1200, START_NS + 7000]
    assert beyond == 0


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**64 - 1), st.integers(-(2**61), 2**61))
def test_any_time_stays_within_the_limits_of_a_batch(delta: int, filetime: int, start_ns: int) -> None:
    heads = np.array([(delta, 9, 9)], NEW)
    exact = start_ns + 1000 * delta
    for tails in (np.zeros(1, TRAILERS[0]), np.array([(1, 0, filetime, 0)], TRAILERS[3])):
        if filetime and tails.dtype == TRAILERS[3]:
            exact = 100 * (filetime - FILETIME_1970)
        times, beyond = record_times(heads, tails, start_ns)
        assert beyond == (abs(exact) > LATEST_NS)
        assert abs(int(times[0])) <= LATEST_NS
        assert beyond or times[0] == exact

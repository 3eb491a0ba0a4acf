"""Where a TLS record ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire import tls
from wireproof.wire._tls import find_record_end

RECORD = b"\x17\x03\x03\x00\x02hi"


def test_a_record_ends_behind_its_body() -> None:
    assert find_record_end(RECORD, 0, 2) == 7
    assert find_record_end(b"??" + RECORD + b"more", 2, 2) == 9


@pytest.mark.parametrize("at", [-8, -7, -1, 1, 7, 8, 1 << 62])
def test_there_is_none_at_other_places(at: int) -> None:
    assert find_record_end(RECORD, at, 100) == -1


def test_there_is_none_that_is_cut_or_too_long() -> None:
    assert [find_record_end(RECORD[:size], 0, 2) for size in range(7)] == [-1] * 7
    assert find_record_end(RECORD, 0, 1) == -1


def test_only_application_data_may_be_empty() -> None:
    assert [find_record_end(bytes([kind, 3, 3, 0, 0]), 0, 9) for kind in range(19, 26)] == [-1, -1, -1, -1, 5, -1, -1]


@given(st.binary(min_size=5, max_size=5), st.binary(max_size=300))
def test_headers_are_those_of_records(header: bytes, body: bytes) -> None:
    stated = tls.unpack_record(header)
    is_whole = stated is not None and stated.length <= len(body)
    assert find_record_end(header + body, 0, tls.RECORD_MOST) == (5 + stated.length if stated and is_whole else -1)

"""Streams of QUIC put together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wireproof.decrypt.quic.streams import QuicStream

WHOLE = bytes(range(200))


@given(st.lists(st.tuples(st.integers(0, 190), st.integers(0, 60)), max_size=30))
def test_pieces_in_any_order_make_what_was_sent(pieces: list[tuple[int, int]]) -> None:
    stream, there = QuicStream(0, 0), set[int]()
    for row, (at, size) in enumerate(pieces):
        data = WHOLE[at : at + size]
        new = set(range(at, at + len(data))) - there
        assert stream.add(at, data, row) == len(new)
        there |= new
    assert stream.end == max(there, default=-1) + 1
    for offset in range(201):
        run = next(size for size in range(202) if offset + size not in there)
        assert stream.read(offset, 300) == WHOLE[offset : offset + run]
        assert stream.next_after(offset) == min((one for one in there if one >= offset), default=None)
        assert (stream.row(offset) >= 0) == (offset in there)


def test_the_first_copy_of_a_byte_counts() -> None:
    stream = QuicStream(0, 0)
    stream.add(2, b"cd", 5)
    assert stream.add(0, b"ABCDEF", 6) == 4
    assert stream.data == b"ABcdEF"
    assert [stream.row(at) for at in range(7)] == [6, 6, 5, 5, 6, 6, -1]
    assert stream.rows(1, 3) == [5, 6]
    assert stream.rows(2, 4) == [5]


def test_a_stream_is_whole_when_it_ended_and_nothing_is_missing() -> None:
    stream = QuicStream(0, 0)
    stream.add(1, b"b", 0)
    stream.final = 2
    assert not stream.whole
    stream.add(0, b"a", 0)
    assert stream.whole

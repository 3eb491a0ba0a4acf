"""Pieces of streams: sequence numbers become offsets, overlaps are resolved, and what no receiver takes is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.said_over import handshake, segment
from tests.support.tables import decode
from wireproof.streams.pieces import REFUSED, Pieces, _covered_before, _unwrap, find_pieces

GIGABYTE = 1 << 30


def pieces_of(frames: list[bytes]) -> Pieces:
    _, conversations = decode(frames)
    return find_pieces(conversations, np.arange(len(conversations)))


def of_client(pieces: Pieces) -> list[tuple[int, int, int, int]]:
    """(start, end, row, offset in frame) of what side 0 of the first conversation sent."""
    own = slice(int(pieces.first[0]), int(pieces.first[1]))
    columns = (pieces.start[own], pieces.end[own], pieces.row[own], pieces.at[own])
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_the_byte_behind_the_syn_is_at_offset_0() -> None:
    pieces = pieces_of([*handshake(), segment("client", 0, b"abc"), segment("client", 3, b"de")])
    assert of_client(pieces) == [(0, 3, 3, 54), (3, 5, 4, 54)]
    assert pieces.begins_known.tolist() == [True, True]


def test_without_a_syn_the_lowest_byte_captured_is_at_offset_0() -> None:
    pieces = pieces_of([segment("client", 503, b"de"), segment("client", 500, b"abc")])
    assert of_client(pieces) == [(0, 3, 1, 54), (3, 5, 0, 54)]
    assert pieces.begins_known.tolist() == [False, False]


def test_data_in_a_syn_comes_first() -> None:
    frames = handshake()
    frames[0] = segment("client", -1, b"GET ", flags="S")
    assert of_client(pieces_of([*frames, segment("client", 4, b"/")])) == [(0, 4, 0, 54), (4, 5, 3, 54)]


def test_a_stream_goes_on_past_2_to_the_32() -> None:
    isn = 2**32 - 3
    frames = [*handshake(isn), segment("client", 0, b"ab", isn=isn), segment("client", 2, b"cd", isn=isn)]
    assert of_client(pieces_of(frames)) == [(0, 2, 3, 54), (2, 4, 4, 54)]


def test_a_repeat_adds_only_what_is_new() -> None:
    frames = [*handshake(), segment("client", 0, b"abcd"), segment("client", 2, b"cdef"), segment("client", 1, b"bc")]
    assert of_client(pieces_of(frames)) == [(0, 4, 3, 54), (4, 6, 4, 56)]


def test_of_two_copies_the_first_captured_is_taken() -> None:
    frames = [*handshake(), segment("client", 0, b"abcd"), segment("client", 0, b"ABCD")]
    assert of_client(pieces_of(frames)) == [(0, 4, 3, 54)]


def test_a_keep_alive_s_byte_is_no_data() -> None:
    frames = [*handshake(), segment("client", 0, b"abcd"), segment("client", 3, b"\0", flags="A")]
    assert of_client(pieces_of(frames)) == [(0, 4, 3, 54)]


def test_what_a_reset_carries_is_no_data() -> None:
    frames = [*handshake(), segment("client", 0, b"ab"), segment("client", 2, b"Go away", flags="RA")]
    assert of_client(pieces_of(frames)) == [(0, 2, 3, 54)]


def test_bytes_before_the_first_byte_are_left_out() -> None:
    frames = [*handshake(), segment("client", -3, b"xyzabc"), segment("client", 3, b"d")]
    assert of_client(pieces_of(frames)) == [(0, 3, 3, 57), (3, 4, 4, 54)]


@pytest.mark.parametrize("far", [GIGABYTE + 7, 2 * GIGABYTE - 1, 2 * GIGABYTE, 3 * GIGABYTE, -5 * GIGABYTE // 4])
def test_a_segment_from_elsewhere_is_left_out_and_moves_nothing(far: int) -> None:
    frames = [*handshake(), segment("client", 0, b"ab"), segment("client", far, b"stray"), segment("client", 2, b"cd")]
    assert of_client(pieces_of(frames)) == [(0, 2, 3, 54), (2, 4, 5, 54)]


def test_strays_one_after_the_other_move_nothing() -> None:
    strays = [segment("client", 3 * GIGABYTE // 2, b"1"), segment("client", 3 * GIGABYTE, b"2")]
    frames = [*handshake(), segment("client", 0, b"ab"), *strays, segment("client", 2, b"cd")]
    assert of_client(pieces_of(frames)) == [(0, 2, 3, 54), (2, 4, 6, 54)]


def test_a_pause_of_the_capture_in_a_long_transfer_is_a_gap() -> None:
    far = 3 * GIGABYTE // 2
    frames = [
        *handshake(),
        segment("client", 0, b"ab"),
        segment("client", far, b"cd"),
        segment("client", far + 2, b"ef"),
    ]
    assert of_client(pieces_of(frames)) == [(0, 2, 3, 54), (far, far + 2, 4, 54), (far + 2, far + 4, 5, 54)]


def test_conversations_do_not_mix() -> None:
    ports = [(50001, 80), (50002, 80), (50003, 80)]
    frames = [frame for own in ports for frame in handshake(ports=own)]
    frames += [segment(by, 0, by.encode(), ports=own) for own in ports for by in ("client", "server")]
    _, conversations = decode(frames)
    pieces = find_pieces(conversations, np.array([2, 0]))
    assert pieces.first.tolist() == [0, 1, 2, 3, 4]
    assert pieces.row.tolist() == [13, 14, 9, 10]


def test_no_conversations_have_no_pieces(tmp_path: Path) -> None:
    _, conversations = decode(handshake())
    pieces = find_pieces(conversations, np.zeros(0, np.int64))
    assert pieces.first.tolist() == [0]
    assert find_pieces(conversations, np.array([0])).first.tolist() == [0, 0, 0]


@given(
    st.lists(st.integers(-60_000, GIGABYTE), min_size=1, max_size=40),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_offsets_grow_as_far_as_the_stream_does(steps: list[int], base: int, known: bool) -> None:
    offsets = np.cumsum([0, *steps])
    seq = ((offsets + base) % 2**32).astype(np.uint32)
    found = _unwrap(seq, np.zeros(len(seq), np.int64), np.array([base], np.uint32), np.array([known]))
    assert found.tolist() == (offsets - (0 if known else offsets.min())).tolist()


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=40), st.integers(0, 2**32 - 1), st.booleans())
def test_any_numbers_give_offsets_or_are_refused(numbers: list[int], base: int, known: bool) -> None:
    seq = np.array(numbers, np.uint32)
    found = _unwrap(seq, np.zeros(len(seq), np.int64), np.array([base], np.uint32), np.array([known]))
    taken = found[found > REFUSED // 2]
    lowest = 0 if known or not len(taken) else taken.min()
    assert lowest == 0
    assert ((found - seq.astype(np.int64) + base)[found > REFUSED // 2] % 2**32 == 0).all() or not known


def test_coverage_starts_anew_with_each_stream() -> None:
    stream, end = np.array([0, 0, 0, 2, 2]), np.array([5, 3, 9, 2, 7])
    assert _covered_before(stream, end).tolist() == [0, 5, 5, 0, 2]

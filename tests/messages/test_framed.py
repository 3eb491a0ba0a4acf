"""Messages that tell their own length are found in streams with gaps, junk and segments of any size."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.said_over import handshake, opened, said, segment
from wireproof.messages.framed import Framed, find_both, find_framed
from wireproof.streams import open_streams


def measure(head: bytes) -> int | None:
    """Messages of this test: `M`, one byte of length, so many bytes."""
    return head[1] + 2 if head[:1] == b"M" and len(head) > 1 else None


def message(body: bytes) -> bytes:
    return b"M" + bytes((len(body),)) + body


def framed(folder: Path, frames: list[bytes], most: int = 65_536) -> list[tuple[Framed, int, int]]:
    with opened(folder, frames) as tables:
        (talk,) = open_streams(tables, [0])
        found = [(one, one.place(tables)) for one in find_framed(talk.client, measure, most)]
    return [(one, place["row"], place["last_row"]) for one, place in found]


@pytest.mark.parametrize("size", [1, 3, 1400])
def test_messages_are_found_whatever_the_segments(tmp_path: Path, size: int) -> None:
    found = framed(tmp_path, said([("client", message(b"one") + message(b"two") + message(b""))], size=size))
    assert [one.data for one, _, _ in found] == [message(b"one"), message(b"two"), message(b"")]
    assert not any(one.cut for one, _, _ in found)


def test_a_message_names_its_first_packet_and_the_one_that_completed_it(tmp_path: Path) -> None:
    data = message(b"abcdefgh")
    frames = [
        *handshake(),
        segment("client", 0, data[:4]),
        segment("client", 7, data[7:]),
        segment("client", 4, data[4:7]),
    ]
    ((_, row, last_row),) = framed(tmp_path, frames)
    assert (row, last_row) == (3, 5)


def test_a_message_with_a_gap_is_cut_and_the_next_one_is_found(tmp_path: Path) -> None:
    data = message(b"0123456789") + message(b"next")
    frames = [*handshake(), segment("client", 0, data[:5]), segment("client", 9, data[9:])]
    (first, _, _), (second, _, _) = framed(tmp_path, frames)
    assert (first.data, first.cut) == (data[:5], True)
    assert (second.data, second.cut) == (message(b"next"), False)


def test_a_message_whose_end_was_not_captured_is_cut(tmp_path: Path) -> None:
    ((one, _, _),) = framed(tmp_path, said([("client", message(b"0123456789")[:6])]))
    assert (one.cut, one.size) == (True, 12)


def test_a_length_that_reaches_behind_everything_swallows_nothing(tmp_path: Path) -> None:
    frames = [*handshake(), segment("client", 0, b"M\xffshort"), segment("client", 7, message(b"next"))]
    (first, _, _), (second, _, _) = framed(tmp_path, frames)
    assert (first.size, first.cut, second.data) == (257, True, message(b"next"))


def test_junk_is_passed_over_up_to_the_next_segment(tmp_path: Path) -> None:
    junk = [segment("client", 0, b"junk and more"), segment("client", 13, message(b"x"))]
    ((one, row, _),) = framed(tmp_path, [*handshake(), *junk])
    assert (one.data, row) == (message(b"x"), 4)


def test_no_more_than_asked_for_is_held_of_a_long_message(tmp_path: Path) -> None:
    ((one, _, last_row),) = framed(tmp_path, said([("client", message(b"z" * 200))], size=50), most=20)
    assert (len(one.data), one.size, one.cut, last_row) == (20, 202, False, 7)


def test_messages_of_both_sides_come_in_the_order_of_packets(tmp_path: Path) -> None:
    lines = [("client", message(b"1")), ("server", message(b"2")), ("server", message(b"3")), ("client", message(b"4"))]
    with opened(tmp_path, said(lines)) as tables:
        (talk,) = open_streams(tables, [0])
        found = [(one.data[2:], place["side"]) for place, one in find_both(tables, talk, measure)]
    assert found == [(b"1", 0), (b"2", 1), (b"3", 1), (b"4", 0)]


@given(st.binary(min_size=1, max_size=60), st.integers(1, 20))
def test_any_bytes_come_to_an_end(tmp_path_factory: pytest.TempPathFactory, data: bytes, size: int) -> None:
    found = framed(tmp_path_factory.mktemp("framed"), said([("client", data)], size=size))
    starts = [one.offset for one, _, _ in found]
    assert starts == sorted(set(starts))
    assert all(one.offset < len(data) for one, _, _ in found)

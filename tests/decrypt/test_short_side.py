"""The bytes of one side are records and messages, or they are left alone."""

from __future__ import annotations

import pytest

from tests.support.tls_scripts import message
from wireproof.decrypt.clear_index import Room
from wireproof.decrypt.handshake_parts import Handshake
from wireproof.decrypt.short_side import (
    Side,
    begins_with,
    is_finished,
    read_whole,
    suite_of,
    take_messages,
    whole_records,
)

FIRST, SECOND = b"\x16\x03\x01\x00\x04\x0e\0\0\0", b"\x17\x03\x03\x00\x00"


class Fixed:
    """A stream of given bytes, of which the capture may lack some."""

    def __init__(self, data: bytes, end: int) -> None:
        self.data = data
        self.ends = [end] if end else []

    def read(self, start: int, count: int) -> bytes:
        return self.data[start : start + count]


def side(*records: tuple[int, bytes]) -> Side:
    return Side(Fixed(b"", 0), [(kind, 0x0303, 0, body) for kind, body in records], Room(100))  # type: ignore[arg-type]


def test_records_are_split_with_their_places() -> None:
    assert whole_records(FIRST + SECOND) == [(22, 0x0301, 0, b"\x0e\0\0\0"), (23, 0x0303, 9, b"")]


@pytest.mark.parametrize(
    "data",
    [FIRST[:-1], FIRST + b"\x17", FIRST + b"GET / HTTP/1.1", b"\x16\x03\x01\0\0", b"\x17\x03\x03\xff\xff" + bytes(65_535), b"\x17\x04\x03\0\0"],
    ids=["cut body", "cut header", "other bytes", "empty", "too long", "version"],
)  # fmt: skip
def test_whatever_else_there_is_makes_it_none(data: bytes) -> None:
    assert whole_records(data) is None


def test_what_a_run_gave_is_kept_by_its_kind() -> None:
    one = Side(Fixed(b"", 0), [(23, 0x0303, 10 * place, bytes(8)) for place in range(3)], Room(100))  # type: ignore[arg-type]
    assert one.take_run([b"data", b"ticket"], 1, 22) == b"ticket"
    assert (one.count, bytes(one.index.data)) == (1, b"data")
    assert one.index.raw_place(0) == (10, 23)
    assert [(record.start, record.end, record.kind, record.data) for record in one.opened.values()] == [
        (20, 33, 22, b"ticket")
    ]


def test_a_stream_with_a_gap_or_too_many_bytes_is_not_read() -> None:
    assert read_whole(Fixed(b"abc", 3)) == b"abc"  # type: ignore[arg-type]
    assert read_whole(Fixed(b"abc", 5)) == b""  # type: ignore[arg-type]
    assert read_whole(Fixed(bytes(1 << 19), 1 << 19)) == b""  # type: ignore[arg-type]
    assert read_whole(Fixed(b"", 0)) == b""  # type: ignore[arg-type]


def test_the_suite_stands_behind_the_session_id() -> None:
    before = bytes(43)
    assert suite_of(before + b"\0\x13\x01") == 0x1301
    assert suite_of(before + b"\x02ab\xc0\x2f") == 0xC02F
    assert suite_of(before) == suite_of(b"") == 0


def test_messages_may_share_and_span_records() -> None:
    both = message(11, b"\0\0\0") + message(14)
    one = side((22, both[:5]), (22, both[5:]), (20, b"\x01"))
    handshake = Handshake()
    assert take_messages(handshake, 1, one)
    assert (handshake.kinds, one.protected) == ({11, 14}, 2)


def test_a_message_that_is_not_whole_and_a_side_that_ends_in_clear_are_not_usual() -> None:
    assert not take_messages(Handshake(), 1, side((22, message(14)[:3]), (20, b"\x01")))
    assert not take_messages(Handshake(), 1, side((22, message(14, b"ab")[:-1]), (20, b"\x01")))
    assert not take_messages(Handshake(), 1, side((22, message(14))))


def test_records_of_one_kind_may_be_passed_over() -> None:
    one = side((20, b"\x01"), (20, b"\x01"), (23, b"x"))
    assert begins_with(one, 23, 20)
    assert one.protected == 2
    assert not begins_with(side((20, b"\x01")), 23, 20)
    assert not begins_with(side((22, b"\x01")), 23, 20)


def test_a_finished_stands_alone() -> None:
    assert is_finished(message(20, bytes(12)))
    assert not is_finished(message(20, bytes(12)) + message(0))
    assert not is_finished(message(0))
    assert not is_finished(b"")

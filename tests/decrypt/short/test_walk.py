"""The bytes of one side are messages in clear and records behind them, or they are left alone; what was opened is added whole or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tls_scripts import message
from wireproof.decrypt.protect.opener import BadRecord
from wireproof.decrypt.short._walk import Opened, Side, read_side
from wireproof.decrypt.tally import OPENED_MOST
from wireproof.wire._tls import cut_record

CHANGE, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
HELLO = message(1, b"hello")


def record(kind: int, body: bytes) -> bytes:
    return bytes((kind, 3, 3)) + len(body).to_bytes(2, "big") + body


def side(*records: tuple[int, bytes]) -> Side:
    """A side that says hello and these records, with other bytes around it."""
    data = b"".join(record(*one) for one in ((HANDSHAKE, HELLO), *records))
    found = read_side(b"before" + data + b"behind", 6, 6 + len(data))
    assert found is not None
    return found


class Turned:
    """Opens records whose body is the content type and the bytes in another order."""

    def __init__(self, add: int = 0) -> None:
        self.numbers: list[int] = []
        self.add = add

    def open(self, sequence: int, _kind: int, _version: int, body: bytes) -> tuple[int, bytes]:
        if not body:
            raise BadRecord("short")
        self.numbers.append(sequence + self.add)
        return body[0], body[:0:-1]


def sealed(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + content[::-1]


def open_all(opened: Opened, one: Side) -> tuple[int, int] | None:
    return opened.open_all(one, Turned())  # type: ignore[arg-type]


def open_in_turn(opened: Opened, one: Side, first: Turned, second: Turned) -> tuple[int, int] | None:
    return opened.open_in_turn(one, first, second)  # type: ignore[arg-type]


# --- what is said in clear -----------------------------------------------------------------------------------------------


def test_messages_may_share_and_span_records() -> None:
    both = message(11, b"\0\0\0") + message(14)
    found = side((HANDSHAKE, both[:5]), (HANDSHAKE, both[5:]), (CHANGE, b"\x01"))
    assert found.messages() == [HELLO, message(11, b"\0\0\0"), message(14)]
    assert (found.hello, found.kinds) == (b"hello", 1 << 1 | 1 << 11 | 1 << 14)
    assert found.data[found.protected] == CHANGE


WHOLE = record(HANDSHAKE, HELLO) + record(DATA, b"x")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WHOLE[:-1],
        WHOLE + b"\x17",
        WHOLE + b"GET / HTTP/1.1",
        WHOLE + b"\x16\x03\x01\0\0",
        WHOLE + b"\x17\x03\x03\xff\xff" + bytes(65_535),
        WHOLE + b"\x17\x04\x03\0\0",
        WHOLE + b"\x17\x03\x05\0\0",
        WHOLE + b"\x19\x03\x03\0\x01x",
        record(HANDSHAKE, HELLO),
        record(DATA, b"x"),
        record(HANDSHAKE, HELLO[:-1]) + record(DATA, b"x"),
        record(HANDSHAKE, HELLO + HELLO[:3]) + record(DATA, b"x"),
        record(HANDSHAKE, HELLO + HELLO) + record(DATA, b"x"),
    ],
    ids=[
        "nothing", "cut body", "cut header", "other bytes", "empty", "too long", "major", "minor", "type", "all in clear",
        "nothing in clear", "cut message", "cut header of a message", "two hellos",
    ],
)  # fmt: skip
def test_whatever_else_there_is_makes_it_none(data: bytes) -> None:
    assert read_side(WHOLE, 0, len(WHOLE)) is not None
    assert read_side(data, 0, len(data)) is None


@pytest.mark.parametrize("begin_and_end", [(-1, 3), (0, len(WHOLE) + 1), (5, 2), (len(WHOLE) + 9, len(WHOLE) + 9)])
def test_places_outside_the_bytes_make_it_none(begin_and_end: tuple[int, int]) -> None:
    assert read_side(WHOLE, *begin_and_end) is None


def test_records_of_one_kind_may_be_passed_over() -> None:
    found = side((CHANGE, b"\x01"), (CHANGE, b"\x01"), (DATA, b"x"))
    assert not side((CHANGE, b"\x01")).follows(DATA, CHANGE)
    assert not side((ALERT, b"\x01"), (DATA, b"x")).follows(DATA, CHANGE)
    assert found.follows(DATA, CHANGE)
    assert found.data[found.protected] == DATA
    for _ in range(3):
        found.skip()
    assert found.protected == found.end


@given(st.binary(max_size=60), st.integers(-2, 70), st.integers(-2, 70))
def test_any_bytes_are_records_up_to_their_end_or_none(data: bytes, begin: int, end: int) -> None:
    for bytes_ in (data, WHOLE + data):
        found = read_side(bytes_, begin, end)
        if found is not None:
            at = 0
            while at < end - begin:
                cut = cut_record(bytes_[begin:end], at, 18_432, 0)
                assert cut is not None
                at = cut[2] + 5 + len(cut[3])
            assert at == end - begin
            assert b"".join(found.messages()) == found.said


# --- what is opened ------------------------------------------------------------------------------------------------------


def test_application_data_makes_columns_and_all_else_stands_aside() -> None:
    opened = Opened()
    one = side(
        (ALERT, sealed(ALERT, b"no")),
        (DATA, sealed(DATA, b"said")),
        (DATA, sealed(DATA, b"")),
        (DATA, sealed(DATA, b"more")),
    )
    assert open_all(opened, one) == (3, 8)
    begin = 5 + len(HELLO)
    assert opened.others == [[(begin, begin + 8, ALERT, b"no")]]
    assert opened.contents == [b"said", b"more"]
    assert opened.ends.tolist() == [4, 8]
    assert opened.raw_starts.tolist() == [begin + 8, begin + 8 + 10 + 6]
    assert opened.raw_ends.tolist() == [begin + 8 + 10, begin + 8 + 10 + 6 + 10]
    assert opened.bounds.tolist() == [2]


@pytest.mark.parametrize(
    "content",
    [message(20, bytes(12)) + message(0), message(0), message(20, bytes(12))[:-1], b""],
    ids=["more", "another", "cut", "nothing"],
)
def test_a_finished_stands_alone(content: bytes) -> None:
    assert open_all(Opened(), side((CHANGE, sealed(HANDSHAKE, message(20, bytes(12)))))) == (0, 0)
    assert open_all(Opened(), side((CHANGE, sealed(HANDSHAKE, content)))) is None


def test_a_second_change_of_keys_is_not_usual() -> None:
    assert open_all(Opened(), side((DATA, sealed(DATA, b"x")), (CHANGE, sealed(CHANGE, b"\x01")))) is None


def test_other_keys_are_used_behind_the_finished() -> None:
    opened, first, second = Opened(), Turned(), Turned(100)
    finished, ticket = message(20, bytes(12)), message(4, b"ticket")
    records = [
        (DATA, sealed(HANDSHAKE, message(8) + finished[:6])),
        (CHANGE, b"\x01"),
        (DATA, sealed(HANDSHAKE, finished[6:])),
        (DATA, sealed(HANDSHAKE, ticket)),
        (DATA, sealed(DATA, b"said")),
    ]
    assert open_in_turn(opened, side(*records), first, second) == (1, 4)
    assert (first.numbers, second.numbers) == ([0, 1], [100, 101])
    assert [other[3] for other in opened.others[0]] == [message(8) + finished[:6], finished[6:], ticket]


@pytest.mark.parametrize(
    "unusual",
    [(DATA, sealed(HANDSHAKE, message(24, b"\0"))), (ALERT, b"\x01\0"), (DATA, sealed(CHANGE, b"\x01"))],
    ids=["KeyUpdate", "in clear", "ChangeCipherSpec"],
)
def test_what_is_not_usual_in_tls_1_3_is_refused(unusual: tuple[int, bytes]) -> None:
    finished = (DATA, sealed(HANDSHAKE, message(20, bytes(12))))
    assert open_in_turn(Opened(), side(finished), Turned(), Turned()) == (0, 0)
    assert open_in_turn(Opened(), side(finished, unusual), Turned(), Turned()) is None


def test_streams_are_taken_back_whole() -> None:
    opened = Opened()
    for content in (b"one", b"two", b"three"):
        assert open_all(opened, side((DATA, sealed(DATA, content)))) == (1, len(content))
    with pytest.raises(BadRecord):
        open_all(opened, side((DATA, sealed(DATA, b"lost")), (DATA, b"")))
    opened.forget_from(2)
    assert (opened.contents, opened.bounds.tolist(), opened.ends.tolist()) == ([b"one", b"two"], [1, 2], [3, 3])
    assert open_all(opened, side((DATA, sealed(DATA, b"four")))) == (1, 4)
    assert (opened.contents, opened.bounds.tolist()) == ([b"one", b"two", b"four"], [1, 2, 3])
    opened.forget_from(9)
    assert (opened.contents, opened.ends.tolist()) == ([b"one", b"two", b"four"], [3, 3, 4])
    opened.forget_from(-9)
    assert (opened.contents, opened.others, opened.bounds.tolist(), opened.ends.tolist()) == ([], [], [], [])


def test_too_much_that_is_no_application_data_is_refused() -> None:
    many = [(ALERT, sealed(ALERT, b"\x01\0"))] * OPENED_MOST
    assert open_all(Opened(), side(*many[1:])) == (0, 0)
    assert open_all(Opened(), side(*many)) is None

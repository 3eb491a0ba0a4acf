"""The records of one direction: split and joined messages, gaps, bytes that are no TLS, and long transfers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wireproof.decrypt.records import HANDSHAKE_MOST, WALKED, HandshakeAt, Handshakes, RecordAt, Walk


class Bytes:
    """What a stream of these bytes reads like; `missing` is a span that the capture lacks. Every byte has its own packet."""

    def __init__(self, data: bytes, missing: tuple[int, int] = (0, 0)) -> None:
        self.data, self.missing, self.asked = data, missing, 0

    def read(self, start: int, count: int) -> bytes:
        stop = self.missing[0] if start < self.missing[0] else len(self.data)
        if self.missing[0] <= start < self.missing[1]:
            return b""
        found = self.data[start : min(start + count, stop)]
        self.asked += len(found)
        return found

    def next_after(self, offset: int) -> int | None:
        if self.missing[0] <= offset < self.missing[1]:
            offset = self.missing[1]
        return offset if offset < len(self.data) else None

    def row(self, offset: int) -> int:
        return offset

    def rows(self, start: int, end: int) -> list[int]:
        return list(range(start, end))


def record(kind: int, body: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def messages(walk: Walk) -> list[HandshakeAt]:
    handshakes = Handshakes()
    found = [one for read in walk if read.kind == 22 for one in handshakes.take(read, read.body)]
    return [*found, *handshakes.flush()]


def walked(data: bytes, missing: tuple[int, int] = (0, 0)) -> tuple[list[RecordAt], Walk]:
    walk = Walk(Bytes(data, missing), 0)
    return list(walk), walk


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5), st.integers(1, 30))
def test_messages_come_out_whole_however_records_split_them(bodies: list[bytes], size: int) -> None:
    joined = b"".join(message(11, body) for body in bodies)
    data = b"".join(record(22, joined[at : at + size]) for at in range(0, len(joined), size))
    found = messages(Walk(Bytes(data), 0))
    assert [one.body for one in found] == bodies
    assert all(one.whole and data[one.start] == 11 and one.start < one.end <= len(data) for one in found)


def test_a_gap_in_application_data_is_stepped_over_by_its_length() -> None:
    data = record(23, bytes(1000)) + record(21, b"\x01\x00")
    records, walk = walked(data, (100, 900))
    assert [(one.kind, one.length) for one in records] == [(23, 1000), (21, 2)]
    assert walk.broken_at == -1


def test_a_gap_over_a_header_goes_on_where_a_record_begins() -> None:
    data = record(23, bytes(50)) + record(23, bytes(50)) + record(21, b"\x01\x00")
    records, _ = walked(data, (40, 110))
    assert [one.kind for one in records] == [23, 21]


def test_a_message_with_a_gap_is_given_as_far_as_it_goes() -> None:
    data = record(22, message(11, bytes(500))) + record(22, message(14, b""))
    (cut, whole) = messages(Walk(Bytes(data, (100, 300)), 0))
    assert (cut.kind, cut.length, cut.whole) == (11, 500, False)
    assert (whole.kind, whole.whole) == (14, True)


def test_bytes_that_are_no_record_end_the_walk() -> None:
    records, walk = walked(record(22, message(14, b"")) + b"HTTP/1.1 200 OK\r\n\r\n")
    assert (len(records), walk.broken_at) == (1, 9)


def test_a_long_transfer_is_not_followed_to_its_end() -> None:
    source = Bytes(record(23, bytes(16_000)) * 400)
    assert sum(one.length for one in Walk(source, 0)) < WALKED.value + 20_000
    assert source.asked < 1000  # the content of application data is not fetched


def test_a_message_that_never_ends_takes_bounded_memory() -> None:
    endless = bytes([11]) + (0xFFFFFF).to_bytes(3, "big")
    handshakes = Handshakes()
    start = 0
    for turn in range(200):
        body = endless + bytes(16_000) if not turn else bytes(16_000)
        found = list(handshakes.take(RecordAt(22, 0x303, len(body), start, body), body))
        start += 5 + len(body)
        assert all(len(one.body) <= HANDSHAKE_MOST for one in found)


@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    walk = Walk(Bytes(data), 0)
    assert all(one.end > one.start for one in messages(walk))

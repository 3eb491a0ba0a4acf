"""Records one after the other from windows of a stream, why they stop, and where they may go on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wireproof.decrypt.record_feed import Body, RecordFeed, Stop, find_boundaries


class Holed:
    """A stream of which some bytes are missing."""

    def __init__(self, data: bytes, lost: range = range(0)) -> None:
        self.data, self.lost = data, lost

    def read(self, start: int, count: int) -> bytes:
        if start in self.lost:
            return b""
        stop = start + count
        return self.data[start : min(stop, self.lost.start) if start < self.lost.start else stop]

    def next_after(self, offset: int) -> int | None:
        offset = self.lost.stop if offset in self.lost else offset
        return offset if offset < len(self.data) else None

    def row(self, offset: int) -> int:
        return offset

    def rows(self, start: int, end: int) -> list[int]:
        return list(range(start, end))


def record(body: bytes, kind: int = 23, version: int = 0x0303) -> bytes:
    return bytes([kind]) + version.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body


def taken(feed: RecordFeed) -> list[Body]:
    found = []
    while (one := feed.take()) is not None:
        found.append(one)
    return found


@given(st.lists(st.integers(1, 16_384), max_size=80), st.integers(0, 30))
def test_every_record_is_given_with_its_place(sizes: list[int], before: int) -> None:
    bodies = [bytes([size & 0xFF]) * size for size in sizes]
    feed = RecordFeed(Holed(bytes(before) + b"".join(map(record, bodies))), before)
    found = taken(feed)
    assert [one.body for one in found] == bodies
    assert [one.start for one in found] == [before + sum(sizes[:n]) + 5 * n for n in range(len(sizes))]
    assert (feed.stop, feed.had) == (Stop.END, 0)


def test_a_record_may_be_looked_at_before_it_is_taken() -> None:
    feed = RecordFeed(Holed(record(b"one") + record(b"two")), 0)
    assert feed.peek() == feed.peek() == feed.take()
    two = feed.take()
    assert two
    assert two.body == b"two"
    assert feed.peek() is None


def test_records_that_follow_may_be_taken_from_the_window_in_one_go() -> None:
    data = record(b"a" * 9000) + record(b"b" * 9000) + record(b"c" * 9000)
    feed = RecordFeed(Holed(b"??" + data), 2)
    window, at = feed.ready()
    assert (window[at : at + 9005], len(window)) == (data[:9005], 16_384)
    feed.at += 9005
    # The second record goes on behind the window.
    window, at = feed.ready()
    assert window[at:] == data[9005:]
    feed.at += 18_010
    window, at = feed.ready()
    assert (window[at:], feed.stop) == (b"", Stop.END)


def test_the_end_within_a_record_is_told_from_missing_bytes_and_from_other_bytes() -> None:
    data = record(b"a" * 100) + record(b"b" * 100)
    cut = RecordFeed(Holed(data[:-10]), 0)
    assert len(taken(cut)) == 1
    assert (cut.stop, cut.had) == (Stop.END, 95)
    holed = RecordFeed(Holed(data, range(150, 160)), 0)
    assert len(taken(holed)) == 1
    assert (holed.stop, holed.had, holed.at) == (Stop.GAP, 45, 105)
    header = RecordFeed(Holed(data, range(107, 160)), 0)
    assert len(taken(header)) == 1
    assert (header.stop, header.had) == (Stop.GAP, 2)
    other = RecordFeed(Holed(record(b"a") + b"HTTP/1.1 200 OK"), 0)
    assert len(taken(other)) == 1
    assert other.stop is Stop.NO_RECORD
    empty = RecordFeed(Holed(record(b"a") + record(b"", 22)), 0)
    assert len(taken(empty)) == 1
    assert empty.stop is Stop.NO_RECORD


def test_records_go_on_behind_a_gap_when_the_feed_is_put_there() -> None:
    data = record(b"a" * 100) + record(b"b" * 100) + record(b"c" * 100)
    feed = RecordFeed(Holed(data, range(150, 160)), 0)
    taken(feed)
    feed.at = 210
    assert [one.body[:1] for one in taken(feed)] == [b"c"]


def test_boundaries_are_headers_that_lead_to_another_one() -> None:
    noise = b"\x17\x03\x03\x00\x20" + bytes(range(60)) + b"\x17\x03"
    data = noise + record(b"x" * 40) + record(b"y" * 10)
    assert next(find_boundaries(Holed(data), 0, (0x0303,))) == len(noise)
    assert list(find_boundaries(Holed(data), 0, (0x0301,))) == []
    # The last record leads to the end.
    assert next(find_boundaries(Holed(data), len(noise) + 1, ())) == len(noise) + 45

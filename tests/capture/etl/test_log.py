"""The walk through a log: plain and compressed buffers, cut and damaged ones, and what fills a file up."""

from __future__ import annotations

import contextlib
import io

import pytest

from tests.capture.etl.logs import NDIS, Event, make_log, pack_buffer, pack_event, pack_lz77, pack_lznt1
from wireproof.capture.etl import log
from wireproof.capture.etl.log import EventWalk, LogWalk
from wireproof.capture.etl.providers import guid_halves
from wireproof.capture.source import CopiedSource
from wireproof.capture.streams import FileStream
from wireproof.errors import CaptureFormatError

EVENTS = [Event(NDIS, number, bytes([number]) * 30, number * 1000) for number in range(1, 9)]


def read(data: bytes) -> tuple[list[int], list[tuple[str, int]]]:
    """Ids of all events of the provider, and what was told."""
    told: list[tuple[str, int]] = []

    def tell(text: str, offset: int) -> None:
        told.append((text, offset))

    source = CopiedSource(FileStream(io.BytesIO(data), regular=False, keep_open=False), 0)
    with contextlib.closing(source):
        walk, events = LogWalk(source, "test", tell), EventWalk(guid_halves(), tell)
        found = [
            int(row["id"])
            for buffer in walk.buffers(lambda: None)
            for rows in events.events(buffer)
            for row in rows
            if buffer.data[row["at"] : row["at"] + row["size"]].tobytes() == bytes([row["id"]]) * 30
        ]
    return found, told


def packed(events: list[Event], **options: object) -> bytes:
    return pack_buffer(b"".join(pack_event(event) for event in events), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("pack", [None, pack_lz77, pack_lznt1])
def test_events_come_out_of_buffers_however_they_are_packed(pack: object) -> None:
    found = read(make_log(packed(EVENTS[:3], pack=pack), packed(EVENTS[3:], pack=pack)))
    assert found == (list(range(1, 9)), [])


def test_more_events_than_rows_are_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "ROWS", 3)
    assert read(make_log(EVENTS))[0] == list(range(1, 9))


@pytest.mark.parametrize("filler", [b"\0" * 4096, b"\0" * 72, b"\0" * 5])
def test_a_file_that_is_filled_up_with_zeros_is_whole(filler: bytes) -> None:
    assert read(make_log(EVENTS) + filler) == (list(range(1, 9)), [])


def test_the_unused_end_of_a_buffer_is_no_damage() -> None:
    zeros = packed(EVENTS[:2])
    for filler in (b"\xff", b"\0"):
        buffer = bytearray(packed(EVENTS[:2], size=4096))
        buffer[len(zeros) :] = filler * (4096 - len(zeros))
        # Windows states more than the events have.
        buffer[4:8] = buffer[48:52] = (4096).to_bytes(4, "little")
        start = 72 + 2 * len(pack_event(EVENTS[0]))
        buffer[start : len(zeros)] = filler * (len(zeros) - start)
        assert read(make_log(bytes(buffer), packed(EVENTS[2:]))) == (list(range(1, 9)), [])


def test_a_cut_last_buffer_gives_its_events_so_far() -> None:
    whole = make_log(EVENTS[:4], EVENTS[4:])
    start = len(make_log(EVENTS[:4]))
    length = len(pack_event(EVENTS[0]))
    found, told = read(whole[: start + 72 + 2 * length + 50])
    assert found == [1, 2, 3, 4, 5, 6]
    assert told[0] == (f"the last buffer is cut at offset {start}; the log may still be written", start)


def test_a_cut_compressed_buffer_gives_its_events_so_far() -> None:
    noise = [event._replace(data=event.data) for event in EVENTS]
    whole = make_log(EVENTS[:1], packed(noise, pack=pack_lznt1), packed(noise, pack=pack_lz77))
    found, told = read(whole[:-40])
    assert found[:9] == [1, *range(1, 9)]
    assert 9 < len(found) < 17
    assert "is cut at offset" in told[0][0]


def test_every_cut_of_a_log_is_read_without_an_error() -> None:
    whole = make_log(EVENTS[:2], packed(EVENTS[2:4], pack=pack_lz77))
    for length in range(1024, len(whole), 7):
        found, _ = read(whole[:length])
        assert found == list(range(1, len(found) + 1))


@pytest.mark.parametrize("at", [0, 3, 4, 12, 48])
def test_a_damaged_buffer_header_costs_one_buffer(at: int) -> None:
    data = bytearray(make_log(EVENTS[:2], EVENTS[2:4], EVENTS[4:]))
    start = len(make_log(EVENTS[:2]))
    data[start + at : start + at + 4] = b"\x7f\x7f\x7f\x7f"
    found, told = read(bytes(data))
    assert [number for number in found if number not in (3, 4)] == [1, 2, 5, 6, 7, 8]
    if told:
        assert told == [(f"damage at offset {start}: 1024 bytes skipped to the next buffer", start)]


def test_bytes_missing_in_the_middle_cost_two_buffers() -> None:
    start = len(make_log(EVENTS[:2]))
    data = make_log(EVENTS[:2], EVENTS[2:3], EVENTS[3:4], EVENTS[4:])
    found, told = read(data[: start + 300] + data[start + 313 :])
    assert found[:2] == [1, 2]
    assert found[-4:] == [5, 6, 7, 8]
    assert told


def test_damage_inside_a_buffer_costs_its_rest() -> None:
    data = bytearray(make_log(EVENTS[:4], EVENTS[4:]))
    at = len(make_log()) + 72 + len(pack_event(EVENTS[0]))
    data[at + 3] = 0x11
    found, told = read(bytes(data))
    assert found == [1, 5, 6, 7, 8]
    rest = 3 * len(pack_event(EVENTS[0]))
    assert told == [(f"damage in the buffer at offset 1024: its last {rest} bytes are no events", 1024)]


def test_a_damaged_compressed_buffer_is_told() -> None:
    buffer = bytearray(packed(EVENTS[:4], pack=pack_lz77))
    buffer[72 + 4 + 30 :] = b"\xff" * (len(buffer) - 106)
    found, told = read(make_log(bytes(buffer), EVENTS[4:]))
    assert found[-4:] == [5, 6, 7, 8]
    assert "is damaged: its last" in told[0][0]


def test_what_is_unpacked_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log.UNPACKED_BYTES, "value", 5000.0)
    found, told = read(make_log(packed(EVENTS[:2], pack=pack_lz77), packed(EVENTS[2:] * 10, pack=pack_lz77)))
    assert found == [1, 2]
    assert told[0][0].endswith("the limit capture.unpacked_bytes")


def test_a_log_of_nothing_but_damage_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MOST_DAMAGES", 3)
    broken = bytearray(packed(EVENTS[:1]))
    broken[:4] = b"\xff" * 4
    found, told = read(make_log(*[bytes(broken), packed(EVENTS[1:2])] * 6))
    assert found == [2, 2, 2]
    assert [text.partition(" ")[0] for text, _ in told] == ["damage"] * 3 + ["the"]
    assert "damaged in more than 3 places" in told[-1][0]


def test_a_log_cut_inside_its_header_is_refused() -> None:
    whole = make_log(EVENTS)
    for length in (80, 300, 383):
        with pytest.raises(CaptureFormatError, match="header"):
            read(whole[:length])
    with pytest.raises(CaptureFormatError, match="cut inside the header"):
        read(whole[:70])


def test_the_first_buffer_must_hold_the_log_header() -> None:
    event = b"".join(pack_event(event) for event in EVENTS)
    with pytest.raises(CaptureFormatError):
        read(pack_buffer(event))

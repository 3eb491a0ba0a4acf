"""The walk through a conversation: nothing is said before what stands before it, acknowledgments follow those of the capture and never run ahead
of what the file shows, a close stands behind what is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.export.clearing import ISNS, clear_of, export, handshake, read_made, segment
from wireproof.decrypt.outcome import Status
from wireproof.export import events as events_module
from wireproof.export._weave import Weaver
from wireproof.export.carriers import Carriers
from wireproof.export.events import Events, build_events
from wireproof.export.rows import RowOrder

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


def woven(folder: Path, frames: list[bytes], status: Status = Status.DECRYPTED) -> tuple[Events, Carriers]:
    """The segments of all conversations of these frames."""
    tables = read_made(folder, frames)
    talks = list(clear_of(tables, status=status).talks.values())
    return build_events(tables, talks, RowOrder(tables.packets))


def offsets(events: Events, side: int) -> list[int]:
    """Where the segments of a side stand in what it writes."""
    own = events[events["stream"] & 1 == side]
    return [int(seq) for seq in own["seq"] - np.uint32((ISNS[side] + 1) % 2**32)]


def acks(folder: Path, frames: list[bytes]) -> list[tuple[int, int, int]]:
    """(direction, payload bytes, bytes of the other side acknowledged) of every written segment behind the handshake's."""
    packets = export(folder, frames)[1].packets
    base = packets.seq[:2] + np.uint32(1)
    return [
        (int(side), int(length), int(ack - base[1 - side]))
        for side, length, ack in zip(packets.direction[3:], packets.length[3:], packets.ack[3:], strict=True)
    ]


def test_data_is_acknowledged_when_it_was(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(False, "A", 0, 0, b"a" * 100),
        segment(False, "A", 100, 0, b"b" * 100),
        segment(True, "A", 0, 100),
        segment(True, "A", 0, 100),
        segment(True, "A", 0, 200),
    ]
    assert acks(tmp_path, frames) == [(1, 100, 0), (1, 100, 0), (0, 0, 100), (0, 0, 200)]


def test_data_and_closes_acknowledge_too(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(False, "A", 0, 0, b"a" * 100),
        segment(True, "A", 0, 100, b"x"),
        segment(True, "A", 1, 100),
        segment(True, "FA", 1, 100),
        segment(False, "A", 100, 2),
    ]
    assert acks(tmp_path, frames) == [(1, 100, 0), (0, 1, 100), (0, 0, 100), (1, 0, 2)]


def test_an_acknowledgment_of_what_is_not_there_yet_is_held_back(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(True, "A", 0, 500),
        segment(False, "A", 0, 0, b"a" * 100),
        segment(True, "A", 0, 100),
    ]
    assert acks(tmp_path, frames) == [(1, 100, 0), (0, 0, 100)]


def test_the_handshakes_last_ack_stays_and_data_may_take_its_place(tmp_path: Path) -> None:
    assert acks(tmp_path, [*handshake()[:2], segment(True, "A", 0, 0, b"x")]) == []
    _, tables = export(tmp_path, [*handshake(), segment(True, "A", 0, 0)])
    assert tables.packets.flags[: tables.packets.frames].tolist() == [0x02, 0x12, 0x10]


def test_a_piece_waits_for_those_before_it(tmp_path: Path) -> None:
    frames = [segment(True, "A", 3, 0, b"def"), segment(True, "A", 0, 0, b"abc"), segment(True, "A", 6, 0, b"g")]
    events, _ = woven(tmp_path, [*handshake(), *frames])
    data = events[events["size"] > 0]
    assert data["begin"].tolist() == [0, 3, 6]
    assert data["row"].tolist() == [4, 4, 5]


def test_a_piece_that_waited_is_acknowledged_with_what_came_before_it(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(True, "A", 3, 0, b"def"),
        segment(False, "A", 0, 0),
        segment(True, "A", 0, 0, b"abc"),
        segment(False, "A", 0, 3),
        segment(False, "A", 0, 6),
    ]
    assert acks(tmp_path, frames) == [(0, 3, 0), (0, 3, 0), (1, 0, 6)]


def test_a_piece_names_what_carried_it_where_that_is_more_than_its_packet(tmp_path: Path) -> None:
    frames = [segment(True, "A", 3, 0, b"def"), segment(True, "A", 0, 0, b"abc"), segment(True, "A", 6, 0, b"g")]
    events, carriers = woven(tmp_path, [*handshake(), *frames])
    data = events[events["size"] > 0]
    found = carriers.of(data["carried"], data["row"])
    assert (found.rows.tolist(), found.ends.tolist()) == ([4, 3, 5], [1, 2, 3])
    assert data["carried"].tolist() == [-1, 0, -1]


def test_a_close_stands_behind_what_is_missing(tmp_path: Path) -> None:
    frames = [*handshake(), segment(True, "A", 0, 0, b"abc"), segment(True, "FA", 10, 0), segment(False, "A", 0, 11)]
    events, _ = woven(tmp_path, frames)
    assert offsets(events, 0)[-1] == 10
    # The other side acknowledges the FIN, since it had all of what is not in the capture.
    assert int(events["ack"][-1]) == (ISNS[0] + 1 + 11) % 2**32


def test_a_close_that_came_before_the_last_bytes_is_written_behind_them(tmp_path: Path) -> None:
    frames = [*handshake(), segment(True, "FA", 3, 0), segment(True, "A", 0, 0, b"abc")]
    events, _ = woven(tmp_path, frames)
    assert events["flags"][-2:].tolist() == [0x18, FIN | ACK]
    assert events["row"][-2:].tolist() == [4, 4]


def test_what_could_not_be_read_is_missing_before_a_close(tmp_path: Path) -> None:
    frames = [*handshake(), segment(True, "A", 0, 0, b"abc"), segment(True, "FA", 3, 0)]
    tables = read_made(tmp_path, frames)
    (talk,) = clear_of(tables, status=Status.PARTLY).talks.values()
    # Of what was captured nothing could be read.
    stream = talk.streams[0]
    stream.starts, stream.ends, stream.piece_rows = stream.starts[:0], stream.ends[:0], stream.piece_rows[:0]
    events, _ = build_events(tables, [talk], RowOrder(tables.packets))
    assert offsets(events, 0)[-1] == 3


def test_a_side_that_only_closes_has_only_that(tmp_path: Path) -> None:
    events, _ = woven(tmp_path, [*handshake(), segment(False, "FA")])
    own = events[(events["stream"] == 1) & (events["flags"] & SYN == 0)]
    assert own["flags"].tolist() == [FIN | ACK]
    assert offsets(events, 1)[-1] == 0


def test_a_reset_stands_behind_what_was_sent(tmp_path: Path) -> None:
    events, _ = woven(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"abc"), segment(True, "RA", 3, 0)])
    assert events["flags"][-1] == RST | ACK
    assert offsets(events, 0)[-1] == 3


def test_both_sides_count_their_own_segments(tmp_path: Path) -> None:
    events, _ = woven(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"a"), segment(False, "A", 0, 1, b"b")])
    assert events["ident"].tolist() == [0, 0, 1, 2, 1]


def test_conversations_do_not_know_of_each_other(tmp_path: Path) -> None:
    talks = [
        [*handshake(ports=ports), segment(True, "A", 0, 0, b"abc", ports=ports), segment(False, "A", 0, 3, ports=ports)]
        for ports in ((40000, 443), (40001, 443), (40002, 443))
    ]
    events, _ = woven(tmp_path, [frame for turn in zip(*talks, strict=True) for frame in turn])
    own = [events[events["stream"] >> 1 == place][["seq", "ack", "ident", "flags"]].tolist() for place in range(3)]
    assert own[0] == own[1] == own[2]
    assert len(own[0]) == 5


class Cramped:
    """Walks with room for two segments."""

    def __init__(self, *given: Any) -> None:
        self._weaver = Weaver(*given)

    def weave(self, events: Events, *others: Any) -> tuple[int, int]:
        """As `Weaver.weave`."""
        return self._weaver.weave(events[:2], *others)


def test_too_little_room_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "Weaver", Cramped)
    with pytest.raises(IndexError):
        woven(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"abc")])

"""A capture file is read in one go: packets, conversations, and packets put together from fragments."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from tests.support.files import Frame, pcap_bytes, write_pcap
from tests.support.packets import TCP, UDP, Ethernet, IPv4, fragment_v4
from tests.support.tables import batch_of, read_closed, spaced
from wireproof.capture import open_capture
from wireproof.conversations import derived, read_capture, read_tables
from wireproof.conversations.derived import DerivedFrame
from wireproof.conversations.read import DERIVED_BYTES, add_inner_frames, guess_rows
from wireproof.errors import CaptureFormatError

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
BIG = IPv4("10.0.0.1", "10.0.0.2", UDP(1099, 53, bytes(2000)), dont_fragment=False)


def ethernet(packet: IPv4) -> bytes:
    return bytes(Ethernet(*MACS, packet))


def test_frames_are_fetched_again_from_the_file_or_as_they_were_put_together(tmp_path: Path) -> None:
    frames = [ethernet(piece) for piece in fragment_v4(BIG, 1480)] + [ethernet(IPv4("10.0.0.3", "10.0.0.4", UDP(1, 2)))]
    tables = read_capture(write_pcap(tmp_path / "a.pcap", spaced(frames)))
    with tables.capture:
        assert tables.read_frames([2, 3, 0]) == [frames[2], bytes(BIG), frames[0]]
        assert tables.read_frames(np.array([], np.int64)) == []
    assert tables.packets.frames == 3
    assert len(tables.packets) == 4


def test_parts_of_frames_are_fetched_one_behind_the_other(tmp_path: Path) -> None:
    frames = [ethernet(piece) for piece in fragment_v4(BIG, 1480)] + [ethernet(IPv4("10.0.0.3", "10.0.0.4", UDP(1, 2)))]
    path = write_pcap(tmp_path / "a.pcap", spaced(frames))
    tables = read_capture(path)
    at, sizes = np.array([20, 5]), np.array([6, 9])
    with tables.capture:
        assert tables.read_parts(np.array([2, 0]), at, sizes) == frames[2][20:26] + frames[0][5:14]
        # The last row was put together from two frames.
        assert tables.read_parts(np.array([3, 0]), at, sizes) == bytes(BIG)[20:26] + frames[0][5:14]
        assert tables.read_parts(np.zeros(0, np.int64), at[:0], sizes[:0]) == b""
        os.truncate(path, int(tables.packets.offset[2]) + 22)
        assert tables.read_parts(np.array([2, 0]), at, sizes) == frames[2][20:22] + frames[0][5:14]


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hello", encoding="utf-8")
    with pytest.raises(CaptureFormatError):
        read_capture(path)


def test_an_empty_capture_has_no_rows(tmp_path: Path) -> None:
    tables = read_closed(write_pcap(tmp_path / "a.pcap", []))
    assert (len(tables.packets), len(tables.conversations), tables.derived) == (0, 0, {})


def test_progress_is_passed_on_to_the_end(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "a.pcap", spaced([ethernet(IPv4("10.0.0.3", "10.0.0.4", UDP(1, 2)))] * 9))
    seen: list[tuple[int, int]] = []
    with open_capture(path) as capture:
        read_tables(capture, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (path.stat().st_size,) * 2


def test_columns_are_made_for_as_many_rows_as_the_file_will_have(tmp_path: Path) -> None:
    frames = [ethernet(IPv4("10.0.0.3", "10.0.0.4", UDP(1, 2, bytes(60))))] * 30_000
    tables = read_closed(write_pcap(tmp_path / "a.pcap", spaced(frames)))
    assert len(tables.packets) == 30_000
    packed = tmp_path / "b.pcap.gz"
    packed.write_bytes(gzip.compress(pcap_bytes(spaced(frames))))
    assert len(read_closed(packed).packets) == 30_000


def test_a_guess_takes_the_rest_to_be_like_the_beginning() -> None:
    batch = batch_of([Frame(0, bytes(100))] * 10)
    assert guess_rows(batch, 0, 100_000) == 1062
    assert guess_rows(batch, 0, 0) == 0


def test_reassembled_packets_are_kept_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DERIVED_BYTES, "value", 3000)
    packets = [IPv4("10.0.0.1", "10.0.0.2", BIG.upper, ident=ident, dont_fragment=False) for ident in range(4)]
    frames = [ethernet(piece) for packet in packets for piece in fragment_v4(packet, 1480)]
    tables = read_closed(write_pcap(tmp_path / "a.pcap", spaced(frames)))
    assert len(tables.derived) == 2
    assert [note.text for note in tables.capture.notes] == [
        "fragments not put together because there are too many: 4; first in frame 5"
    ]


# --- packets from inside streams ---------------------------------------------------------------------------------------

OUTER = [ethernet(IPv4("10.0.0.1", "10.0.0.2", TCP(1099, 443, seq, payload=b"tunnel"))) for seq in (0, 6, 12)]


def inner(source: str, target: str, upper: TCP | UDP, outer: int) -> DerivedFrame:
    data = bytes(IPv4(source, target, upper))
    return DerivedFrame(data, len(data), outer)


def test_packets_from_inside_get_rows_and_conversations_behind_the_others(tmp_path: Path) -> None:
    tables = read_closed(write_pcap(tmp_path / "a.pcap", spaced(OUTER)))
    before = tables.conversations.facts.copy()
    frames = [
        inner("10.9.0.1", "10.9.0.2", TCP(1, 80, 5, payload=b"ask"), 0),
        inner("10.9.0.2", "10.9.0.1", TCP(80, 1, 7, payload=b"answer"), 2),
        inner("10.9.0.1", "10.9.0.3", UDP(2, 53, b"dns"), 1),
    ]
    made = add_inner_frames(tables, frames)
    assert made.packets.count == len(made.packets.seq) == len(made.packets.conversation) == 6
    assert made.packets.frames == 3
    assert made.packets.conversation.tolist() == [0, 0, 0, 1, 1, 2]
    assert [made.packets.number(row) for row in range(6)] == [1, 2, 3, 1, 3, 2]
    assert (made.conversations.facts[:1] == before).all()
    assert [made.conversations[n].client_endpoint for n in (1, 2)] == ["10.9.0.1:1", "10.9.0.1:2"]
    assert made.conversations.rows(0).tolist() == [0, 1, 2]
    assert made.conversations.rows(1).tolist() == [3, 4]
    assert made.read_frames([4, 3]) == [frames[1].data, frames[0].data]


def test_an_inner_conversation_is_another_one_than_the_same_seen_outside(tmp_path: Path) -> None:
    packet = IPv4("10.9.0.1", "10.9.0.2", TCP(1, 80, 5, flags="S"))
    tables = read_closed(write_pcap(tmp_path / "a.pcap", spaced([ethernet(packet), *OUTER])))
    again = TCP(1, 80, 99, flags="S")
    made = add_inner_frames(
        tables, [inner("10.9.0.1", "10.9.0.2", packet.upper, 1), inner("10.9.0.1", "10.9.0.2", again, 2)]
    )
    assert made.packets.conversation.tolist() == [0, 1, 1, 1, 2, 3]
    assert made.conversations.facts["reused_from"].tolist() == [0, 0, 0, 3]


def test_fragments_from_inside_are_put_together(tmp_path: Path) -> None:
    tables = read_closed(write_pcap(tmp_path / "a.pcap", spaced(OUTER)))
    pieces = [
        DerivedFrame(bytes(piece), len(bytes(piece)), place) for place, piece in enumerate(fragment_v4(BIG, 1480))
    ]
    made = add_inner_frames(tables, pieces)
    assert made.packets.count == 3 + len(pieces) + 1
    assert made.read_frames([made.packets.count - 1]) == [bytes(BIG)]
    assert made.packets.number(made.packets.count - 1) == len(pieces)


def test_frames_may_be_found_while_the_conversations_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "BATCH_FRAMES", 1)
    tables = read_closed(write_pcap(tmp_path / "a.pcap", spaced(OUTER)))
    found = (
        inner("10.9.0.1", "10.9.0.2", UDP(2, 53, bytes(2)), int(row))
        for start in range(3)
        for row in tables.conversations.rows(0)[start : start + 1]
    )
    made = add_inner_frames(tables, found)
    assert made.packets.conversation.tolist() == [0, 0, 0, 1, 1, 1]


def test_nothing_inside_changes_nothing(tmp_path: Path) -> None:
    tables = read_closed(write_pcap(tmp_path / "a.pcap", spaced(OUTER)))
    assert add_inner_frames(tables, []) is tables

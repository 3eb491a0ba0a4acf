"""A stream gives back the bytes that were sent, with the rows that carried them, and never bridges a gap."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.said_over import HEADERS, handshake, opened, said, segment
from tests.support.tables import marks_of
from wireproof.conversations import CaptureTables
from wireproof.streams import Stream, open_streams
from wireproof.streams import stream as module
from wireproof.streams.stream import HELD

DATA = bytes(range(1, 91))


@dataclass(frozen=True)
class Sent:
    """Segments of DATA by (start, end) in the order captured, and how they were captured."""

    parts: list[tuple[int, int]]
    isn: int
    snap: int
    head: int
    ahead: int


parts = st.lists(
    st.tuples(st.integers(0, len(DATA) - 1), st.integers(1, 40)).map(
        lambda cut: (cut[0], min(cut[0] + cut[1], len(DATA)))
    ),
    min_size=1,
    max_size=25,
)
sent = st.builds(
    Sent,
    parts,
    st.one_of(st.integers(0, 2**32 - 1), st.integers(2**32 - 100, 2**32 - 1)),
    st.one_of(st.just(0), st.integers(HEADERS, HEADERS + 40)),
    st.sampled_from([0, 1, 40, 16_384]),
    st.sampled_from([1, 30, 1 << 16]),
)


def captured_by_byte(tables: CaptureTables, plan: Sent, first_row: int, base: int = 0) -> list[set[int]]:
    """For each byte of the stream from `base` on, the rows that hold it."""
    carriers: list[set[int]] = [set() for _ in range(len(DATA) - base)]
    for row, (start, end) in enumerate(plan.parts, first_row):
        held = min(end, start + plan.snap - HEADERS) if plan.snap else end
        if plan.snap and "keep_alive" in marks_of(tables.packets, row):
            continue
        for byte in range(start, held):
            carriers[byte - base].add(row)
    return carriers


def check(stream: Stream, carriers: list[set[int]], data: bytes) -> None:
    """Everything a stream says of each offset agrees with who carried which byte."""
    there = [place for place, rows in enumerate(carriers) if rows]
    assert stream.end == (there[-1] + 1 if there else 0)
    for offset in [*range(0, len(data), 3), len(data) - 1, len(data), len(data) + 1]:
        until = next((place for place in range(offset, len(data)) if not carriers[place]), len(data))
        for count in (0, 1, 7, len(data)):
            assert stream.read(offset, count) == data[offset : min(until, offset + count)]
        assert stream.next_after(offset) == next((place for place in there if place >= offset), None)
        assert stream.gap_before(offset) == (offset > 0 and (offset > len(data) or not carriers[offset - 1]))
        row = stream.row(offset)
        if offset < len(data) and carriers[offset]:
            assert row in carriers[offset]
            assert stream.rows(offset, offset + 1) == [row]
        elif offset >= stream.end:
            assert row == -1
    rows = stream.rows(0, len(data))
    assert set(rows) <= set().union(*carriers)
    assert len(set(rows)) == len(rows)


@given(sent)
def test_any_order_overlap_loss_and_cut_gives_the_bytes_that_were_captured(plan: Sent) -> None:
    frames = handshake(plan.isn) + [
        segment("client", start, DATA[start:end], isn=plan.isn) for start, end in plan.parts
    ]
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder), frames, snap_length=plan.snap) as tables,
    ):
        patch.setattr(module, "AHEAD", plan.ahead)
        (talk,) = open_streams(tables, [0], head=plan.head)
        check(talk.client, captured_by_byte(tables, plan, 3), DATA)
        assert talk.client.begins_known
        assert talk.server.read(0, 10) == b""


@given(sent.map(lambda plan: replace(plan, snap=0)))
def test_without_the_syn_offset_0_is_the_lowest_byte_captured(plan: Sent) -> None:
    frames = [segment("client", start, DATA[start:end], isn=plan.isn) for start, end in plan.parts]
    base = min(start for start, _ in plan.parts)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), frames) as tables:
        (talk,) = open_streams(tables, [0], head=plan.head)
        stream = talk.sides[0]
        check(stream, captured_by_byte(tables, plan, 0, base), DATA[base:])
        assert not stream.begins_known


def test_client_and_server_are_told_apart(tmp_path: Path) -> None:
    with opened(tmp_path, said([("client", b"question"), ("server", b"answer")])) as tables:
        (talk,) = open_streams(tables, [0])
        assert (talk.client.read(0, 99), talk.server.read(0, 99)) == (b"question", b"answer")
        assert (talk.client.side, talk.server.side, talk.conversation) == (0, 1, 0)
    turned = said([("client", b"question"), ("server", b"answer")])[1:]
    with opened(tmp_path, turned) as tables:
        (talk,) = open_streams(tables, [0])
        assert (talk.client.read(0, 99), talk.client.side) == (b"question", 1)
        assert (talk.client.begins_known, talk.server.begins_known) == (False, True)


def test_no_more_is_read_than_is_held_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HELD, "value", 10)
    with opened(tmp_path, said([("client", b"0123456789" * 3)], size=7)) as tables:
        (talk,) = open_streams(tables, [0], head=4)
        assert talk.client.read(3, 1 << 40) == b"3456789012"
        assert talk.client.read(28, 1 << 40) == b"89"


def test_what_is_held_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path, said([("client", bytes(3000))], size=100)) as tables:
        fetched: list[int] = []
        read_at = tables.capture._source.read_at
        monkeypatch.setattr(tables.capture._source, "read_at", lambda *at: fetched.append(at[1]) or read_at(*at))
        (talk,) = open_streams(tables, [0])
        for start in range(0, 3000, 5):
            talk.client.read(start, 4096)
        # The frames of 30 segments, and what the file holds between them.
        assert 3000 < sum(fetched) < 2 * 3000


def test_an_empty_stream_has_an_answer_to_everything(tmp_path: Path) -> None:
    with opened(tmp_path, handshake()) as tables:
        (talk,) = open_streams(tables, [0])
        stream = talk.client
        assert (stream.end, stream.read(0, 5), stream.next_after(0), stream.row(0)) == (0, b"", None, -1)
        assert (stream.gap_before(0), stream.gap_before(1), stream.rows(0, 9), stream.rows(5, 5)) == (
            False,
            True,
            [],
            [],
        )
        assert stream.read(-5, 3) == b""

"""Clear streams read like any other: pieces and gaps as they are, and the same bytes whether they were kept or are opened again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import tls_lab
from tests.support.opened import pieces_of, ring_of
from tests.support.tls_captures import Written, cut_up, write_segments
from tests.support.tls_lab import TLS10, TLS13, Setup
from tests.support.tls_scripts import Script
from wireproof.capture.frames import Capture
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.clear_stream import OPEN_MOST, ClearStream
from wireproof.limits import LIMITS, override
from wireproof.streams import Stream

TEXT = b"".join(b"%07d\n" % number for number in range(25_000))
LONG: tls_lab.Writes = (("client", b"GET /"), ("server", TEXT), ("client", b"GET /"), ("server", TEXT[:9000]))
SETUPS = {
    "GCM": Setup(suite="AES128-GCM-SHA256"),
    "CBC": Setup(suite="AES128-SHA256"),
    "chained CBC": Setup(version=TLS10, suite="AES128-SHA"),
    "TLS 1.3": Setup(version=TLS13),
}


OPEN: list[Capture] = []


@pytest.fixture(autouse=True)
def close_captures() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


@pytest.fixture(params=[1 << 28, 0, 50_000, 120_000], ids=["all kept", "none kept", "some kept", "more kept"])
def room(request: pytest.FixtureRequest) -> Iterator[int]:
    override("decrypt.kept_bytes", request.param)
    yield request.param
    override("decrypt.kept_bytes", LIMITS["decrypt.kept_bytes"].default)


def server_stream(written: Written) -> Stream:
    tables = read_capture(written.path)
    OPEN.append(tables.capture)
    (talk,) = open_tls(tables, ring_of(written.key_log)).talks.values()
    stream = talk.streams[1 - talk.client_side]
    assert stream.opened
    return stream


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("kind", SETUPS)
def test_any_part_reads_the_same_in_any_order(tmp_path: Path, kind: str) -> None:
    session = tls_lab.play(SETUPS[kind], LONG)
    stream = server_stream(write_segments(tmp_path / "long.pcapng", session, cut_up(session, 1460)))
    said = session.said[1]
    assert stream.end == len(said)
    assert b"".join(data for _, data in pieces_of(stream)) == said
    random_ = random.Random(3)
    for _ in range(60):
        start, count = random_.randrange(len(said) + 50), random_.choice((1, 5, 700, 40_000, 300_000))
        assert stream.read(start, count) == said[start : start + count]
    if isinstance(stream, ClearStream):
        stream.release()
    assert stream.read(0, 10) == said[:10]


@pytest.mark.usefixtures("room")
def test_nothing_is_read_within_a_gap_or_across_it(tmp_path: Path) -> None:
    session = tls_lab.play(SETUPS["GCM"], LONG)
    segments = cut_up(session, 1460)
    lost = [place for place, one in enumerate(segments) if one.by == "server"][60]
    del segments[lost]
    stream = server_stream(write_segments(tmp_path / "gap.pcapng", session, segments))
    said = session.said[1]
    gap = next(place for place in range(1, len(stream.starts)) if stream.starts[place] != stream.ends[place - 1])
    begin, end = int(stream.ends[gap - 1]), int(stream.starts[gap])
    assert stream.read(begin - 5, 20) == said[begin - 5 : begin]
    assert stream.read(begin, 20) == stream.read(end - 1, 20) == b""
    assert stream.next_after(begin) == end
    assert stream.gap_before(end)
    assert not stream.gap_before(begin)
    assert stream.read(end, 20) == said[end : end + 20]
    assert stream.read(0, 1 << 20) == said[:begin]


def test_each_record_is_a_piece_with_the_packet_that_completed_it(tmp_path: Path) -> None:
    script = Script()
    script.hellos()
    script.finish()
    for number in range(8):
        script.say("server", bytes([number]) * 900)
    session = script.session()
    segments = cut_up(session, 400)
    # Of each pair the later segment comes first.
    for place in range(2, len(segments) - 1, 2):
        if segments[place].by == segments[place + 1].by == "server":
            segments[place : place + 2] = segments[place + 1], segments[place]
    stream = server_stream(write_segments(tmp_path / "order.pcapng", session, segments))
    wire = session.wire("server")
    rows = {}
    for row, one in enumerate(segments, 3):
        rows.update({offset: row for offset in range(one.start, one.start + len(one.data)) if one.by == "server"})
    size = 900 + 5 + 24
    firsts = [len(wire) - (8 - number) * size for number in range(8)]
    wanted = [max(rows[offset] for offset in range(first, first + size)) for first in firsts]
    assert stream.piece_rows.tolist() == wanted
    assert stream.starts.tolist() == [900 * number for number in range(8)]
    assert stream.rows(0, 1000) == wanted[:2]
    assert stream.row(950) == wanted[1]


def test_few_streams_hold_windows_of_what_is_opened_again(tmp_path: Path) -> None:
    override("decrypt.kept_bytes", 0)
    try:
        session = tls_lab.play(SETUPS["GCM"], LONG)
        streams = [
            server_stream(write_segments(tmp_path / "one.pcapng", session, cut_up(session, 1460))) for _ in range(2)
        ]
        shared = streams[0]._again.open_now  # type: ignore[union-attr]
        for stream in streams:
            assert stream.read(5000, 10) == TEXT[5000:5010]
        assert len(shared) <= OPEN_MOST
    finally:
        override("decrypt.kept_bytes", LIMITS["decrypt.kept_bytes"].default)

"""A session that was under way when the capture began is named, wherever in a record the capture begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import tls_lab
from tests.support.files import pcapng_bytes, write_bytes
from tests.support.opened import ring_of
from tests.support.tls_captures import Segment, cut_up, segment_frames
from tests.support.tls_lab import Setup
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.outcome import Outcome, Reason, Status

SESSION = tls_lab.play(
    Setup(), (("client", b"GET /"), ("server", bytes(3000)), ("server", bytes(400)), ("server", bytes(50)))
)


def outcomes_of(path: Path, segments: list[Segment], start: bool = False) -> list[Outcome]:
    tables = read_capture(write_bytes(path, pcapng_bytes(segment_frames(segments, start=start))))
    with tables.capture:
        return open_tls(tables, ring_of(SESSION.key_log)).outcomes


def within_a_record() -> list[Segment]:
    """What the server sent from the middle of its long record on."""
    sent = [one for one in cut_up(SESSION, 1000) if one.by == "server"]
    long = next(place for place, one in enumerate(sent) if one.data[:1] == b"\x17" and len(one.data) == 1000)
    return sent[long + 1 :]


def test_a_capture_that_begins_within_a_record_lacks_the_handshake(tmp_path: Path) -> None:
    segments = within_a_record()
    assert segments[0].data[:2] != b"\x17\x03"
    (outcome,) = outcomes_of(tmp_path / "late.pcapng", segments)
    assert (outcome.status, outcome.reason) == (Status.CLOSED, Reason.NO_HANDSHAKE)
    assert outcome.row >= 0


@pytest.mark.parametrize(
    "data", [b"\xaa" * 3000, b"\x17\x03\x03\0\x05" + b"\xaa" * 3000, b"a\x17\x03\x03\xff\xff" * 500]
)
def test_other_bytes_are_no_session(tmp_path: Path, data: bytes) -> None:
    first = within_a_record()[0]
    assert outcomes_of(tmp_path / "other.pcapng", [first._replace(data=b"\xbb" + data)]) == []

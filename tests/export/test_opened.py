"""Segments of opened conversations as frames: whole, in part, or not at all where their bytes are gone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.export.clearing import clear_of, handshake, read_made, segment
from tests.export.sources import frames_of
from wireproof.export.comments import Comments
from wireproof.export.content import Content
from wireproof.export.ends import find_ends
from wireproof.export.events import build_events
from wireproof.export.opened import UNREADABLE, OpenedSegments
from wireproof.export.rows import RowOrder


def test_bytes_that_are_gone_are_counted_and_what_is_left_is_written(tmp_path: Path) -> None:
    data = [b"a" * 100, b"b" * 100]
    tables = read_made(tmp_path, [*handshake(), segment(True, "A", 0, 0, data[0]), segment(True, "A", 100, 0, data[1])])
    talks, order = list(clear_of(tables).talks.values()), RowOrder(tables.packets)
    events = build_events(tables, talks, order)
    everything = np.arange(len(events[0]))
    content = Content(tables, talks)

    def source() -> OpenedSegments:
        return OpenedSegments(tables, events, find_ends(tables, talks, {}), content, Comments(tables, order))

    whole = source()
    made = whole.make(everything)
    assert [frame[54:] for frame in frames_of(made)][-2:] == data
    assert (whole.written, whole.left_out.total()) == (5, 0)
    stream = talks[0].streams[0]
    # The file ends within the last packet, as one does that was cut behind our back.
    stream.ends, stream._at = stream.ends[:1], stream._at[:1]
    stream.starts, stream.piece_rows = stream.starts[:1], stream.piece_rows[:1]
    stream.preload(b"", 0)
    cut = source()
    made = cut.make(everything)
    assert made.written.tolist() == [True] * 4 + [False]
    assert frames_of(made)[3].endswith(data[0])
    assert (cut.written, cut.left_out) == (4, {UNREADABLE: 1})

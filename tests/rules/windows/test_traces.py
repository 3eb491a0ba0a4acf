"""Trace events of texts and of ETL captures, asked alike."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.capture.etl.logs import TCPIP, Event, make_log, ndis
from tests.support.log_texts import logs_in
from tests.support.scripted import Row, frames
from tests.support.trace_lines import EDGE
from tests.support.verdicts import open_case
from wireproof.case import Case
from wireproof.rules.windows._traces import end_text, ends_text, traces


def test_a_text_gives_events_with_lines() -> None:
    (trace,) = traces(Case([], logs=logs_in(EDGE, "folder/edge.txt")))
    (event,) = trace.of("connect-failed")
    assert trace.name == "edge.txt"
    assert [piece.line for piece in trace.evidence(event, "failed")] == [18]
    assert ends_text(event) == "192.168.1.1:50357 to 192.168.3.10:5061"


def test_an_etl_gives_events_whose_lines_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.etl"
    (one,) = frames([Row(0.0, "c", "S")])
    path.write_bytes(make_log([ndis(one.data), Event(TCPIP, 1055, struct.pack("<6I", 3, 0, 0, 0, 0, 0), 5000)]))
    (trace,) = traces(open_case({"server": path}))
    assert (trace.name, [event.kind for event in trace.events]) == ("server", ["syn-attack-entered"])
    (piece,) = trace.evidence(trace.events[0], "")
    assert (piece.capture, piece.line) == (str(path), 1)


def test_a_case_without_traces_has_none() -> None:
    assert traces(Case([])) == []


def test_ends_are_written_as_far_as_they_are_known() -> None:
    assert [end_text(end) for end in (("10.1.1.1", 80), ("fe80::1", 80), ("10.1.1.1", 0), None)] == [
        "10.1.1.1:80", "[fe80::1]:80", "10.1.1.1", "?",
    ]  # fmt: skip

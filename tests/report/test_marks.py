"""Marker pings in reports: named with frame and time, findings told by them, silence without them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import judged
from tests.support.files import Frame, write_pcap
from tests.support.packets import TCP, Ethernet, IPv4, echo
from wireproof.case import Case
from wireproof.finding import Evidence
from wireproof.report.as_html import render_html
from wireproof.report.as_json import make_document
from wireproof.report.as_markdown import render_markdown
from wireproof.report.as_text import render_text
from wireproof.report.marks import moments
from wireproof.report.outline import Outline, outline
from wireproof.rules.run import Verdicts

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
LETTERS = b"abcdefghijklmnopqrstuvw" * 3


def framed(at_s: float, packet: IPv4) -> Frame:
    return Frame(START + int(at_s * SECOND), bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet)))


def ping(at_s: float, size: int) -> Frame:
    return framed(at_s, IPv4("10.1.1.5", "10.1.1.1", echo(1, 1, LETTERS[:size])))


def syn(at_s: float, port: int) -> Frame:
    return framed(at_s, IPv4("10.1.1.5", "10.2.2.2", TCP(port, 443, 100, flags="S")))


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[Case]:
    """Frames 1 to 6: SYN, 22, SYN, 33, SYN, 55, and a second capture with the same pings."""
    frames = [syn(0, 5001), ping(1, 22), syn(2, 5002), ping(3, 33), syn(4, 5003), ping(5, 55), syn(6, 5004)]
    files = {name: write_pcap(tmp_path / f"{name}.pcap", frames) for name in ("client", "server")}
    with judged.closing(judged.open_case(files)) as case:
        yield case


def report_of(case: Case, *numbers: int) -> Outline:
    findings = [
        judged.plain_finding(case, [Evidence("client", number)], f"finding at {number}", rule=f"r{number}")
        for number in numbers
    ]
    return outline(case, Verdicts(findings))


def test_every_marker_is_an_entry_with_frame_and_time(marked: Case) -> None:
    entries = make_document(report_of(marked))["markers"]
    assert [
        (entry["bytes"], entry["capture"], entry["frame"], entry["time_s"])
        for entry in entries
        if entry["capture"] == "client"
    ] == [
        (22, "client", 2, 1.0),
        (33, "client", 4, 3.0),
        (55, "client", 6, 5.0),
    ]
    assert len(entries) == 6
    assert entries[0]["meaning"] == "the reproduction begins"


@pytest.mark.parametrize(
    ("number", "after", "before"),
    [(1, None, (22, 2)), (3, (22, 2), (33, 4)), (5, (33, 4), (55, 6)), (7, (55, 6), None)],
)
def test_a_finding_says_between_which_markers_it_lies(
    marked: Case, number: int, after: tuple[int, int] | None, before: tuple[int, int] | None
) -> None:
    (finding,) = make_document(report_of(marked, number))["findings"]
    told = {name: (mark["bytes"], mark["frame"]) for name, mark in finding["between_markers"].items()}
    assert told == {name: mark for name, mark in (("after", after), ("before", before)) if mark}


def test_every_format_names_markers_and_places_findings(marked: Case) -> None:
    report = report_of(marked, 5)
    where = "between marker 33 (frame 4 of client) and marker 55 (frame 6 of client)"
    for text in (render_text(report).plain, render_markdown(report), render_html(report, marked)):
        assert "Markers" in text
        assert where in " ".join(text.replace("\\", "").split())
    assert "33 bytes  frame 4 of client at 3.000000 s: first try" in render_text(report).plain


def test_a_report_without_markers_does_not_speak_of_them(sccm: Case) -> None:
    finding = judged.plain_finding(sccm, [Evidence("client", 1921)])
    report = outline(sccm, Verdicts([finding]))
    document = make_document(report)
    assert "markers" not in document
    assert "between_markers" not in document["findings"][0]
    for text in (render_text(report).plain, render_markdown(report)):
        assert "arker" not in text
    assert 'id="markers"' not in render_html(report, sccm)


def test_a_finding_without_frame_lies_nowhere(marked: Case) -> None:
    finding = judged.plain_finding(marked, [Evidence("netstat.txt", line=3)])
    assert outline(marked, Verdicts([finding])).items[0].span is None


def test_one_ping_in_two_captures_is_one_moment(marked: Case) -> None:
    report = report_of(marked)
    assert [mark.size for mark in moments(report.marks)] == [22, 33, 55]
    assert len(report.marks) == 6

"""The report for a terminal: what comes first, what is coloured, and that it fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.support.path import EPOCH_NS
from tests.support.reports import make_finding, smtp_report
from tests.support.sessions import mixed
from wireproof.analyse import analyse
from wireproof.finding import Evidence, Finding, Severity, Undecided
from wireproof.report.as_text import draw_captures, render_text
from wireproof.report.captures import CaptureItem
from wireproof.report.outline import Outline, outline
from wireproof.report.page import Page

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def made(folder: Path, findings: list[Finding] | None = None, *, open_questions: bool = True) -> Outline:
    with smtp_report(folder, findings, open_questions=open_questions) as report:
        return outline(report.case, report.verdicts)


def test_the_headline_counts_and_names_the_root_cause(tmp_path: Path) -> None:
    first = render_text(made(tmp_path)).plain.splitlines()[0]
    assert first == "2 errors, 1 warning, 1 remark. Root cause: title of tcp-mss-exceeded"


def test_several_findings_are_listed_before_they_are_told(tmp_path: Path) -> None:
    lines = render_text(made(tmp_path)).plain.splitlines()
    assert lines[2:6] == [
        "1  ERROR    title of tcp-mss-exceeded",
        "2  ERROR    └ title of path-loss",
        "3  WARNING     └ title of tcp-retransmission",
        "4  INFO     title of tcp-idle-reset",
    ]


def test_a_single_finding_needs_no_list(tmp_path: Path) -> None:
    text = render_text(made(tmp_path, [make_finding("tcp-mss-exceeded")])).plain
    assert text.startswith(
        "1 error\n\ncapture  18 packets  19.2 s  from 2010-04-20 13:18:42 UTC\n\n1  ERROR  tcp-mss-exceeded\n"
    )


def test_a_finding_tells_place_figures_frames_fix_filter_and_references(tmp_path: Path) -> None:
    text = render_text(made(tmp_path, [make_finding("tcp-mss-exceeded")])).plain
    for words in (
        "between 10.1.1.1 and 10.1.1.5 · toward the server · TCP 10.1.1.1:28474 → 10.1.1.5:25",
        "summary of tcp-mss-exceeded with 536 bytes",
        "     No.      Time  Source    Destination  Protocol  Length  Info",
        "      11  0.619036  10.1.1.1  10.1.1.5     TCP          590  28474 → 25 [ACK] Seq=113 Ack=269 Win=65124 Len=536",
        "note 11",
        "   1. first step for tcp-mss-exceeded\n   2. second step",
        "Wireshark filter: tcp.port==28474 && ip.addr==10.1.1.1",
        "See RFC 9293 3.7.1",
    ):
        assert words in text


def test_an_effect_is_indented_and_leaves_the_fix_to_its_cause(tmp_path: Path) -> None:
    text = render_text(made(tmp_path)).plain
    assert "\n └ 2  ERROR  path-loss\n      title of path-loss\n" in text
    assert "first step for tcp-mss-exceeded" in text
    assert "first step for path-loss" not in text
    assert "… and 1 more" in text


def test_remarks_beside_errors_are_short(tmp_path: Path) -> None:
    text = render_text(made(tmp_path)).plain
    start = text.index("4  INFO  tcp-idle-reset  (low confidence)")
    assert "Frame 18" in text[start:]
    assert "Len=" not in text[start:]


def test_remarks_about_the_capture_itself_are_always_short(tmp_path: Path) -> None:
    text = render_text(made(tmp_path, [make_finding("capture-offload-checksum", severity=Severity.INFO)])).plain
    assert "Frames 11, 12\n" in text
    assert "Len=" not in text


def test_remarks_alone_are_told_whole(tmp_path: Path) -> None:
    text = render_text(made(tmp_path, [make_finding("arp-burst", severity=Severity.INFO)])).plain
    assert text.startswith("Nothing wrong found, 1 remark\n")
    assert "Len=536" in text


def test_open_questions_and_notes_come_last(tmp_path: Path) -> None:
    text = render_text(made(tmp_path)).plain
    assert text.endswith(
        "Cannot tell from these captures; what to capture next:\n"
        "   ? where the segment is lost\n     → capture at 10.1.1.5\n\n"
        "Notes\n   - capture.pcapng, byte 12: an example of a note\n"
    )


def test_healthy_captures_get_one_quiet_line(tmp_path: Path) -> None:
    text = render_text(made(tmp_path, [], open_questions=False)).plain
    assert text == "Nothing found in 18 packets of capture (1 conversation, 19.2 s).\n"


def styles(report: Outline, words: str) -> set[str]:
    """Styles of the stretch of text that starts with `words`."""
    text = render_text(report, 200)
    at = text.plain.index(words)
    return {str(span.style) for span in text.spans if span.start <= at < span.end}


@pytest.mark.parametrize(
    ("mark", "sign", "style"), [("lost", "✗", "red"), ("forged", "!", "bold red"), ("seen", "✓", "green")]
)
def test_marks_have_a_colour_and_a_sign(tmp_path: Path, mark: str, sign: str, style: str) -> None:
    report = made(tmp_path, [make_finding("a-one", evidence=[Evidence("capture", 11, "n", mark)])])
    assert styles(report, f"{sign}  11  0.619036") == {style}


def test_plain_rows_have_no_colour(tmp_path: Path) -> None:
    assert styles(made(tmp_path, [make_finding("a-one")]), "   11  0.619036") == set()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 132, 200])
def test_nothing_but_filters_is_wider_than_the_terminal(width: int) -> None:
    with analyse([str(EXAMPLES / "sccm-policy")]) as report:
        text = render_text(outline(report.case, report.verdicts), width).plain
    long = [line for line in text.splitlines() if cell_len(line) > width and "filter" not in line]
    assert width < 80 or long == []
    assert all(len(line) < 160 for line in long)


def test_rows_of_several_captures_stand_under_their_names() -> None:
    with analyse([str(EXAMPLES / "sccm-policy")], select=["path-loss"]) as report:
        text = render_text(outline(report.case, report.verdicts)).plain
    assert "SCCM agent gets no policy\n" in text
    assert "\n   client\n" in text
    assert "clock agrees within 15.6 ms" in text
    assert "✗  1921" in text


def test_text_from_packets_cannot_move_the_cursor(tmp_path: Path) -> None:
    finding = make_finding("a-one", title="evil \x1b[2J\x07 title", evidence=[Evidence("capture", 11, "note\r\x9b")])
    with smtp_report(tmp_path, [finding]) as report:
        report.verdicts.undecided.append(Undecided("r", "why\x1b", "next\x00"))
        text = render_text(outline(report.case, report.verdicts)).plain
    assert not {letter for letter in text if ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0} - {"\n"}


def test_decryption_stands_behind_the_findings_and_only_where_there_is_some(tmp_path: Path) -> None:
    report = made(tmp_path)
    assert "Decryption" not in render_text(report).plain
    report.decryption = [mixed()]
    lines = render_text(report).plain.splitlines()
    assert lines.index("Decryption") > max(place for place, line in enumerate(lines) if "ERROR" in line)
    assert "4 of 6 TLS sessions decrypted" in lines[lines.index("Decryption") + 1]
    assert lines.index("Decryption") < lines.index("Notes")


def test_a_capture_without_packets_has_neither_time_nor_clock() -> None:
    page = Page(None)
    items = [
        CaptureItem("one", "one.pcap", "pcap", 4, 1, EPOCH_NS, 2.0),
        CaptureItem("events", "events.etl", "etl", 0, 0, 0, 0.0, clock_known=False),
    ]
    draw_captures(page, items)
    assert page.text.plain.splitlines()[1].strip() == "events  0 packets"

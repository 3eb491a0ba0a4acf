"""Listings as captures, from files to conclusions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.listings import ARP, EDGE, IPHTTPS, SCCM, SMTP, TLS, TSO
from wireproof.analyse import analyse
from wireproof.capture import open_captures
from wireproof.errors import CaptureFormatError


def judge(folder: Path, text: str) -> dict[str, list[int]]:
    """Rules that speak about a text, with the frames that prove it."""
    file = folder / "ticket.txt"
    file.write_text(text, encoding="utf-8")
    with analyse([str(file)]) as report:
        return {finding.rule: [row.frame for row in finding.evidence] for finding in report.verdicts.findings}


@pytest.mark.parametrize(
    ("text", "rule", "frames"),
    [
        (SCCM, "path-loss", {1921, 1975, 2071, 2264, 2651, 3475}),
        (SMTP, "tcp-mss-exceeded", {2, 11, 12, 15, 16, 17, 18}),
        (EDGE, "path-forged-reset", {606227, 606232, 606233}),
        (EDGE, "tcp-syn-unanswered", {106631, 106984, 107347}),
        (TSO, "capture-offload-length", {8852}),
        (ARP, "arp-burst", {326437, 326475, 326484}),
    ],
)
def test_a_listing_leads_to_its_authors_conclusion(tmp_path: Path, text: str, rule: str, frames: set[int]) -> None:
    found = judge(tmp_path, text)
    assert rule in found
    assert frames <= set(found[rule])


def test_a_healthy_listing_is_quiet(tmp_path: Path) -> None:
    assert judge(tmp_path, TLS) == {}


def test_each_listing_is_a_capture_named_after_its_heading(tmp_path: Path) -> None:
    file = tmp_path / "ticket.txt"
    file.write_text(SCCM, encoding="utf-16")
    captures = list(open_captures(file))
    assert [capture.file.rpartition("!")[2] for capture in captures] == ["sccm-agent", "sccm-server"]
    assert captures[0].frame_numbers.tolist()[:3] == [1917, 1918, 1919]
    (batch,) = captures[0].batches()
    assert captures[0].read_frames([batch.position[1]], [batch.captured[1]])[0] == bytes(
        batch.data[batch.position[1] : batch.position[1] + batch.captured[1]]
    )
    with pytest.raises(RuntimeError):
        list(captures[0].batches())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  TCP    0.0.0.0:80    0.0.0.0:0    LISTENING    4\n" * 20,
        "2013-01-06 09:52:15 ALLOW TCP 10.0.0.1 10.0.0.2 49201 80 0 - 0 0 0 - - - SEND\n" * 20,
        "CLIENT_RANDOM " + "ab" * 32 + " " + "cd" * 48 + "\n",
        "1 0.5 a table of numbers 10.0.0.1\n2 0.6 another row 10.0.0.2\n",
    ],
)
def test_other_texts_are_no_captures(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CaptureFormatError):
        list(open_captures(file))


def test_a_handshake_is_not_judged_by_contents_that_no_column_shows(tmp_path: Path) -> None:
    assert judge(tmp_path, IPHTTPS) == {}


def test_lines_that_do_not_tell_what_carried_them_are_named_as_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "ticket.txt"
    file.write_text("1 0.000000 10.0.0.1 10.0.0.2 SIP 450 Request: REGISTER sip:contoso.com\n", encoding="utf-8")
    with pytest.raises(
        CaptureFormatError, match=r"\(SIP\): its lines print neither ports nor what carried the messages"
    ):
        list(open_captures(file))

"""Captures as reports list them: times, packets, and clocks as far as they can be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.files import write_pcap
from tests.support.reports import smtp_report
from wireproof.analyse import Report, open_case
from wireproof.report.captures import CaptureItem, make_captures

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_a_capture_by_itself_has_the_clock_that_all_are_told_by(tmp_path: Path) -> None:
    with smtp_report(tmp_path) as report:
        (item,) = make_captures(report.case)
    assert (item.name, item.packets, item.conversations, item.format) == ("capture", 18, 1, "pcapng")
    assert item.duration_s == pytest.approx(19.22, abs=0.01)
    assert (item.clock_offset_s, item.clock_known) == (0.0, True)


def test_a_capture_without_frames_has_no_times(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "none.pcap", [])
    with Report(open_case([str(path)])) as report:
        (item,) = make_captures(report.case)
    assert item == CaptureItem("none", str(path), "pcap", 0, 0, 0, 0.0, clock_bound_s=item.clock_bound_s)


def test_a_capture_that_shares_no_packets_with_the_first_one_has_no_comparable_clock() -> None:
    with Report(open_case([str(EXAMPLES / "lync-sign-in")])) as report:
        captures = list(make_captures(report.case))
    told = [(item.name, item.clock_offset_s, item.clock_bound_s, item.clock_known) for item in captures]
    assert told[1:] == [("edge", 0.0, None, False), ("frontend", 0.0, None, False)]

"""Conversations as a table."""

from __future__ import annotations

from pathlib import Path

from tests.support.log_texts import with_logs
from tests.support.reports import smtp_report
from wireproof.analyse import Report, open_case
from wireproof.report.talks_text import render_talks

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_a_conversation_is_a_row_with_both_directions(tmp_path: Path) -> None:
    with smtp_report(tmp_path, []) as report:
        lines = render_talks(report.case, "packets", 20).plain.splitlines()
    assert lines[0] == "capture  18 packets  19.2 s  from 2010-04-20 13:18:42 UTC"
    assert lines[1].split() == [
        "#", "Proto", "Client", "Server", "Packets", "→", "←", "Bytes", "→", "←", "Start", "Lasts", "RTT", "Resent", "→",
        "←", "End",
    ]  # fmt: skip
    row = lines[2].split()
    assert row[:6] == ["0", "TCP", "10.1.1.1:28474", "10.1.1.5:25", "12", "6"]
    assert lines[2].endswith("4  1  reset by client")
    assert len(lines) == 3


def test_what_is_not_shown_is_counted() -> None:
    with Report(open_case([str(EXAMPLES / "sccm-policy")])) as report:
        text = render_talks(report.case, "start", 3).plain
        everything = render_talks(report.case, "start", 0).plain
    assert "and 675 more conversations; --top 0 shows all" in text
    assert "outside conversations, such as ARP" in text
    assert text.count("\n") < 20
    assert everything.count("\n") > 5000


def test_processes_are_two_further_columns_where_a_source_names_any(tmp_path: Path) -> None:
    netstat = "  TCP    10.1.1.1:28474   10.1.1.5:25   ESTABLISHED   2136\n"
    with smtp_report(tmp_path, []) as report:
        with_logs(report.case, {"netstat.txt": netstat, "tasklist.txt": "store.exe 2136 Console 0 1,040,592 K\n"})
        lines = render_talks(report.case, "packets", 20).plain.splitlines()
    assert lines[1].split()[-4:] == ["Client", "process", "Server", "process"]
    assert lines[2].endswith("reset by client  store.exe (2136), netstat")


def test_sources_that_disagree_are_told_below(tmp_path: Path) -> None:
    row = "  TCP    10.1.1.1:28474   10.1.1.5:25   ESTABLISHED   {}\n"
    with smtp_report(tmp_path, []) as report:
        with_logs(report.case, {"a.txt": row.format(1), "b.txt": row.format(2)})
        text = render_talks(report.case, "packets", 20).plain
    assert "sources disagree: netstat names process 1 for 10.1.1.1:28474, netstat names 2" in text

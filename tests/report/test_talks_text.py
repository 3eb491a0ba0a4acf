"""Conversations as a table."""

from __future__ import annotations

from pathlib import Path

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

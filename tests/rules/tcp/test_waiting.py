"""A netstat of the server beside refused connections: who listens by it, and what is open then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.log_texts import with_logs
from tests.support.scripted import Row, frames
from tests.support.verdicts import judge, make_case, only
from wireproof.case import Case

RULE = "tcp-connection-refused"
CLIENT, SERVER = ("10.1.1.9", 50000), ("10.1.2.8", 5432)
ROWS = [
    "  TCP    0.0.0.0:135      0.0.0.0:0    LISTENING   880\n",
    "  TCP    0.0.0.0:5432     0.0.0.0:0    LISTENING   3344\n",
    "  TCP    10.1.2.8:139     0.0.0.0:0    LISTENING   4\n",
]
LISTENS = "".join(ROWS)
TASKS = """\
Image Name                     PID Services
========================= ======== ============================================
postgres.exe                  3344 postgresql-x64-16
"""


def refused(folder: Path, netstat: str, **texts: str) -> Case:
    """Two SYNs of one connection that are refused, and what the server's tools say."""
    rows = [Row(0.0, "c", "S"), Row(0.001, "s", "RA", 0, 1), Row(0.5, "c", "S"), Row(0.501, "s", "RA", 0, 1)]
    case = make_case(folder, {"client": frames(rows, CLIENT, SERVER)})
    return with_logs(case, {"netstat.txt": netstat, **texts})


def test_who_listens_by_netstat_is_said_instead_of_asked(tmp_path: Path) -> None:
    case = refused(tmp_path, LISTENS, tasks=TASKS)
    finding = only(case, RULE)
    assert "Nothing listens" not in finding.summary
    assert "By netstat (netstat.txt, line 2) postgres.exe (3344) listens on 0.0.0.0:5432. So either" in finding.summary
    assert [(piece.capture, piece.line) for piece in finding.evidence if piece.line] == [
        ("folder/netstat.txt", 2), ("folder/tasks", 3),
    ]  # fmt: skip
    assert not any("see whether something listens" in step for step in finding.fix)
    assert "`Get-Process -Id 3344 | Select-Object StartTime`) with frame 4, the last refusal" in finding.fix[0]
    (question,) = judge(case, RULE).undecided
    assert "although postgres.exe (3344) listens there" in question.reason
    assert "netstat -ano | findstr :5432" in question.capture_next


def test_an_output_that_tells_no_address_is_taken_on_a_condition(tmp_path: Path) -> None:
    summary = only(refused(tmp_path, "".join(ROWS[:2])), RULE).summary
    assert "If that output is of 10.1.2.8, which no address in it tells: either the service was away" in summary


@pytest.mark.parametrize(
    "netstat",
    [
        LISTENS.replace("0.0.0.0:5432", "127.0.0.1:5432"),
        LISTENS.replace("10.1.2.8:139", "10.1.2.20:139"),
        LISTENS + "\n" + ROWS[0] + "  TCP    0.0.0.0:445      0.0.0.0:0    LISTENING   4\n" + ROWS[2],
        "",
    ],
    ids=["other-address", "other-host", "another-run-lacks-it", "none"],
)
def test_what_does_not_show_that_it_listens_leaves_the_question(tmp_path: Path, netstat: str) -> None:
    verdicts = judge(refused(tmp_path, netstat), RULE)
    assert "Nothing listens on that port and address, or a filter rejects" in verdicts.findings[0].summary
    assert verdicts.undecided == []

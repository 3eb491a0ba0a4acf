"""Small cases and findings for tests of reports, independent of what the real rules say.

Takes a folder; gives a Case from real captures, and verdicts made by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.cases import d4_smtp_mss
from wireproof.analyse import Report, open_case
from wireproof.finding import Confidence, Evidence, Finding, Severity, Talk, Undecided
from wireproof.rules.run import Verdicts

SMTP = Talk("tcp", "10.1.1.1:28474", "10.1.1.5:25")
QUESTION = Undecided("tcp-retransmission", "where the segment is lost", "capture at 10.1.1.5")
NOTE = "capture.pcapng, byte 12: an example of a note"


def make_finding(rule: str, frames: Sequence[int] = (11, 12), **other: Any) -> Finding:
    """An error about the SMTP capture; `other` replaces fields."""
    fields: dict[str, Any] = {
        "severity": Severity.ERROR,
        "confidence": Confidence.HIGH,
        "title": f"title of {rule}",
        "summary": f"summary of {rule} with 536 bytes",
        "evidence": [Evidence("capture", number, f"note {number}") for number in frames],
        "where": "between 10.1.1.1 and 10.1.1.5",
        "toward": "server",
        "talk": SMTP,
        "facts": {"lost_packets": 5},
        "fix": [f"first step for {rule}", "second step"],
        "references": ["RFC 9293 3.7.1"],
        "filters": {"capture": "tcp.port==28474 && ip.addr==10.1.1.1"},
        "conversations": [("capture", 0)],
    }
    return Finding(rule, **(fields | other))


def chain() -> list[Finding]:
    """A cause, what it explains, what that explains, and a remark that stands alone."""
    effect = make_finding("tcp-retransmission", (12, 15, 16, 17, 18), severity=Severity.WARNING)
    middle = make_finding("path-loss", (11,), explains=[effect.id])
    cause = make_finding("tcp-mss-exceeded", (2, 11), explains=[middle.id, effect.id])
    remark = make_finding("tcp-idle-reset", (18,), severity=Severity.INFO, confidence=Confidence.LOW)
    return [cause, middle, effect, remark]


def smtp_report(folder: Path, findings: Sequence[Finding] | None = None, *, open_questions: bool = True) -> Report:
    """The SMTP capture with findings (those of `chain` when None), an open question and a note."""
    path = d4_smtp_mss.build(folder)["capture"]
    verdicts = Verdicts(list(chain() if findings is None else findings))
    if open_questions:
        verdicts.undecided.append(QUESTION)
        verdicts.notes.append(NOTE)
    return Report(open_case([str(path)]), verdicts)

"""Lines of logs on root causes: whose process it is, and what logs tell of the consequences."""

from __future__ import annotations

from dataclasses import replace

from wireproof.finding import Confidence, Evidence, Finding, Owner, Severity, Talk
from wireproof.rules.cited import IN_ALL, cite_logs

LISTED = (
    Evidence("netstat.txt", 0, "process 7 waits on 10.0.0.2:80", "", 4),
    Evidence("tasks.txt", 0, "process 7 is w3wp.exe", "", 9),
)
TALK = Talk("tcp", "10.0.0.1:50000", "10.0.0.2:80", owners=(None, Owner(7, "w3wp.exe", lines=LISTED)))


def finding(rule: str, *evidence: Evidence, severity: Severity = Severity.ERROR, talk: Talk | None = None) -> Finding:
    return Finding(rule, severity, Confidence.HIGH, rule, rule, list(evidence), talk=talk)


def lines(one: Finding) -> list[tuple[str, int]]:
    return [(row.capture, row.line) for row in one.evidence if row.line]


def chain(**cause: object) -> tuple[Finding, Finding]:
    """A cause with its frame, and an effect that a log tells of."""
    effect = finding(
        "tcp-effect",
        Evidence("a", 9),
        Evidence("app.log", 0, "it failed", "lost", 3),
        Evidence("app.log", 0, "again", "", 5),
    )
    root = replace(finding("path-cause", Evidence("a", 1), talk=TALK), **cause)
    root.explains = [effect.id]
    return root, effect


def test_a_root_cause_gets_the_process_and_what_a_log_tells_of_its_effect() -> None:
    root, effect = chain()
    identity = root.id
    cite_logs([root, effect])
    assert lines(root) == [("netstat.txt", 4), ("tasks.txt", 9), ("app.log", 3), ("app.log", 5)]
    assert [row.note for row in root.evidence[3:]] == ["what follows: it failed", "what follows: again"]
    assert {row.mark for row in root.evidence} == {""}
    assert lines(effect) == [("app.log", 3), ("app.log", 5)]
    assert root.id == identity


def test_a_log_that_a_finding_cites_itself_is_not_cited_again() -> None:
    root, effect = chain(
        evidence=[Evidence("a", 1), Evidence("app.log", 0, "its own", "", 8), Evidence("tasks.txt", 0, "", "", 2)]
    )
    cite_logs([root, effect])
    assert lines(root) == [("app.log", 8), ("tasks.txt", 2), ("netstat.txt", 4)]


def test_remarks_and_effects_stay_as_they_are() -> None:
    remark, _ = chain(severity=Severity.INFO)
    root, effect = chain(talk=None)
    below = finding("http-below", Evidence("a", 12), talk=TALK)
    root.explains.append(below.id)
    for found in ([remark], [root, effect, below]):
        cite_logs(found)
    assert lines(remark) == lines(below) == []


def test_many_lines_are_bounded() -> None:
    effects = [
        finding(f"tcp-{turn}", Evidence("a", turn + 2), Evidence(f"{turn}.log", 0, "", "", 1)) for turn in range(20)
    ]
    root = finding("path-cause", Evidence("a", 1))
    root.explains = [effect.id for effect in effects]
    cite_logs([root, *effects])
    assert len(lines(root)) == IN_ALL

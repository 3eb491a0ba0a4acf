"""smb-pipe-denied: from WinDbg's text alone, with the capture of the refusal, and what is open."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d20_named_pipe as pipe
from tests.rules.smb.test_denied import DENIED, Line, logon, opening, share
from tests.support.said_over import said
from tests.support.sip_logs import with_log
from tests.support.tables import spaced
from tests.support.verdicts import judge, make_case, only
from wireproof.case import Case
from wireproof.finding import Confidence, Severity

RULE = "smb-pipe-denied"


def capture(folder: Path, lines: list[Line]) -> Case:
    return make_case(folder, {"client": spaced(said(lines, ports=(50001, 445)))})


REFUSED = [*logon(user=""), *share(), *opening("probe", DENIED)]


def test_the_printed_text_alone_names_level_label_and_lines(tmp_path: Path) -> None:
    finding = only(with_log(make_case(tmp_path, {}), pipe.TEXT, "pipe.txt"), RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert (finding.facts["step"], finding.facts["label"]) == ("integrity", pipe.EXPECT["label"])
    assert (finding.facts["token_level"], finding.facts["pipe_level"], finding.facts["pipe_labelled"]) == (
        "Untrusted",
        "Medium",
        False,
    )
    assert tuple(row.line for row in finding.evidence) == pipe.EXPECT["lines"]
    assert any(str(pipe.EXPECT["label"]) in step for step in finding.fix)
    assert any(step.startswith("Mind what that opens") for step in finding.fix)
    assert "The token in line 5 of the same text is admitted." in finding.summary


def test_a_token_that_the_pipe_admits_is_silent(tmp_path: Path) -> None:
    for turn, text in enumerate((pipe.MEDIUM + pipe.PIPE, pipe.WHOLE_UNTRUSTED + pipe.labelled(0))):
        verdicts = judge(with_log(make_case(tmp_path / str(turn), {}), f"pipe\n{text}"), RULE)
        assert (verdicts.findings, verdicts.undecided) == ([], [])


def test_an_entry_that_denies_is_the_reason_and_no_label_is_advised(tmp_path: Path) -> None:
    text = pipe.PIPE.replace("Ace[1]: ->AceType: ACCESS_ALLOWED", "Ace[1]: ->AceType: ACCESS_DENIED")
    finding = only(with_log(make_case(tmp_path, {}), f"pipe\n{pipe.MEDIUM}{text}"), RULE)
    assert (finding.facts["step"], finding.facts["label"], finding.facts["deciding_sid"]) == ("denied", "", "S-1-5-7")
    assert not any("S:(ML" in step for step in finding.fix)


def test_a_text_without_the_sacl_is_less_sure(tmp_path: Path) -> None:
    text = pipe.PIPE.replace("->Sacl : is NULL\n", "")
    finding = only(with_log(make_case(tmp_path, {}), f"pipe\n{pipe.WHOLE_UNTRUSTED}{text}"), RULE)
    assert finding.confidence is Confidence.MEDIUM
    assert "Taken for granted: the text lacks the SACL" in finding.summary


def test_restricting_sids_that_are_not_listed_leave_it_open(tmp_path: Path) -> None:
    text = pipe.MEDIUM.replace("RestrictedSidCount: 0", "RestrictedSidCount: 2") + pipe.PIPE
    verdicts = judge(with_log(make_case(tmp_path, {}), f"pipe\n{text}"), RULE)
    assert verdicts.findings == []
    assert "restricting SIDs that the text does not list" in verdicts.undecided[0].reason


def test_a_refused_pipe_of_a_capture_alone_is_open(tmp_path: Path) -> None:
    verdicts = judge(capture(tmp_path, REFUSED), RULE)
    assert verdicts.findings == []
    (question,) = verdicts.undecided
    assert question.reason.startswith("which check of 10.0.0.2 refuses the pipe probe with STATUS_ACCESS_DENIED")
    assert "accesschk" in question.capture_next


def test_capture_and_text_together_explain_the_refusal(tmp_path: Path) -> None:
    case = with_log(capture(tmp_path, REFUSED), pipe.WHOLE_UNTRUSTED + pipe.PIPE, "pipe.txt")
    verdicts = judge(case, RULE, "smb-denied")
    cause, symptom = verdicts.findings
    assert (cause.rule, cause.explains) == (RULE, [symptom.id])
    assert {row.capture for row in cause.evidence} == {"client", "pipe.txt"}
    assert "In client, 10.0.0.2 refuses probe with STATUS_ACCESS_DENIED." in cause.summary
    assert verdicts.undecided == []


def test_a_text_that_would_admit_leaves_the_capture_open(tmp_path: Path) -> None:
    verdicts = judge(with_log(capture(tmp_path, REFUSED), pipe.MEDIUM + pipe.PIPE), RULE)
    assert verdicts.findings == []
    assert "the token and descriptor at hand would admit it" in verdicts.undecided[0].reason


def test_a_refused_file_is_silent(tmp_path: Path) -> None:
    verdicts = judge(capture(tmp_path, [*logon(), *share("\\\\srv\\data"), *opening("a.txt", DENIED)]), RULE)
    assert (verdicts.findings, verdicts.undecided) == ([], [])


def test_an_opened_pipe_is_silent(tmp_path: Path) -> None:
    verdicts = judge(capture(tmp_path, [*logon(), *share(), *opening("probe", 0)]), RULE)
    assert (verdicts.findings, verdicts.undecided) == ([], [])


def test_a_refused_session_of_a_named_user_is_not_explained_by_an_anonymous_token(tmp_path: Path) -> None:
    case = with_log(
        capture(tmp_path, [*logon(), *share(), *opening("probe", DENIED)]), pipe.WHOLE_UNTRUSTED + pipe.PIPE
    )
    verdicts = judge(case, RULE)
    assert [finding.talk for finding in verdicts.findings] == [None]
    assert len(verdicts.undecided) == 1

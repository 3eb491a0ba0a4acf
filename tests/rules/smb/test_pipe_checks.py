"""Which tokens are checked against which descriptors, and what a label would change."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d20_named_pipe as pipe
from tests.support.sip_logs import with_log
from tests.support.verdicts import make_case
from wireproof.case import Case
from wireproof.rules.smb._pipe_checks import Check, find_checks, find_pipe_refusals
from wireproof.wire.security_check import DENIED, GRANTED, INTEGRITY, UNKNOWN


def checks(folder: Path, *texts: str) -> list[Check]:
    case: Case = make_case(folder, {})
    for turn, text in enumerate(texts):
        with_log(case, text, f"{turn}.txt")
    assert find_pipe_refusals(case) == []
    return find_checks(case, [])


def test_tokens_and_descriptor_of_one_text_are_compared(tmp_path: Path) -> None:
    medium, untrusted = checks(tmp_path, pipe.TEXT)
    assert (medium.decision.step, untrusted.decision.step) == (GRANTED, INTEGRITY)
    assert [token.line for token in untrusted.admitted] == [medium.token.line]
    assert (medium.label, untrusted.label) == ("", "S:(ML;;NW;;;S-1-16-0)")
    assert untrusted.reading.step == UNKNOWN
    assert untrusted.relabelled.step == UNKNOWN


def test_a_token_and_a_descriptor_in_two_files_are_compared(tmp_path: Path) -> None:
    (found,) = checks(tmp_path, pipe.WHOLE_UNTRUSTED, f"the pipe:\n{pipe.PIPE}")
    assert (found.token_log.file, found.descriptor_log.file) == ("0.txt", "1.txt")
    assert (found.decision.step, found.relabelled.step) == (INTEGRITY, GRANTED)


def test_a_label_does_not_help_where_the_dacl_denies_as_well(tmp_path: Path) -> None:
    text = pipe.PIPE.replace("Ace[1]: ->AceType: ACCESS_ALLOWED", "Ace[1]: ->AceType: ACCESS_DENIED")
    (found,) = checks(tmp_path, f"pipe\n{pipe.WHOLE_UNTRUSTED}{text}")
    assert (found.decision.step, found.relabelled.step) == (INTEGRITY, DENIED)


def test_a_descriptor_of_something_else_is_left_alone(tmp_path: Path) -> None:
    assert checks(tmp_path, pipe.WHOLE_UNTRUSTED + pipe.PIPE) == []

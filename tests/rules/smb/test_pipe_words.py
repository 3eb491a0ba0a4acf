"""What the access check on a pipe comes to, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d20_named_pipe as pipe
from tests.support.sip_logs import with_log
from tests.support.verdicts import make_case
from wireproof.rules.smb._pipe_checks import Check, find_checks
from wireproof.rules.smb._pipe_words import fixes, reason, title

ANONYMOUS = "->Dacl : ->Ace[1]: ->"


def check(folder: Path, token: str, descriptor: str) -> Check:
    (found,) = find_checks(with_log(make_case(folder, {}), f"pipe\n{token}{descriptor}"), [])
    return found


def test_an_unlabelled_pipe(tmp_path: Path) -> None:
    found = check(tmp_path, pipe.WHOLE_UNTRUSTED, pipe.PIPE)
    assert (
        title(found) == "The integrity check refuses the pipe: the token is Untrusted, the pipe unlabelled, so Medium"
    )
    text = reason(found)
    assert "(S-1-5-7 (ANONYMOUS LOGON)) has S-1-16-0 (Untrusted integrity)" in text
    assert "has no mandatory label, which means Medium (S-1-16-8192)" in text
    assert (
        "So writing is refused before the DACL is looked at. Opened for reading alone, the pipe would admit it." in text
    )
    assert text.endswith("The DACL grants what is asked for, so the level is all that stands in the way.")
    assert "`S:(ML;;NW;;;S-1-16-0)`" in fixes(found)[0]
    assert fixes(found)[1].startswith("Mind what that opens: every process and session of Untrusted integrity or above")


def test_a_labelled_pipe(tmp_path: Path) -> None:
    found = check(tmp_path, pipe.MEDIUM, pipe.labelled(12288, 3))
    assert title(found) == "The integrity check refuses the pipe: the token is Medium, the pipe labelled High"
    assert "carries the label S-1-16-12288 (High integrity), which forbids writing, reading to lower ones" in reason(
        found
    )
    assert "`S:(ML;;NW;;;ME)`" in fixes(found)[0]
    assert "sandboxes" not in fixes(found)[1]


@pytest.mark.parametrize(
    ("token", "descriptor", "words", "fix"),
    [
        (
            pipe.MEDIUM,
            pipe.PIPE.replace(f"{ANONYMOUS}AceType: ACCESS_ALLOWED", f"{ANONYMOUS}AceType: ACCESS_DENIED"),
            "The entry for S-1-5-7 (ANONYMOUS LOGON) in line 50 denies it reading and writing.",
            "Take S-1-5-7",
        ),
        (
            pipe.MEDIUM,
            pipe.PIPE.replace(f"{ANONYMOUS}Mask : 0x001f01ff", f"{ANONYMOUS}Mask : 0x00120089"),
            "No entry of the DACL grants its user and groups writing.",
            "Grant S-1-5-7 (ANONYMOUS LOGON) writing",
        ),
        (
            pipe.MEDIUM.replace("RestrictedSidCount: 0", "Restricted SIDs:\n00 S-1-5-12\nRestrictedSidCount: 1"),
            pipe.PIPE,
            "its restricting SIDs are not",
            "without restricting SIDs",
        ),
        (
            pipe.MEDIUM.replace("Level: Impersonation", "Level: Identification"),
            pipe.PIPE,
            "an impersonation token of level Identification",
            "SECURITY_IMPERSONATION",
        ),
    ],
    ids=["denied", "not granted", "restricted", "identification"],
)
def test_other_steps_name_their_own_fix_and_no_label(
    tmp_path: Path, token: str, descriptor: str, words: str, fix: str
) -> None:
    found = check(tmp_path, token, descriptor)
    assert words in reason(found)
    assert title(found)
    assert fix in fixes(found)[0]
    assert "S:(ML" not in " ".join(fixes(found))


def test_a_label_that_would_not_be_enough_is_said(tmp_path: Path) -> None:
    denied = pipe.PIPE.replace(f"{ANONYMOUS}AceType: ACCESS_ALLOWED", f"{ANONYMOUS}AceType: ACCESS_DENIED")
    assert "A lower label alone will not do: the entry for S-1-5-7" in reason(
        check(tmp_path, pipe.WHOLE_UNTRUSTED, denied)
    )
    readable = pipe.PIPE.replace(f"{ANONYMOUS}Mask : 0x001f01ff", f"{ANONYMOUS}Mask : 0x00120089")
    assert "no entry grants writing" in reason(check(tmp_path, pipe.WHOLE_UNTRUSTED, readable))
    assert "Whether the DACL would then grant it is open" in reason(check(tmp_path, pipe.UNTRUSTED, pipe.PIPE))

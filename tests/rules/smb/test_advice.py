"""Every status that is known has a sentence of its own and a fix."""

from __future__ import annotations

import pytest

from wireproof.rules.smb._advice import DENIED, FIXES, MEANINGS, fixes, meaning
from wireproof.wire.windows.errors import find_windows_codes


@pytest.mark.parametrize("status", sorted(MEANINGS.keys() | FIXES.keys()))
def test_every_status_exists(status: str) -> None:
    assert find_windows_codes(status) or status == "STATUS_NTLM_BLOCKED"


@pytest.mark.parametrize("kind", sorted(DENIED))
def test_access_denied_is_explained_by_what_was_refused(kind: str) -> None:
    assert meaning("STATUS_ACCESS_DENIED", kind) == DENIED[kind]
    assert fixes("STATUS_ACCESS_DENIED", kind, "10.0.0.2")


def test_fixes_name_the_server() -> None:
    assert "\\\\10.0.0.2\\IPC$" in fixes("STATUS_LOGON_FAILURE", "logon", "10.0.0.2")[0]
    assert "nltest" in fixes("STATUS_TRUSTED_DOMAIN_FAILURE", "logon", "x")[0]


def test_versions_have_their_own_words() -> None:
    assert meaning("connection closed", "version") != meaning("no common dialect", "version")
    assert fixes("connection closed", "version", "x") == fixes("STATUS_NOT_SUPPORTED", "version", "x")


def test_unknown_statuses_claim_nothing() -> None:
    assert meaning("STATUS_DISK_FULL", "share") == "The server did not do what was asked."
    assert "10.0.0.2" in fixes("STATUS_DISK_FULL", "other", "10.0.0.2")[0]

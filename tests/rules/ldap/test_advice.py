"""Every result that has words of its own is one of the standard's, and every failure has a fix."""

from __future__ import annotations

import pytest

from wireproof.rules.ldap._advice import LOGON_MEANINGS, MEANINGS, fixes, meaning
from wireproof.wire.ldap import CODES
from wireproof.wire.windows.errors import find_windows_codes


def test_every_meaning_belongs_to_a_code() -> None:
    assert MEANINGS.keys() <= CODES.keys()


@pytest.mark.parametrize("error", sorted(LOGON_MEANINGS))
def test_every_windows_error_exists(error: str) -> None:
    assert find_windows_codes(error)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_sentence_and_a_fix(code: int) -> None:
    assert meaning(code, "")
    assert fixes(code, "", "cn=bob")


def test_the_windows_error_says_more_than_the_code() -> None:
    assert meaning(49, "ERROR_ACCOUNT_LOCKED_OUT") == "The account is locked after too many wrong passwords."
    assert "channel binding" in fixes(49, "SEC_E_BAD_BINDINGS", "")[1]

"""Every error that has words of its own is one of the standard's, and every error has a fix."""

from __future__ import annotations

import pytest

from wireproof.rules.kerberos._advice import MEANINGS, fixes, meaning
from wireproof.wire.kerberos_names import ERRORS


def test_every_meaning_belongs_to_an_error() -> None:
    assert MEANINGS.keys() <= ERRORS.keys()


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_error_has_a_sentence_and_a_fix(code: int) -> None:
    assert meaning(code, "cifs/srv")
    assert fixes(code, "cifs/srv", "bob", "")


def test_a_service_named_by_address_is_told_as_such() -> None:
    assert "address" in meaning(7, "cifs/10.0.0.2")
    assert "name instead of its address" in fixes(7, "cifs/10.0.0.2", "", "")[0]


def test_the_windows_status_is_passed_on() -> None:
    assert "STATUS_ACCOUNT_DISABLED" in fixes(18, "", "bob", "STATUS_ACCOUNT_DISABLED")[0]

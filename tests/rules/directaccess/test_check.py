"""A check holds what it is given and needs no more than a meaning and what to do."""

from __future__ import annotations

from wireproof.rules.directaccess._check import Check


def test_codes_and_references_may_be_absent() -> None:
    made = Check("It stops", ("Look",))
    assert (made.codes, made.references) == ((), ())

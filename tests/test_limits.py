"""Limits: declared once, overridable by name, each with a reason."""

from __future__ import annotations

import pytest

from wireproof.errors import RuleNameError
from wireproof.limits import LIMITS, limit, override
from wireproof.rules import load_rules


def test_a_limit_is_declared_once() -> None:
    name = next(iter(load_rules() and LIMITS))
    with pytest.raises(ValueError, match="twice"):
        limit(name, 1.0, "again")


def test_an_override_changes_what_applies_and_keeps_the_default() -> None:
    load_rules()
    share = LIMITS["path-loss.share"]
    try:
        override("path-loss.share", 0.5)
        assert float(share) == 0.5
        assert share.default != 0.5
    finally:
        override("path-loss.share", share.default)


def test_an_unknown_limit_is_refused_by_name() -> None:
    with pytest.raises(RuleNameError, match=r"path-loss\.nonsense"):
        override("path-loss.nonsense", 1.0)


def test_every_limit_says_why() -> None:
    load_rules()
    assert [name for name, one in LIMITS.items() if len(one.because.split()) < 4] == []

"""The quick list says what the registry says."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireproof.report import rule_list
from wireproof.report.rule_list import list_rules
from wireproof.rules import load_every_rule


def test_the_list_equals_the_registry() -> None:
    listed = [(rule.name, rule.family, rule.severity, rule.summary) for rule in list_rules()]
    loaded = [
        (rule.name, rule.family, rule.severity, " ".join(rule.doc.strip().partition("\n\n")[0].split()))
        for rule in load_every_rule().values()
    ]
    assert listed == loaded


def test_where_a_file_is_no_text_the_registry_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_file", lambda self: False)
    assert list_rules()[0].summary
    assert rule_list.SUMMARY.match("") is None


def test_no_rule_has_to_be_loaded_for_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        pytest.fail(f"the head of {name} could not be read as text")

    monkeypatch.setattr(rule_list, "find_rule", refuse)
    assert list_rules()

"""A rule's page: name, severity, text, limits."""

from __future__ import annotations

from wireproof.finding import Severity
from wireproof.limits import LIMITS
from wireproof.report.rule_page import make_rule_page
from wireproof.rules import Rule, load_rules


def test_a_page_has_all_fixed_headings() -> None:
    page = make_rule_page(load_rules()["tcp-zero-window"])
    assert page.startswith("# tcp-zero-window\n\n")
    for heading in ("What is seen", "Why it matters", "Fix", "Looks alike but is not", "References"):
        assert f"\n## {heading}\n" in page
    assert "Severity: error" in page


def test_limits_of_the_rule_are_listed() -> None:
    rule = load_rules()["tcp-zero-window"]
    owned = [name for name in LIMITS if name.startswith("tcp-zero-window.")]
    page = make_rule_page(rule)
    assert owned
    assert all(f"- `{name}` = " in page for name in owned)


def test_a_rule_without_limits_has_no_such_heading() -> None:
    rule = Rule("mine-own", "mine", Severity.INFO, "First line\ngoes on.\n\n## Fix\nNothing.", lambda case: iter(()))
    assert make_rule_page(rule) == "# mine-own\n\nFirst line goes on.\n\nSeverity: info\n\n## Fix\nNothing.\n"

"""Names, severities and first sentences of all rules, read from their files without running them.

A list must be there at once, and loading every rule with NumPy takes longer than reading the heads of thirty files.
Gives the same as the registry of `wireproof.rules`; where a file can't be read as text, the registry is asked.
"""

from __future__ import annotations

import pkgutil
import re
from dataclasses import dataclass
from pathlib import Path

from wireproof.finding import Severity
from wireproof.rules import FAMILIES, PLAN_FAMILIES, find_rule

SUMMARY = re.compile(r'\A[rR]?"""(.+?)(?:\n\s*\n|""")', re.DOTALL)
SEVERITY = re.compile(r"^SEVERITY(?:: \w+)? = Severity\.(\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ListedRule:
    """A rule as the list shows it; `severity` is the most that it reports."""

    name: str
    family: str
    severity: Severity
    summary: str


def list_rules() -> list[ListedRule]:
    """All rules, families in order and names sorted within."""
    home = Path(__file__).parents[1] / "rules"
    return [
        _read(home / family / f"{info.name}.py", family)
        for family in (*FAMILIES, *PLAN_FAMILIES)
        for info in sorted(pkgutil.iter_modules([str(home / family)]), key=lambda info: info.name)
        if not info.name.startswith("_")
    ]


def _read(path: Path, family: str) -> ListedRule:
    name = f"{family}-{path.stem.replace('_', '-')}"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    summary, severity = SUMMARY.match(text), SEVERITY.search(text)
    if summary and severity:
        return ListedRule(name, family, Severity[severity[1]], " ".join(summary[1].split()))
    rule = find_rule(name)
    return ListedRule(name, family, rule.severity, " ".join(rule.doc.strip().partition("\n\n")[0].split()))

"""A rule's page as Markdown: its docstring under its name, with severity and limits.

Takes a `Rule`; gives text. Knows no case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.limits import LIMITS

if TYPE_CHECKING:
    from wireproof.rules import Rule


def make_rule_page(rule: Rule) -> str:
    """The page, ending in the thresholds that the rule uses."""
    summary, _, body = rule.doc.strip().partition("\n\n")
    parts = [f"# {rule.name}", " ".join(summary.split()), f"Severity: {rule.severity.value}", body.strip()]
    owned = [limit for name, limit in LIMITS.items() if name.startswith(f"{rule.name}.")]
    if owned:
        parts.append("## Limits")
        parts.append("\n".join(f"- `{limit.name}` = {limit.value:.12g}: {limit.because}" for limit in owned))
    return "\n\n".join(part for part in parts if part) + "\n"

"""Which rules run: names and families that a user selects or leaves out.

Takes names, gives `Rule`s in the registry's order. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from wireproof.rules import FAMILIES, Rule, find_rule, load_rules


def choose_rules(select: Iterable[str] | None = None, ignore: Iterable[str] | None = None) -> list[Rule]:
    """The rules that `select` names (all when None) without those that `ignore` does; a family stands for its rules.

    Raises RuleNameError for a name that is neither a rule nor a family.
    """
    rules = load_rules()
    chosen = set(rules) if select is None else _expand(select)
    left_out = _expand(ignore or ())
    return [rule for name, rule in rules.items() if name in chosen - left_out]


def _expand(names: Iterable[str]) -> set[str]:
    """Rule names, with each family replaced by its members."""
    expanded: set[str] = set()
    for name in names:
        if name in FAMILIES:
            expanded |= {rule.name for rule in load_rules().values() if rule.family == name}
        else:
            expanded.add(find_rule(name).name)
    return expanded

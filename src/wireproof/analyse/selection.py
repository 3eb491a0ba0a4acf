"""Which rules run: names and families that a user selects or leaves out.

Takes names, gives `Rule`s in the registry's order. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from wireproof.errors import RuleNameError
from wireproof.rules import FAMILIES, PLAN_FAMILIES, Rule, find_rule, load_plan_rules, load_rules


def choose_rules(select: Iterable[str] | None = None, ignore: Iterable[str] | None = None) -> list[Rule]:
    """The rules that `select` names (all when None) without those that `ignore` does; a family stands for its rules.

    Raises RuleNameError for a name that is neither a rule on captures nor a family of them.
    """
    return _choose(load_rules(), FAMILIES, select, ignore)


def choose_plan_rules(select: Iterable[str] | None = None, ignore: Iterable[str] | None = None) -> list[Rule]:
    """As `choose_rules`, among the rules on DirectAccess sites."""
    return _choose(load_plan_rules(), PLAN_FAMILIES, select, ignore)


def _choose(
    rules: dict[str, Rule], families: tuple[str, ...], select: Iterable[str] | None, ignore: Iterable[str] | None
) -> list[Rule]:
    chosen = set(rules) if select is None else _expand(select, rules, families)
    left_out = _expand(ignore or (), rules, families)
    return [rule for name, rule in rules.items() if name in chosen - left_out]


def _expand(names: Iterable[str], rules: dict[str, Rule], families: tuple[str, ...]) -> set[str]:
    """Rule names, with each family replaced by its members."""
    expanded: set[str] = set()
    for name in names:
        if name in families:
            expanded |= {rule.name for rule in rules.values() if rule.family == name}
        elif find_rule(name).name in rules:
            expanded.add(name)
        else:
            raise RuleNameError(f"rule {name!r} judges {_judged(name)}, which this command does not read")
    return expanded


def _judged(name: str) -> str:
    return "DirectAccess sites" if find_rule(name).family in PLAN_FAMILIES else "captures"

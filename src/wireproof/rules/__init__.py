"""The rules and their registry. A rule is one file: `rules/tcp/zero_window.py` is the rule `tcp-zero-window`.

The file's docstring is the rule's page, its `SEVERITY` what it reports at most, and its `judge(case)` yields `Finding`s and
`Undecided`s from facts that lower rooms computed.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.errors import RuleNameError
from wireproof.finding import Finding, Severity, Undecided

FAMILIES = (
    "capture", "path", "tcp", "udp", "app", "icmp", "arp", "dns",
    "tls", "http", "rpc", "smb", "kerberos", "ldap", "sip", "ice", "lync", "stun", "ike", "directaccess", "windows",
)  # fmt: skip
"""Folders of rules on captures, in the order in which their findings are listed when all else is equal."""

PLAN_FAMILIES = ("plan",)
"""Folders of rules on DirectAccess sites. They judge a `Review`, not a case."""

Verdict = Finding | Undecided
Judge = Callable[[Any], Iterator[Verdict]]
"""Takes a `Case`, or for the families of `PLAN_FAMILIES` a `wireproof.directaccess.review.Review`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `doc` is its page in Markdown, `judge` what it does."""

    name: str
    family: str
    severity: Severity
    doc: str
    judge: Judge

    @property
    def summary(self) -> str:
        """The page's first line."""
        return self.doc.strip().splitlines()[0]


@functools.cache
def load_rules() -> dict[str, Rule]:
    """All rules on captures by name, families in order and names sorted within."""
    return _load_families(FAMILIES)


@functools.cache
def load_plan_rules() -> dict[str, Rule]:
    """All rules on DirectAccess sites by name."""
    return _load_families(PLAN_FAMILIES)


def load_every_rule() -> dict[str, Rule]:
    """Rules on captures, then those on sites."""
    return load_rules() | load_plan_rules()


def _load_families(families: Iterable[str]) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for family in families:
        package = importlib.import_module(f"wireproof.rules.{family}")
        for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
            if not info.name.startswith("_"):
                rule = _load(family, info.name)
                rules[rule.name] = rule
    return rules


def _load(family: str, module_name: str) -> Rule:
    module = importlib.import_module(f"wireproof.rules.{family}.{module_name}")
    name = f"{family}-{module_name.replace('_', '-')}"
    return Rule(name, family, module.SEVERITY, module.__doc__ or "", module.judge)


def find_rule(name: str) -> Rule:
    """A rule by its name. Raises RuleNameError with the nearest names when there is none."""
    import difflib

    rules = load_rules()
    if name not in rules:
        rules = load_every_rule()
    if name not in rules:
        near = difflib.get_close_matches(name, rules, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `wireproof rules` lists them"
        raise RuleNameError(f"no rule is named {name!r}{hint}")
    return rules[name]

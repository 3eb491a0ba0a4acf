"""The registry: one name in three forms, a page with fixed headings, a test beside every rule."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import wireproof.rules
from wireproof.errors import RuleNameError
from wireproof.rules import FAMILIES, Rule, find_rule, load_rules

HERE = Path(__file__).parent
HEADINGS = ["What is seen", "Why it matters", "Fix", "Looks alike but is not", "References"]
FIXED = [
    "path-loss",
    "path-mtu-blackhole",
    "path-forged-reset",
    "path-header-rewritten",
    "path-latency",
    "tcp-syn-unanswered",
    "tcp-connection-refused",
    "tcp-syn-flood",
    "tcp-retransmission",
    "tcp-mss-exceeded",
    "tcp-delayed-ack",
    "tcp-zero-window",
    "tcp-window-limited",
    "tcp-keepalive-unanswered",
    "tcp-idle-reset",
    "app-slow-response",
    "icmp-unreachable",
    "arp-burst",
    "arp-multicast-mac",
    "arp-unanswered",
    "arp-conflict",
    "dns-unanswered",
    "dns-error",
    "dns-slow",
    "capture-offload-length",
    "capture-offload-checksum",
    "capture-incomplete",
]
RULES = list(load_rules().values())


def test_the_names_that_users_rely_on_are_there() -> None:
    assert set(FIXED) <= set(load_rules())


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_a_rule_has_a_page_with_the_fixed_headings(rule: Rule) -> None:
    assert re.findall(r"^## (.+)$", rule.doc, re.MULTILINE) == HEADINGS
    assert rule.summary.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_a_rule_has_a_test_that_fires_and_one_that_stays_silent(rule: Rule) -> None:
    module = rule.name.removeprefix(f"{rule.family}-").replace("-", "_")
    text = (HERE / rule.family / f"test_{module}.py").read_text(encoding="utf-8")
    assert len(re.findall(r"^def test_", text, re.MULTILINE)) >= 2


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_a_rule_is_named_for_what_is_seen(rule: Rule) -> None:
    assert rule.family in FAMILIES
    assert not re.search(r"-(check|detect|bad|avoid|fix)(-|$)", rule.name)


SOURCES = sorted(Path(wireproof.rules.__file__).parent.rglob("*.py"))
FUNCTIONS: dict[str, list[ast.FunctionDef]] = defaultdict(list)
for source in SOURCES:
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            FUNCTIONS[node.name].append(node)


def titles(source: Path) -> Iterator[ast.expr]:
    """What the findings that a file makes have for a title."""
    for call in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Finding":
            yield from (word.value for word in call.keywords if word.arg == "title")
            yield from call.args[3:4]


def beginnings(text: ast.expr, depth: int = 0) -> Iterator[str]:
    """The words that a text may begin with, as far as the source has them; names and figures are put in later."""
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        yield text.value
    elif isinstance(text, ast.JoinedStr) and text.values:
        yield from beginnings(text.values[0], depth)
    elif isinstance(text, ast.FormattedValue):
        yield from beginnings(text.value, depth)
    elif isinstance(text, ast.IfExp):
        yield from [*beginnings(text.body, depth), *beginnings(text.orelse, depth)]
    elif isinstance(text, ast.BinOp):
        yield from beginnings(text.left, depth)
    elif isinstance(text, ast.BoolOp):
        yield from (words for part in text.values for words in beginnings(part, depth))
    elif isinstance(text, ast.Subscript) and isinstance(text.value, ast.Dict):
        yield from (words for part in text.value.values for words in beginnings(part, depth))
    elif isinstance(text, ast.Call) and isinstance(text.func, ast.Name) and depth < 3:
        returned = (
            one.value for made in FUNCTIONS[text.func.id] for one in ast.walk(made) if isinstance(one, ast.Return)
        )
        yield from (words for value in returned if value for words in beginnings(value, depth + 1))


@pytest.mark.parametrize("source", SOURCES, ids=[f"{source.parent.name}/{source.stem}" for source in SOURCES])
def test_titles_begin_with_a_capital(source: Path) -> None:
    assert [words for title in titles(source) for words in beginnings(title) if words[:1].islower()] == []


def test_titles_are_found_in_the_source() -> None:
    found = [words for source in SOURCES for title in titles(source) for words in beginnings(title)]
    assert len(found) > 40
    assert any(words.startswith("Nothing listens on ") for words in found)


def test_a_misspelled_rule_gets_near_names() -> None:
    with pytest.raises(RuleNameError, match="tcp-zero-window"):
        find_rule("tcp-zero-windows")

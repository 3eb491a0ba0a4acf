"""The registry: one name in three forms, a page with fixed headings, a test beside every rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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


def test_a_misspelled_rule_gets_near_names() -> None:
    with pytest.raises(RuleNameError, match="tcp-zero-window"):
        find_rule("tcp-zero-windows")

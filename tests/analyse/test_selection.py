"""Rules are chosen by name and by family."""

from __future__ import annotations

import pytest

from wireproof.analyse.selection import choose_rules
from wireproof.errors import RuleNameError
from wireproof.rules import load_rules


def test_all_rules_run_when_nothing_is_said() -> None:
    assert [rule.name for rule in choose_rules()] == list(load_rules())


def test_a_family_stands_for_its_rules() -> None:
    chosen = choose_rules(select=["arp", "tcp-retransmission"])
    assert {rule.name for rule in chosen if rule.family != "arp"} == {"tcp-retransmission"}
    assert {rule.name for rule in chosen if rule.family == "arp"} == {
        n for n, r in load_rules().items() if r.family == "arp"
    }


def test_what_is_ignored_is_left_out_of_what_is_selected() -> None:
    names = {rule.name for rule in choose_rules(select=["tcp"], ignore=["tcp-retransmission"])}
    assert "tcp-retransmission" not in names
    assert "tcp-zero-window" in names


def test_the_order_is_the_registry_s() -> None:
    assert [rule.name for rule in choose_rules(select=["tcp-zero-window", "arp-burst"])] == [
        "tcp-zero-window",
        "arp-burst",
    ]
    assert [rule.name for rule in choose_rules(select=["arp-burst", "tcp-zero-window"])] == [
        "tcp-zero-window",
        "arp-burst",
    ]


@pytest.mark.parametrize("names", [{"select": ["no-such"]}, {"ignore": ["no-such"]}])
def test_an_unknown_name_is_an_error(names: dict[str, list[str]]) -> None:
    with pytest.raises(RuleNameError, match="no rule is named 'no-such'"):
        choose_rules(**names)

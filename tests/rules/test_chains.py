"""Findings of one conversation are linked from cause to symptom, also when different points show it."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d1_sccm
from tests.support.verdicts import judge, open_case
from wireproof.rules import load_rules
from wireproof.rules.chains import CAUSES


def test_every_rule_in_a_chain_exists() -> None:
    named = {*CAUSES, *(effect for effects in CAUSES.values() for effect in effects)}
    assert named <= set(load_rules())


def test_nothing_explains_itself_in_a_circle() -> None:
    for cause, effects in CAUSES.items():
        for effect in effects:
            assert cause not in CAUSES.get(effect, ()), (cause, effect)


def test_loss_and_its_retransmissions_are_one_chain(tmp_path: Path) -> None:
    findings = judge(open_case(d1_sccm.build(tmp_path))).findings
    rules = {finding.id: finding.rule for finding in findings}
    explained = {finding.rule: {rules[one] for one in finding.explains} for finding in findings}
    assert "path-loss" in explained["path-mtu-blackhole"]
    assert "tcp-retransmission" in explained["path-loss"]

"""Which finding causes which."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.alignments import Scene, align, questions, short_path
from tests.support.sites import make_finding
from wireproof.case import Case
from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules import load_plan_rules, load_rules
from wireproof.rules.chains import CAUSES, SITE_CAUSES, drop_dangling, link, link_site


def finding(rule: str, *conversations: tuple[str, int], frame: int = 1) -> Finding:
    return Finding(
        rule, Severity.ERROR, Confidence.HIGH, rule, "", [Evidence("client", frame)], conversations=list(conversations)
    )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return align(tmp_path, Scene(short_path()), [questions(1), questions(1, "football")])


def test_a_cause_explains_what_its_conversation_suffers(case: Case) -> None:
    loss, repeat = finding("path-loss", ("client", 0)), finding("tcp-retransmission", ("client", 0))
    link(case, [repeat, loss])
    assert (loss.explains, repeat.explains) == ([repeat.id], [])


def test_the_same_conversation_at_another_point_is_the_same(case: Case) -> None:
    loss, repeat = finding("path-loss", ("client", 1)), finding("tcp-retransmission", ("server", 1))
    link(case, [loss, repeat])
    assert loss.explains == [repeat.id]


def test_other_conversations_and_unrelated_rules_are_not_explained(case: Case) -> None:
    findings = [
        finding("path-loss", ("client", 0)),
        finding("tcp-retransmission", ("client", 1)),
        finding("dns-unanswered", ("client", 0)),
    ]
    assert [one.explains for one in link(case, findings)] == [[], [], []]


def test_a_finding_is_explained_once_however_many_conversations_it_shares(case: Case) -> None:
    every = [("client", 0), ("client", 1), ("server", 0), ("server", 1)]
    loss, repeat = finding("path-loss", *every), finding("tcp-retransmission", *every)
    link(case, link(case, [loss, repeat]))
    assert loss.explains == [repeat.id]


def test_several_effects_and_several_causes_are_all_linked(case: Case) -> None:
    forged, loss = finding("path-forged-reset", ("client", 0)), finding("path-loss", ("client", 0))
    silent = [finding("tcp-syn-unanswered", ("client", 0), frame=number) for number in (5, 6)]
    link(case, [forged, loss, *silent])
    assert set(forged.explains) == {loss.id, silent[0].id, silent[1].id}
    assert set(loss.explains) == {silent[0].id, silent[1].id}


def test_thousands_of_findings_over_thousands_of_conversations_are_linked(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path()), [questions(1)])
    losses = [
        finding("path-loss", *(("client", 10_000 + 20 * turn + place) for place in range(20)), frame=turn)
        for turn in range(2000)
    ]
    repeats = [finding("tcp-retransmission", ("client", 10_000 + 20 * turn), frame=turn) for turn in range(2000)]
    link(case, [*losses, *repeats])
    assert all(one.explains == [other.id] for one, other in zip(losses, repeats, strict=True))


def test_what_is_no_longer_told_is_no_longer_named(case: Case) -> None:
    loss, repeat = finding("path-loss", ("client", 0)), finding("tcp-retransmission", ("client", 0))
    link(case, [loss, repeat])
    drop_dangling([loss])
    assert loss.explains == []


def test_every_rule_named_in_a_chain_exists_and_none_causes_itself() -> None:
    rules = load_rules()
    named = set(CAUSES) | {effect for effects in CAUSES.values() for effect in effects}
    assert named - set(rules) == set()
    assert all(cause not in effects for cause, effects in CAUSES.items())


def test_no_two_rules_cause_each_other() -> None:
    assert [(a, b) for a, effects in CAUSES.items() for b in effects if a in CAUSES.get(b, ())] == []


def test_what_rules_out_every_method_of_a_site_explains_what_then_fails() -> None:
    prefix, stuck, expected = (
        make_finding(rule) for rule in ("plan-same-prefix", "plan-nothing-works", "plan-expectation-failed")
    )
    link_site([prefix, stuck, expected])
    assert (prefix.explains, stuck.explains, expected.explains) == ([stuck.id], [expected.id], [])


def test_every_rule_named_in_a_chain_of_a_site_exists() -> None:
    named = set(SITE_CAUSES) | {effect for effects in SITE_CAUSES.values() for effect in effects}
    assert named - set(load_plan_rules()) == set()


def test_what_a_conversation_waited_for_explains_its_trouble(case: Case) -> None:
    reset = finding("path-forged-reset", ("client", 1))
    refused = finding("tcp-connection-refused", ("client", 0))
    refused.depends_on.append(("client", 1))
    link(case, [reset, refused])
    assert reset.explains == [refused.id]

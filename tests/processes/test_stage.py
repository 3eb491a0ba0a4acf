"""A stage knows how long it took only where it was seen whole."""

from __future__ import annotations

import pytest

from wireproof.processes.stage import Outcome, Stage


def test_a_stage_seen_whole_has_a_duration() -> None:
    assert Stage("endpoint-resolved", "Endpoint resolved", Outcome.DONE, 1.5, 2.0).duration_s == pytest.approx(0.5)
    assert Stage("at-once", "At once", Outcome.DONE, 0.0, 0.0).duration_s == 0.0


@pytest.mark.parametrize(("start", "end"), [(None, None), (1.0, None), (None, 1.0)])
def test_a_stage_not_seen_whole_has_none(start: float | None, end: float | None) -> None:
    assert Stage("x", "X", Outcome.UNDER_WAY, start, end).duration_s is None


def test_outcomes_are_words_for_readers() -> None:
    assert [str(outcome) for outcome in Outcome] == ["done", "failed", "unanswered", "under way", "not seen"]


def test_stages_do_not_share_their_facts() -> None:
    one, other = Stage("a", "A", Outcome.NOT_SEEN), Stage("b", "B", Outcome.NOT_SEEN)
    one.facts["name"] = "x"
    assert other.facts == {}

"""A review computes each stage once, and a stage that fails leaves those that don't need it."""

from __future__ import annotations

import pytest

from tests.support.sites import make_site
from wireproof.directaccess.review import Review


def fail(*_: object) -> None:
    raise ZeroDivisionError("oops")


def test_every_stage_is_computed_once() -> None:
    review = Review(make_site())
    made = review.run()
    assert made.failed == []
    assert made.plan is review.plan
    assert made.topology is review.topology


def test_a_stage_that_fails_is_told_and_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wireproof.directaccess.review.build_topology", fail)
    made = Review(make_site()).run()
    assert made.plan is not None
    assert (made.topology, made.journeys) == (None, ())
    assert [text.partition(" stopped")[0] for text in made.failed] == ["building the topology", "routing the packets"]

"""Whether a client got through after all."""

from __future__ import annotations

from pathlib import Path

from tests.support.rpc_talks import Story
from tests.support.verdicts import make_case
from wireproof.rules.rpc._attempts import find_attempts
from wireproof.rules.rpc._success import pipe_after_s, reached, reached_elsewhere, reached_of_offer, reached_same


def test_a_later_success_at_the_same_port_is_seen(tmp_path: Path) -> None:
    case = make_case(tmp_path, Story(retries_s=35.0, only=("client",)).points())
    (attempt,) = find_attempts(case)
    assert reached_same(attempt) == (False, True)
    assert not reached_elsewhere(attempt)


def test_a_success_at_another_named_place_is_seen(tmp_path: Path) -> None:
    story = Story(
        named=[("10.77.2.57", 49160), ("10.77.2.50", 49155)], port=49160, connects_to="10.77.2.57", works_on=49155
    )
    (attempt,) = find_attempts(make_case(tmp_path, story.points()))
    assert reached_elsewhere(attempt)
    assert reached_same(attempt) == (False, False)
    assert len(reached_of_offer(attempt.point, attempt.offer)) == 1


def test_what_was_reset_before_the_server_spoke_was_not_reached(tmp_path: Path) -> None:
    case = make_case(tmp_path, Story(fate="cut", only=("client",)).points())
    assert len(reached(case.points[0], {49155})) == 0
    assert len(reached(case.points[0], {135})) == 1


def test_a_client_that_goes_on_over_smb_is_seen(tmp_path: Path) -> None:
    case = make_case(tmp_path, Story(works_on=445, only=("client",)).points())
    (attempt,) = find_attempts(case)
    after_s = pipe_after_s(attempt)
    assert after_s is not None
    assert 1 < after_s < 25
    (attempt,) = find_attempts(make_case(tmp_path, Story(only=("client",)).points()))
    assert pipe_after_s(attempt) is None

"""Whether a client got through after all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.support.rpc_talks import Story
from tests.support.verdicts import make_case
from wireproof.rules.rpc._attempts import find_attempts
from wireproof.rules.rpc._offers import naming_answers, own_offer
from wireproof.rules.rpc._success import pipe_after_s, reached, reached_elsewhere, reached_of_offer, reached_same

BARE = [(7, "PC50[49155]")]


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


def test_a_bare_host_name_does_not_stand_for_a_host_that_was_asked_itself(tmp_path: Path) -> None:
    silent = Story(bindings=[(7, "PC60[49155]")], last_octet=60, only=("client",))
    works = Story(bindings=[(7, "PC61[49155]")], last_octet=61, only=("client",), fate="open")
    frames = [*silent.points()["client"], *works.points()["client"]]
    case = make_case(tmp_path, {"client": sorted(frames, key=lambda frame: frame.time_ns)})
    (attempt,) = find_attempts(case)
    assert not reached_elsewhere(attempt)
    assert len(reached_of_offer(attempt.point, attempt.offer)) == 0


def test_a_bare_host_name_may_stand_for_an_address_of_nobody_else(tmp_path: Path) -> None:
    asks = Story(bindings=BARE, connects=False, only=("client",))
    works = Story(mapper_port=9135, last_octet=57, fate="open", only=("client",))
    assert _reached_of(tmp_path, asks, works) == 1
    assert _reached_of(tmp_path, replace(asks, bindings=[*BARE, (7, "10.77.2.50[49155]")]), works) == 0


def _reached_of(folder: Path, asks: Story, works: Story) -> int:
    """How many conversations of both stories get through to what the first one's answer names."""
    frames = [*asks.points()["client"], *works.points()["client"]]
    case = make_case(folder, {"client": sorted(frames, key=lambda frame: frame.time_ns)})
    point = case.points[0]
    (offer,) = (own_offer(point, each) for each in naming_answers(point) if each.interface_name == "ISystemActivator")
    return len(reached_of_offer(point, offer))


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

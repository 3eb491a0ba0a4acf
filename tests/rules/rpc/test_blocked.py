"""Attempts that failed alike, and where their SYNs end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.rpc_talks import Story
from tests.support.verdicts import make_case
from wireproof.rules.rpc._attempts import find_attempts
from wireproof.rules.rpc._blocked import Blocked, asked_port


def blocked(folder: Path, story: Story) -> Blocked:
    """All attempts of a story."""
    case = make_case(folder, story.points())
    return Blocked(case, list(find_attempts(case)))


def test_ports_hosts_service_and_syns_are_those_of_the_attempts(tmp_path: Path) -> None:
    made = blocked(tmp_path, Story(mapper_port=10135))
    assert (made.ports, made.servers, made.service.name) == ([49155], ["10.77.2.50"], "Exchange mailbox access (MAPI)")
    assert made.syns == 5
    assert asked_port(made.first) == 10135


@pytest.mark.parametrize(
    ("story", "missing_at", "arrives_at", "at_host"),
    [
        (Story(), "server", "", False),
        (Story(fate="unanswered"), "", "server", False),
        (Story(only=("client",)), "", "", False),
        (Story(fate="unanswered", only=("server",)), "", "", True),
    ],
)
def test_the_place_where_the_syns_end_is_told(
    tmp_path: Path, story: Story, missing_at: str, arrives_at: str, at_host: bool
) -> None:
    made = blocked(tmp_path, story)
    assert (made.missing_at, made.arrives_at, made.is_at_host) == (missing_at, arrives_at, at_host)

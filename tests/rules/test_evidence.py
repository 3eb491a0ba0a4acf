"""Wording of figures and filters that rules share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.path import Link, Point, World
from tests.support.talk import Host, Send, Talk
from tests.support.verdicts import make_case
from wireproof.rules.evidence import count, display_filter, joined, label, seconds


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0000005, "0 µs"),
        (0.00048, "480 µs"),
        (0.031, "31 ms"),
        (0.131, "131 ms"),
        (2.5, "2.5 s"),
        (200, "3 min 20 s"),
        (-0.031, "-31 ms"),
    ],
)
def test_durations_read_as_people_say_them(value: float, text: str) -> None:
    assert seconds(value) == text


def test_counts_and_lists_read_as_sentences() -> None:
    assert count(1, "segment") == "1 segment"
    assert count(2000, "segment") == "2,000 segments"
    assert count(2, "query", "queries") == "2 queries"
    assert joined([1921]) == "1921"
    assert joined([1, 2, 3]) == "1, 2 and 3"
    assert joined(range(8), 4) == "0, 1, 2 and 5 more"


@pytest.mark.parametrize(
    ("client", "server", "family"), [("10.0.0.1", "10.0.0.2", "ip"), ("2001:db8::1", "2001:db8::2", "ipv6")]
)
def test_the_filter_names_both_addresses_and_ports(tmp_path: Path, client: str, server: str, family: str) -> None:
    world = World([Point("client", at="client"), Link(1)])
    Talk(world, Host(client), Host(server), [Send("client", 10)], ports=(50001, 443))
    talk = make_case(tmp_path, world.captures()).points[0].talk(0)
    assert (
        display_filter(talk)
        == f"{family}.addr=={client} && {family}.addr=={server} && tcp.port==443 && tcp.port==50001"
    )
    assert label(talk).protocol == "tcp"

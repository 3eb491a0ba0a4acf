"""Sizes that crossed a hop."""

from __future__ import annotations

from pathlib import Path

from tests.support.alignments import GIGABIT, Scene, align, client_point, server_point, short_path
from tests.support.path import Link
from tests.support.talk import Close, Send, Stack
from wireproof.rules.path._hops import ways
from wireproof.rules.path._sizes import delivered_sizes


def test_sizes_are_those_of_the_receiving_point(tmp_path: Path) -> None:
    parts = [client_point(merge_sent=True), Link(1, megabit=GIGABIT), server_point()]
    case = align(
        tmp_path, Scene(parts, Stack(coalesce_ms=0.1)), [[Send("client", 30_000), Send("server", 77), Close("client")]]
    )
    sizes = {way.flow.toward: delivered_sizes(way) for way in ways(case)}
    assert sizes["server"].largest == 1460
    assert sizes["server"].count == 21
    assert (sizes["client"].count, sizes["client"].listing) == (1, "77")


def test_many_sizes_are_told_as_a_range_and_none_as_none(tmp_path: Path) -> None:
    steps = [step for size in range(100, 1000, 100) for step in (Send("client", size), Send("server", 5))]
    case = align(tmp_path, Scene(short_path()), [steps, []])
    listings = [delivered_sizes(way).listing for way in ways(case) if way.flow.toward == "server"]
    assert listings[0] == "100 to 900"
    assert delivered_sizes(list(ways(case))[-1]).count == 0

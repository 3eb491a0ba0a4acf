"""tcp-window-limited: bulk transfers ruled by window and round trip; short ones and fast paths stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.path import Link, Point, World
from tests.support.talk import Close, Send, Talk
from tests.support.tcp_end import Host, Stack
from tests.support.verdicts import judge, make_case, only
from wireproof.case import Case
from wireproof.finding import Severity

RULE = "tcp-window-limited"


def upload(folder: Path, receiver: Stack, *, each_way_ms: float = 40, size: int = 900_000, at: str = "client") -> Case:
    """The client sends so many bytes to a server with that stack, captured at one end."""
    parts = [Point(at, at=at), Link(each_way_ms, megabit=1000)]
    world = World(parts if at == "client" else parts[::-1])
    Talk(world, Host("10.0.0.1"), Host("10.9.0.2", receiver), [Send("client", size), Close("client", 300)])
    return make_case(folder, world.captures())


def test_a_window_without_scaling_is_named_with_who_left_it_out(tmp_path: Path) -> None:
    finding = only(upload(tmp_path, Stack(scale=None, window=65_535)), RULE)
    assert finding.severity is Severity.WARNING
    assert finding.facts["without_window_scaling"] == "10.9.0.2:9000"
    assert finding.facts["window_bytes"] == 65_535
    assert finding.facts["rtt_ms"] == pytest.approx(80, abs=1)
    assert finding.facts["possible_bytes_per_s"] == pytest.approx(65_535 / 0.08, rel=0.02)
    assert finding.facts["reached_bytes_per_s"] == pytest.approx(finding.facts["possible_bytes_per_s"], rel=0.3)
    assert finding.toward == "server"


def test_a_small_scaled_window_is_information_on_a_middling_path(tmp_path: Path) -> None:
    finding = only(upload(tmp_path, Stack(window=32_768), each_way_ms=15), RULE)
    assert finding.severity is Severity.INFO
    assert finding.facts["without_window_scaling"] == ""


def test_a_window_larger_than_the_path_needs_is_silent(tmp_path: Path) -> None:
    assert judge(upload(tmp_path, Stack(window=4_000_000)), RULE).findings == []


def test_a_fast_path_is_silent(tmp_path: Path) -> None:
    assert judge(upload(tmp_path, Stack(scale=None, window=65_535), each_way_ms=1), RULE).findings == []


def test_a_short_transfer_is_silent(tmp_path: Path) -> None:
    assert judge(upload(tmp_path, Stack(scale=None, window=65_535), size=120_000), RULE).findings == []


def test_a_capture_at_the_receiver_can_not_tell(tmp_path: Path) -> None:
    assert judge(upload(tmp_path, Stack(scale=None, window=65_535), at="server"), RULE).findings == []

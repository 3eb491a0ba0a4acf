"""Captures that can't show DirectAccess are told without decoding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d21_directaccess
from tests.cases.healthy import write_points
from tests.support.path import Link, World
from tests.support.path import Point as CapturePoint
from tests.support.talk import Close, Host, Send, Talk
from wireproof.case import Point
from wireproof.conversations import read_capture
from wireproof.processes.glance import may_show_directaccess


def glance(path: Path) -> bool:
    point = Point("client", str(path), read_capture(path))
    with point.capture:
        return may_show_directaccess(point.conversations, point.said.protocols, point.dns)


@pytest.mark.parametrize(("port", "shown"), [(9000, False), (443, True)])
def test_only_what_may_be_a_sign_is_looked_at(tmp_path: Path, port: int, shown: bool) -> None:
    world = World([CapturePoint("client", at="client"), Link(5), CapturePoint("server", at="server")])
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), [Send("client", 40), Close("client")], ports=(50001, port))
    assert glance(write_points(tmp_path, world)["client"]) is shown


def test_the_process_itself_is_never_passed_over(tmp_path: Path) -> None:
    assert all(glance(path) for path in d21_directaccess.build(tmp_path).values())

"""Frames with the application message that they carry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.healthy import write_points
from tests.support.path import Link, World
from tests.support.path import Point as CapturePoint
from tests.support.talk import Close, Host, Send, Step, Talk
from wireproof.case import Point
from wireproof.conversations import read_capture
from wireproof.report.frame_lines import describe_frame

REQUEST = b"GET /index.html HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def point(tmp_path: Path) -> Iterator[Point]:
    world = World([CapturePoint("client", at="client"), Link(5), CapturePoint("server", at="server")])
    steps: list[Step] = [Send("client", REQUEST), Send("server", ANSWER), Close("client")]
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), steps, ports=(50001, 8080))
    path = write_points(tmp_path, world)["client"]
    made = Point("client", str(path), read_capture(path))
    yield made
    made.capture.close()


def request_row(point: Point) -> int:
    return next(row for row in range(point.packets.count) if point.packets.length[row] == len(REQUEST))


def test_a_frame_is_told_by_its_message_once_a_rule_has_asked_for_it(point: Point) -> None:
    row = request_row(point)
    before = describe_frame(point, row, "http")
    assert before.protocol == "TCP"
    assert len(point.said.http) == 2
    after = describe_frame(point, row, "http")
    assert (after.protocol, after.info) == ("HTTP", "GET /index.html HTTP/1.1")
    assert (after.number, after.time_ns, after.source) == (before.number, before.time_ns, before.source)


def test_a_segment_with_a_tcp_mark_keeps_the_words_of_tcp(point: Point) -> None:
    row = request_row(point)
    assert len(point.said.http) == 2
    point.packets.marks[row] |= 1
    assert describe_frame(point, row, "http").protocol == "TCP"


def test_a_finding_on_packets_keeps_the_words_of_tcp(point: Point) -> None:
    row = request_row(point)
    assert len(point.said.http) == 2
    assert describe_frame(point, row, "path").protocol == "TCP"

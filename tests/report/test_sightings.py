"""What became of a frame at the other capture points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.reports import smtp_report
from wireproof.analyse import open_case
from wireproof.case import Case
from wireproof.report.sightings import Sighting, Tracer

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def sccm() -> Iterator[Case]:
    case = open_case([str(EXAMPLES / "sccm-policy")])
    yield case
    for point in case.points:
        point.capture.close()


@pytest.fixture(scope="module")
def lync() -> Iterator[Case]:
    case = open_case([str(EXAMPLES / "lync-sign-in")])
    yield case
    for point in case.points:
        point.capture.close()


def follow(case: Case, point: str, number: int) -> list[tuple[str, str, int]]:
    """(capture, state, frame there or 0) of one frame."""
    sightings = Tracer(case).follow(case.point(point), number - 1)
    return [(seen.capture, seen.state, seen.line.number if seen.line else 0) for seen in sightings]


@pytest.mark.parametrize(
    ("point", "number", "expected"),
    [
        ("client", 1917, ("server", "seen", 13587)),
        ("client", 1921, ("server", "lost", 0)),
        ("client", 4392, ("server", "seen", 30509)),
        ("server", 13587, ("client", "seen", 1917)),
    ],
)
def test_a_frame_is_found_or_missed_at_the_other_end(
    sccm: Case, point: str, number: int, expected: tuple[str, str, int]
) -> None:
    assert follow(sccm, point, number) == [expected]


def test_a_forged_reset_was_not_sent_by_the_named_sender(lync: Case) -> None:
    frontend = lync.point("frontend")
    resets = [row for row in range(frontend.packets.frames) if frontend.packets.flags[row] & 0x04]
    told = {seen for row in resets for seen in follow(lync, "frontend", row + 1)}
    assert ("edge", "not sent", 0) in told


def test_traffic_that_does_not_pass_the_other_point_has_no_sighting(sccm: Case) -> None:
    assert follow(sccm, "client", 1) == []


def test_a_single_capture_has_no_sightings(tmp_path: Path) -> None:
    with smtp_report(tmp_path, []) as report:
        point = report.case.points[0]
        tracer = Tracer(report.case)
        assert tracer.follow(point, 0) == ()
        assert tracer.reference_ns(point, 0) == int(point.packets.time_ns[0])


def test_times_are_brought_to_the_first_clock(sccm: Case) -> None:
    server = sccm.point("server")
    shifted = int(sccm.alignment.clocks[1].offset_ns)
    assert Tracer(sccm).reference_ns(server, 13586) == int(server.packets.time_ns[13586]) + shifted


def test_a_sighting_is_a_plain_value() -> None:
    assert Sighting("a", "lost") == Sighting("a", "lost", None, None)

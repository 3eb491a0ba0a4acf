"""Arrows start, stop and end where their packets did."""

from __future__ import annotations

import pytest

from tests.support.markup import Node, read_markup
from wireproof.report.arrows import SLANT, Way, draw_arrow, lay_single, lay_way
from wireproof.report.drawing import join
from wireproof.report.passages import Passage


def passage(*lanes: int, to_server: bool = True, start: str = "sent", end: str = "arrived") -> Passage:
    return Passage([(lane, 0) for lane in lanes], to_server, 0, start, end)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (passage(0, 1, 2), (0, (0, 1, 2), 2)),
        (passage(2, 1, 0, to_server=False), (2, (2, 1, 0), 0)),
        (passage(0, 1, end="lost"), (0, (0, 1), 1.5)),
        (passage(0, end="recut"), (0, (0,), 0.5)),
        (passage(0, end="missed"), (0, (0,), 1)),
        (passage(1, 2, start="inserted"), (0.5, (1, 2), 2)),
        (passage(1, 0, to_server=False, start="unseen"), (1.5, (1, 0), 0)),
    ],
)
def test_ways_over_three_lanes(given: Passage, expected: tuple[float, tuple[int, ...], float]) -> None:
    way = lay_way(given, 3)
    assert (way.start, way.stops, way.end) == expected


def test_a_missing_point_on_the_clients_side_shifts_the_lanes() -> None:
    way = lay_way(passage(0, to_server=False, end="lost"), 2, shift=1)
    assert (way.start, way.end) == (1, 0.5)


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        (passage(0), (0, 1)),
        (passage(0, to_server=False), (1, 0)),
        (passage(0, end="lost"), (0, 0.5)),
        (passage(0, to_server=False, start="router"), (0.5, 0)),
        (passage(0, start="inserted"), (0.5, 1)),
    ],
)
def test_one_capture_sees_packets_between_two_hosts(given: Passage, ends: tuple[float, float]) -> None:
    way = lay_single(given)
    assert (way.start, way.end) == ends


def drawn(given: Passage, lanes: int, *numbers: int) -> tuple[Way, Node]:
    way = lay_way(given, lanes)
    return way, read_markup(join(draw_arrow(way, given, numbers, 100.0)))


def test_a_lost_packet_ends_in_a_cross_in_mid_air() -> None:
    _, made = drawn(passage(0, end="lost"), 2, 1921)
    (line,) = made.find("line")
    assert (line.attributes["x1"], line.attributes["x2"]) == ("0%", "50%")
    (cross,) = made.find("path", "cross")
    assert cross in next(node for node in made.find("svg") if node.attributes["x"] == "50%").children
    assert [node.words for node in made.find("text", "number")] == ["1921"]


def test_an_inserted_packet_starts_in_mid_air_and_arrives() -> None:
    _, made = drawn(passage(1, start="inserted"), 2, 233)
    (line,) = made.find("line")
    assert (line.attributes["x1"], line.attributes["x2"]) == ("50%", "100%")
    assert not made.find("path", "cross")
    assert len(made.find("path", "head")) == 2


def test_every_stop_has_its_frame_number_and_time_runs_down() -> None:
    way, made = drawn(passage(0, 1, 2), 3, 7, 8, 9)
    assert [node.words for node in made.find("text", "number")] == ["7", "8", "9"]
    assert way.fall(2) == 2 * SLANT
    (line,) = made.find("line")
    assert float(line.attributes["y2"]) - float(line.attributes["y1"]) == 2 * SLANT


def test_what_is_not_known_looks_unlike_what_is() -> None:
    classes = {
        end: drawn(passage(0, end=end), 2, 1)[1].find("line")[0].classes for end in ("arrived", "missed", "unknown")
    }
    assert classes == {"arrived": ["way"], "missed": ["way", "dashed"], "unknown": ["way", "dotted"]}


def test_text_stands_on_the_first_hop_and_notes_where_it_happened() -> None:
    way = lay_way(passage(0, 1, end="lost"), 3)
    assert (way.label_x, way.note_x) == ("25%", "75%")
    assert lay_way(passage(0, 1), 2).label_x == "50%"

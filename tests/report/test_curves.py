"""Curves show what they were given, and stay small whatever they were given."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.support.markup import read_markup
from wireproof.report.curves import (
    MOST_CROSSES,
    MOST_MARKS,
    Scale,
    draw_band,
    draw_bars,
    draw_crosses,
    draw_dots,
    draw_steps,
    pad_span,
)
from wireproof.report.drawing import PLANE

SCALE = Scale((0.0, 10.0), (0.0, 100.0), 200)
MANY = 200_000


def path_data(markup: str) -> str:
    return read_markup(markup).find("path")[0].attributes["d"]


def test_time_runs_right_and_values_run_up() -> None:
    assert SCALE.xs(np.array([0.0, 5.0, 10.0])).tolist() == [0, PLANE / 2, PLANE]
    assert SCALE.ys(np.array([0, 50, 100])).tolist() == [200, 100, 0]


def test_a_bar_reaches_from_first_to_last_byte() -> None:
    made = draw_bars(SCALE, np.array([5.0]), np.array([10]), np.array([60]), "sent")
    assert path_data(made) == "M500.0 180.0V80.0"


def test_a_tiny_segment_stays_visible() -> None:
    made = draw_bars(SCALE, np.array([5.0]), np.array([10]), np.array([10]), "sent")
    assert path_data(made) == "M500.0 180.0V177.0"


def test_many_bars_are_thinned_to_columns_that_cover_all_of_them() -> None:
    time_s = np.linspace(0, 10, MANY)
    start = np.linspace(0, 99, MANY).astype(np.int64)
    data = path_data(draw_bars(SCALE, time_s, start, start + 1, "sent"))
    assert data.count("M") <= MOST_MARKS
    heights = [float(value) for value in re.findall(r"V([\d.]+)", data)]
    bottoms = [float(value) for value in re.findall(r"M[\d.]+ ([\d.]+)", data)]
    assert (min(heights), max(bottoms)) == (0.0, 200.0)


def test_steps_hold_until_the_next_value_and_never_fall() -> None:
    made = draw_steps(SCALE, np.array([1.0, 4.0, 6.0]), np.array([10, 50, 20]), "acked")
    assert path_data(made) == f"M100.0 180.0H400.0V100.0H{PLANE}"


@pytest.mark.parametrize(
    "draw", [draw_steps, lambda scale, time_s, values, _: draw_dots(scale, time_s, values.astype(float))]
)
def test_many_values_stay_small(draw) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    rng = np.random.default_rng(3)
    values = np.sort(rng.integers(0, 100_000, MANY)) // 1000
    assert len(draw(SCALE, np.sort(rng.random(MANY) * 10), values, "x")) < 30 * MOST_MARKS


def test_equal_dots_are_drawn_once() -> None:
    assert path_data(draw_dots(SCALE, np.array([5.0, 5.0, 6.0]), np.array([50.0, 50.0, 50.0]))).count("M") == 2


def test_every_lost_segment_has_a_cross_up_to_a_bound() -> None:
    time_s = np.linspace(0, 10, 5)
    assert len(read_markup(draw_crosses(SCALE, time_s, np.arange(5))).find("path", "cross")) == 5
    many = read_markup(draw_crosses(SCALE, np.linspace(0, 10, MANY), np.arange(MANY)))
    assert len(many.find("path", "cross")) == MOST_CROSSES


def test_the_band_stands_its_bound_above_and_below() -> None:
    data = path_data(draw_band(SCALE, np.linspace(0, 10, 40), np.full(40, 50.0), 10.0))
    heights = {float(value) for value in re.findall(r"[ML][\d.]+ ([\d.]+)", data)}
    assert heights == {80.0, 120.0}


def test_labels_stand_at_their_places() -> None:
    made = read_markup(SCALE.axes(" ms"))
    labels = {node.words: node.attributes for node in made.find("text")}
    assert labels["50 ms" if "50 ms" in labels else "40 ms"]["x"] == "-6"
    assert labels["0 s"]["x"] == "0%"
    assert "mid" not in labels["0 s"]["class"].split()


def test_a_span_has_room_even_for_one_moment() -> None:
    low, high = pad_span(np.array([3.0]))
    assert low < 3.0 < high

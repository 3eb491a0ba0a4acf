"""Elements escape whatever they hold, and axes get round ticks with labels that can be told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from tests.support.markup import read_markup
from wireproof.report.drawing import NARROW, element, figure, join, label_ticks, percent, points, tick_labels, ticks

HOSTILE = '</text><script>alert("1")</script>&\'<'


def test_content_and_attributes_are_escaped() -> None:
    made = read_markup(element("text", HOSTILE, class_=HOSTILE))
    assert [node.tag for node in made.walk()] == ["", "text"]
    assert made.children[0].words == HOSTILE
    assert made.children[0].attributes == {"class": HOSTILE}


def test_elements_nest_without_being_escaped_again() -> None:
    made = element("g", join([element("text", "a<b"), element("circle", r=2)]))
    assert made == Markup('<g><text>a&lt;b</text><circle r="2"/></g>')


def test_attribute_names_and_numbers_are_written_short() -> None:
    assert element("line", stroke_width=1.50001, class_="a", y1=None) == Markup('<line stroke-width="1.5" class="a"/>')


def test_a_figure_tells_what_it_shows_to_who_cannot_see_it() -> None:
    made = read_markup(figure(10, "Ladder <1>", "5 packets", Markup(""), "ladder")).children[0]
    assert made.attributes["role"] == "img"
    assert made.attributes["aria-label"] == "Ladder <1>. 5 packets"
    assert made.find("title")[0].words == "Ladder <1>"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (104.9, 190, [120, 140, 160, 180]),
        (0.97, 1.0, [0.97, 0.975, 0.98, 0.985, 0.99, 0.995, 1.0]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e9), st.integers(1, 8))
def test_ticks_stay_inside_and_are_few(low: float, width: float, wanted: int) -> None:
    found = ticks(low, low + width, wanted)
    assert len(found) <= 2 * wanted + 1
    assert all(low - 1e-4 * width <= value <= low + width * 1.0001 or value == low for value in found)


def test_labels_of_neighbouring_ticks_differ() -> None:
    for low, high in ((0, 1e-4), (104.96, 105.01), (0, 3e6), (-4, 4)):
        labels = tick_labels(ticks(low, high))
        assert len(set(labels)) == len(labels)


def test_labels_along_x_fit_a_phone() -> None:
    values, labels = label_ticks(104.969, 105.001, " s")
    assert len(values) == len(labels) > 1
    assert sum(len(label) + 3 for label in labels) <= NARROW


def test_an_empty_range_has_one_tick() -> None:
    assert ticks(3.0, 3.0) == [3.0]
    assert tick_labels([3.0]) == ["3"]


def test_places_and_paths() -> None:
    assert (percent(0.5), percent(1 / 3), percent(0)) == ("50%", "33.33%", "0%")
    assert points([(0, 1), (2.25, 3)]) == "M0.0 1.0L2.2 3.0"
    assert not points([])

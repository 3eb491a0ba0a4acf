"""The drawing of a site."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.markup import read_markup
from tests.support.sites import make_journey, make_topology
from wireproof.directaccess.topology.model import Outcome, Topology
from wireproof.report.plan.map import draw_map


@pytest.mark.parametrize("way", ["across", "down"])
def test_every_machine_has_a_box_that_overlaps_no_other(way: str) -> None:
    drawn = draw_map(make_topology(), [make_journey()])
    assert drawn
    svg = read_markup(str(getattr(drawn, way)))
    boxes = [
        tuple(float(node.attributes[key]) for key in ("x", "y", "width", "height")) for node in svg.find("rect", "box")
    ]
    assert len(boxes) == 3
    for place, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[place + 1 :]:
            assert (
                x + width <= other_x
                or other_x + other_width <= x
                or y + height <= other_y
                or other_y + other_height <= y
            )
    drawing = svg.find("svg")[0].attributes
    assert max(x + width for x, _, width, _ in boxes) <= float(drawing["width"])
    assert max(y + height for _, y, _, height in boxes) <= float(drawing["height"])


def test_prefixes_and_routes_stand_in_the_drawing() -> None:
    drawn = draw_map(make_topology(), [make_journey()])
    assert drawn
    text = read_markup(str(drawn.across)).text
    assert "own 2002:836b:2:1000::/64" in text
    assert "→ 2002:836b:2:3333::1" in text
    assert (drawn.planned, drawn.troubled) == (True, False)


def test_colour_is_not_the_only_sign_of_what_is_not_delivered() -> None:
    drawn = draw_map(make_topology(), [make_journey(Outcome.LOOP)])
    assert drawn
    assert "✕ loop" in read_markup(str(drawn.down)).text


def test_names_of_the_site_are_escaped() -> None:
    topology = make_topology()
    topology.nodes["DA1"] = dataclasses.replace(topology.nodes["DA1"], name="</svg><script>")
    drawn = draw_map(topology, [])
    assert drawn
    assert read_markup(str(drawn.across)).find("script") == []


def test_without_a_topology_nothing_is_drawn() -> None:
    assert draw_map(None, []) is None
    assert draw_map(Topology(), []) is None

"""The drawing of a site: stations on one side, clients on the other, with what routes between them, as SVG.

Takes cards and ways; gives Markup. Drawn twice, across for wide screens and down for narrow ones; style sheets show one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from wireproof.report.drawing import element, join
from wireproof.report.page import cut
from wireproof.report.plan.cards import Card, Way, make_cards

if TYPE_CHECKING:
    from wireproof.directaccess.topology.model import Journey, Topology

WIDTH, PADDING, LINE = 256, 10, 15
"""Pixels: width of a card, space inside it, height of a line."""
ACROSS, APART = 64, 18
"""Pixels between columns, and between cards of a column."""
MOST_LETTERS, MOST_LETTERS_OF_TITLE = 38, 34


@dataclass(frozen=True, slots=True)
class Box:
    """Where a card stands."""

    x: float
    y: float
    height: float


@dataclass(slots=True)
class SiteMap:
    """The drawing across and down, each with its width in pixels."""

    across: Markup
    down: Markup
    planned: bool
    troubled: bool


def draw_map(topology: Topology | None, journeys: Sequence[Journey]) -> SiteMap | None:
    """The drawing of a topology; None where there is none."""
    if topology is None or not topology.nodes:
        return None
    cards, ways = make_cards(topology, journeys)
    planned = any(style == "planned" for card in cards for _, style in card.lines)
    troubled = any(card.troubles for card in cards)
    return SiteMap(_draw(cards, ways, down=False), _draw(cards, ways, down=True), planned, troubled)


def _height(card: Card) -> float:
    return 2 * PADDING + 34 + LINE * len(card.lines) + (8 if card.lines else 0) + (LINE + 4) * len(card.troubles)


def _place(cards: Sequence[Card], *, down: bool) -> tuple[list[Box], float, float]:
    """A box for each card, and the drawing's width and height."""
    columns = sorted({card.column for card in cards})
    heights = [_height(card) for card in cards]
    members = [[place for place, card in enumerate(cards) if card.column == column] for column in columns]
    if down:
        return _place_down(heights, members)
    tall = max(sum(heights[place] + APART for place in own) - APART for own in members)
    boxes: dict[int, Box] = {}
    for number, own in enumerate(members):
        y = (tall - sum(heights[place] + APART for place in own) + APART) / 2
        for place in own:
            boxes[place] = Box(number * (WIDTH + ACROSS) + 1, y + 1, heights[place])
            y += heights[place] + APART
    return [boxes[place] for place in range(len(cards))], len(columns) * (WIDTH + ACROSS) - ACROSS + 2, tall + 2


def _place_down(heights: Sequence[float], members: Sequence[Sequence[int]]) -> tuple[list[Box], float, float]:
    wide = max(len(own) for own in members) * (WIDTH + APART) - APART
    boxes: dict[int, Box] = {}
    y = 1.0
    for own in members:
        x = (wide - len(own) * (WIDTH + APART) + APART) / 2
        for place in own:
            boxes[place] = Box(x + 1, y, heights[place])
            x += WIDTH + APART
        y += max(heights[place] for place in own) + 52
    return [boxes[place] for place in range(len(heights))], wide + 2, y - 52 + 1


def _draw(cards: Sequence[Card], ways: Sequence[Way], *, down: bool) -> Markup:
    boxes, width, height = _place(cards, down=down)
    parts = [_draw_way(way, boxes, down=down) for way in ways]
    parts += [_draw_card(card, box) for card, box in zip(cards, boxes, strict=True)]
    title = "Topology of the site"
    described = f"{len(cards)} boxes from stations to clients, joined by the ways of packets; the tables below say the same in words"
    label = element("title", title) + element("desc", described)
    name = f"map {'down' if down else 'across'}"
    attributes = {"width": width, "height": height, "viewBox": f"0 0 {width:.0f} {height:.0f}", "role": "img"}
    return element("svg", label + join(parts), class_=name, aria_label=f"{title}. {described}", **attributes)


def _draw_card(card: Card, box: Box) -> Markup:
    x, y = box.x + PADDING, box.y + PADDING + 13
    shapes = [
        element("rect", x=box.x, y=box.y, width=WIDTH, height=box.height, rx=8, class_="box"),
        element("text", cut(card.title, MOST_LETTERS_OF_TITLE), x=x, y=y, class_="strong"),
        element("text", card.kind, x=x, y=y + 16, class_="tiny dim"),
    ]
    y += 16 + (8 if card.lines else 0)
    for text, style in card.lines:
        y += LINE
        shapes.append(
            element(
                "text",
                cut(text, MOST_LETTERS),
                x=x,
                y=y,
                class_=f"tiny dim {style}" if style == "dim" else f"mono {style}",
            )
        )
    for trouble in card.troubles:
        y += LINE + 4
        shapes.append(element("text", f"✕ {trouble}", x=x, y=y, class_="trouble"))
    content = join([element("title", ", ".join(card.names[:40]) or card.title), *shapes])
    return element("g", content, class_=f"card-{card.column}" + (" troubled" if card.troubles else ""))


def _draw_way(way: Way, boxes: Sequence[Box], *, down: bool) -> Markup:
    start, end = boxes[way.start], boxes[way.end]
    line = _line_down(start, end) if down else _line_across(start, end)
    (x, y), angle = line[-1], _angle(line)
    path = f"M{line[0][0]:.1f} {line[0][1]:.1f}C{line[1][0]:.1f} {line[1][1]:.1f} {line[2][0]:.1f} {line[2][1]:.1f} {x:.1f} {y:.1f}"
    head = element(
        "path", d="M0 0L-9 -4.5L-9 4.5Z", transform=f"translate({x:.1f} {y:.1f}) rotate({angle})", class_="head"
    )
    kind = "fine" if way.fine else "broken"
    return element(
        "g", element("path", d=path, class_="way") + head, class_=f"route {kind}" + (" back" if way.back else "")
    )


Point = tuple[float, float]


def _line_across(start: Box, end: Box) -> list[Point]:
    """Start, two handles and end of a curve between the sides that face each other."""
    shift = 7.0 if end.x <= start.x else -7.0
    y0, y1 = start.y + start.height / 2 + shift, end.y + end.height / 2 + shift
    if end.x > start.x:
        x0, x1 = start.x + WIDTH, end.x
        half = (x1 - x0) / 2 if x1 - x0 < 2 * ACROSS else ACROSS
        return [(x0, y0), (x0 + half, y0), (x1 - half, y1), (x1, y1)]
    if end.x < start.x:
        x0, x1 = start.x, end.x + WIDTH
        half = (x0 - x1) / 2 if x0 - x1 < 2 * ACROSS else ACROSS
        return [(x0, y0), (x0 - half, y0), (x1 + half, y1), (x1, y1)]
    x = start.x + WIDTH
    return [(x, y0), (x + ACROSS / 2, y0), (x + ACROSS / 2, y1), (x, y1)]


def _line_down(start: Box, end: Box) -> list[Point]:
    shift = 7.0 if end.y <= start.y else -7.0
    x0, x1 = start.x + WIDTH / 2 + shift, end.x + WIDTH / 2 + shift
    if end.y > start.y:
        y0, y1 = start.y + start.height, end.y
        return [(x0, y0), (x0, y0 + 24), (x1, y1 - 24), (x1, y1)]
    if end.y < start.y:
        y0, y1 = start.y, end.y + end.height
        return [(x0, y0), (x0, y0 - 24), (x1, y1 + 24), (x1, y1)]
    y0, y1 = start.y + start.height, end.y + end.height
    return [(x0, y0), (x0, y0 + 24), (x1, y1 + 24), (x1, y1)]


def _angle(line: Sequence[Point]) -> int:
    """Where the arrow's head points, in degrees: from the last handle to the end."""
    (x0, y0), (x1, y1) = line[-2], line[-1]
    if abs(x1 - x0) >= abs(y1 - y0):
        return 0 if x1 >= x0 else 180
    return 90 if y1 >= y0 else 270

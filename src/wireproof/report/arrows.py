"""One arrow of a ladder: where it starts, stops and ends on the lanes, and the signs at both ends.

Takes lane numbers and fates of a passage; gives SVG. Knows no case and no frame but its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from wireproof.report.drawing import at, element, percent

if TYPE_CHECKING:
    from wireproof.report.passages import Passage

SLANT = 5
"""How far an arrow falls on each hop, in pixels: time runs down."""
FROM_MID_AIR = {"inserted", "recut", "unseen", "router"}
SHORT_OF_A_LANE = {"lost", "recut", "unknown"}
LINES = {"missed": "way dashed", "unknown": "way dotted"}


@dataclass(frozen=True, slots=True)
class Way:
    """A passage on the drawing's lanes, numbered from 0 at the client: halves are mid-air. `hops` is how many gaps between lanes there are."""

    start: float
    stops: tuple[int, ...]
    end: float
    step: int
    hops: int

    def share(self, lane: float) -> float:
        """A lane's place along x, 0 to 1."""
        return lane / self.hops

    def fall(self, lane: float) -> float:
        """How far the arrow has fallen at a lane, in pixels."""
        return SLANT * abs(lane - self.start)

    @property
    def label_x(self) -> str:
        """The middle of the first hop, where the packet's text stands."""
        middle = self.start if self.start % 1 else self.start + 0.5 * self.step
        return percent(self.share(middle)) if self.hops > 1 else "50%"

    @property
    def note_x(self) -> str:
        """The middle of the hop on which something happened to the packet, where notes stand."""
        return percent(self.share(self.end)) if self.end % 1 and self.hops > 1 else self.label_x


def lay_way(passage: Passage, lanes: int, shift: int = 0) -> Way:
    """Lay a passage over `lanes` drawn lanes, the first of its course being lane `shift`."""
    step = 1 if passage.to_server else -1
    stops = tuple(lane + shift for lane, _ in passage.stops)
    start = stops[0] - 0.5 * step if passage.start in FROM_MID_AIR else stops[0]
    end = stops[-1] + step * (1.0 if passage.end == "missed" else 0.5 if passage.end in SHORT_OF_A_LANE else 0.0)
    return Way(start, stops, end, step, lanes - 1)


def lay_single(passage: Passage) -> Way:
    """Lay a passage between two hosts of which one capture saw it: it leaves one and, as far as that capture tells, reaches the other."""
    step = 1 if passage.to_server else -1
    sender, receiver = (0, 1) if passage.to_server else (1, 0)
    end = 0.5 if passage.end in SHORT_OF_A_LANE else receiver
    if passage.start in {"inserted", "router"}:
        return Way(0.5, (receiver,), receiver, step, 1)
    return Way(sender, (sender,), end, step, 1)


def draw_arrow(way: Way, passage: Passage, numbers: Sequence[int], y: float) -> list[Markup]:
    """The line with its signs at both ends, and the frame number beside each lane where the packet was seen."""
    ends = {"x1": percent(way.share(way.start)), "x2": percent(way.share(way.end))}
    line = element("line", **ends, y1=y, y2=y + way.fall(way.end), class_=LINES.get(passage.end, "way"))
    shapes = [line, at(way.share(way.end), y + way.fall(way.end), _end_shape(passage.end, way.step))]
    if way.start % 1:
        shapes.append(at(way.share(way.start), y, _start_shape(passage.start)))
    for stop, number in zip(way.stops, numbers, strict=True):
        shapes.append(
            at(way.share(stop), y + way.fall(stop), _number(number, right=stop == way.hops, departs=stop != way.end))
        )
    return shapes


def _number(number: int, *, right: bool, departs: bool) -> Markup:
    """A frame number beside its lane: on the inner side, above the arrow where the packet leaves and below where it ends."""
    place = {"x": -5 if right else 5, "y": -5 if departs else 12}
    text = element("text", f"{number}", **place, class_="number end" if right else "number")
    return text + element("circle", r=2, class_="stop") if departs else text


def _end_shape(end: str, step: int) -> Markup:
    if end == "lost":
        return element("path", d="M-5-5L5 5M-5 5L5-5", class_="cross")
    if end == "recut":
        return element("rect", x=-3, y=-3, width=6, height=6, class_="head")
    if end == "unknown":
        return element("text", "?", x=6 * step, y=4, class_="mid dim")
    return element("path", d=f"M0 0L{-8 * step}-4V4z", class_="head")


def _start_shape(start: str) -> Markup:
    if start == "inserted":
        return element("path", d="M0-6L6 0L0 6L-6 0z", class_="head")
    if start == "recut":
        return element("rect", x=-3, y=-3, width=6, height=6, class_="head")
    ring = element("circle", r=4.5, class_="open")
    return ring + element("circle", r=1.5, class_="head") if start == "router" else ring

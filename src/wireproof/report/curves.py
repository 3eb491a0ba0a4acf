"""Axes and curves of the plots: bars, staircases, dots and bands over time.

Takes NumPy arrays and a scale; gives SVG. What is drawn is thinned to what a screen can show. Knows no packet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from wireproof.report.drawing import PLANE, at, element, join, label_ticks, percent, points, tick_labels, ticks

MOST_MARKS = 800
"""Bars, steps or dots of one kind in a plot; more are thinned to one a pixel column."""
MOST_CROSSES = 200

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """From time and value to the plane: x over PLANE units, y over `height` pixels, upwards."""

    x: Pair
    y: Pair
    height: int

    def xs(self, values: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
        """Places along x in plane units."""
        return np.asarray((values - self.x[0]) / max(self.x[1] - self.x[0], 1e-12) * PLANE, dtype=np.float64)

    def ys(self, values: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
        """Places along y in pixels from the top."""
        share = (values - self.y[0]) / max(self.y[1] - self.y[0], 1e-12)
        return np.asarray(self.height - share * self.height, dtype=np.float64)

    def axes(self, unit: str = "", wanted: int = 4) -> Markup:
        """Grid lines with round labels; x in seconds below, y at the left margin."""
        parts = []
        upright = ticks(*self.y, wanted)
        for value, text in zip(upright, tick_labels(upright, unit), strict=True):
            y = float(self.ys(np.array([value]))[0])
            parts.append(element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid"))
            parts.append(element("text", text, x="-6", y=y + 4, class_="end tiny dim"))
        for value, text in zip(*label_ticks(*self.x, " s"), strict=True):
            share = float(self.xs(np.array([value]))[0]) / PLANE
            anchor = " end" if share > 0.95 else "" if share < 0.05 else " mid"
            parts.append(
                element("line", x1=percent(share), x2=percent(share), y1=self.height, y2=self.height + 4, class_="grid")
            )
            parts.append(element("text", text, x=percent(share), y=self.height + 17, class_=f"tiny dim{anchor}"))
        return join(parts)


def pad_span(time_s: Floats) -> Pair:
    """From the first to the last time with some room, more of it at the end, where curves hold their last value."""
    low, high = float(time_s.min()), float(time_s.max())
    margin = max((high - low) * 0.02, 1e-6)
    return low - margin, high + 3 * margin


def draw_bars(scale: Scale, time_s: Floats, start: Ints, end: Ints, name: str) -> Markup:
    """One upright stroke a segment from its first to its last byte."""
    if not len(time_s):
        return Markup("")
    x, top, bottom = scale.xs(time_s), scale.ys(end), scale.ys(start)
    if len(x) > MOST_MARKS:
        x, top, bottom = _thin(x, top, bottom)
    top = np.minimum(top, bottom - 3.0)  # a segment of few bytes must stay visible
    strokes = (f"M{a:.1f} {b:.1f}V{c:.1f}" for a, b, c in zip(x.tolist(), bottom.tolist(), top.tolist(), strict=True))
    return element("path", d="".join(strokes), class_=f"bar {name}")


def _thin(x: Floats, top: Floats, bottom: Floats) -> tuple[Floats, Floats, Floats]:
    """One bar for each of MOST_MARKS columns, over all bars in it."""
    column = np.clip((x / PLANE * MOST_MARKS).astype(np.int64), 0, MOST_MARKS - 1)
    kept = np.unique(column)
    least, most = np.full(MOST_MARKS, np.inf), np.full(MOST_MARKS, -np.inf)
    np.minimum.at(least, column, top)
    np.maximum.at(most, column, bottom)
    return (kept + 0.5) / MOST_MARKS * PLANE, least[kept], most[kept]


def draw_steps(scale: Scale, time_s: Floats, values: Ints, name: str) -> Markup:
    """A staircase that rises when a value is told and holds until the next one."""
    if not len(values):
        return Markup("")
    values = np.maximum.accumulate(values)
    x, y = np.clip(scale.xs(time_s), 0, PLANE), np.clip(scale.ys(values), -scale.height, 2.0 * scale.height)
    turns = np.flatnonzero(np.diff(y, prepend=np.inf))
    if len(turns) > MOST_MARKS:
        turns = turns[np.linspace(0, len(turns) - 1, MOST_MARKS).astype(np.int64)]
    path = f"M{x[turns[0]]:.1f} {y[turns[0]]:.1f}" + "".join(f"H{x[turn]:.1f}V{y[turn]:.1f}" for turn in turns[1:])
    return element("path", d=f"{path}H{PLANE}", class_=f"step {name}")


def draw_crosses(scale: Scale, time_s: Floats, end: Ints) -> Markup:
    """A cross above each lost segment, so that colour is not its only sign."""
    picked = np.unique(np.linspace(0, len(end) - 1, min(len(end), MOST_CROSSES)).astype(np.int64))
    x, y = scale.xs(time_s) / PLANE, scale.ys(end)
    cross = element("path", d="M-4-4L4 4M-4 4L4-4", class_="cross")
    return join(at(float(x[place]), float(y[place]) - 7, cross) for place in picked.tolist())


def draw_dots(scale: Scale, time_s: Floats, delay: Floats) -> Markup:
    """One dot a value; equal ones on the screen are drawn once."""
    x, y = scale.xs(time_s), scale.ys(delay)
    cells = np.unique(np.column_stack([np.round(x), np.round(y * 2)]).astype(np.int64), axis=0)
    if len(cells) > MOST_MARKS:
        cells = cells[np.linspace(0, len(cells) - 1, MOST_MARKS).astype(np.int64)]
    return element("path", d="".join(f"M{a} {b / 2:g}h0" for a, b in cells.tolist()), class_="dot")


def draw_band(scale: Scale, time_s: Floats, delay: Floats, bound_ms: float) -> Markup:
    """The running median with the clocks' bound on both sides."""
    order = np.argsort(time_s, kind="stable")
    chunks = [chunk for chunk in np.array_split(order, min(60, max(len(order) // 8, 1))) if len(chunk)]
    middle = np.array([np.median(delay[chunk]) for chunk in chunks])
    x = scale.xs(np.array([float(np.mean(time_s[chunk])) for chunk in chunks]))
    x, middle = np.concatenate([[0], x, [PLANE]]), np.concatenate([middle[:1], middle, middle[-1:]])
    upper = zip(x.tolist(), scale.ys(middle + bound_ms).tolist(), strict=True)
    lower = zip(x[::-1].tolist(), scale.ys(middle - bound_ms)[::-1].tolist(), strict=True)
    return element("path", d=points([*upper, *lower]) + "Z", class_="bound")

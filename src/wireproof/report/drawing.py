"""What all figures of the HTML report share: elements with every value escaped, round axis ticks, figures in words.

Takes plain values; gives Markup. Figures have no viewBox: places along x are percentages, so that text keeps its size on a phone
and on a wide screen. Knows no capture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

PLANE = 1000
"""Width in units of the stretched coordinate plane that holds curves; its height is the figure's own in pixels."""

NARROW = 46
"""Characters of a tick's size that fit across a figure on a phone."""


def element(tag: str, content: object = "", **attributes: object) -> Markup:
    """One element. Content and attribute values are escaped unless they are Markup; `class_` is class, `_` is `-`; None is left out."""
    words = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = escape(content)
    return Markup(f"<{tag}{words}>{inside}</{tag}>" if inside else f"<{tag}{words}/>")  # noqa: S704 - every part was escaped above


def _short(value: object) -> object:
    """Numbers with no more digits than a screen can show."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def join(parts: Iterable[Markup]) -> Markup:
    """Elements one after the other."""
    return Markup("").join(parts)


def percent(share: float) -> str:
    """A place along x, 0 to 1, as an attribute value."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def figure(height: int, title: str, description: str, content: Markup, class_: str) -> Markup:
    """A figure that fills its container's width; readers of the screen hear its title and description."""
    label = element("title", title) + element("desc", description)
    return element(
        "svg",
        label + content,
        class_=class_,
        height=height,
        width="100%",
        role="img",
        aria_label=f"{title}. {description}",
    )


def plane(height: int, content: Markup, y: float = 0) -> Markup:
    """A part of a figure whose x runs from 0 to PLANE over the full width, however wide that is; strokes keep their width."""
    box = f"0 0 {PLANE} {height}"
    return element("svg", content, y=y, height=height, viewBox=box, preserveAspectRatio="none", class_="plane")


def at(share: float, y: float, content: Markup) -> Markup:
    """Shapes of fixed size whose origin lies at a share of the width."""
    return element("svg", content, x=percent(share), y=y)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """About `wanted` round numbers from `low` to `high`, steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / max(wanted, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.72)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    return [(first + place) * step for place in range(count)]


def tick_labels(values: Sequence[float], unit: str = "") -> list[str]:
    """The ticks' texts, all with as many decimals as the step needs."""
    step = values[1] - values[0] if len(values) > 1 else 1.0
    decimals = max(0, min(9, -math.floor(math.log10(abs(step)) + 1e-9))) if step else 0
    return [f"{value + 0.0:,.{decimals}f}{unit}" for value in values]


def label_ticks(low: float, high: float, unit: str = "", *, wanted: int = 5) -> tuple[list[float], list[str]]:
    """Ticks along x with their texts, as many as stand beside each other on a phone."""
    for count in range(wanted, 0, -1):
        values = ticks(low, high, count)
        texts = tick_labels(values, unit)
        if sum(len(text) + 3 for text in texts) <= NARROW:
            return values, texts
    return values[:1], texts[:1]


def points(pairs: Iterable[tuple[float, float]], command: str = "L") -> str:
    """Path data through points, one decimal each; `command` joins them."""
    texts = [f"{x:.1f} {y:.1f}" for x, y in pairs]
    return f"M{command.join(texts)}" if texts else ""

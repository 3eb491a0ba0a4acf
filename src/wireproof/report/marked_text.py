"""The little Markdown that rule pages and advice use, as HTML: headings, paragraphs, lists, code.

Takes text; gives Markup with everything else escaped. Knows no rule.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

BULLET = re.compile(r"^\s*(?:[-*]|\d+\.)\s+")
CODE = re.compile(r"`([^`]+)`")
STRONG = re.compile(r"\*\*([^*]+)\*\*")


def render_page(text: str) -> Markup:
    """HTML of a page. Its headings become level 4, since the page stands inside a finding."""
    blocks = re.split(r"\n\s*\n|\n(?=#)", text.strip())
    return Markup("\n").join(part for block in blocks for part in _block(block.strip("\n")))


def _block(block: str) -> list[Markup]:
    lines = block.splitlines()
    if not lines:
        return []
    if lines[0].startswith("#"):
        heading = Markup("<h4>{}</h4>").format(lines[0].lstrip("# "))
        return [heading, *_block("\n".join(lines[1:]))]
    if all(line.startswith("    ") for line in lines if line.strip()):
        return [Markup("<pre>{}</pre>").format("\n".join(line[4:] for line in lines))]
    if BULLET.match(lines[0]):
        return [_list(lines)]
    return [Markup("<p>{}</p>").format(inline(" ".join(line.strip() for line in lines)))]


def _list(lines: list[str]) -> Markup:
    items: list[str] = []
    for line in lines:
        if BULLET.match(line):
            items.append(BULLET.sub("", line).strip())
        else:
            items[-1] += f" {line.strip()}"
    tag = Markup("ol") if lines[0].lstrip()[:1].isdigit() else Markup("ul")
    return Markup("<{0}>{1}</{0}>").format(
        tag, Markup("").join(Markup("<li>{}</li>").format(inline(item)) for item in items)
    )


def inline(text: str) -> Markup:
    """Words with `code` and **strong** marked up, all else escaped."""
    safe = CODE.sub(r"<code>\1</code>", str(escape(text)))
    return Markup(STRONG.sub(r"<strong>\1</strong>", safe))  # noqa: S704 - escaped two lines up, only our own tags were added

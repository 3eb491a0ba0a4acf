"""Rule pages become HTML, and nothing in them becomes markup that they did not mean."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.markup import read_markup
from wireproof.report.marked_text import inline, render_page

PAGE = """Summary line.

## What is seen
A first paragraph with `code`
over two lines.

- one
- two that
  goes on

1. first
2. second

## Fix
    ip tcp adjust-mss 1360
"""


def test_headings_paragraphs_lists_and_code() -> None:
    made = read_markup(render_page(PAGE))
    assert [node.words for node in made.find("h4")] == ["What is seen", "Fix"]
    assert [node.text for node in made.find("p")] == ["Summary line.", "A first paragraph with over two lines. code"]
    assert [node.words for node in made.find("li")] == ["one", "two that goes on", "first", "second"]
    assert (len(made.find("ul")), len(made.find("ol"))) == (1, 1)
    assert made.find("pre")[0].words == "ip tcp adjust-mss 1360"


def test_code_and_strong_words_inside_a_line() -> None:
    assert inline("use `a<b` and **not** c<d") == "use <code>a&lt;b</code> and <strong>not</strong> c&lt;d"


@given(st.text(alphabet="<>&\"'`*# -\n1.ab", max_size=60))
def test_any_text_stays_well_formed_and_holds_only_our_tags(text: str) -> None:
    tags = {node.tag for node in read_markup(render_page(text)).walk()} | {
        node.tag for node in read_markup(inline(text)).walk()
    }
    assert tags <= {"", "h4", "p", "ul", "ol", "li", "pre", "code", "strong"}

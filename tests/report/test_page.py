"""Lines that know the terminal's width."""

from __future__ import annotations

from wireproof.report.page import Page, clean, cut, pad, widest


def test_prose_is_wrapped_below_its_first_words() -> None:
    page = Page(40)
    page.prose("one two three four five six seven eight nine", 2, first="1. ")
    assert page.text.plain == "  1. one two three four five six seven\n     eight nine\n"


def test_prose_is_never_wider_than_is_easy_to_read() -> None:
    page = Page(None)
    page.prose("word " * 100)
    assert max(map(len, page.text.plain.splitlines())) <= 100


def test_on_a_tiny_terminal_prose_keeps_some_room() -> None:
    page = Page(10)
    page.prose("some words that need room", 8)
    assert page.text.plain == " " * 8 + "some words that need\n" + " " * 8 + "room\n"


def test_long_words_such_as_filters_are_not_broken() -> None:
    page = Page(40)
    page.prose("x" * 60)
    assert page.text.plain == "x" * 60 + "\n"


def test_lines_carry_styles() -> None:
    page = Page(80)
    page.line(("red", "red"), " plain", indent=1)
    assert page.text.plain == " red plain\n"
    assert [(span.start, span.end, span.style) for span in page.text.spans if span.style] == [(1, 4, "red")]


def test_empty_lines_do_not_pile_up() -> None:
    page = Page(80)
    page.blank()
    page.line("a")
    page.blank()
    page.blank()
    page.line("b")
    assert page.text.plain == "a\n\nb\n"


def test_control_characters_are_replaced() -> None:
    assert clean("a\nb\x1b[2J\x9b") == "a b�[2J�"


def test_cells_are_counted_as_a_terminal_draws_them() -> None:
    assert pad("日本", 6) == "日本  "
    assert pad("7", 3, right=True) == "  7"
    assert cut("日本語文字", 6) == "日本…"
    assert cut("short", 6) == "short"
    assert widest(["a", "日本"]) == 4
    assert widest([]) == 0

"""Lines of one text are those that `str.splitlines` gives, one by one, by place and by offset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wireproof.logs.lines
from wireproof.logs.lines import Lines, split_lines

TEXTS = st.text(st.sampled_from("ab \r\n\v\f\x1c\x85\u2028"), max_size=60)


@given(TEXTS)
def test_lines_are_those_that_python_splits(text: str) -> None:
    expected = text.splitlines() if text.splitlines() != [""] else []
    lines = split_lines(text)
    assert list(lines) == expected
    assert (len(lines), [lines[place] for place in range(len(lines))], lines[:]) == (len(expected), expected, expected)


@given(TEXTS)
def test_an_offset_has_its_line(text: str) -> None:
    lines = split_lines(text)
    for at in range(len(lines.whole)):
        assert lines.number_at(at) == lines.whole.count("\n", 0, at) + 1


def test_a_text_of_several_blocks_has_the_same_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wireproof.logs.lines, "BLOCK", 7)
    text = "\n".join("x" * (turn % 11) for turn in range(40))
    assert list(Lines(text)) == list(Lines(text)[:]) == text.split("\n")
    assert [Lines(text)[place] for place in (0, 17, -1)] == [text.split("\n")[place] for place in (0, 17, -1)]


def test_the_first_lines_are_cut_off_with_a_count_of_the_others() -> None:
    assert split_lines("a\nb\nc\n").first(2) == (["a", "b"], 1)
    assert split_lines("a\nb\nc\n").first(3) == (["a", "b", "c"], 0)


def test_a_line_that_is_not_there_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        split_lines("a\nb")[2]
    assert split_lines("") == []

"""Matches near anchors are those of `finditer`."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from wireproof.logs.scan import find_at, find_near, places

PAIR = re.compile(r"(?<![\d.])(\d{1,3})[ \t]{1,4}ab(?:[ \t]{1,4}(\d+)\b)?")


def test_places_of_several_words_come_in_order() -> None:
    assert list(places("ab-cd-ab-cd", "cd", "ab", "xy")) == [0, 3, 6, 9]
    assert list(places(b"----", b"--")) == [0, 2]


def test_a_match_covers_its_anchor() -> None:
    text = "12 ab 7\nab\n13 ab 14 ab"
    found = [match[0] for match in find_near(PAIR, text, places(text, "ab"), 10, 20)]
    assert found == ["12 ab 7", "13 ab 14"] == [match[0] for match in PAIR.finditer(text)]


def test_matches_at_places_do_not_overlap() -> None:
    assert [match[0] for match in find_at(re.compile("a+"), "aaa b aa", [0, 1, 4, 6])] == ["aaa", "aa"]


@given(st.text("ab1 \n.", max_size=200))
def test_they_are_those_of_finditer_as_long_as_none_is_longer(text: str) -> None:
    found = [(match.span(), match.groups()) for match in find_near(PAIR, text, places(text, "ab"), 300, 300)]
    assert found == [(match.span(), match.groups()) for match in PAIR.finditer(text)]

"""Meanings stand for names that exist, and are short."""

from __future__ import annotations

from wireproof.wire.windows.errors import find_windows_codes
from wireproof.wire.windows.meanings import MEANINGS


def test_every_name_with_a_meaning_is_one_of_a_table() -> None:
    assert [name for name in MEANINGS if not find_windows_codes(name)] == []


def test_meanings_are_sentences() -> None:
    for name, meaning in MEANINGS.items():
        assert meaning.endswith("."), name
        assert 9 < len(meaning) < 240, name

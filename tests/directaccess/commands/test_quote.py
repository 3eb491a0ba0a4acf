from __future__ import annotations

import pytest
from hypothesis import given

from tests.support.operations import hostile, names
from wireproof.directaccess.commands.quote import (
    UnsafeText,
    comment,
    existing_name,
    object_name,
    quote_cmd,
    quote_pattern,
    quote_powershell,
    shorten,
)
from wireproof.directaccess.commands.words import split_cmd, split_powershell


@given(names)
def test_a_quoted_name_is_one_word_again(name: str) -> None:
    assert [word.text for word in split_powershell(quote_powershell(name))[0]] == [name]
    try:
        quoted = quote_cmd(name)
    except UnsafeText:
        return
    assert [word.text for word in split_cmd(quoted)[0]] == [name]


def test_nothing_in_single_quotes_is_expanded_so_only_quotes_are_doubled() -> None:
    assert quote_powershell("it's $(calc) `n") == "'it''s $(calc) `n'"
    assert quote_powershell("‘x’") == "'‘‘x’’'"


def test_wildcards_are_escaped_in_patterns() -> None:
    assert quote_pattern("LAN [1] *") == "'LAN `[1`] `*'"


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "a\u202eb", "a\u2028b", "\ud800"])
def test_invisible_characters_are_refused(text: str) -> None:
    for quote in (quote_powershell, quote_cmd, quote_pattern):
        with pytest.raises(UnsafeText, match=r"invisible character U\+"):
            quote(text)


@pytest.mark.parametrize("text", ['a"b', "50%", "a\\"])
def test_what_cmd_cannot_be_told_is_refused(text: str) -> None:
    with pytest.raises(UnsafeText, match="use PowerShell"):
        quote_cmd(text)


@given(hostile)
def test_names_of_new_objects_are_plain(name: str) -> None:
    assert object_name(name).replace("_", "a").replace("-", "a").replace(".", "a").isalnum()
    assert object_name(name).isascii()


def test_names_that_had_to_change_stay_apart() -> None:
    assert object_name("da1") == "da1"
    assert object_name("da 1") != object_name("da_1") != object_name("da:1") != object_name("da 1")


def test_a_vlan_is_named_as_it_is_or_not_at_all() -> None:
    assert existing_name("/Common/internal") == "/Common/internal"
    with pytest.raises(UnsafeText, match="VLAN"):
        existing_name("internal } ; run util bash")


def test_comments_keep_to_their_lines() -> None:
    assert comment("a & b\n\nc") == ["# a & b", "# c"]
    assert comment("a & del x", "rem") == ["rem a   del x"]


def test_a_long_text_is_shortened_to_one_line() -> None:
    assert shorten("a\n" * 100).count("\n") == 0
    assert len(shorten("a" * 100)) <= 42

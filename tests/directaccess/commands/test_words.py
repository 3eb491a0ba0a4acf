from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.directaccess.commands.words import Word, split_cmd, split_powershell, strip_prompt


@pytest.mark.parametrize("prompt", ["C:\\Windows\\system32> ", "PS C:\\> ", "PS C:\\Users\\me>", "PS> ", "> ", ""])
def test_a_prompt_is_dropped(prompt: str) -> None:
    assert strip_prompt(f"{prompt}netsh interface ipv6 show route") == "netsh interface ipv6 show route"


@pytest.mark.parametrize("line", ["# note", "rem note", ":: note", "REM"])
def test_a_comment_is_nothing(line: str) -> None:
    assert strip_prompt(line) == ""


def test_cmd_words_lose_their_quotes_wherever_these_stand() -> None:
    assert split_cmd('a "b c" d="e f" "g=h i"') == [
        [Word("a"), Word("b c", bare=False), Word("d=e f", bare=False), Word("g=h i", bare=False)]
    ]


def test_cmd_statements_are_parted_outside_quotes_only() -> None:
    assert [[word.text for word in statement] for statement in split_cmd('a "x&y" && b | c')] == [
        ["a", "x&y"],
        ["b"],
        ["c"],
    ]


def test_powershell_doubles_single_quotes_and_escapes_in_double_ones() -> None:
    assert [word.text for word in split_powershell("a 'it''s' \"say `\"hi`\"\" ‘b’")[0]] == [
        "a",
        "it's",
        'say "hi"',
        "b",
    ]


def test_powershell_tells_what_it_would_compute() -> None:
    words = split_powershell("a $x (Get-It 'a)b') \"$y\" '$z'")[0]
    assert [word.expression for word in words] == [False, True, True, True, False]
    assert words[2].text == "(Get-It 'a)b')"


def test_powershell_parts_statements_and_leaves_the_pipeline_out() -> None:
    assert [[word.text for word in statement] for statement in split_powershell("a b | c; d # e; f")] == [
        ["a", "b"],
        ["d"],
    ]


@given(st.text(max_size=60))
def test_any_text_gives_words(text: str) -> None:
    for statements in (split_cmd(strip_prompt(text)), split_powershell(strip_prompt(text))):
        assert all(statement for statement in statements)

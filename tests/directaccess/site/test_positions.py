"""YAML as plain text values with lines; hostile YAML ends in one sentence with a line."""

from __future__ import annotations

import pytest

from wireproof.directaccess.site import positions
from wireproof.directaccess.site.positions import read_yaml
from wireproof.errors import SiteError


def problem(text: str) -> str:
    with pytest.raises(SiteError) as caught:
        read_yaml(text, "site.yaml")
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


@pytest.mark.parametrize(
    "word",
    [
        "2001:0:836b:2",
        "190:20:30",
        "0x10",
        "010",
        "1_000",
        "12e03",
        "2026-11-21",
        "yes",
        "NO",
        ".inf",
        "1.0",
        "=",
        "12:30",
    ],
)
def test_a_scalar_stays_the_text_that_it_is(word: str) -> None:
    assert read_yaml(f"key: {word}\n", "site.yaml").value == {"key": word}


@pytest.mark.parametrize("word", ["", "~", "null", "Null"])
def test_nothing_is_none_but_quoted_it_is_text(word: str) -> None:
    assert read_yaml(f"key: {word}\n", "site.yaml").value == {"key": None}
    assert read_yaml(f'key: "{word}"\n', "site.yaml").value == {"key": word}


def test_keys_and_items_have_their_lines() -> None:
    written = read_yaml("# title\na: 1\nb:\n  - c: 2\n    d: [3,\n      4]\n", "site.yaml")
    assert written.value == {"a": "1", "b": [{"c": "2", "d": ["3", "4"]}]}
    assert written.lines == {
        (): 2, ("a",): 2, ("b",): 3, ("b", 0): 4, ("b", 0, "c"): 4, ("b", 0, "d"): 5, ("b", 0, "d", 0): 5, ("b", 0, "d", 1): 6,
    }  # fmt: skip


def test_an_alias_repeats_what_its_anchor_holds() -> None:
    written = read_yaml("a: &x [1, 2]\nb: *x\n", "site.yaml")
    assert written.value == {"a": ["1", "2"], "b": ["1", "2"]}
    assert written.lines["b", 1] == 1


def test_a_key_that_stands_twice_is_told_with_both_lines() -> None:
    assert problem("a: 1\nb: 2\na: 3\n") == "site.yaml:3: the key 'a' stands on line 1 already"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: !!python/object/apply:os.system [ls]\n", "site.yaml:1: has the tag"),
        ("a: 1\nb: !thing 2\n", "site.yaml:2: has the tag '!thing'"),
        ("a: 1\n\tb: 2\n", "site.yaml:2: indented with a tab"),
        ("a: [1\nb: 2\n", "site.yaml:2: not YAML"),
        ("a: [::/0]\n", "needs quotes"),
        ("a: 1\n---\nb: 2\n", "site.yaml:2: a second document begins"),
        ("? [a, b]\n: 1\n", "site.yaml:1: a key has to be a word"),
        ("a: &x [*x]\n", "site.yaml:1: *x repeats something"),
        ("a: *x\n", "site.yaml:1: *x repeats something"),
        ("a: 1\nb: \0\n", "site.yaml:2: holds the character U+0000"),
        ("a: \ud800\n", "site.yaml:1: holds the character U+D800"),
        ("\x89PNG\r\n\x1a\n", "site.yaml:1: holds the character U+0089"),
        ("[" * 100_000, "site.yaml:1: more than 24 levels"),
        ("- " * 100_000, "site.yaml:1: more than 24 levels"),
        ("{a: " * 100_000, "site.yaml:1: more than 24 levels"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_a_site_file_does_not_use_is_told_with_its_line(text: str, words: str) -> None:
    assert words in problem(text)


def test_aliases_that_multiply_are_stopped() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "its aliases repeat more" in problem("\n".join(lines))


def test_a_long_text_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "LONGEST_SITE", 100)
    assert problem("[" + " " * 100) == "site.yaml: longer than 100 characters, which no site file needs"


def test_many_values_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "MOST_VALUES", 50)
    assert "more than 50 values" in problem("[" + "1, " * 60 + "]")


def test_no_text_is_no_value() -> None:
    assert read_yaml("# nothing\n", "site.yaml").value is None

"""`wireproof rules`: list, page, limits."""

from __future__ import annotations

from tests.support.terminal import run, run_on_terminal
from wireproof.limits import LIMITS
from wireproof.rules import load_every_rule


def test_every_rule_is_listed_with_severity_and_first_sentence() -> None:
    lines = run("rules").stdout.decode().splitlines()
    rows = {line.split()[0]: line.split(maxsplit=2)[1:] for line in lines if "-" in line.split(" ")[0]}
    assert list(rows) == list(load_every_rule())
    assert rows["tcp-zero-window"][0] == load_every_rule()["tcp-zero-window"].severity.value
    assert rows["tcp-zero-window"][1] == " ".join(load_every_rule()["tcp-zero-window"].summary.split())


def test_on_a_terminal_sentences_are_cut_to_its_width() -> None:
    text, code = run_on_terminal("rules", columns=70, env={"NO_COLOR": "1", "TERM": "dumb"})
    assert code == 0
    assert max(map(len, text.splitlines())) <= 70
    assert "…" in text


def test_a_page_is_markdown_in_a_pipe_and_rendered_on_a_terminal() -> None:
    assert run("rules", "tcp-zero-window").stdout.decode().startswith("# tcp-zero-window\n")
    text, _ = run_on_terminal("rules", "tcp-zero-window")
    assert "# tcp-zero-window" not in text
    assert "tcp-zero-window" in text


def test_every_limit_is_listed_with_its_reason() -> None:
    load_every_rule()
    text = " ".join(run("rules", "--limits").stdout.decode().split())
    for limit in LIMITS.values():
        if limit.name.split(".")[0] in load_every_rule():
            assert f"{limit.name} = {limit.default:.12g} {' '.join(limit.because.split())}" in text

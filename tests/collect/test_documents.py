"""Plans to read."""

from __future__ import annotations

from wireproof.collect.documents import WIDTH, shown_commands, write_markdown, write_text
from wireproof.collect.model import Request, Role, Scenario, Step, System
from wireproof.collect.plans import build_plan

PLAN = build_plan(Request(Scenario.DIRECTACCESS, Role.CLIENT, peers=("server1",)))


def test_text_numbers_the_steps_and_wraps_all_but_commands() -> None:
    lines = write_text(PLAN).splitlines()
    assert any(line.startswith(" 1. ") for line in lines)
    assert all(len(line) <= WIDTH for line in lines if not line.startswith("      "))


def test_commands_are_shown_as_they_are_typed_at_a_prompt() -> None:
    assert shown_commands(PLAN, Step("x", ("for /f %%t in ('x') do set A=%%t%B%",))) == (
        "for /f %t in ('x') do set A=%t%B%",
    )
    linux = build_plan(Request(Scenario.TCP, Role.CLIENT, System.LINUX))
    assert shown_commands(linux, Step("x", ("date +%%s",))) == ("date +%%s",)


def test_both_forms_tell_the_markers_what_to_bring_and_what_is_private() -> None:
    for text in (write_text(PLAN), write_markdown(PLAN)):
        assert "22 bytes: recording runs" in text
        assert "screenshot" in text
        assert "Key logs open the sessions" in text


def test_markdown_keeps_commands_inside_their_step() -> None:
    text = write_markdown(PLAN)
    assert "\n   ```bat\n   for /f" in text
    assert text.count("```bat") * 2 == text.count("```")

"""The generated pages: they are current, and the generator turns declarations into Markdown as it says."""

from __future__ import annotations

import enum
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import pytest
import typer
from typer.main import get_command

from tools import docs

PAGES = docs.make_pages()


@pytest.mark.parametrize("path", sorted(PAGES), ids=lambda path: path.name)
def test_page_is_current(path: Path) -> None:
    assert docs.is_current(path, PAGES[path]), "run: python tools/docs.py"


def test_no_page_is_left_of_a_rule_that_is_gone() -> None:
    assert set((docs.DOCS / "rules").glob("*.md")) <= set(PAGES)


@pytest.mark.parametrize("written", ["Why it matters", "## Why it matters", "**Why it matters:**", "Why it matters:"])
def test_a_fixed_heading_becomes_a_markdown_heading(written: str) -> None:
    assert docs.with_headings(f"{written}\nIt stalls.\n") == "## Why it matters\n\nIt stalls."


def test_an_underline_below_a_heading_is_dropped() -> None:
    assert docs.with_headings("Fix\n---\nOpen the port.") == "## Fix\n\nOpen the port."


def test_bars_in_table_cells_are_escaped() -> None:
    assert docs.table(("a", "b"), [("x|y", 1)]).splitlines()[2] == "| x\\|y | 1 |"


def test_a_rule_page_holds_summary_sections_and_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    made = SimpleNamespace(name="tcp-stall.after_s", default=0.5, because="that is long")
    other = SimpleNamespace(name="tcp-other.after_s", default=1, because="not here")
    monkeypatch.setattr(docs, "limits", lambda: {limit.name: limit for limit in (made, other)})
    rule = SimpleNamespace(name="tcp-stall", family="tcp", severity="error", doc="It stands.\n\nFix\n---\nWait.\n")
    page = docs.rule_page(rule)
    assert page.startswith("# tcp-stall\n")
    assert "It stands.\n" in page
    assert "\n## Fix\n\nWait.\n" in page
    assert "| `tcp-stall.after_s` | 0.5 | that is long |" in page
    assert "tcp-other" not in page


def test_the_table_of_rules_is_written_between_its_marks_only() -> None:
    rule = SimpleNamespace(severity="error", doc="It stands\nstill.\n\nFix\n")
    text = f"before\n{docs.RULES_BEGIN}old\n{docs.RULES_END}after\n"
    made = docs.with_rule_table(text, {"tcp-stall": rule})
    assert made.startswith(f"before\n{docs.RULES_BEGIN}\n| rule |")
    assert "| [tcp-stall](docs/rules/tcp-stall.md) | error | It stands still. |\n" in made
    assert made.endswith(f"\n{docs.RULES_END}after\n")
    assert "old" not in made


def test_a_page_without_marks_stays_as_it_is() -> None:
    assert docs.with_rule_table("no marks\n", {"tcp-stall": SimpleNamespace()}) == "no marks\n"


class Shade(enum.StrEnum):
    LIGHT = "light"
    DARK = "dark"


def test_a_command_section_lists_arguments_options_defaults_and_choices() -> None:
    app = typer.Typer()

    @app.command()
    def paint(
        wall: Annotated[list[str], typer.Argument(help="Which wall.")],
        shade: Annotated[Shade, typer.Option("--shade", "-s", help="How bright.")] = Shade.DARK,
        twice: Annotated[bool, typer.Option("--twice", help="Two coats.")] = False,
    ) -> None:
        """Paint walls."""

    section = docs.command_section("wireproof paint", get_command(app))
    assert "```\nwireproof paint [OPTIONS] WALL...\n```\n\nPaint walls." in section
    assert "| `WALL...` |  | Which wall. |" in section
    assert "| `-s` `--shade` | dark (of light, dark) | How bright. |" in section
    assert "| `--twice` | off | Two coats. |" in section


def test_fields_of_messages_are_listed_with_the_words_below_them() -> None:
    from wireproof.messages.dns_records import DnsMessage
    from wireproof.messages.tls_sessions import TlsSession

    assert "| `query_row` | `int` |" in docs.field_table(DnsMessage)
    assert "`conversation`" not in docs.field_table(DnsMessage, leave_out=["conversation"])
    assert docs.field_notes(TlsSession)["end_kind"] == "`fin` or `rst`."

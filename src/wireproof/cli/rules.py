"""`wireproof rules`: the list of rules, one rule's page, or every limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from wireproof.report.page import Page


def rules(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Explain this rule.")] = None,
    limits: Annotated[bool, typer.Option("--limits", help="List every threshold and why it has its value.")] = False,
) -> None:
    """List the rules, or explain one: what is seen, why it matters, fix, what looks alike but is not."""
    from wireproof.cli.streams import console_width, open_console, print_text
    from wireproof.report.page import Page

    if name:
        explain(name)
        return
    console = open_console()
    page = Page(console_width(console))
    if limits:
        draw_limits(page)
    else:
        draw_list(page)
    print_text(console, page.text)


def draw_list(page: Page) -> None:
    """One line a rule, families apart."""
    from wireproof.report.page import SEVERITY_STYLES, cut, pad, widest
    from wireproof.report.rule_list import list_rules

    listed = list_rules()
    width = widest(rule.name for rule in listed)
    family = ""
    for rule in listed:
        if family and rule.family != family:
            page.blank()
        family = rule.family
        room = page.width - width - 11 if page.width else len(rule.summary)
        page.line(
            (pad(rule.name, width), "bold"),
            "  ",
            (pad(rule.severity.value, 7), SEVERITY_STYLES[rule.severity].removeprefix("bold ")),
            f"  {cut(rule.summary, max(room, 20))}",
        )
    page.blank()
    page.line(("`wireproof rules NAME` explains one, `--limits` lists the thresholds.", "dim"))


def draw_limits(page: Page) -> None:
    """Every limit by name: its value, and the reason beneath it."""
    from wireproof.cli.every_limit import declare_every_limit
    from wireproof.limits import LIMITS

    declare_every_limit()
    for limit in sorted(LIMITS.values(), key=lambda limit: limit.name):
        page.line((limit.name, "bold"), f" = {limit.value:.12g}")
        page.prose(limit.because, 3, style="dim")


def explain(name: str) -> None:
    """Print one rule's page: rendered on a terminal, as Markdown into a pipe.

    Raises RuleNameError for an unknown name.
    """
    from wireproof.cli.streams import open_console, print_document, print_text
    from wireproof.report.rule_page import make_rule_page
    from wireproof.rules import find_rule

    text = make_rule_page(find_rule(name))
    console = open_console()
    if not console.is_terminal:
        print_document(text)
        return
    from rich.markdown import Markdown

    print_text(console, Markdown(text))

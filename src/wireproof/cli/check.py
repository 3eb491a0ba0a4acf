"""`wireproof check`: the main job, captures in and findings out."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wireproof.cli.exits import UNUSABLE, complain_of_defect
from wireproof.cli.key_options import KeyFiles, PasswordFile, Servers, choose_keys
from wireproof.errors import Fence
from wireproof.finding import Severity

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.report.outline import Outline


class Format(enum.StrEnum):
    """Report formats."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"
    SARIF = "sarif"


SUFFIXES = {
    ".json": Format.JSON, ".html": Format.HTML, ".htm": Format.HTML, ".md": Format.MARKDOWN, ".sarif": Format.SARIF,
}  # fmt: skip
"""The format that a file's suffix asks for when --format does not."""


def check(  # noqa: PLR0913, PLR0917 - one argument an option of the command line
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="Captures, archives of captures, case folders, or - for standard input."),
    ],
    report_format: Annotated[
        Format | None,
        typer.Option(
            "--format", "-f", help="How to write the report; by default as --output's suffix says, else text."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the report to this file.")] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(help="Judge only by these rules or families, such as tcp; a comma list, may be repeated."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="Leave out these rules or families; a comma list, may be repeated.")
    ] = None,
    severity: Annotated[Severity, typer.Option(help="The least severity to report.")] = Severity.INFO,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Set a threshold; `wireproof rules --limits` lists them."),
    ] = None,
    annotate: Annotated[
        Path | None,
        typer.Option(metavar="FILE.pcapng", help="Also write the evidence frames as a capture with packet comments."),
    ] = None,
    key: KeyFiles = None,
    password_file: PasswordFile = None,
    server: Servers = None,
) -> None:
    """Say what failed, where, and which frames prove it.

    Several captures of one moment are brought together: clocks, NAT, and what each hop lost, delayed or changed.
    Exit code: 0 nothing found (or remarks of severity info only), 1 errors or warnings found, 2 unusable input.
    """
    from wireproof.analyse import analyse
    from wireproof.cli.ahead import Ahead
    from wireproof.cli.progress import ReadProgress

    chosen = report_format or SUFFIXES.get(output.suffix.lower() if output else "", Format.TEXT)
    set_limits(limit or [])
    keys = choose_keys(key, password_file, server, inputs)
    with Ahead(lambda: load_report(chosen)), ReadProgress() as progress:
        report = analyse(
            inputs,
            select=split_names(select),
            ignore=split_names(ignore),
            severity=severity,
            progress=progress,
            keys=keys,
        )
    from wireproof.report.outline import outline

    failures: list[str] = []
    with report:
        made = outline(report.case, report.verdicts)
        # One output that fails must not cost the user the other.
        with Fence(f"writing the {chosen.value} report", failures.append):
            emit(report.case, made, chosen, output)
        if annotate:
            with Fence("writing the evidence frames", failures.append):
                from wireproof.report.annotate import write_annotated

                write_annotated(report.case, made, annotate)
    if failures:
        for failure in failures:
            complain_of_defect(failure)
        raise typer.Exit(UNUSABLE)
    raise typer.Exit(exit_code(made))


def load_report(chosen: Format) -> None:
    """Import what a check needs once its captures are read: the rules, and what writes the report."""
    from wireproof.rules import load_rules

    load_rules()
    # The first call of np.unique loads it.
    import numpy.ma  # noqa: F401

    import wireproof.report.outline

    if chosen is Format.TEXT:
        # Both are for `emit`, which then finds them loaded.
        import rich.console  # noqa: F401

        import wireproof.report.as_text  # noqa: F401


def exit_code(report: Outline) -> int:
    """1 when an error or warning was found; remarks alone are no reason to fail a script."""
    return 1 if report.count(Severity.ERROR) or report.count(Severity.WARNING) else 0


def split_names(given: Iterable[str] | None) -> list[str] | None:
    """Names of repeated options and comma lists; None when the option was not given."""
    if not given:
        return None
    return [name.strip() for words in given for name in words.split(",") if name.strip()]


def set_limits(settings: Iterable[str]) -> None:
    """Apply NAME=VALUE settings. Raises RuleNameError for an unknown limit, and for a value that is no number."""
    from wireproof.errors import RuleNameError
    from wireproof.limits import LIMITS, override
    from wireproof.rules import load_every_rule

    for setting in settings:
        load_every_rule()
        name, _, value = setting.partition("=")
        if name.strip() not in LIMITS:
            from wireproof.cli.every_limit import declare_every_limit

            declare_every_limit()
        try:
            number = float(value)
        except ValueError:
            raise RuleNameError(f"--limit takes NAME=VALUE with a number, not {setting!r}") from None
        override(name.strip(), number)


def emit(case: Case, report: Outline, chosen: Format, output: Path | None) -> None:
    """Render the report and write it to a file or to standard output."""
    from wireproof.cli.streams import console_width, open_console, print_document, print_text, write_file

    if chosen is Format.TEXT:
        from wireproof.report.as_text import render_text

        if output:
            write_file(output, render_text(report).plain)
        else:
            console = open_console()
            print_text(console, render_text(report, console_width(console)))
        return
    document = render_document(case, report, chosen)
    if output:
        write_file(output, document)
    else:
        print_document(document)


def render_document(case: Case, report: Outline, chosen: Format) -> str:
    """The report in one of the formats for files."""
    if chosen is Format.HTML:
        from wireproof.report.as_html import render_html

        return render_html(report, case)
    if chosen is Format.MARKDOWN:
        from wireproof.report.as_markdown import render_markdown

        return render_markdown(report)
    if chosen is Format.SARIF:
        from wireproof.report.as_sarif import render_sarif

        return render_sarif(report)
    from wireproof.report.as_json import render_json

    return render_json(report)

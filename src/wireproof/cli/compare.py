"""`wireproof compare`: a capture in which it works beside one in which it does not."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wireproof.cli.key_options import KeyFiles, PasswordFile, Servers, choose_keys

if TYPE_CHECKING:
    from wireproof.report.compare.outline import CompareOutline


class CompareFormat(enum.StrEnum):
    """Report formats of a comparison."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


SUFFIXES = {".json": CompareFormat.JSON, ".html": CompareFormat.HTML, ".htm": CompareFormat.HTML}


def compare(  # noqa: PLR0913, PLR0917 - one argument an option of the command line
    good: Annotated[
        str, typer.Argument(metavar="GOOD", help="Capture (or archive, or case folder) in which it works.")
    ],
    bad: Annotated[str, typer.Argument(metavar="BAD", help="Capture of the same process in which it does not.")],
    report_format: Annotated[
        CompareFormat | None,
        typer.Option(
            "--format", "-f", help="How to write the report; by default as --output's suffix says, else text."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the report to this file.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show every difference, also what only one capture has.")
    ] = False,
    key: KeyFiles = None,
    password_file: PasswordFile = None,
    server: Servers = None,
) -> None:
    """Say what differs between a capture in which it works and one in which it does not, the first difference that matters on top.

    Conversations are aligned by service, name and order, messages by kind. Ports, sequence numbers, random names, times of day
    and small differences of time are left out. Exit code: 0 nothing that matters differs, 1 something does, 2 unusable input.
    """
    from wireproof.analyse.compare import analyse_pair
    from wireproof.cli.progress import ReadProgress

    chosen = report_format or SUFFIXES.get(output.suffix.lower() if output else "", CompareFormat.TEXT)
    keys = choose_keys(key, password_file, server, (good, bad))
    with ReadProgress() as progress:
        compared = analyse_pair(good, bad, progress, keys)
    with compared:
        from wireproof.report.compare.outline import outline_comparison

        made = outline_comparison(compared, (compared.good.case, compared.bad.case), compared.notes)
        emit(made, chosen, output, everything)
    raise typer.Exit(1 if made.differs else 0)


def emit(report: CompareOutline, chosen: CompareFormat, output: Path | None, everything: bool) -> None:
    """Render the comparison and write it to a file or to standard output."""
    from wireproof.cli.streams import console_width, open_console, print_document, print_text, write_file

    if chosen is CompareFormat.TEXT:
        from wireproof.report.compare.as_text import render_comparison

        if output:
            write_file(output, render_comparison(report, everything=everything).plain)
        else:
            console = open_console()
            print_text(console, render_comparison(report, console_width(console), everything=everything))
        return
    if chosen is CompareFormat.HTML:
        from wireproof.report.compare.as_html import render_comparison_html

        document = render_comparison_html(report)
    else:
        from wireproof.report.compare.as_json import render_comparison_json

        document = render_comparison_json(report)
    if output:
        write_file(output, document)
    else:
        print_document(document)

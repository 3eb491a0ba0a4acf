"""`wireproof plan`: a DirectAccess site file in; method, prefixes, steps for each machine and a verified model out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wireproof.cli.check import Format, exit_code, set_limits, split_names
from wireproof.cli.exits import UNUSABLE, complain_of_defect
from wireproof.finding import Severity

if TYPE_CHECKING:
    from wireproof.analyse.site import SiteReport
    from wireproof.report.plan.outline import SiteOutline


def plan(  # noqa: PLR0913, PLR0917 - one argument an option of the command line
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="SITE.yaml", help="The site file, or - for standard input; with --from-output, outputs of commands."
        ),
    ],
    report_format: Annotated[
        Format | None,
        typer.Option(
            "--format", "-f", help="How to write the report; by default as --output's suffix says, else text."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER|FILE",
            help="A folder for scripts to do and undo each machine's steps, run book, drawing and JSON; or a file for the report.",
        ),
    ] = None,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Verify what the file states, without the plan's steps.")
    ] = False,
    from_output: Annotated[
        bool,
        typer.Option(
            "--from-output",
            help="Write a site file from saved outputs of ipconfig, Get-DAServer, Get-RemoteAccess, route print -6 and netsh.",
        ),
    ] = False,
    select: Annotated[
        list[str] | None, typer.Option(help="Judge only by these rules; a comma list, may be repeated.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="Leave out these rules; a comma list, may be repeated.")
    ] = None,
    severity: Annotated[Severity, typer.Option(help="The least severity to report.")] = Severity.INFO,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Set a threshold; `wireproof rules --limits` lists them."),
    ] = None,
) -> None:
    """Plan how administrators reach DirectAccess clients from inside, and prove the plan by routing packets through it.

    Exit code: 0 nothing found (or remarks of severity info only), 1 errors or warnings found, 2 unusable input.
    """
    from wireproof.cli.site_files import read_text

    if from_output:
        write_site_file(files, output)
        return
    if len(files) != 1:
        raise typer.BadParameter("one site file at a time; --from-output takes several outputs")
    from wireproof.analyse.site import analyse_site
    from wireproof.cli.plan_output import write_report
    from wireproof.report.plan.outline import outline_site

    set_limits(limit or [])
    name, text = read_text(files[0])
    report = analyse_site(
        text, name, as_is=as_is, select=split_names(select), ignore=split_names(ignore), severity=severity
    )
    made = outline_site(report.reviewed, report.verdicts)
    finish(report, made, write_report(made, report_format, output))


def finish(report: SiteReport, made: SiteOutline, failures: list[str]) -> None:
    """End with the exit code; a stage or an output that failed is told on standard error."""
    failures = [*report.reviewed.failed, *failures]
    for failure in failures:
        complain_of_defect(failure)
    raise typer.Exit(UNUSABLE if failures else exit_code(made.findings))


def write_site_file(files: list[str], output: Path | None) -> None:
    """Turn outputs of commands into a site file, on standard output or in a file."""
    from wireproof.cli.site_files import read_text
    from wireproof.cli.streams import print_document, write_file
    from wireproof.directaccess.outputs import site_from_outputs

    text = site_from_outputs(dict(map(read_text, files)))
    if output:
        write_file(output, text)
    else:
        print_document(text)

"""What `wireproof plan` writes: one report, or a folder with run book, page, JSON and a script for each machine and tool.

Takes a `SiteOutline`; writes files. An output that fails does not cost the user the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.check import SUFFIXES, Format
from wireproof.errors import Fence

if TYPE_CHECKING:
    from wireproof.report.plan.outline import SiteOutline


def write_report(made: SiteOutline, asked: Format | None, output: Path | None) -> list[str]:
    """Write everything that was asked for; gives a sentence for each output that failed."""
    failures: list[str] = []
    if output and is_folder(output, asked):
        write_folder(made, output, failures)
        return failures
    chosen = asked or SUFFIXES.get(output.suffix.lower() if output else "", Format.TEXT)
    with Fence(f"writing the {chosen.value} report", failures.append):
        emit(made, chosen, output)
    return failures


def is_folder(output: Path, asked: Format | None) -> bool:
    """Whether --output means a folder: one that exists, or a name without suffix when no format is asked for."""
    return output.is_dir() or (asked is None and not output.suffix)


def emit(made: SiteOutline, chosen: Format, output: Path | None) -> None:
    """Render the report and write it to a file or to standard output."""
    from wireproof.cli.streams import console_width, open_console, print_document, print_text, write_file

    if chosen is Format.TEXT and output is None:
        from wireproof.report.plan.as_text import render_site_text

        console = open_console()
        print_text(console, render_site_text(made, console_width(console)))
        return
    document = render_document(made, chosen)
    if output:
        write_file(output, document)
    else:
        print_document(document)


def render_document(made: SiteOutline, chosen: Format) -> str:
    """The report in one of the formats for files."""
    if chosen is Format.TEXT:
        from wireproof.report.plan.as_text import render_site_text

        return render_site_text(made).plain
    if chosen is Format.HTML:
        from wireproof.report.plan.as_html import render_site_html

        return render_site_html(made)
    if chosen is Format.MARKDOWN:
        from wireproof.report.plan.runbook import render_runbook

        return render_runbook(made)
    if chosen is Format.SARIF:
        from wireproof.report.as_sarif import render_sarif

        return render_sarif(made.findings)
    from wireproof.report.plan.as_json import render_site_json

    return render_site_json(made)


def write_folder(made: SiteOutline, folder: Path, failures: list[str]) -> None:
    """Run book, page, JSON and every script into a folder; one that fails does not cost the others, `failures` names it."""
    from wireproof.cli.streams import OutputError, print_document

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} can't be made: {error.strerror or error}") from None
    written: list[str] = []
    _write_documents(made, folder, written, failures)
    with Fence("writing the scripts", failures.append):
        _write_scripts(made, folder, written)
    from wireproof.report.plan.outline import verdict
    from wireproof.report.words import count

    print_document(f"{verdict(made)}.\n{count(len(written), 'file')} in {folder}; begin with {folder / 'runbook.md'}\n")


def _write_documents(made: SiteOutline, folder: Path, written: list[str], failures: list[str]) -> None:
    from wireproof.cli.streams import write_file

    for name, chosen in (("runbook.md", Format.MARKDOWN), ("plan.html", Format.HTML), ("plan.json", Format.JSON)):
        with Fence(f"writing {name}", failures.append):
            write_file(folder / name, render_document(made, chosen))
            written.append(name)


def _write_scripts(made: SiteOutline, folder: Path, written: list[str]) -> None:
    from wireproof.cli.streams import write_file
    from wireproof.report.plan.scripts import write_scripts

    if made.reviewed.plan is None:
        return
    for script in write_scripts(made.reviewed.plan):
        write_file(folder / script.file, script.text)
        written.append(script.file)

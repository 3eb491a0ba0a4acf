"""`wireproof collect`: what to run where a failure can be reproduced, as text or script, or done here and now."""

from __future__ import annotations

import enum
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wireproof.collect.model import Role, Scenario, System

if TYPE_CHECKING:
    from wireproof.collect.model import CollectPlan, Request


class Format(enum.StrEnum):
    """How the commands are told."""

    TEXT = "text"
    MARKDOWN = "markdown"
    SCRIPT = "script"


SUFFIXES = {".md": Format.MARKDOWN, ".cmd": Format.SCRIPT, ".bat": Format.SCRIPT, ".sh": Format.SCRIPT}


def collect(  # noqa: PLR0913, PLR0917 - one argument an option of the command line
    scenario: Annotated[
        Scenario, typer.Argument(metavar="SCENARIO", help="What fails: tcp, tls, directaccess, lync, rpc or smb.")
    ],
    role: Annotated[
        Role, typer.Option("--role", "-r", help="What the machine is to the failing connection.")
    ] = Role.CLIENT,
    system: Annotated[
        System | None, typer.Option("--system", help="What the machine runs; by default Windows, with --run this one.")
    ] = None,
    peer: Annotated[
        list[str] | None,
        typer.Option(
            "--peer",
            metavar="ADDRESS",
            help="Address or name of the other end, pinged before each try; a second one for the second try.",
        ),
    ] = None,
    interface: Annotated[str, typer.Option("--interface", "-i", help="Capture on this interface only.")] = "",
    collect_format: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="How to write it; by default as --output's suffix says, else text."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE|FOLDER", help="Write it to this file; with --run, the case folder."
        ),
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="Capture here and now with dumpcap or tcpdump (Linux).")] = False,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.0, help="With --run: stop after so long; by default on Ctrl-C.")
    ] = None,
) -> None:
    """Print the commands that record a failure: capture, marker pings, restarts, outputs, and how to put all of it back.

    Exit code: 0 done, 2 unusable input, or no tool or permission to capture.
    """
    from wireproof.collect.model import Request
    from wireproof.collect.names import read_interface, read_peers
    from wireproof.collect.plans import build_plan

    chosen = system or (System.LINUX if run else System.WINDOWS)
    named = read_interface(interface, windows=chosen is System.WINDOWS)
    request = Request(scenario, role, chosen, read_peers(peer or []), named)
    if run:
        record_here(request, output, seconds)
        return
    suffix = output.suffix.lower() if output else ""
    write_plan(build_plan(request), collect_format or SUFFIXES.get(suffix, Format.TEXT), output)


def write_plan(plan: CollectPlan, chosen: Format, output: Path | None) -> None:
    """The plan in one format, to a file or to standard output."""
    from wireproof.cli.streams import OutputError, print_document

    text = render_plan(plan, chosen)
    if output is None:
        print_document(text)
        return
    try:
        # As bytes: a script's line ends are those of its system, not of this one.
        output.write_bytes(text.encode())
    except OSError as error:
        raise OutputError(f"{output} can't be written: {error.strerror or error}") from None


def render_plan(plan: CollectPlan, chosen: Format) -> str:
    """The plan as text, Markdown or a script."""
    from wireproof.collect.documents import write_markdown, write_text
    from wireproof.collect.scripts import write_script

    if chosen is Format.SCRIPT:
        return write_script(plan)
    return write_markdown(plan) if chosen is Format.MARKDOWN else write_text(plan)


def record_here(request: Request, output: Path | None, seconds: float | None) -> None:
    """Capture on this machine, and say what became of it."""
    from datetime import datetime

    from wireproof.cli.exits import complain
    from wireproof.cli.streams import print_document
    from wireproof.collect.here import record
    from wireproof.collect.model import System
    from wireproof.collect.names import CollectError

    if not sys.platform.startswith("linux") or request.system is not System.LINUX:
        raise CollectError(
            "--run captures on Linux only; without it the commands for Windows are printed, or a script with --format script"
        )
    folder = output or Path(f"wireproof-{request.name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}")
    done = record(request, folder, seconds, complain)
    for remark in done.remarks:
        complain(remark)
    print_document(f"Recorded {done.folder / done.file}, ended {done.ended}.\nNext: wireproof check {done.folder}\n")

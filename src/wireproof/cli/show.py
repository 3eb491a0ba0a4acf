"""`wireproof show`: facts without judgement, as tables of conversations or messages, as a timeline, or as Parquet files."""

from __future__ import annotations

import enum
import sys
from pathlib import Path
from typing import Annotated

import typer

from wireproof.cli.key_options import KeyFiles, PasswordFile, Servers, choose_keys


class Sort(enum.StrEnum):
    """What the table of conversations is sorted by."""

    PACKETS = "packets"
    BYTES = "bytes"
    START = "start"
    DURATION = "duration"
    RETRANSMISSIONS = "retransmissions"


def show(  # noqa: PLR0913, PLR0917 - one argument an option of the command line
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="Captures, archives of captures, case folders, or - for standard input."),
    ],
    sort: Annotated[Sort, typer.Option(help="What conversations are sorted by.")] = Sort.PACKETS,
    top: Annotated[
        int, typer.Option(min=0, help="How many conversations (or messages) of each capture; 0 for all.")
    ] = 20,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="What happened when, over all captures on one clock.")
    ] = False,
    messages: Annotated[
        str,
        typer.Option(
            metavar="PROTOCOL",
            help="The messages of one application protocol, such as tls, http or dns; `all` counts those of each.",
        ),
    ] = "",
    export: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every table as Parquet into this folder.")
    ] = None,
    key: KeyFiles = None,
    password_file: PasswordFile = None,
    server: Servers = None,
) -> None:
    """Show facts without judgement: conversations, their round trips, repeats, and how they ended; or the messages they carried."""
    from wireproof.analyse import closing, open_case
    from wireproof.cli.progress import ReadProgress
    from wireproof.cli.streams import console_width, open_console, print_text

    check_protocol(messages)
    keys = choose_keys(key, password_file, server, inputs)
    with ReadProgress() as progress:
        case = open_case(inputs, progress, keys)
    with closing(case):
        console = open_console()
        if export:
            from wireproof.report.parquet import write_parquet

            for path in write_parquet(case, export):
                print(path)
        elif timeline:
            from wireproof.report.timeline import find_events, render_timeline

            print_text(console, render_timeline(find_events(case, top), console_width(console)))
        elif messages:
            from wireproof.report.message_text import render_messages

            print_text(console, render_messages(case, messages, top, console_width(console)))
        else:
            from wireproof.report.talks_text import render_talks

            print_text(console, render_talks(case, sort.value, top, console_width(console)))
        for note in case.notes:
            print(f"note: {note}", file=sys.stderr)


def check_protocol(name: str) -> None:
    """Refuse the name of a protocol that has no message table, before any capture is read."""
    from wireproof.messages.said import TABLES

    if name and name not in {"all", *TABLES}:
        raise typer.BadParameter(
            f"no messages of {name!r} are read; there are all, {', '.join(TABLES)}", param_hint="--messages"
        )

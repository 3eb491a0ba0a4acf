"""`wireproof show`: facts without judgement, as tables, as a timeline, or as Parquet files."""

from __future__ import annotations

import enum
import sys
from pathlib import Path
from typing import Annotated

import typer


class Sort(enum.StrEnum):
    """What the table of conversations is sorted by."""

    PACKETS = "packets"
    BYTES = "bytes"
    START = "start"
    DURATION = "duration"
    RETRANSMISSIONS = "retransmissions"


def show(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="Captures, archives of captures, case folders, or - for standard input."),
    ],
    sort: Annotated[Sort, typer.Option(help="What conversations are sorted by.")] = Sort.PACKETS,
    top: Annotated[int, typer.Option(min=0, help="How many conversations of each capture; 0 for all.")] = 20,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="What happened when, over all captures on one clock.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every table as Parquet into this folder.")
    ] = None,
) -> None:
    """Show facts without judgement: conversations, their round trips, repeats, and how they ended."""
    from wireproof.analyse import Report, open_case
    from wireproof.cli.progress import ReadProgress
    from wireproof.cli.streams import console_width, open_console, print_text

    with ReadProgress() as progress:
        case = open_case(inputs, progress)
    with Report(case):
        console = open_console()
        if export:
            from wireproof.report.parquet import write_parquet

            for path in write_parquet(case, export):
                print(path)
        elif timeline:
            from wireproof.report.timeline import find_events, render_timeline

            print_text(console, render_timeline(find_events(case, top), console_width(console)))
        else:
            from wireproof.report.talks_text import render_talks

            print_text(console, render_talks(case, sort.value, top, console_width(console)))
        for note in case.notes:
            print(f"note: {note}", file=sys.stderr)

"""The command line: one command per file, which parses, calls one library function, prints, and sets the exit code.

Only the command that was asked for is loaded, and what is heavy is imported inside it, so that each starts with no more than it needs.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from wireproof.cli.exits import INTERRUPTED, UNUSABLE, complain, end_process, run_to_the_end
from wireproof.cli.streams import flush_stdout, forget_stdout, make_streams_safe
from wireproof.errors import WireproofError, describe_defect

COMMANDS = ("check", "show", "compare", "decrypt", "plan", "collect", "rules", "version", "explain", "policy")
"""Each stands in the file of its name, under its name; in the order in which the help lists them."""
SETTINGS = {"explain": {"ignore_unknown_options": True}}
"""Logs print HRESULTs as negative numbers, which would be taken for options."""

GARBAGE_AFTER = 5_000_000
"""Objects made and not yet freed before Python looks for cyclic garbage: a run leaves some hundred objects of it, however large its captures,
and each look goes through all objects for a tenth of a second or more."""


class _QuietGroup(TyperGroup):
    """Turns what a user can cause into one line or none: no command ends in a traceback or in "Aborted!"."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; errors of the user's input exit with 2, Ctrl-C with 130, a reader that has gone with 0."""
        try:
            return super().invoke(ctx)
        except WireproofError as error:
            complain(str(error))
            raise SystemExit(UNUSABLE) from None
        except BrokenPipeError:
            forget_stdout()
            raise SystemExit(0) from None
        except (EOFError, OSError) as error:
            # Typer would end these with exit code 1, which a script takes for findings.
            complain(describe_defect("the command", error))
            raise SystemExit(UNUSABLE) from None
        except KeyboardInterrupt:
            raise SystemExit(INTERRUPTED) from None


def make_app(asked: str = "") -> typer.Typer:
    """The command line: with the one command `asked`, or with all where it names none."""
    app = typer.Typer(
        cls=_QuietGroup,
        help="What failed on a connection, where, and which frames of your captures prove it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_stay_a_group)
    for name in (asked,) if asked in COMMANDS else COMMANDS:
        command = getattr(importlib.import_module(f"{__name__}.{name}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(context_settings=SETTINGS.get(name))(command)
    return app


def _stay_a_group() -> None:
    """Typer takes a single command for the whole program where there is no such function."""


def start() -> None:
    """Entry point of the command `wireproof`: what it runs is all that this process is for."""
    end_process(main)


def main() -> None:
    """The command that the arguments name, within any process; it ends in SystemExit, whatever happens."""
    run_to_the_end(run)


def run() -> None:
    """The command that the arguments name; it ends in SystemExit."""
    prepare_process()
    make_streams_safe()
    try:
        make_app(sys.argv[1] if len(sys.argv) > 1 else "")(prog_name="wireproof")
    finally:
        flush_stdout()
        # The interpreter's last collection would look through all objects once more, for 30 ms, just before the process ends.
        gc.freeze()


def prepare_process() -> None:
    """Leave out what a short process pays for and does not use; it has to be called before NumPy is loaded.

    NumPy's library for linear algebra starts a thread a processor, each of which waits in a busy loop at first: that doubles
    the processor time of a start, and nothing here multiplies matrices. NumPy asks for large pages, which the kernel may first
    have to put together by moving others: columns are written once, so that costs more than it saves. Imports make many
    objects and no garbage, so cyclic garbage is looked for less often than every 700 objects.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    gc.set_threshold(GARBAGE_AFTER)

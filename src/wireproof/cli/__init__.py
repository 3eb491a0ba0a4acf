"""The command line: one command per file, which parses, calls one library function, prints, and sets the exit code.

What is heavy is imported inside the commands, so that each starts with no more than it needs.
"""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from wireproof.cli.check import check
from wireproof.cli.rules import rules
from wireproof.cli.show import show
from wireproof.cli.streams import make_streams_safe
from wireproof.cli.version import version
from wireproof.errors import WireproofError

UNUSABLE = 2
INTERRUPTED = 130


class _QuietGroup(TyperGroup):
    """Turns what a user can cause into one line or none: no command ends in a traceback or in "Aborted!"."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; errors of the user's input exit with 2, Ctrl-C with 130."""
        try:
            return super().invoke(ctx)
        except WireproofError as error:
            print(f"wireproof: {error}", file=sys.stderr)
            raise SystemExit(UNUSABLE) from None
        except KeyboardInterrupt:
            raise SystemExit(INTERRUPTED) from None


app = typer.Typer(
    cls=_QuietGroup,
    help="What failed on a connection, where, and which frames of your captures prove it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (check, show, rules, version):
    app.command()(command)


def main() -> None:
    """Entry point of the command `wireproof`."""
    make_streams_safe()
    app(prog_name="wireproof")

"""How a run ends: its exit code, and one sentence on standard error where something went wrong.

Takes what failed, in words or as an exception; writes no traceback unless the environment variable WIREPROOF_DEBUG is set.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from wireproof.errors import Fence

UNUSABLE = 2
INTERRUPTED = 130
DEBUG = "WIREPROOF_DEBUG"


def complain(text: str) -> None:
    """One line on standard error."""
    print(f"wireproof: {text}", file=sys.stderr)


def complain_of_defect(text: str) -> None:
    """As `complain`, with how to see more of a defect."""
    hint = f" (with what {DEBUG}=1 shows)" if text.endswith("please report it") and DEBUG not in os.environ else ""
    complain(text + hint)


def run_to_the_end(program: Callable[[], object]) -> None:
    """Run what ends in SystemExit. Whatever nobody foresaw ends in a sentence and exit code 2, Ctrl-C in 130."""
    if os.environ.get(DEBUG):
        show_tracebacks()
    try:
        # A traceback would end with exit code 1, which a script takes for findings.
        with Fence("the command", complain_of_defect):
            program()
            return
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    raise SystemExit(UNUSABLE)


def show_tracebacks() -> None:
    """Let every `Fence` write the traceback of what it caught to standard error."""
    import logging

    logging.basicConfig(format="%(message)s")
    logging.getLogger("wireproof").setLevel(logging.DEBUG)

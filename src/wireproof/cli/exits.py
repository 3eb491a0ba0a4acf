"""How a run ends: its exit code, and one sentence on standard error where something went wrong.

Takes what failed, in words or as an exception; writes no traceback unless the environment variable WIREPROOF_DEBUG is set.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Callable

from wireproof.errors import Fence

UNUSABLE = 2
INTERRUPTED = 130
DEBUG = "WIREPROOF_DEBUG"


def complain(text: str) -> None:
    """One line on standard error, where it takes one: the exit code tells too."""
    with contextlib.suppress(OSError):
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


def end_process(program: Callable[[], object]) -> None:
    """Run what ends in SystemExit, and end this process with its exit code.

    Everything is closed and flushed by then, and the system takes back the memory as a whole: for the interpreter to free a million
    objects one by one would take a tenth of a second. They stay alive until here because the exception knows the frames that it left.
    """
    try:
        program()
    except SystemExit as ended:
        if not (isinstance(ended.code, int) and may_end_at_once()):
            raise
        # What other libraries want done at the end, such as emptying a logger's buffer.
        atexit._run_exitfuncs()  # noqa: SLF001 - Python has no public name for it
        for stream in filter(None, (sys.stdout, sys.stderr)):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(ended.code)


def may_end_at_once() -> bool:
    """Whether nobody else has something left to do: no other thread, no profiler or debugger that watches this process."""
    watched = sys.gettrace() or sys.getprofile() or os.environ.get(DEBUG)
    return threading.active_count() == 1 and not watched


def show_tracebacks() -> None:
    """Let every `Fence` write the traceback of what it caught to standard error."""
    import logging

    logging.basicConfig(format="%(message)s")
    logging.getLogger("wireproof").setLevel(logging.DEBUG)

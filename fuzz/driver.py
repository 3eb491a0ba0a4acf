"""Runs a fuzz target that takes bytes: under atheris where it is installed, else by its own random mutations for a time."""

from __future__ import annotations

import sys
from collections.abc import Callable

USUAL_S = 10.0


def seconds_named() -> float:
    """The seconds that the command line names first."""
    return float(sys.argv[1]) if len(sys.argv) > 1 else USUAL_S


def drive(read: Callable[[bytes], None], mutate_for: Callable[[float], int], told: str) -> None:
    """Fuzz `read`; `mutate_for` does the same without atheris for so many seconds and gives how often, of which `told` says what."""
    seconds = seconds_named()
    try:
        import atheris
    except ImportError:
        print(f"{mutate_for(seconds)} {told}")
        return
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}"], read)
    atheris.Fuzz()

"""What fuzz targets share: the loop that mutates for a time and keeps what broke, an end for what hangs, and atheris for targets that take bytes."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

USUAL_S = 10.0

T = TypeVar("T")


def seconds_named() -> float:
    """The seconds that the command line names first."""
    return float(sys.argv[1]) if len(sys.argv) > 1 else USUAL_S


def drive(read: Callable[[bytes], None], mutate_for: Callable[[float], int], told: str) -> None:
    """Fuzz `read` under atheris where it is installed. Else `mutate_for` does for so many seconds and gives how often, of which `told` says what."""
    seconds = seconds_named()
    try:
        import atheris
    except ImportError:
        print(f"{mutate_for(seconds)} {told}")
        return
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}"], read)
    atheris.Fuzz()


def mutate_for(
    seconds: float, make: Callable[[random.Random], T], read: Callable[[T], object], keep: Callable[[T], object]
) -> int:
    """Read what `make` makes by chance, for so long; gives how often. `keep` gets what broke `read`, whose error goes on."""
    chance = random.Random()  # not seeded: every run shall try something else, and a failure is written down
    end = time.monotonic() + seconds
    runs = 0
    while time.monotonic() < end:
        made = make(chance)
        try:
            read(made)
        except BaseException:
            keep(made)
            raise
        runs += 1
    return runs


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """End what hangs, so that its input can be kept."""
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def _stop(_: int, __: FrameType | None) -> None:
    raise TimeoutError("it does not come to an end")

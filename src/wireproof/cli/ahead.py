"""Loads in a thread what a command needs once its captures are read: the compiled passes leave Python's lock to it meanwhile.

Takes a function that imports; gives nothing. Whoever imports the same later waits for it, or gets its error again.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

TURN_S = 0.0005
"""How long one thread may keep Python's lock while the other wants it; Python's own 5 ms is as long as a batch takes to read."""


class Ahead:
    """Runs `load` while its `with` block does something else; the block's end waits for it."""

    def __init__(self, load: Callable[[], object]) -> None:
        self._thread = threading.Thread(target=self._run, args=(load,), name="wireproof-load")
        self._turn_s = sys.getswitchinterval()

    @staticmethod
    def _run(load: Callable[[], object]) -> None:
        with contextlib.suppress(ImportError):
            load()

    def __enter__(self) -> Self:
        sys.setswitchinterval(TURN_S)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.join()
        sys.setswitchinterval(self._turn_s)

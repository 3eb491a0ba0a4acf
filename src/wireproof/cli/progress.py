"""Progress on standard error for what lasts: only on a terminal, and only once half a second has passed."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_S = 0.5


class Waiting:
    """Says what is going on while its `with` block runs, where nobody can tell how far it has come."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._lock = threading.Lock()
        self._shown: Progress | None = None
        self._over = False
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer = threading.Timer(PATIENCE_S, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer:
            self._timer.cancel()
        with self._lock:
            self._over = True
            if self._shown:
                self._shown.stop()

    def _show(self) -> None:
        spinner = _make_spinner()
        with self._lock:
            if not self._over:
                self._shown = spinner
                spinner.add_task(self._words, total=None)
                spinner.start()


class ReadProgress:
    """Pass it as `progress` while its `with` block runs. What the block does behind the reading is told as analysing."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._wanted = sys.stderr.isatty()
        self._behind: Waiting | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        if self._behind:
            self._behind.__exit__(kind, value, trace)

    def _stop(self) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None

    def __call__(self, done: int, whole: int) -> None:
        """Show that `done` of `whole` bytes are read; 0 for an unknown whole."""
        if self._wanted and 0 < whole <= done and self._behind is None:
            self._stop()
            self._behind = Waiting("Analysing").__enter__()
        if self._behind:
            return
        if not self._wanted or time.monotonic() - self._start < PATIENCE_S:
            return
        if self._bar is None:
            self._bar = _make_bar()
            self._task = self._bar.add_task("Reading", total=None)
            self._bar.start()
        assert self._task is not None
        self._bar.update(self._task, completed=done, total=whole or None)


def _make_spinner() -> Progress:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _make_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)

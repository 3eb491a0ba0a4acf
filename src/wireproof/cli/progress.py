"""A progress bar on standard error for reads that last: only on a terminal, and only once half a second has passed."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_S = 0.5


class ReadProgress:
    """Pass it as `progress` while its `with` block runs."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._wanted = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, done: int, whole: int) -> None:
        """Show that `done` of `whole` bytes are read; 0 for an unknown whole."""
        if not self._wanted or time.monotonic() - self._start < PATIENCE_S:
            return
        if self._bar is None:
            self._bar = _make_bar()
            self._task = self._bar.add_task("Reading", total=None)
            self._bar.start()
        assert self._task is not None
        self._bar.update(self._task, completed=done, total=whole or None)


def _make_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)

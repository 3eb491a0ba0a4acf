"""The progress bar: only on terminals, only for reads that last."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from wireproof.cli import progress
from wireproof.cli.progress import ReadProgress, Waiting


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the bar believes have passed."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, clock: list[float], after_s: float) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with ReadProgress() as told:
        told(0, 1000)
        clock[0] = after_s
        told(500, 1000)
    return stream.getvalue()


def test_quick_reads_show_nothing(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    assert shown(monkeypatch, Terminal(), clock, 0.4) == ""


def test_long_reads_show_a_bar(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    assert "Reading" in shown(monkeypatch, Terminal(), clock, 0.6)


def test_pipes_never_show_a_bar(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    assert shown(monkeypatch, io.StringIO(), clock, 60.0) == ""


def test_an_unknown_size_is_no_trouble(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with ReadProgress() as told:
        clock[0] = 1.0
        told(500, 0)


def test_what_lasts_behind_the_reading_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    assert "Analysing" in behind(monkeypatch, Terminal())


def test_what_is_quick_behind_the_reading_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE_S", 60.0)
    assert behind(monkeypatch, Terminal()) == ""


def behind(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> str:
    """What a terminal shows when all is read and something else goes on."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with ReadProgress() as told:
        told(1000, 1000)
        told(1000, 1000)
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer) and thread.interval == 0.0:
                thread.join()
    return stream.getvalue()


def test_a_wait_is_told_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    for stream, words in ((io.StringIO(), ""), (Terminal(), "Writing")):
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        with Waiting("Writing") as waiting:
            if waiting._timer:
                waiting._timer.join()
        assert words in stream.getvalue()
        assert bool(words) == bool(stream.getvalue())

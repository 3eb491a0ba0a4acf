"""The progress bar: only on terminals, only for reads that last."""

from __future__ import annotations

import io
import sys

import pytest

from wireproof.cli import progress
from wireproof.cli.progress import ReadProgress


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

"""Loading ahead in a thread: done when the block ends, whatever the import does."""

from __future__ import annotations

import sys
import threading

import pytest

from wireproof.cli.ahead import Ahead


def test_what_is_loaded_is_there_when_the_block_ends() -> None:
    begun, loaded = threading.Event(), []
    may_end = threading.Event()

    def load() -> None:
        begun.set()
        may_end.wait()
        loaded.append(threading.current_thread())

    with Ahead(load):
        assert begun.wait(10)
        assert not loaded
        may_end.set()
    assert loaded != [threading.current_thread()]
    assert len(loaded) == 1


def test_a_failing_import_is_left_to_who_needs_it(capfd: pytest.CaptureFixture[str]) -> None:
    def load() -> None:
        raise ImportError("broken")

    with Ahead(load):
        pass
    assert capfd.readouterr().err == ""


def test_turns_are_as_long_as_before_afterwards() -> None:
    before = sys.getswitchinterval()
    with Ahead(lambda: None):
        assert sys.getswitchinterval() < before
    assert sys.getswitchinterval() == before

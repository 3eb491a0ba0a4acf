"""Errors: one base for all, and the offset at which reading stopped."""

from __future__ import annotations

import inspect

import pytest

import wireproof.errors
from wireproof.errors import CaptureFormatError, Fence, WireproofError, describe_defect


def test_every_error_can_be_caught_as_one() -> None:
    errors = [kind for _, kind in inspect.getmembers(wireproof.errors, inspect.isclass)]
    errors = [kind for kind in errors if issubclass(kind, BaseException) and kind.__module__ == "wireproof.errors"]
    assert errors
    assert all(issubclass(kind, WireproofError) for kind in errors)


def test_a_format_error_keeps_its_offset() -> None:
    assert CaptureFormatError("cut", offset=24).offset == 24
    assert CaptureFormatError("empty").offset is None


def test_a_fence_turns_a_defect_into_a_sentence_that_asks_for_a_report() -> None:
    told: list[str] = []
    with Fence("counting", told.append):
        raise ZeroDivisionError("nothing to\n divide by")
    assert told == ["counting stopped with ZeroDivisionError: nothing to divide by; please report it"]


def test_a_fence_is_silent_where_nothing_breaks_and_lets_interruptions_pass() -> None:
    told: list[str] = []
    with Fence("counting", told.append):
        pass
    for passing in (KeyboardInterrupt, SystemExit):
        with pytest.raises(passing), Fence("counting", told.append):
            raise passing
    assert told == []


@pytest.mark.parametrize(
    ("defect", "sentence"),
    [
        (CaptureFormatError("x.pcap is empty"), "reading failed: x.pcap is empty"),
        (OSError(28, "No space left on device", "/tmp/x"), "reading failed: No space left on device: /tmp/x"),
        (OSError("odd"), "reading stopped with OSError: odd; please report it"),
        (MemoryError(), "reading stopped: there is not enough memory"),
    ],
)
def test_what_a_user_can_mend_is_not_to_be_reported(defect: Exception, sentence: str) -> None:
    assert describe_defect("reading", defect) == sentence


def test_a_long_text_is_cut() -> None:
    assert len(describe_defect("reading", ValueError("x" * 5000))) < 400


def test_the_traceback_goes_to_the_logger(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "wireproof")
    with Fence("counting", str):
        raise ZeroDivisionError
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError

"""Errors: one base for all, and the offset at which reading stopped."""

from __future__ import annotations

import inspect

import wireproof.errors
from wireproof.errors import CaptureFormatError, WireproofError


def test_every_error_can_be_caught_as_one() -> None:
    errors = [kind for _, kind in inspect.getmembers(wireproof.errors, inspect.isclass)]
    assert errors
    assert all(issubclass(kind, WireproofError) for kind in errors)


def test_a_format_error_keeps_its_offset() -> None:
    assert CaptureFormatError("cut", offset=24).offset == 24
    assert CaptureFormatError("empty").offset is None

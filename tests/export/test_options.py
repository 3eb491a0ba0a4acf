"""Choices of an export and its counts."""

from __future__ import annotations

from wireproof.errors import WireproofError
from wireproof.export import Exported, ExportError, ExportOptions


def test_by_default_everything_is_kept_as_it_is() -> None:
    options = ExportOptions()
    assert options.others
    assert options.tunnels
    assert not options.redact
    assert options.ports == {}


def test_counts_begin_at_nothing_and_failure_is_the_users() -> None:
    assert Exported().left_out.total() == Exported().frames == 0
    assert issubclass(ExportError, WireproofError)

"""A secret ends where its pattern says, or is open."""

from __future__ import annotations

from wireproof.export.redact.secret import AT_LINE, NOWHERE, secret_until


def test_it_ends_where_the_pattern_begins() -> None:
    assert secret_until(b"a: b\r\nc", 3, AT_LINE, 0)[:2] == (3, 4)
    assert not secret_until(b"a: b\r\nc", 3, AT_LINE, 0).open


def test_it_is_open_where_the_data_end_before_or_may_go_on() -> None:
    assert secret_until(b"a: b", 3, AT_LINE, 0).open
    assert secret_until(b"a: b\r\n", 3, AT_LINE, 0).open
    assert secret_until(b"abc", 1, NOWHERE, 0) == (1, 3, NOWHERE, 0, True)

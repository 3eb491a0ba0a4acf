"""Captures that a test opened are closed behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.export.clearing import close_all


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_all()

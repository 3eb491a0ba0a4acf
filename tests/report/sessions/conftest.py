"""The case that tests of sessions begin with."""

from __future__ import annotations

import pytest

from tests.support.sessions import CLOSED, EXAMPLE, OPENED
from tests.support.verdicts import open_case
from wireproof.case import Case
from wireproof.decrypt.clear import Clear
from wireproof.decrypt.keys.ring import KeyKind, KeyRing, KeySource


@pytest.fixture
def case() -> Case:
    """README's example, with outcomes made by hand."""
    made = open_case({"server": EXAMPLE / "server.pcapng"})
    made.points[0].clear = Clear(outcomes=[OPENED, CLOSED])
    made.keys = KeyRing([KeySource("log", KeyKind.KEY_LOG, 5)])
    return made

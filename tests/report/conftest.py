"""Cases that several tests of figures look at; building them once keeps each test fast. No test changes them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.support import judged
from wireproof.case import Case


@pytest.fixture(scope="package")
def sccm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """D1: one full-size segment and its repeats die between client and server."""
    with judged.closing(judged.sccm_case(tmp_path_factory.mktemp("sccm"))) as case:
        yield case


@pytest.fixture(scope="package")
def lync(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """D6: three captures, forged resets between two of them."""
    with judged.closing(judged.lync_case(tmp_path_factory.mktemp("lync"))) as case:
        yield case


@pytest.fixture(scope="package")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Three points with NAT, loss on the second hop and joined segments at the third."""
    with judged.closing(judged.routed_case(tmp_path_factory.mktemp("routed"))) as case:
        yield case


@pytest.fixture
def keep() -> Iterator[Callable[[Case], Case]]:
    """Keeps a case open until the test is over."""
    with contextlib.ExitStack() as stack:
        yield lambda case: stack.enter_context(judged.closing(case))

"""What every test may ask for: real captures, oracle programs, and where the tested package comes from.

Tests run against the installed package. Captures lie outside the repository; a test that needs them, or a program that
is not installed, is skipped with the reason.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import wireproof
from tests.support.verdicts import close_cases

ROOT = Path(__file__).resolve().parents[1]

# No deadline: a busy machine must not fail a test. CI takes the same examples every time, so a red run can be repeated.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_report_header() -> str:
    """Say which wireproof is being tested."""
    return f"wireproof: {Path(wireproof.__file__).parent}"


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder of shared real captures: the environment variable WIREPROOF_CAPTURES, or ../shared/captures."""
    folder = Path(os.environ.get("WIREPROOF_CAPTURES") or ROOT.parent / "shared" / "captures")
    if not folder.is_dir():
        pytest.skip("the shared captures are not beside the repository; set WIREPROOF_CAPTURES to their folder")
    return folder


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Give the path of an oracle program by name, or skip the test."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"{name} is not installed")
        return found

    return find


@pytest.fixture(autouse=True)
def _closed_cases() -> Iterator[None]:
    """Close what a test opened through tests.support.verdicts."""
    yield
    close_cases()

"""Limits of every room can be listed and set, whatever a command has loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.terminal import run
from wireproof.cli.every_limit import declare_every_limit
from wireproof.limits import LIMITS

OUT_OF_THE_WAY = ("keys.logged_secrets", "keys.derivation_rounds", "keys.file_bytes", "capture.unpacked_bytes")


def test_every_limit_is_declared_and_listed() -> None:
    declare_every_limit()
    assert set(OUT_OF_THE_WAY) <= set(LIMITS)
    listed = run("rules", "--limits").stdout.decode()
    assert [name for name in LIMITS if f"{name} = " not in listed] == []


@pytest.mark.parametrize("name", OUT_OF_THE_WAY)
def test_every_limit_can_be_set(name: str, tmp_path: Path) -> None:
    done = run("check", tmp_path / "gone.pcap", "--limit", f"{name}=5")
    assert done.returncode == 2
    assert b"gone.pcap does not exist" in done.stderr


def test_a_limit_that_nobody_declares_is_refused(tmp_path: Path) -> None:
    done = run("check", tmp_path / "gone.pcap", "--limit", "no.such=5")
    assert done.returncode == 2
    assert b"no limit is named 'no.such'" in done.stderr

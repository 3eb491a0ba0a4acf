"""`wireproof version`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.support.terminal import run
from wireproof import __version__


def test_the_version_is_printed() -> None:
    assert run("version").stdout.decode().strip() == __version__


def test_it_is_the_version_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    assert project.get("version", __version__) == __version__

"""`wireproof compare`: exit codes, formats, and what goes where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.compared import Run
from tests.support.comparisons import write_runs
from tests.support.terminal import run


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_runs(tmp_path_factory.mktemp("runs"), Run(), Run(status="503 Busy", client="10.7.7.7"))


def test_a_difference_that_matters_exits_with_1(pair: tuple[Path, Path]) -> None:
    done = run("compare", *pair)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"First difference that matters: GET /app/start" in done.stdout


def test_no_difference_exits_with_0(pair: tuple[Path, Path]) -> None:
    done = run("compare", pair[0], pair[0])
    assert done.returncode == 0
    assert b"No difference that matters" in done.stdout


def test_what_can_not_be_read_exits_with_2(pair: tuple[Path, Path], tmp_path: Path) -> None:
    done = run("compare", pair[0], tmp_path / "gone.pcap")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"gone.pcap" in done.stderr


def test_the_format_follows_the_suffix_of_the_output(pair: tuple[Path, Path], tmp_path: Path) -> None:
    for name, begins in (("a.json", "{"), ("a.html", "<!DOCTYPE html>"), ("a.txt", "good ")):
        assert run("compare", *pair, "-o", tmp_path / name).returncode == 1
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_json_goes_to_standard_output(pair: tuple[Path, Path]) -> None:
    document = json.loads(run("compare", *pair, "--format", "json").stdout)
    assert document["first_difference"]["bad"].startswith("503 Busy")

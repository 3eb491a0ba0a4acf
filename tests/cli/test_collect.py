"""The command `wireproof collect`."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from wireproof.cli import make_app

RUNNER, APP = CliRunner(), make_app("collect")


def test_commands_for_windows_are_printed() -> None:
    done = RUNNER.invoke(APP, ["collect", "directaccess", "--role", "client", "--peer", "server1"])
    assert done.exit_code == 0
    assert "sc config ikeext start= disabled" in done.stdout
    assert "ping -n 2 -l 33 server1" in done.stdout


def test_the_suffix_of_the_file_chooses_the_form(tmp_path: Path) -> None:
    for name, start in (("a.cmd", b"@echo off\r\n"), ("a.md", b"# TCP connections"), ("a.txt", b"TCP connections")):
        assert RUNNER.invoke(APP, ["collect", "tcp", "-o", str(tmp_path / name)]).exit_code == 0
        assert (tmp_path / name).read_bytes().startswith(start)
    assert RUNNER.invoke(APP, ["collect", "tcp", "--system", "linux", "-o", str(tmp_path / "a.sh")]).exit_code == 0
    assert (tmp_path / "a.sh").read_bytes().startswith(b"#!/bin/sh\n")


def test_what_could_be_a_command_is_refused_in_one_line() -> None:
    done = RUNNER.invoke(APP, ["collect", "tcp", "--peer", "a & calc"])
    assert done.exit_code == 2
    assert "--peer takes" in done.stderr


def test_a_capture_here_of_another_system_is_refused() -> None:
    done = RUNNER.invoke(APP, ["collect", "tcp", "--run", "--system", "windows"])
    assert done.exit_code == 2
    assert "--run captures on Linux only" in done.stderr


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    done = RUNNER.invoke(APP, ["collect", "tcp", "-o", str(tmp_path / "none" / "a.txt")])
    assert done.exit_code == 2
    assert "can't be written" in done.stderr

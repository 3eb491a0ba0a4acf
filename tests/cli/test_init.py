"""The command as a whole: help, errors in one line, exit codes, closed pipes, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.main import get_command

from tests.cases import d4_smtp_mss
from tests.support.files import write_bytes
from tests.support.terminal import COMMAND, run
from wireproof.cli import COMMANDS, make_app

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


POSIX = pytest.mark.skipif(os.name != "posix", reason="named pipes and signals of POSIX")


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return d4_smtp_mss.build(tmp_path_factory.mktemp("smtp"))["capture"]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["check", "--help"], ["show", "-h"], ["rules", "-h"]])
def test_every_command_has_help(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert b"Usage: wireproof" in done.stdout


def test_without_arguments_help_is_shown() -> None:
    done = run()
    assert b"Usage: wireproof" in done.stdout + done.stderr


def test_the_help_lists_every_command() -> None:
    shown = run("--help").stdout.decode()
    assert [name for name in COMMANDS if f" {name} " not in shown] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_loaded_alone_is_the_one_of_the_whole(name: str) -> None:
    alone, whole = (get_command(app).commands for app in (make_app(name), make_app()))  # type: ignore[attr-defined]
    assert list(alone) == [name]
    assert [option.opts for option in alone[name].params] == [option.opts for option in whole[name].params]


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (["rules"], {"numpy", "hashlib", "wireproof.cli.check", "wireproof.collect.model"}),
        (["version"], {"numpy", "wireproof.finding"}),
        (["check", "-f", "json"], {"wireproof.align.assemble", "wireproof.report.sessions.words", "wireproof.cli.show", "jinja2", "polars"}),
        (["check"], {"wireproof.logs.log", "wireproof.decrypt.keys.ring"}),
        (["check", "-f", "markdown"], {"wireproof.align.assemble", "wireproof.report.sessions.words", "rich.console"}),
        (["decrypt"], {"wireproof.rules", "wireproof.report.outline", "wireproof.export", "wireproof.messages.certificates"}),
    ],
)  # fmt: skip
def test_a_command_starts_without_what_it_does_not_need(capture: Path, arguments: list[str], spared: set[str]) -> None:
    words = [*arguments, str(capture)] if arguments[0] in {"check", "decrypt"} else arguments
    code = "import sys\nfrom wireproof.cli import main\ntry: main()\nexcept SystemExit: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=True)
    assert not spared & set(done.stderr.decode().split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "missing.pcap"], "wireproof: missing.pcap does not exist"),
        (["show", "missing.pcap"], "wireproof: missing.pcap does not exist"),
        (["check", "-"], "wireproof: stdin is empty"),
        (["check", "x", "--select", "no-such"], "wireproof: no rule is named 'no-such'"),
        (
            ["check", "x", "--limit", "tcp-zero-window.stall_s=soon"],
            "wireproof: --limit takes NAME=VALUE with a number",
        ),
        (["check", "x", "--limit", "no-such=1"], "wireproof: no limit is named 'no-such'"),
        (["rules", "tcp-zero-windo"], "did you mean tcp-zero-window"),
    ],
)
def test_what_a_user_got_wrong_is_one_line_and_exit_code_2(arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == b""
    assert words in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_an_option_that_does_not_exist_is_exit_code_2() -> None:
    assert run("check", "--no-such-option", "x").returncode == 2


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xd4\xc3\xb2\xa1", b"\x0a\x0d\x0d\x0a" + b"\xff" * 60, os.urandom(64)]
)
@pytest.mark.parametrize("command", ["check", "show"])
def test_bytes_that_are_no_capture_give_no_traceback(tmp_path: Path, command: str, content: bytes) -> None:
    done = run(command, write_bytes(tmp_path / "x.pcap", content))
    assert done.returncode in {0, 2}
    assert b"Traceback" not in done.stderr


@POSIX
def test_a_reader_that_goes_away_is_no_error(capture: Path) -> None:
    command = f"{' '.join(COMMAND)} show --top 0 {EXAMPLES / 'sccm-policy'} | head -n 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, check=False)
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(COMMAND)} check {capture} -f json | true"], capture_output=True, check=False
    )
    assert done.stderr == b""


@POSIX
def test_ctrl_c_is_quiet(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    process = subprocess.Popen(
        [*COMMAND, "check", str(tmp_path / "pipe")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with (tmp_path / "pipe").open("wb") as pipe:
        pipe.write(b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00")
        pipe.flush()
        time.sleep(0.3)  # nothing depends on it but that the signal comes while the command reads
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8"])
def test_any_encoding_of_the_terminal_will_do(capture: Path, encoding: str) -> None:
    done = run("check", capture, env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    assert done.stderr == b""
    text = done.stdout.decode(encoding)
    assert ("→" if encoding == "utf-8" else "->") in text


def test_the_module_is_the_command() -> None:
    installed = Path(sys.executable).with_name("wireproof")
    if not installed.exists():
        pytest.skip("the command is not installed beside this Python")
    assert subprocess.run([installed, "version"], capture_output=True, check=True).stdout == run("version").stdout

"""How runs end when a stage raises what nobody foresaw: a sentence and exit code 2, never a traceback and exit code 1."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

import wireproof.align.assemble
import wireproof.report.annotate
import wireproof.report.as_json
import wireproof.report.outline
from tests.cases import d4_smtp_mss
from tests.support.files import write_capture, write_pcap
from tests.support.tables import read_closed
from wireproof.cli import main
from wireproof.cli.exits import DEBUG

EXAMPLE = str(Path(__file__).resolve().parents[2] / "examples" / "sccm-policy")
ASKED_TO_REPORT = f"please report it (with what {DEBUG}=1 shows)\n"


@pytest.fixture(autouse=True)
def quiet_logger(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leaves logging as it was."""
    monkeypatch.delenv(DEBUG, raising=False)
    yield
    logging.getLogger("wireproof").setLevel(logging.NOTSET)


@pytest.fixture
def capture(tmp_path: Path) -> str:
    return str(write_capture(tmp_path / "smtp.pcapng", d4_smtp_mss.frames()))


def breaks(*_: Any, **__: Any) -> NoReturn:
    raise ZeroDivisionError("nothing to\ndivide by")


def interrupts(*_: Any, **__: Any) -> NoReturn:
    raise KeyboardInterrupt


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> Any:
    """Run the command in this process; gives its exit code."""
    monkeypatch.setattr(sys, "argv", ["wireproof", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_captures_that_cant_be_compared_are_judged_singly_with_a_note(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wireproof.align.assemble, "join_links", breaks)
    assert run(monkeypatch, "check", EXAMPLE, "--format", "json") == 1
    told = capfd.readouterr()
    made = json.loads(told.out)
    assert told.err == ""
    (note,) = made["notes"]
    assert note == (
        "comparing the captures stopped with ZeroDivisionError: nothing to divide by; please report it. "
        "Each capture was judged by itself"
    )
    rules = {finding["rule"] for finding in made["findings"]}
    assert "tcp-retransmission" in rules
    assert "path-loss" not in rules


@pytest.mark.parametrize("form", ["text", "html", "markdown", "sarif"])
def test_every_format_can_tell_of_captures_that_cant_be_compared(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    monkeypatch.setattr(wireproof.align.assemble, "align", breaks)
    assert run(monkeypatch, "check", EXAMPLE, "--format", form) == 1
    assert "judged by itself" in capfd.readouterr().out.replace("\n", " ")


def test_a_frame_that_cant_be_followed_is_still_shown(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("wireproof.report.sightings._next_flow", breaks)
    assert run(monkeypatch, "check", EXAMPLE, "--format", "json") == 1
    made = json.loads(capfd.readouterr().out)
    assert "path-loss" in {finding["rule"] for finding in made["findings"]}
    assert [note.partition(" stopped")[0] for note in made["notes"]] == ["following frames from capture to capture"]


def test_a_capture_whose_reading_breaks_does_not_cost_the_other(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, capture: str
) -> None:
    from wireproof.analyse import reading

    real = reading.read_tables

    def breaks_on_one(opened: Any, progress: Any) -> Any:
        return breaks() if opened.format == "pcap" else real(opened, progress)

    other = write_pcap(tmp_path / "other.pcap", d4_smtp_mss.frames())
    monkeypatch.setattr(reading, "read_tables", breaks_on_one)
    assert run(monkeypatch, "check", capture, other, "--format", "json") == 1
    made = json.loads(capfd.readouterr().out)
    assert [item["name"] for item in made["captures"]] == ["smtp"]
    assert made["notes"][0].startswith(f"reading {other} stopped with ZeroDivisionError")


def test_a_format_that_breaks_leaves_the_evidence_written(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, capture: str
) -> None:
    monkeypatch.setattr(wireproof.report.as_json, "render_json", breaks)
    proof = tmp_path / "proof.pcapng"
    assert run(monkeypatch, "check", capture, "--format", "json", "--annotate", proof) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err == (
        f"wireproof: writing the json report stopped with ZeroDivisionError: nothing to divide by; {ASKED_TO_REPORT}"
    )
    assert read_closed(proof).packets.frames > 0


def test_evidence_that_cant_be_written_leaves_the_report(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, capture: str
) -> None:
    monkeypatch.setattr(wireproof.report.annotate, "PcapngWriter", breaks)
    assert run(monkeypatch, "check", capture, "--format", "json", "--annotate", tmp_path / "proof.pcapng") == 2
    told = capfd.readouterr()
    assert json.loads(told.out)["findings"]
    assert told.err.startswith("wireproof: writing the evidence frames stopped with ZeroDivisionError")


def test_what_nobody_foresaw_is_a_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], capture: str
) -> None:
    monkeypatch.setattr(wireproof.report.outline, "nest", breaks)
    assert run(monkeypatch, "check", capture) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err == (
        f"wireproof: the command stopped with ZeroDivisionError: nothing to divide by; {ASKED_TO_REPORT}"
    )


@pytest.mark.parametrize("defect", [EOFError("cut"), OSError(28, "No space left on device"), MemoryError()])
def test_no_exception_ends_with_the_exit_code_of_findings(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], capture: str, defect: Exception
) -> None:
    def raises(*_: Any) -> NoReturn:
        raise defect

    monkeypatch.setattr(wireproof.report.outline, "nest", raises)
    assert run(monkeypatch, "check", capture) == 2
    assert capfd.readouterr().err.count("\n") == 1


def test_the_traceback_is_shown_to_who_asks_for_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], capture: str
) -> None:
    monkeypatch.setattr(wireproof.report.outline, "nest", breaks)
    monkeypatch.setenv(DEBUG, "1")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert run(monkeypatch, "check", capture) == 2
    told = capfd.readouterr().err
    assert "Traceback (most recent call last)" in told
    assert told.endswith("divide by; please report it\n")


def test_ctrl_c_while_rules_judge_is_130_and_quiet(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], capture: str
) -> None:
    monkeypatch.setattr("wireproof.rules.run.link", interrupts)
    assert run(monkeypatch, "check", capture) == 130
    monkeypatch.setattr("wireproof.cli.make_streams_safe", interrupts)
    assert run(monkeypatch, "version") == 130
    assert capfd.readouterr() == ("", "")


ENDS = """
import atexit, os, sys, threading
from wireproof.cli.exits import end_process

class Loud:
    def __del__(self):
        os.write(1, b"freed ")

def program():
    kept = Loud()
    sys.stdout.write("told ")
    raise SystemExit({code})

atexit.register(os.write, 1, b"registered ")
{before}
end_process(program)
"""


def end(code: str, before: str = "", **environment: str) -> tuple[int, list[str]]:
    """Exit code of a process that ends so, and the words that it wrote."""
    words = [sys.executable, "-c", ENDS.format(code=code, before=before)]
    done = subprocess.run(words, capture_output=True, env=os.environ | environment, check=False)
    return done.returncode, sorted(done.stdout.decode().split())


def test_a_process_ends_with_everything_flushed_and_nothing_freed() -> None:
    assert end("3") == (3, ["registered", "told"])


@pytest.mark.parametrize(
    ("code", "before"),
    [
        ("'words'", ""),
        ("3", "sys.setprofile(lambda *_: None)"),
        ("3", "timer = threading.Timer(0.05, lambda: None); timer.start()"),
    ],
)
def test_a_process_that_is_watched_or_has_something_left_to_do_ends_as_any_other(code: str, before: str) -> None:
    assert end(code, before) == (3 if code == "3" else 1, ["freed", "registered", "told"])


def test_a_process_whose_tracebacks_are_asked_for_ends_as_any_other() -> None:
    assert end("0", WIREPROOF_DEBUG="1") == (0, ["freed", "registered", "told"])


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(("words", "code"), [("version", 0), ("decrypt no-such-file", 2)])
@pytest.mark.skipif(os.name != "posix", reason="a shell closes streams")
def test_closed_streams_are_nowhere_to_write_and_no_defect(words: str, code: int, closed: str) -> None:
    command = f'exec "{sys.executable}" -m wireproof {words} {closed}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert b"report it" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no file here is always full")
def test_an_error_that_can_t_be_told_still_is_the_exit_code() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "wireproof", "check", "no-such-file"], stderr=full, check=False)
    assert done.returncode == 2

"""`wireproof check` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cases import d4_smtp_mss, d8_arp_burst, healthy
from tests.support.files import write_capture
from tests.support.reports import make_finding, smtp_report
from tests.support.tables import read_closed
from tests.support.terminal import run, run_on_terminal
from wireproof.cli.check import exit_code, split_names
from wireproof.finding import Severity
from wireproof.report.outline import outline

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return d4_smtp_mss.build(tmp_path_factory.mktemp("smtp"))["capture"]


def test_findings_give_exit_code_1(capture: Path) -> None:
    done = run("check", capture)
    assert done.returncode == 1
    assert b"tcp-mss-exceeded" in done.stdout
    assert done.stderr == b""


def test_healthy_captures_give_exit_code_0_and_one_line(tmp_path: Path) -> None:
    paths = healthy.HEALTHY["syn_repeated_once"](tmp_path)
    done = run("check", *paths.values(), "--severity", "warning")
    assert (done.returncode, done.stdout.startswith(b"Nothing found in ")) == (0, True)


HEALTHY_OUTPUT = """\
Interface IPHTTPSInterface Parameters
Role                       : client
URL                        : https://da.contoso.com:443/IPHTTPS
Last Error Code            : 0x0
Interface Status           : IPHTTPS interface active
"""


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("text", "Nothing found in tunnel.txt.\n"),
        ("markdown", "# wireproof report\n\nNothing found in tunnel.txt.\n"),
        ("html", "<h1>Nothing found in tunnel.txt.</h1>"),
        ("json", '"findings": []'),
        ("sarif", '"results": []'),
    ],
)
def test_logs_alone_in_which_nothing_is_wrong_are_quiet_in_every_format(tmp_path: Path, form: str, told: str) -> None:
    (tmp_path / "tunnel.txt").write_text(HEALTHY_OUTPUT, encoding="utf-8")
    done = run("check", tmp_path / "tunnel.txt", "--format", form)
    assert (done.returncode, done.stderr) == (0, b"")
    assert told in done.stdout.decode()


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_report_on_logs_alone_has_no_table_of_captures(tmp_path: Path, form: str) -> None:
    (tmp_path / "tunnel.txt").write_text(
        HEALTHY_OUTPUT.replace("0x0", "0x274c").replace(" active", " failed to connect"), encoding="utf-8"
    )
    done = run("check", tmp_path / "tunnel.txt", "--format", form)
    assert done.returncode == 1
    assert b"| capture |" not in done.stdout
    assert b"Captures of this case" not in done.stdout


def test_remarks_alone_give_exit_code_0(tmp_path: Path) -> None:
    with smtp_report(tmp_path, [make_finding("arp-burst", severity=Severity.INFO)]) as report:
        assert exit_code(outline(report.case, report.verdicts)) == 0
    with smtp_report(tmp_path, [make_finding("arp-burst", severity=Severity.WARNING)]) as report:
        assert exit_code(outline(report.case, report.verdicts)) == 1
    path = d8_arp_burst.build(tmp_path)["capture"]
    assert run("check", path, "--select", "arp-burst").returncode == 0


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("text", b"1 error"),
        ("json", b'{\n "wireproof"'),
        ("markdown", b"# wireproof report"),
        ("sarif", b'{\n "$schema"'),
        ("html", b"<!doctype html>"),
    ],
)
def test_every_format_goes_to_standard_output_and_to_files(
    tmp_path: Path, capture: Path, form: str, start: bytes
) -> None:
    choice = ("--select", "tcp-mss-exceeded", "--format", form)
    printed = run("check", capture, *choice)
    assert printed.stdout.lower().startswith(start.lower())
    written = run("check", capture, *choice, "--output", tmp_path / "report.out")
    assert (written.returncode, written.stdout, written.stderr) == (1, b"", b"")
    assert (tmp_path / "report.out").read_bytes() == printed.stdout


@pytest.mark.parametrize(
    ("name", "start"), [("r.json", "{"), ("r.md", "# "), ("r.SARIF", "{"), ("r.html", "<"), ("r.txt", "1 error")]
)
def test_the_suffix_of_the_output_names_the_format(tmp_path: Path, capture: Path, name: str, start: str) -> None:
    run("check", capture, "--select", "tcp-mss-exceeded", "--output", tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_an_output_that_cant_be_written_is_exit_code_2(tmp_path: Path, capture: Path) -> None:
    done = run("check", capture, "-o", tmp_path / "no" / "r.json")
    assert done.returncode == 2
    assert b"can't be written" in done.stderr


def test_rules_are_selected_and_ignored_by_name_family_and_comma_list(capture: Path) -> None:
    def rules(*options: str) -> set[str]:
        done = run("check", capture, "--format", "json", *options)
        return {finding["rule"] for finding in json.loads(done.stdout)["findings"]}

    assert rules("--select", "tcp-mss-exceeded,arp") == {"tcp-mss-exceeded"}
    assert rules("--select", "arp", "--select", "tcp-mss-exceeded") == {"tcp-mss-exceeded"}
    assert rules("--ignore", "tcp,path", "--ignore", "app", "--ignore", "capture") == set()


def test_a_limit_changes_what_is_found(capture: Path) -> None:
    from wireproof.limits import LIMITS
    from wireproof.rules import load_rules

    load_rules()
    assert "fold.evidence_rows" in LIMITS
    assert run("check", capture, "--limit", "fold.evidence_rows=1").returncode == 1


def test_standard_input_is_read(capture: Path) -> None:
    done = run("check", "-", "--format", "json", stdin=capture.read_bytes())
    assert json.loads(done.stdout)["captures"][0]["name"] == "stdin"


def test_a_case_folder_is_one_case() -> None:
    done = run("check", EXAMPLES / "sccm-policy", "--format", "json")
    made = json.loads(done.stdout)
    assert [item["name"] for item in made["captures"]] == ["client", "server"]
    assert {"path-loss", "path-mtu-blackhole"} <= {finding["rule"] for finding in made["findings"]}


def test_evidence_is_written_as_a_capture(tmp_path: Path, capture: Path) -> None:
    run("check", capture, "--select", "tcp-mss-exceeded", "--annotate", tmp_path / "proof.pcapng")
    tables = read_closed(tmp_path / "proof.pcapng")
    assert tables.packets.frames >= 5
    assert all(tables.capture.comments[number] for number in range(1, tables.packets.frames + 1))


def test_an_unreadable_input_is_a_note_beside_a_readable_one(tmp_path: Path, capture: Path) -> None:
    done = run("check", capture, tmp_path / "gone.pcap", "--format", "json")
    assert done.returncode == 1
    assert any("gone.pcap does not exist" in note for note in json.loads(done.stdout)["notes"])


def test_pipes_get_no_colours_and_no_progress(capture: Path) -> None:
    done = run("check", capture)
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_terminal_gets_colours_unless_it_is_told_not_to(capture: Path) -> None:
    text, code = run_on_terminal("check", capture)
    assert code == 1
    assert "\x1b[1;31m1  ERROR\x1b[0m" in text
    text, _ = run_on_terminal("check", capture, env={"NO_COLOR": "1"})
    assert "\x1b[1;31m" not in text


def test_rows_fit_the_terminal(capture: Path) -> None:
    text, _ = run_on_terminal("check", capture, columns=90, env={"NO_COLOR": "1", "TERM": "dumb"})
    assert max(len(line) for line in text.splitlines() if "filter" not in line) <= 90


def test_the_same_input_twice_gives_the_same_report(tmp_path: Path) -> None:
    path = write_capture(tmp_path / "x.pcapng", d4_smtp_mss.frames())
    assert run("check", path).stdout == run("check", path).stdout


def test_names_are_split_at_commas() -> None:
    assert split_names(None) is None
    assert split_names([]) is None
    assert split_names(["a, b", "c,"]) == ["a", "b", "c"]

"""What `wireproof plan` writes: one report in each format, or a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sites import make_reviewed, make_verdicts
from tests.support.terminal import run
from wireproof.cli.check import Format
from wireproof.cli.plan_output import is_folder, render_document, write_folder, write_report
from wireproof.report.plan.outline import outline_site

SITE = Path(__file__).resolve().parents[2] / "examples" / "plan" / "native-ipv6.yaml"
MADE = outline_site(make_reviewed(2), make_verdicts())
STARTS = {
    Format.TEXT: "Native IPv6",
    Format.JSON: '{\n "wireproof"',
    Format.HTML: "<!DOCTYPE html>",
    Format.MARKDOWN: "# Contoso",
    Format.SARIF: '{\n "$schema"',
}


@pytest.mark.parametrize("chosen", Format)
def test_every_format_is_written_to_a_file(tmp_path: Path, chosen: Format) -> None:
    assert render_document(MADE, chosen).startswith(STARTS[chosen])
    assert write_report(MADE, chosen, tmp_path / "report") == []
    assert (tmp_path / "report").read_text(encoding="utf-8").startswith(STARTS[chosen])


def test_a_suffix_chooses_the_format(tmp_path: Path) -> None:
    assert write_report(MADE, None, tmp_path / "a.html") == []
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!DOCTYPE")


def test_a_folder_is_one_that_exists_or_a_name_without_suffix(tmp_path: Path) -> None:
    assert is_folder(tmp_path, None)
    assert is_folder(tmp_path / "out", None)
    assert not is_folder(tmp_path / "out", Format.JSON)
    assert not is_folder(tmp_path / "out.json", None)


def test_a_folder_gets_run_book_page_json_and_scripts(tmp_path: Path) -> None:
    done = run("plan", SITE, "--output", tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert (done.returncode, done.stderr) == (0, b"")
    assert {
        "runbook.md",
        "plan.html",
        "plan.json",
        "MGMT1.cmd",
        "MGMT1.undo.cmd",
        "MGMT1.ps1",
        "MGMT1.undo.ps1",
    } <= names
    assert f"{len(names)} files in ".encode() in done.stdout


def test_an_output_that_fails_does_not_cost_the_others(tmp_path: Path) -> None:
    (tmp_path / "plan.html").mkdir()
    failures: list[str] = []
    write_folder(MADE, tmp_path, failures)
    assert len(failures) == 1
    assert "plan.html" in failures[0]
    assert (tmp_path / "plan.json").is_file()
    assert (tmp_path / "DESK1.ps1").is_file()

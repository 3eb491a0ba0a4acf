"""Folders as tickets bring them: eight kinds of files, and the first finding is the root cause, whatever the files are called and lie beside."""

from __future__ import annotations

import dataclasses
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.cases import tickets
from tests.cases.tickets import FAULTS, NAMES, Expected, Names
from wireproof.analyse import Report, analyse
from wireproof.cli import make_app
from wireproof.finding import Finding, Severity
from wireproof.processes.ownership.owners import Ownership

Build = Callable[[str], Path]
BROKEN = [name for name in FAULTS if name != "healthy"]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)
CASE = """\
title = "Users can't sign in"
keys = ["x.bin"]

[[point]]
name = "laptop"
file = "0003.dat"

[[point]]
name = "edge"
file = "2024.tmp"

[[point]]
name = "frontend"
file = "b"

[[log]]
file = "new 2.txt"
zone = "+02:00"
point = "edge"

[[log]]
file = "out1.txt"
point = "frontend"

[[log]]
file = "out2.txt"
point = "frontend"

[[log]]
file = "out3.txt"
point = "laptop"
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The folder of a fault; each is made once, and nobody writes into it."""
    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp("ticket")
            tickets.build(made[name], FAULTS[name][0])
        return made[name]

    return folder


def serious(report: Report) -> list[Finding]:
    assert [note for note in [*report.case.notes, *report.verdicts.notes] if "stopped with" in note] == []
    return [finding for finding in report.verdicts.findings if finding.severity is not Severity.INFO]


def kinds_of(finding: Finding, report: Report, names: Names) -> set[str]:
    """The kinds of files that a finding's evidence names."""
    files = {point.name: point.file for point in report.case.points}
    kinds = {file: kind for kind, file in dataclasses.asdict(names).items()}
    named = (files.get(row.capture, row.capture) for row in finding.evidence)
    return {kinds[Path(file.rpartition("!")[2]).name] for file in named}


def check(report: Report, expected: Expected, names: Names = NAMES) -> None:
    found = serious(report)
    first = found[0]
    under = {finding.rule for finding in found if finding.id in first.explains}
    others = {finding.rule for finding in found[1:] if finding.id not in first.explains}
    assert (first.rule, under, others) == (expected.first, expected.under, expected.besides)
    assert kinds_of(first, report, names) == expected.evidence
    assert expected.said in f"{first.title} {first.summary}"
    assert all(row.frame or row.line for finding in found for row in finding.evidence)


@pytest.mark.parametrize("name", BROKEN)
def test_the_first_finding_is_the_root_cause_with_frames_and_lines_of_several_files(build: Build, name: str) -> None:
    with analyse([str(build(name))]) as report:
        check(report, FAULTS[name][1])


def test_where_all_is_well_nothing_is_found(build: Build) -> None:
    with analyse([str(build("healthy"))]) as report:
        assert serious(report) == []
        assert report.verdicts.undecided == []
        assert len(report.case.logs) >= 4


@pytest.mark.parametrize("name", ["forged reset", "nothing listens", "wrong certificate", "error inside TLS"])
def test_a_case_file_that_names_points_zones_and_hosts_changes_nothing_of_it(
    tmp_path: Path, build: Build, name: str
) -> None:
    for file in build(name).iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "case.toml").write_text(CASE)
    with analyse([str(tmp_path)]) as report:
        assert [point.name for point in report.case.points] == ["laptop", "edge", "frontend"]
        check(report, FAULTS[name][1])


def littered(folder: Path, fault: str, seed: int) -> Names:
    """The ticket under other names, with copies, cut copies, and files that are none of its kinds."""
    chance = random.Random(seed)
    kinds = [field.name for field in dataclasses.fields(Names)]
    numbers = chance.sample(range(1000, 9999), len(kinds))
    suffixes = chance.choices((".txt", ".log", ".cap", ".dat", ".etl", ""), k=len(kinds))
    names = Names(**{kind: f"{number}{end}" for kind, number, end in zip(kinds, numbers, suffixes, strict=True)})
    paths = tickets.build(folder, FAULTS[fault][0], names)
    for turn, path in enumerate(paths.values()):
        (folder / f"z copy {turn}").write_bytes(path.read_bytes())
    for kind in ("laptop", "netmon"):
        data = paths[kind].read_bytes()
        (folder / f"cut of {kind}").write_bytes(data[: len(data) * 2 // 3])
    (folder / "empty.pcap").write_bytes(b"")
    (folder / "image001.png").write_bytes(PICTURE)
    document = io.BytesIO()
    with zipfile.ZipFile(document, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document>Since Monday users can't sign in.</w:document>")
    (folder / "mail.docx").write_bytes(document.getvalue())
    return names


@pytest.mark.parametrize(
    ("name", "seed"), [("forged reset", 1), ("lost SYNs", 2), ("wrong certificate", 3), ("error inside TLS", 4)]
)
def test_names_order_copies_and_other_files_change_nothing_of_it(tmp_path: Path, name: str, seed: int) -> None:
    names = littered(tmp_path, name, seed)
    with analyse([str(tmp_path)]) as report:
        check(report, FAULTS[name][1], names)
        assert len(report.case.points) == 3
        told = " ".join(report.case.notes)
    for file, why in (
        ("empty.pcap", "is empty"),
        ("image001.png", "is an image"),
        ("mail.docx", "is an Office document"),
    ):
        assert f"{file} {why}" in told
    for kind in ("laptop", "netmon"):
        assert f"cut of {kind} is left aside" in told
    copies = len(list(tmp_path.glob("z copy *")))
    assert told.count("which is read once") + told.count("is left aside: ") - 2 == copies


def test_a_littered_folder_of_healthy_machines_is_quiet(tmp_path: Path) -> None:
    littered(tmp_path, "healthy", 5)
    with analyse([str(tmp_path)]) as report:
        assert serious(report) == []


def test_a_ticket_that_is_one_archive_gives_the_same(tmp_path: Path, build: Build) -> None:
    with zipfile.ZipFile(tmp_path / "ticket.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in build("forged reset").iterdir():
            archive.write(file, f"from the customer/{file.name}")
    with analyse([str(tmp_path / "ticket.zip")]) as report:
        check(report, FAULTS["forged reset"][1])


def test_without_the_key_the_message_inside_is_not_found(tmp_path: Path, build: Build) -> None:
    for file in build("error inside TLS").iterdir():
        if file.name != NAMES.key:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with analyse([str(tmp_path)]) as report:
        assert serious(report) == []


def test_the_process_at_each_end_is_named_with_who_says_so(build: Build) -> None:
    with analyse([str(build("hanging process"))]) as report:
        (slow,) = serious(report)
        assert isinstance(report.case.ownership, Ownership)
        assert slow.talk is not None
        owner = slow.talk.owners[1]
        assert owner is not None
        assert (owner.label, owner.source, owner.services) == ("tomcat7.exe (2412)", "Network Monitor", ("Tomcat7",))


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(make_app(), ["check", *words])
    return done.exit_code, done.output


def test_every_report_leads_with_the_root_cause(tmp_path: Path, build: Build) -> None:
    folder = str(build("forged reset"))
    title = "3 resets in the name of 192.168.1.1:50357 made between 2024 and b"
    code, text = run(folder)
    assert code == 1
    assert f"Root cause: {title}" in " ".join(text.split())
    found = json.loads(run(folder, "--format", "json")[1])["findings"][0]
    assert (found["rule"], found["title"]) == ("path-forged-reset", title)
    assert {Path(row["log"]).name for row in found["evidence"] if "log" in row} >= {"out1.txt", "out2.txt", "new 2.txt"}
    markdown = run(folder, "--format", "markdown")[1]
    assert f"## 1. {title}" in markdown
    assert "| new 2.txt | line 33 |" in markdown
    sarif = json.loads(run(folder, "--format", "sarif")[1])["runs"][0]["results"][0]
    assert sarif["ruleId"] == "path-forged-reset"
    annotated = tmp_path / "evidence.pcapng"
    assert run(folder, "--annotate", str(annotated))[0] == 1
    assert b"path-forged-reset (error): not sent by 192.168.1.1:50357" in annotated.read_bytes()


def test_the_page_has_one_timeline_over_captures_and_logs(build: Build) -> None:
    page = run(str(build("forged reset")), "--format", "html")[1]
    drawn = page[page.index("Timeline</h2>") :]
    drawn = drawn[: drawn.index("</figure>")]
    for name in ("0003", "2024", "b", "new 2.txt"):
        assert f">{name}</text>" in drawn
    assert "new 2.txt 33: " in drawn

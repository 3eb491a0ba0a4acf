"""What the hand-written pages show is what the program does: commands, example report, rules, fields, notes, file names.

Runs README's commands on copies of the examples; compares the rest with the code's own declarations.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.sessions import mixed
from tools import docs
from wireproof.analyse import Report, analyse, open_case
from wireproof.analyse.keys import Keys, Passwords, read_password_file
from wireproof.cli.decrypt import outline_decrypted
from wireproof.limits import LIMITS
from wireproof.report.as_json import render_json
from wireproof.report.as_text import render_text
from wireproof.report.outline import Outline, outline
from wireproof.report.sessions.as_json import make_decryption
from wireproof.report.sessions.as_text import render_decrypted
from wireproof.rules import Rule, load_rules

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "wireproof"
README = ROOT / "README.md"
EXAMPLE, TLS_EXAMPLE = "examples/sccm-policy", "examples/https-order"
EXAMPLE_WIDTH = 100
LEFT_OUT = "…"
BY_HAND = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(
        ROOT / "docs" / name
        for name in (
            "several-points.md",
            "reading.md",
            "compare.md",
            "json-report.md",
            "plan.md",
            "decrypt.md",
            "policy.md",
        )
    ),
]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
SETTING_UP = ("python", ". .venv")

pytestmark = pytest.mark.skipif(not README.is_file(), reason="the hand-written pages are not beside the tests")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language, without the indent of a list around them."""
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, kind, text in found if kind == language]


def commands(page: Path) -> Iterator[str]:
    """Every line of a page's shell blocks."""
    for block in blocks(page, "sh"):
        yield from block.splitlines()


def wireproof_commands() -> list[str]:
    """README's commands on what the repository holds; those on made-up names only show the form."""
    shown = [line for line in dict.fromkeys(commands(README)) if line.startswith("wireproof ")]
    return [line for line in shown if EXAMPLE in line or TLS_EXAMPLE in line or line.startswith("wireproof rules")]


@pytest.fixture(scope="module")
def example() -> Iterator[Outline]:
    """The report on README's example case."""
    with analyse([str(ROOT / EXAMPLE)]) as report:
        yield outline(report.case, report.verdicts)


# --- commands --------------------------------------------------------------------------------------------------------


def test_the_first_two_commands_install_and_run_the_example_and_the_tests() -> None:
    assert [line for line in commands(README) if line.startswith("python")] == [
        f"python -m pip install . && wireproof check {EXAMPLE}",
        'python -m pip install ".[test]" && python -m pytest',
    ]


@pytest.mark.parametrize("line", wireproof_commands())
def test_a_command_of_the_readme_works(tmp_path: Path, line: str) -> None:
    for folder in (EXAMPLE, TLS_EXAMPLE):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    command = [sys.executable, "-m", "wireproof", *shlex.split(line)[1:]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == (1 if line.startswith("wireproof check") else 0), done.stderr.decode()
    assert done.stdout or list(tmp_path.glob("report.*"))
    assert done.stderr == b""


def test_every_command_that_is_shown_exists() -> None:
    lines = [line for page in BY_HAND for line in commands(page)]
    known = (
        "wireproof check ",
        "wireproof collect ",
        "wireproof compare ",
        "wireproof decrypt ",
        "wireproof show ",
        "wireproof plan ",
        "wireproof policy applocker ",
        "wireproof rules",
        *SETTING_UP,
    )
    assert [line for line in lines if not line.startswith(known)] == []
    scripts = {word for line in lines for word in line.split() if word.startswith("tools/")}
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


# --- what README shows of the program --------------------------------------------------------------------------------


def test_the_example_report_is_what_the_program_prints(example: Outline) -> None:
    shown = [line for line in blocks(README, "text")[0].splitlines() if line.strip() != LEFT_OUT]
    printed = [line.rstrip() for line in render_text(example, EXAMPLE_WIDTH).plain.splitlines()]
    assert len(shown) > 10
    assert [line for line in shown if line not in printed] == []
    rest = iter(printed)
    assert all(line in rest for line in shown), "the lines stand in another order"


def test_the_table_of_sessions_is_what_the_program_prints() -> None:
    keys = Keys(passwords=Passwords(read_password_file(ROOT / TLS_EXAMPLE / "throwaway-key.password")))
    with Report(open_case([str(ROOT / TLS_EXAMPLE)], keys=keys)) as report:
        made = outline_decrypted(report.case)
    printed = render_decrypted(made, EXAMPLE_WIDTH).plain.splitlines()
    shown = blocks(README, "text")[1].partition("\n…\n")[0].splitlines()
    assert shown == printed[: len(shown)]


def test_readme_has_the_marks_between_which_the_table_of_rules_is_written() -> None:
    text = README.read_text(encoding="utf-8")
    assert -1 < text.find(docs.RULES_BEGIN) < text.find(docs.RULES_END)


# --- the JSON report -------------------------------------------------------------------------------------------------


def keys_of(value: Any) -> set[str]:
    """Every key of a document whose keys are fixed; those of `facts`, `filters` and the like are data."""
    if isinstance(value, list):
        return {key for entry in value for key in keys_of(entry)}
    if not isinstance(value, dict):
        return set()
    data = {"facts", "filters", "seen_as", "elsewhere"}
    return set(value) | {key for name, entry in value.items() if name not in data for key in keys_of(entry)}


def test_every_field_of_the_json_report_is_described(example: Outline) -> None:
    text = (ROOT / "docs" / "json-report.md").read_text(encoding="utf-8")
    described = {name for line in text.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line)}
    assert keys_of(json.loads(render_json(example))) - described == set()


def test_every_field_on_decryption_is_described() -> None:
    text = (ROOT / "docs" / "json-report.md").read_text(encoding="utf-8")
    described = {name for line in text.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line)}
    assert keys_of(make_decryption(mixed())) - described == set()


def is_part(part: Any, whole: Any) -> bool:
    """Whether a document is another one with entries of its lists left out."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and part.keys() == whole.keys() and all(is_part(part[k], whole[k]) for k in part)
    if isinstance(part, list):
        rest = iter(whole)
        return all(any(is_part(entry, there) for there in rest) for entry in part)
    return bool(part == whole)


def test_the_json_example_is_a_part_of_the_real_report(example: Outline) -> None:
    shown = json.loads(blocks(ROOT / "docs" / "json-report.md", "json")[0])
    real = json.loads(render_json(example))
    for capture in real["captures"]:
        capture["file"] = Path(capture["file"]).relative_to(ROOT).as_posix()
    assert shown["findings"]
    assert is_part(shown, real)


# --- notes, names, links ---------------------------------------------------------------------------------------------


def test_every_note_that_is_explained_is_one_that_the_code_gives() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    joined = re.sub(r'"\s*\n\s*f?"', "", sources)
    notes = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8").partition("## Notes")[2]
    quoted = [
        q for line in notes.splitlines() if line.startswith("| `") for q in re.findall("`(.+?)`", line.split("|")[1])
    ]
    pieces = [piece.strip(" :;") for note in quoted for piece in note.split(LEFT_OUT)]
    assert len(quoted) > 20
    assert [piece for piece in pieces if piece not in joined] == []


@pytest.mark.parametrize("page", BY_HAND, ids=lambda path: path.name)
def test_links_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    relative = [target for target in targets if "://" not in target]
    assert [target for target in relative if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", BY_HAND, ids=lambda path: path.name)
def test_source_files_that_are_named_exist(page: Path) -> None:
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    named = re.findall(r"`((?:[\w.]+/)+[\w.]+\.(?:pyx?|pxd|toml))`", prose)
    made_up = ("NAME", "no_sack")
    real = [name for name in named if not any(word in name for word in made_up)]
    assert [name for name in real if not any((start / name).exists() for start in (ROOT, PACKAGE))] == []


# --- the rule in CONTRIBUTING ----------------------------------------------------------------------------------------


@pytest.fixture
def written_rule(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The rule that CONTRIBUTING.md shows, in the registry for one test; gives its test module."""
    source, tests = blocks(ROOT / "CONTRIBUTING.md", "python")[:2]
    before = set(LIMITS)
    module, test_module = ModuleType("no_sack"), ModuleType("test_no_sack")
    # Registered, since dataclasses and annotations look their module up.
    monkeypatch.setitem(sys.modules, "no_sack", module)
    exec(compile(source, "CONTRIBUTING.md, rule", "exec"), vars(module))
    rule = Rule("tcp-no-sack", "tcp", module.SEVERITY, module.__doc__ or "", module.judge)
    monkeypatch.setitem(load_rules(), rule.name, rule)
    exec(compile(tests, "CONTRIBUTING.md, test", "exec"), vars(test_module))
    yield test_module
    for name in set(LIMITS) - before:
        del LIMITS[name]


def test_the_rule_in_contributing_passes_its_own_tests(written_rule: ModuleType, tmp_path: Path) -> None:
    tests = {name: test for name, test in vars(written_rule).items() if name.startswith("test_")}
    assert len(tests) == 3
    for name, test in tests.items():
        folder = tmp_path / name
        folder.mkdir()
        test(folder)

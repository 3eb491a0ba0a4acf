"""`wireproof policy applocker`: formats, files, options, and what is said of bad input."""

from __future__ import annotations

import codecs
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.installers import cabinet, installer
from tests.support.programs import DLL, program, sign, version_resource
from tests.support.terminal import run

pytest.importorskip("olefile")
pytest.importorskip("pefile")


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installer with a signed program, one without signature, and a library."""
    inside = {
        "k1": sign(program(version_resource()), timestamp=True),
        "k2": program(version_resource()),
        "k3": program(characteristics=0x22 | DLL),
    }
    names = {"k1": "LWAPlugin.exe", "k2": "AppSharingHookController.exe", "k3": "hook.dll"}
    path = tmp_path_factory.mktemp("policy") / "LWAPlugin64BitInstaller32.msi"
    path.write_bytes(installer(names, {"data.cab": cabinet(inside)}))
    return path


def test_a_policy_is_printed_with_rules_for_the_installer_and_the_programs_in_it(plugin: Path) -> None:
    done = run("policy", "applocker", plugin)
    assert done.returncode == 0
    root = ET.fromstring(done.stdout)
    assert [(one.get("Type"), [rule.tag for rule in one]) for one in root] == [
        ("Exe", ["FilePublisherRule", "FileHashRule"]),
        ("Msi", ["FileHashRule"]),
    ]
    assert done.stderr.decode() == "wireproof: 1 library left out; --dll makes rules for it\n"


def test_the_suffix_of_the_output_decides_the_format(plugin: Path, tmp_path: Path) -> None:
    for name in ("p.xml", "p.reg", "p.json", "p.txt"):
        assert run("policy", "applocker", plugin, "-o", tmp_path / name).returncode == 0
    assert ET.parse(tmp_path / "p.xml").getroot().tag == "AppLockerPolicy"
    registry = (tmp_path / "p.reg").read_bytes()
    assert registry.startswith(codecs.BOM_UTF16_LE)
    assert registry.decode("utf-16").startswith("Windows Registry Editor Version 5.00\r\n")
    assert len(json.loads((tmp_path / "p.json").read_text())["rules"]) == 3
    assert "AppSharingHookController.exe" in (tmp_path / "p.txt").read_text()


def test_options_reach_the_rules(plugin: Path) -> None:
    done = run("policy", "applocker", plugin, "--rules", "hash", "--user", "Users", "--mode", "enforce", "--dll")
    root = ET.fromstring(done.stdout)
    assert {rule.tag for one in root for rule in one} == {"FileHashRule"}
    assert {rule.get("UserOrGroupSid") for one in root for rule in one} == {"S-1-5-32-545"}
    assert [(one.get("Type"), one.get("EnforcementMode")) for one in root] == [
        ("Dll", "Enabled"),
        ("Exe", "Enabled"),
        ("Msi", "Enabled"),
    ]
    assert "every program without a rule" in done.stderr.decode()


def test_the_same_input_gives_the_same_policy(plugin: Path) -> None:
    assert run("policy", "applocker", plugin).stdout == run("policy", "applocker", plugin).stdout


def test_a_part_that_can_not_be_read_is_told_and_the_exit_code_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.msi").write_bytes(installer(external=["missing.cab"]))
    done = run("policy", "applocker", tmp_path)
    assert done.returncode == 1
    assert b"a.msi > missing.cab" in done.stderr
    assert ET.fromstring(done.stdout).tag == "AppLockerPolicy"


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (b"", [], "any.msi: is empty"),
        (b"PK\3\4", [], "does not begin like one"),
        (installer()[:600], [], "no compound file that can be read"),
        (installer(), ["--user", "CONTOSO\\Sales"], "--user takes a security identifier"),
        (installer(), ["--limit", "no-such=1"], "no limit is named"),
        (installer(), ["-o", "no/such/folder/p.xml"], "can't be written"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(tmp_path: Path, data: bytes, options: list[str], words: str) -> None:
    (tmp_path / "any.msi").write_bytes(data)
    done = run("policy", "applocker", tmp_path / "any.msi", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_without_the_extra_the_command_that_installs_it_is_named(plugin: Path) -> None:
    code = "import sys; sys.modules['olefile'] = None; from wireproof.cli import main; main()"
    words = [sys.executable, "-c", code, "policy", "applocker", str(plugin)]
    done = subprocess.run(words, capture_output=True, check=False)
    assert done.returncode == 2
    assert b'pip install "wireproof[policy]"' in done.stderr


def test_the_group_alone_shows_its_help() -> None:
    assert b"applocker" in run("policy", "--help").stdout

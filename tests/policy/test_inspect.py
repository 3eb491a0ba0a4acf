"""Single files: which are covered, their names and suffixes, their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.installers import installer
from tests.support.programs import NATIVE, PUBLISHER, program, sign, version_resource
from wireproof.policy.inspect import (
    NotCovered,
    base_name,
    inspect_installer,
    inspect_program,
    inspect_script,
    may_count,
    suffix,
)
from wireproof.policy.model import CodeFile, Collection

pytest.importorskip("olefile")
pytest.importorskip("pefile")

Look = Callable[[bytes], CodeFile | NotCovered]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def inspect(data: bytes) -> CodeFile | NotCovered:
        path = tmp_path / "file"
        path.write_bytes(data)
        with path.open("rb") as file:
            return inspect_program(file, "setup.msi > bin\\LWAPlugin.exe")

    return inspect


def test_a_signed_program_is_described_whole(look: Look) -> None:
    data = sign(program(version_resource()))
    found = look(data)
    assert isinstance(found, CodeFile)
    assert (found.name, found.size, found.collection) == ("LWAPlugin.exe", len(data), Collection.EXE)
    assert (found.sha256, found.md5) == (hashlib.sha256(data).digest(), hashlib.md5(data).digest())
    assert found.signer is not None
    assert (found.signer.publisher, found.identity.binary) == (PUBLISHER, "LWAPLUGIN.EXE")


def test_drivers_and_what_only_begins_like_a_program_are_not_covered(look: Look) -> None:
    assert look(program(subsystem=NATIVE)) is NotCovered.DRIVER
    assert look(b"MZ nothing") is NotCovered.DAMAGED


def test_a_script_has_the_hash_of_all_its_bytes_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.ps1"
    path.write_bytes(b"Write-Host 1\r\n")
    with path.open("rb") as file:
        found = inspect_script(file, "a.ps1")
    assert (found.collection, found.authenticode) == (Collection.SCRIPT, None)
    assert found.sha256 == hashlib.sha256(b"Write-Host 1\r\n").digest()


@pytest.mark.parametrize("signed", [True, False])
def test_an_installer_has_the_same_hash_signed_or_not(tmp_path: Path, signed: bool) -> None:
    hashes = []
    for name, data in (("a.msi", installer(signed=signed)), ("b.msi", installer())):
        (tmp_path / name).write_bytes(data)
        with (tmp_path / name).open("rb") as file:
            found, _, _ = inspect_installer(file, name)
        hashes.append(found.authenticode)
        assert (found.signer is None) == (name == "b.msi" or not signed)
        assert found.signer is None or (found.signer.publisher, found.signer.trouble) == (PUBLISHER, "")
    assert hashes[0] == hashes[1] is not None


@pytest.mark.parametrize(
    ("path", "name", "kind"),
    [
        ("a.msi > b\\C.EXE", "C.EXE", ".exe"),
        ("x/y.Ps1", "y.Ps1", ".ps1"),
        ("a.msi > Binary.Ca", "Binary.Ca", ".ca"),
        ("", "", ""),
    ],
)
def test_a_name_is_what_stands_behind_the_last_separator(path: str, name: str, kind: str) -> None:
    assert (base_name(path), suffix(path)) == (name, kind)


def test_the_beginning_or_the_suffix_decides_whether_a_file_may_count() -> None:
    assert may_count("noname", b"MZ")
    assert may_count("a.vbs", b"x")
    assert not may_count("a.txt", b"xx")

"""Installer databases: properties, long file names, cabinets, embedded programs, and damage."""

from __future__ import annotations

import contextlib
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.installers import PROPERTIES, compound, installer, stored
from wireproof.policy.model import Identity, Version
from wireproof.policy.msi import Installer, read_installer, stream_name
from wireproof.policy.ole import Ole, OleError

pytest.importorskip("olefile")

FILES = {"f1": "LWAPLU~1.EXE|LWAPlugin.exe", "f2": "a.txt", "f3": "HOOK.DLL|Überhook.dll"}


def read(data: bytes) -> Installer:
    return read_installer(Ole(io.BytesIO(data)))


@pytest.mark.parametrize("wide", [False, True])
def test_everything_that_rules_need_is_read(wide: bool) -> None:
    found = read(installer(FILES, {"data.cab": b"x"}, binaries={"Ca": b"MZ"}, external=["y.cab"], wide=wide))
    assert found.files == {"f1": "LWAPlugin.exe", "f2": "a.txt", "f3": "Überhook.dll"}
    assert found.cabinets == ("#data.cab", "y.cab")
    assert found.embedded == ("Ca",)


def test_the_product_code_stands_for_the_file_name() -> None:
    assert read(installer()).identity == Identity(
        "LYNC WEB APP PLUG-IN", "{2D6E7A54-8D1B-4B8C-9F0E-111111111111}", Version((15, 8, 8308, 0))
    )


@pytest.mark.parametrize(
    ("text", "version"),
    [("1", (1, 0, 0, 0)), ("1.2.3.4.5", (1, 2, 3, 4)), ("07.99999.x", (7, 65535, 0, 0)), ("", None), ("beta", None)],
)
def test_a_version_is_made_of_four_numbers(text: str, version: tuple[int, int, int, int] | None) -> None:
    found = read(installer(properties={**PROPERTIES, "ProductVersion": text})).identity.version
    assert found == (Version(version) if version else None)


def test_a_text_of_more_than_64_kib_does_not_shift_those_behind_it() -> None:
    found = read(installer(properties={"Long": "x" * 70_000, **PROPERTIES}))
    assert found.identity.product == "LYNC WEB APP PLUG-IN"


@pytest.mark.parametrize("name", ["a", "ab", "abc", "data.cab", "Binary.Wix CA", "_é_"])
def test_names_of_streams_are_packed_as_windows_does(name: str) -> None:
    assert stream_name(name) == stored(name)
    assert stream_name(name, is_table=True) == stored(name, table=True)


def test_another_compound_file_is_no_installer() -> None:
    with pytest.raises(OleError, match="no installer database"):
        read(compound({"WordDocument": b"x" * 5000}))


def test_a_database_without_tables_has_no_files() -> None:
    found = read(compound({stored("_StringPool", table=True): bytes(4)}))
    assert found == Installer(Identity(), {}, (), ())


WHOLE = installer(FILES, {"data.cab": b"x" * 40}, binaries={"Ca": b"MZ"})


@settings(max_examples=200)
@given(st.integers(512, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_any_damage_is_an_ole_error_or_other_rows(at: int, instead: bytes) -> None:
    with contextlib.suppress(OleError):
        read(WHOLE[:at] + instead + WHOLE[at + len(instead) :])


def test_msiinfo_reads_the_installers_of_these_tests(tmp_path: Path, program: Callable[[str], str]) -> None:
    (tmp_path / "t.msi").write_bytes(installer(FILES))
    words = [program("msiinfo"), "export", "t.msi", "File"]
    told = subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    assert [line.split("\t")[:2] for line in told.splitlines()[3:]] == [[key, name] for key, name in FILES.items()]

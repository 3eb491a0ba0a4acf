"""Folders and installers: everything that counts is found once, the rest is told, and nothing does harm."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.installers import cabinet, compound, installer
from tests.support.programs import DLL, NATIVE, program, sign, version_resource
from wireproof.limits import override
from wireproof.policy.applocker import write_policy
from wireproof.policy.model import Choice, Inventory, Mode, PolicyError
from wireproof.policy.restriction import write_registry
from wireproof.policy.rules import Wanted, make_rules
from wireproof.policy.walk import FILES, take_inventory

pytest.importorskip("olefile")
pytest.importorskip("pefile")

SIGNED = sign(program(version_resource()))
HOOK = program(code=bytes(range(256)) * 400)
INSIDE = cabinet({"k1": SIGNED, "k2": b"some words " * 4000, "k3": HOOK})
NAMES = {"k1": "LWAPLU~1.EXE|LWAPlugin.exe", "k2": "readme.txt", "k3": "AppSharingHookController64.exe"}


def walk(folder: Path, **files: bytes) -> Inventory:
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return take_inventory([folder])


def paths(found: Inventory) -> list[str]:
    return [file.path for file in found.files]


def test_a_folder_of_all_kinds_gives_what_rules_can_name_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "z.DLL").write_bytes(program(characteristics=0x22 | DLL))
    found = walk(
        tmp_path,
        b_exe=SIGNED,
        a_ps1=b"x",
        c_txt=b"words",
        d_sys=program(subsystem=NATIVE),
        e_bin=HOOK,
        f_msi=installer(),
    )
    assert paths(found) == ["a.ps1", "b.exe", "e.bin", "f.msi", "sub/z.DLL"]
    assert found.notes == []


def test_the_programs_inside_an_installer_have_their_long_names(tmp_path: Path) -> None:
    found = walk(tmp_path, lwa_msi=installer(NAMES, {"data.cab": INSIDE}, binaries={"Ca": HOOK, "Icon": b"\0\0\1\0"}))
    assert paths(found) == [
        "lwa.msi",
        "lwa.msi > Binary.Ca",
        "lwa.msi > LWAPlugin.exe",
        "lwa.msi > AppSharingHookController64.exe",
    ]
    assert found.files[2].size == len(SIGNED)


def test_a_cabinet_beside_the_installer_is_read_and_one_that_is_missing_is_named(tmp_path: Path) -> None:
    found = walk(tmp_path, lwa_msi=installer(NAMES, external=["X.CAB", "y.cab", "../z.cab"]), x_cab=INSIDE)
    assert "lwa.msi > LWAPlugin.exe" in paths(found)
    assert [note.partition(":")[0] for note in found.notes] == ["lwa.msi > y.cab", "lwa.msi > ../z.cab"]
    assert "msiexec /a" in found.notes[0]


def test_files_that_lie_beside_the_installer_in_no_cabinet_are_told_unless_their_folder_is_named(
    tmp_path: Path,
) -> None:
    assert walk(tmp_path, a_msi=installer(NAMES, external=[""]), LWAPlugin_exe=SIGNED).notes == []
    (note,) = take_inventory([tmp_path / "a.msi"]).notes
    assert "name their folder as well" in note


def test_a_cabinet_that_can_not_be_unpacked_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    packed = cabinet({"k1": SIGNED}, 2)
    found = walk(tmp_path, lwa_msi=installer(NAMES, {"a.cab": packed, "b.cab": INSIDE, "c.cab": b"MSCF"}))
    assert "lwa.msi > AppSharingHookController64.exe" in paths(found)
    assert "lwa.msi > #a.cab: packed with Quantum" in found.notes[0]
    assert found.notes[1].startswith("lwa.msi > #c.cab: it is cut")


def test_an_installer_inside_an_installer_is_opened_but_not_without_end(tmp_path: Path) -> None:
    data = installer(NAMES, {"data.cab": INSIDE})
    for _ in range(5):
        data = installer({"k": "inner.msi"}, {"data.cab": cabinet({"k": data})})
    found = walk(tmp_path, outer_msi=data)
    assert paths(found)[1] == "outer.msi > inner.msi"
    assert len(found.files) == 4
    assert "too deep" in found.notes[0]


def test_what_is_damaged_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    found = walk(
        tmp_path,
        a_exe=b"MZ",
        b_exe=b"",
        c_dll=b"words",
        d_msi=installer()[:700],
        e_msi=b"x",
        f_msi=compound({"a": b"1"}),
        g_exe=HOOK,
    )
    assert paths(found) == ["f.msi", "g.exe"]
    assert [note.partition(":")[0] for note in found.notes] == ["a.exe", "b.exe", "c.dll", "d.msi", "e.msi", "f.msi"]


def test_links_and_what_is_no_ordinary_file_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "real.exe").write_bytes(HOOK)
    try:
        (tmp_path / "link.exe").symlink_to(tmp_path / "real.exe")
        (tmp_path / "circle").symlink_to(tmp_path)
    except OSError:
        pytest.skip("this system lets nobody make links")
    assert paths(take_inventory([tmp_path])) == ["real.exe"]


def test_what_was_named_and_is_of_no_use_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"words")
    with pytest.raises(PolicyError, match=r"a\.txt is no installer"):
        take_inventory([tmp_path / "a.txt"])
    with pytest.raises(PolicyError, match="does not exist"):
        take_inventory([tmp_path / "missing.msi"])


def test_more_files_than_the_limit_are_not_named(tmp_path: Path) -> None:
    override(FILES.name, 1)
    try:
        found = walk(tmp_path, a_ps1=b"1", b_ps1=b"2", c_ps1=b"3")
    finally:
        override(FILES.name, FILES.default)
    assert paths(found) == ["a.ps1"]
    assert len(found.notes) == 1


SEEDS = (SIGNED, installer(NAMES, {"data.cab": INSIDE}, binaries={"Ca": HOOK[:1024]}, signed=True))


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=4),
    st.floats(0.02, 1),
)
def test_any_damage_gives_rules_or_a_policy_error(
    tmp_path: Path, seed: bytes, changes: list[tuple[float, bytes]], kept: float
) -> None:
    data = bytearray(seed)
    for place, instead in changes:
        at = int(place * (len(data) - 1))
        data[at : at + len(instead)] = instead
    (tmp_path / "any.msi").write_bytes(data[: int(kept * len(data))])
    try:
        made = make_rules(take_inventory([tmp_path / "any.msi"]), Wanted(Choice.BOTH, libraries=True))
    except PolicyError:
        return
    assert write_policy(made, "S-1-1-0", Mode.AUDIT).isascii()
    assert write_registry(made.files).startswith("Windows Registry Editor")


PROGRAMS = {"LWAPlugin.exe": SIGNED, "AppSharingHookController64.exe": HOOK}
WXS = """<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
 <Product Id="2D6E7A54-8D1B-4B8C-9F0E-111111111111" Name="Plug-in" Language="1033" Version="15.8.8308.577" Manufacturer="C"
  UpgradeCode="2D6E7A54-8D1B-4B8C-9F0E-222222222222">
  <Package InstallerVersion="200" Compressed="yes"/>
  <Media Id="1" Cabinet="data.cab" EmbedCab="yes"/>
  <Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFilesFolder"><Directory Id="D" Name="LWA">
   <Component Id="c1" Guid="2D6E7A54-8D1B-4B8C-9F0E-333333333333">
    <File Id="f1" Name="LWAPlugin.exe" Source="signed.exe" KeyPath="yes"/>
    <File Id="f2" Name="AppSharingHookController64.exe" Source="hook.exe"/>
    <File Id="f3" Name="readme.txt" Source="t.wxs"/>
   </Component></Directory></Directory></Directory>
  <Feature Id="F" Level="1"><ComponentRef Id="c1"/></Feature>
 </Product>
</Wix>
"""


def test_an_installer_of_wixl_is_read(tmp_path: Path, program: Callable[[str], str]) -> None:
    build(tmp_path, program("wixl"))
    found = take_inventory([tmp_path / "t.msi"])
    assert found.notes == []
    assert str(found.files[0].identity.version) == "15.8.8308.577"
    told = {file.name: file.sha256 for file in found.files[1:]}
    assert told == {name: hashlib.sha256(data).digest() for name, data in PROGRAMS.items()}


def test_msiextract_unpacks_the_same_programs(tmp_path: Path, program: Callable[[str], str]) -> None:
    build(tmp_path, program("wixl"))
    subprocess.run([program("msiextract"), "-C", "out", "t.msi"], cwd=tmp_path, check=True, capture_output=True)
    inside, unpacked = take_inventory([tmp_path / "t.msi"]).files[1:], take_inventory([tmp_path / "out"]).files
    assert sorted(file.sha256 for file in unpacked) == sorted(file.sha256 for file in inside)


def build(folder: Path, wixl: str) -> None:
    """An installer `t.msi` of two programs and a text."""
    (folder / "signed.exe").write_bytes(SIGNED)
    (folder / "hook.exe").write_bytes(HOOK)
    (folder / "t.wxs").write_text(WXS)
    subprocess.run([wixl, "-o", "t.msi", "t.wxs"], cwd=folder, check=True, capture_output=True)

"""Programs: kind, Authenticode hash, signature, and what the version resource says."""

from __future__ import annotations

import hashlib
import mmap
import re
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.programs import (
    CHECKSUM_AT,
    DIRECTORY_AT,
    DLL,
    NATIVE,
    PUBLISHER,
    attach,
    program,
    sign,
    version_resource,
)
from wireproof.policy.model import Collection, Identity, Version
from wireproof.policy.portable import Portable, authenticode, read_portable
from wireproof.policy.signature import read_signer

pytest.importorskip("pefile")

PLAIN = program(version_resource())


def mapped(data: bytes) -> mmap.mmap:
    view = mmap.mmap(-1, len(data))
    view.write(data)
    return view


def read(data: bytes) -> Portable:
    found = read_portable(mapped(data))
    assert found is not None
    return found


def hashed(data: bytes) -> bytes:
    view = mapped(data)
    return authenticode(view, read(data))


def test_a_program_says_what_it_is() -> None:
    found = read(PLAIN)
    assert found.collection is Collection.EXE
    assert found.identity == Identity("LYNC WEB APP", "LWAPLUGIN.EXE", Version((15, 0, 4454, 1006)))
    assert read(program()).identity == Identity()


def test_a_library_and_a_driver_are_told_from_a_program() -> None:
    assert read(program(characteristics=0x22 | DLL)).collection is Collection.DLL
    assert read(program(subsystem=NATIVE)).collection is None


def test_the_hash_leaves_out_what_signing_changes() -> None:
    changed = bytearray(PLAIN)
    changed[CHECKSUM_AT] ^= 0xFF
    assert hashed(bytes(changed)) == hashed(PLAIN) == hashed(sign(PLAIN))
    changed[-1] ^= 0xFF
    assert hashed(bytes(changed)) != hashed(PLAIN)


def test_the_hash_is_that_of_all_other_bytes() -> None:
    left = PLAIN[:CHECKSUM_AT] + PLAIN[CHECKSUM_AT + 4 : DIRECTORY_AT] + PLAIN[DIRECTORY_AT + 8 :]
    assert hashed(PLAIN) == hashlib.sha256(left).digest()


def test_an_unsigned_file_is_hashed_as_if_it_were_padded() -> None:
    odd = program(tail=b"abc")
    assert hashed(odd) == hashed(odd + bytes(5)) == hashed(sign(odd))


def test_a_signature_is_found_and_holds() -> None:
    signed = sign(PLAIN, timestamp=True)
    found = read(signed)
    signer = read_signer(found.pkcs7, partial(authenticode, mapped(signed), found))
    assert (signer.publisher, signer.trouble) == (PUBLISHER, "")


def test_a_file_changed_after_it_was_signed_is_seen() -> None:
    signed = bytearray(sign(PLAIN))
    signed[0x300] ^= 1
    found = read(bytes(signed))
    signer = read_signer(found.pkcs7, partial(authenticode, mapped(bytes(signed)), found))
    assert signer.trouble == "it was changed after it was signed"


def test_a_signature_that_is_not_in_the_file_is_none() -> None:
    assert read(attach(PLAIN, b"x" * 40)[:-30]).pkcs7 == b""


@pytest.mark.parametrize("data", [b"MZ", b"MZ" + bytes(100), PLAIN[:0x80], b"ZM" + PLAIN[2:]])
def test_what_is_no_pe_file_is_none(data: bytes) -> None:
    assert read_portable(mapped(data)) is None


WHOLE = sign(PLAIN)


@settings(max_examples=200)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8), st.integers(64, len(WHOLE)))
def test_any_damage_is_read_without_harm(at: int, instead: bytes, end: int) -> None:
    view = mapped((WHOLE[:at] + instead + WHOLE[at + len(instead) :])[:end])
    found = read_portable(view)
    if found is not None:
        assert len(authenticode(view, found)) == 32


@pytest.mark.parametrize("size", [0, 3])
def test_osslsigncode_computes_the_same_hash(
    tmp_path: Path, program: Callable[[str], str], signer: list[str], size: int
) -> None:
    from tests.support.programs import program as make_program

    (tmp_path / "t.exe").write_bytes(make_program(version_resource(), tail=b"x" * size))
    words = [program("osslsigncode"), "sign", *signer, "-h", "sha256", "-in", "t.exe", "-out", "s.exe"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    told = subprocess.run(
        [program("osslsigncode"), "verify", "-in", "s.exe"], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    digest = re.search(r"Calculated message digest\s*: ([0-9A-F]{64})", told.stdout)
    assert digest is not None
    assert hashed((tmp_path / "s.exe").read_bytes()).hex().upper() == digest[1]
    assert hashed((tmp_path / "t.exe").read_bytes()).hex().upper() == digest[1]


RESOURCE = """
1 VERSIONINFO
FILEVERSION 4,0,7577,4356
PRODUCTVERSION 9,9,9,9
BEGIN
  BLOCK "StringFileInfo" BEGIN
    BLOCK "040704b0" BEGIN VALUE "ProductName", "Falsch" VALUE "OriginalFilename", "Falsch.exe" END
    BLOCK "040904b0" BEGIN VALUE "ProductName", "Lync Web App" VALUE "OriginalFilename", "Hook.exe" END
  END
  BLOCK "VarFileInfo" BEGIN VALUE "Translation", 0x409, 1200, 0x407, 1200 END
END
"""


def test_a_program_of_mingw_is_read(tmp_path: Path, program: Callable[[str], str]) -> None:
    (tmp_path / "a.rc").write_text(RESOURCE)
    (tmp_path / "a.c").write_text("int main(void) { return 0; }")
    subprocess.run(
        [program("x86_64-w64-mingw32-windres"), "a.rc", "-O", "coff", "-o", "a.res.o"], cwd=tmp_path, check=True
    )
    subprocess.run([program("x86_64-w64-mingw32-gcc"), "-s", "-o", "a.exe", "a.c", "a.res.o"], cwd=tmp_path, check=True)
    assert read((tmp_path / "a.exe").read_bytes()).identity == Identity(
        "LYNC WEB APP", "HOOK.EXE", Version((4, 0, 7577, 4356))
    )

"""Registry files of software restriction policies: the values that Windows stores, and names that can't break out of them."""

from __future__ import annotations

import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from wireproof.policy.model import CodeFile, Collection, Identity, Version
from wireproof.policy.restriction import pasted_hash, rule_key, write_registry

DATA = b"a program"
KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\Safer\CodeIdentifiers\262144\Hashes"


def code(name: str = "a.exe", path: str = "a.msi > a.exe", data: bytes = DATA, product: str = "P") -> CodeFile:
    identity = Identity(product, "X.EXE", Version((1, 2, 3, 4)))
    return CodeFile(
        name, path, 0x1234, Collection.EXE, hashlib.sha256(data).digest(), hashlib.md5(data).digest(), identity=identity
    )


def test_a_rule_is_a_key_with_md5_and_size_and_one_below_it_with_sha256() -> None:
    file = code()
    md5, sha256 = hashlib.md5(DATA).digest().hex(","), hashlib.sha256(DATA).digest().hex(",")
    assert write_registry([file]).split("\r\n") == [
        "Windows Registry Editor Version 5.00",
        "",
        f"[{KEY}\\{rule_key(file)}]",
        '"Description"="From a.msi > a.exe"',
        '"FriendlyName"="a.exe (1.2.3.4) P"',
        '"SaferFlags"=dword:00000000',
        '"ItemSize"=hex(b):34,12,00,00,00,00,00,00',
        f'"ItemData"=hex:{md5}',
        '"HashAlg"=dword:00008003',
        "",
        f"[{KEY}\\{rule_key(file)}\\SHA256]",
        f'"ItemData"=hex:{sha256}',
        '"HashAlg"=dword:0000800c',
        "",
        "",
    ]


def test_equal_files_have_one_rule_and_its_key_depends_on_the_bytes_alone() -> None:
    assert write_registry([code(), code("b.exe", "b.exe")]) == write_registry([code()])
    assert rule_key(code()) == rule_key(code("b.exe")) != rule_key(code(data=b"other"))


def test_the_hash_to_paste_is_md5_size_and_algorithm() -> None:
    assert pasted_hash(code()) == f"{hashlib.md5(DATA).hexdigest()}:4660:32771"


@given(st.text(), st.text())
def test_no_name_breaks_out_of_its_value(name: str, product: str) -> None:
    lines = write_registry([code(name, f"x\r\n[{name}]", product=product)]).split("\r\n")
    assert len(lines) == len(write_registry([code()]).split("\r\n"))
    assert all(re.fullmatch(r'"\w+"="([^"\\\r\n]|\\["\\])*"', line) for line in lines[3:5])

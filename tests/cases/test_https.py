"""README's example with TLS: what is committed decrypts, and what the code builds anew does too; both are sound packets."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from examples import https
from wireproof.analyse import Report, analyse, open_case
from wireproof.analyse.keys import Keys, Passwords, read_password_file
from wireproof.report.sessions.outline import find_sessions

COMMITTED = Path(https.__file__).parent / "https-order"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("https")
    https.write_case(folder)
    return folder


@pytest.fixture(params=["committed", "built"])
def folder(request: pytest.FixtureRequest, built: Path) -> Path:
    return COMMITTED if request.param == "committed" else built


def keys_of(folder: Path) -> Keys:
    files = [str(folder / https.KEY), str(folder / https.KEY_LOG)]
    return Keys(files, Passwords(read_password_file(folder / https.PASSWORD)))


def test_three_of_four_sessions_are_opened_each_by_its_key(folder: Path) -> None:
    with Report(open_case([str(folder / https.CAPTURE)], keys=keys_of(folder))) as report:
        (table,) = find_sessions(report.case)
    assert [(row.key_title, row.resumed, row.reason.value) for row in table.rows] == [
        ("throwaway-key.pfx", False, ""),
        ("throwaway-key.pfx", True, ""),
        ("key-log.txt", False, ""),
        ("", False, "forward-secrecy"),
    ]


def test_rules_see_inside_what_they_do_not_see_without_keys(folder: Path) -> None:
    found = []
    for keys in (None, keys_of(folder)):
        with analyse([str(folder / https.CAPTURE)], keys=keys) as report:
            found.append([finding.rule for finding in report.verdicts.findings])
    assert [sorted(rules) for rules in found] == [["app-slow-response"], ["app-slow-response", "http-error"]]


def test_tshark_sees_four_sound_sessions(folder: Path, program: Callable[[str], str]) -> None:
    checks = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
    wrong = "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.flags"
    command = [program("tshark"), *checks, "-r", str(folder / https.CAPTURE), "-Y"]
    assert subprocess.run([*command, wrong], capture_output=True, check=True).stdout == b""
    hellos = subprocess.run([*command, "tls.handshake.type == 1"], capture_output=True, check=True).stdout
    assert hellos.count(b"\n") == 4


def test_the_files_say_that_the_key_protects_nothing() -> None:
    words = " ".join((COMMITTED / "README.md").read_text(encoding="utf-8").split())
    assert "The key is public and protects nothing." in words
    assert b"protects nothing" in _openssl_name(COMMITTED / https.KEY)


def _openssl_name(path: Path) -> bytes:
    """The friendly name in a PFX."""
    from cryptography.hazmat.primitives.serialization import pkcs12

    store = pkcs12.load_pkcs12(path.read_bytes(), https.SECRET)
    assert store.cert is not None
    return store.cert.friendly_name or b""

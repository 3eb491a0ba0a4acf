"""Real sessions across versions, suites, keys, client certificates and resumption: each opens byte for byte."""

from __future__ import annotations

import functools
import ssl
from pathlib import Path

import pytest

from tests.support import tls_lab, tls_lab_openssl, tls_lab_tlslite
from tests.support.opened import Opened, log_of, open_written, private_keys_of, ring_of
from tests.support.tls_captures import write_sessions
from tests.support.tls_lab import NO_ENCRYPT_THEN_MAC, NO_EXTENDED_MASTER, TLS10, TLS11, TLS12, WEB, Session, Setup, lab
from tests.support.tls_lab_openssl import (
    EARLY,
    RENEGOTIATE,
    RENEGOTIATE_ASKING,
    SUITES_13,
    SUITES_PSK,
    UPDATE,
    UPDATE_BOTH,
)
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Reason, Status

VERSIONS = {"TLS 1.0": TLS10, "TLS 1.1": TLS11, "TLS 1.2": TLS12}
VARIATIONS = (
    "plain",
    "client certificate",
    "resumed by ticket",
    "resumed by id",
    "no extended master secret",
    "MAC then encrypt",
)
FORWARD = ("ADH", "AECDH", "DHE", "ECDHE", "TLS_")
"""How OpenSSL's names of suites begin whose sessions no private key opens."""

needs_openssl = pytest.mark.skipif(not tls_lab_openssl.has_openssl(), reason="no OpenSSL 3 library was found")
needs_tlslite = pytest.mark.skipif(not tls_lab_tlslite.has_tlslite(), reason="tlslite-ng is not installed")


def setup_for(version: ssl.TLSVersion, suite: str, variation: str) -> Setup:
    options = {
        "resumed by id": ssl.OP_NO_TICKET, "no extended master secret": NO_EXTENDED_MASTER, "MAC then encrypt": NO_ENCRYPT_THEN_MAC,
    }  # fmt: skip
    return Setup(
        version=version,
        suite=suite,
        certificate=tls_lab.certificate_for(suite),
        client_certificate=variation == "client certificate",
        options=options.get(variation, 0),
    )


@functools.cache
def sessions_of(version: ssl.TLSVersion, variation: str) -> tuple[Session, ...]:
    """A session of every suite; of resumed ones the full one too."""
    found = []
    for suite in tls_lab.suites(version):
        # Nobody who is anonymous may ask for a certificate.
        if variation == "client certificate" and suite.startswith(("ADH", "AECDH")):
            continue
        with lab(setup_for(version, suite, variation)) as opened:
            found.append(opened.play())
            if variation.startswith("resumed"):
                found.append(opened.play(resume=True))
    return tuple(found)


def failed(opened: list[Opened]) -> list[str]:
    """What is said of those that were not read whole; of suites under ARIA, whose cipher is not at hand, that they have to say so."""
    assert opened
    return [
        one.told()
        for one in opened
        if (one.outcome.reason is not Reason.UNKNOWN_SUITE if "ARIA" in one.session.suite else not one.whole)
    ]


def open_all(folder: Path, sessions: tuple[Session, ...] | list[Session], ring: KeyRing | None = None) -> list[Opened]:
    return open_written(write_sessions(folder / "sessions.pcapng", sessions), ring)


@pytest.mark.parametrize("variation", VARIATIONS)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_suite_opens_with_a_key_log(tmp_path: Path, version: str, variation: str) -> None:
    assert failed(open_all(tmp_path, sessions_of(VERSIONS[version], variation))) == []


@pytest.mark.parametrize("variation", VARIATIONS)
@pytest.mark.parametrize("version", VERSIONS)
def test_rsa_key_exchanges_open_with_the_private_key_and_others_name_forward_secrecy(
    tmp_path: Path, version: str, variation: str
) -> None:
    sessions = sessions_of(VERSIONS[version], variation)
    opened = open_all(tmp_path, sessions, ring_of(*private_keys_of(sessions)))
    hidden = [one for one in opened if one.session.suite.startswith(FORWARD) and "NULL" not in one.session.suite]
    assert failed([one for one in opened if not one.session.suite.startswith(FORWARD)]) == []
    assert hidden
    assert [one.told() for one in hidden if one.outcome.status is not Status.CLOSED or any(one.said)] == []
    reasons = {one.outcome.reason for one in hidden if "ARIA" not in one.session.suite}
    assert reasons <= {Reason.FORWARD_SECRECY, Reason.RESUMED}


@pytest.mark.parametrize("version", VERSIONS)
def test_null_suites_open_without_any_key(tmp_path: Path, version: str) -> None:
    sessions = [one for one in sessions_of(VERSIONS[version], "plain") if "NULL" in one.suite]
    opened = open_all(tmp_path, sessions, KeyRing())
    assert [
        one.told() for one in opened if one.said != one.session.said or one.outcome.status is not Status.DECRYPTED
    ] == []


TLS13 = {
    "client certificate": Setup(version=tls_lab.TLS13, client_certificate=True),
    "certificate asked for later": Setup(version=tls_lab.TLS13, client_certificate=True, after_handshake=True),
    "another group is asked for": Setup(version=tls_lab.TLS13, curve="secp521r1"),
}


@pytest.mark.parametrize("what", TLS13)
def test_tls_13_opens_with(tmp_path: Path, what: str) -> None:
    assert failed(open_all(tmp_path, [tls_lab.play(TLS13[what])])) == []


def test_tls_13_opens_when_it_was_resumed(tmp_path: Path) -> None:
    assert failed(open_all(tmp_path, tls_lab.play_resumed(Setup(version=tls_lab.TLS13)))) == []


@needs_openssl
def test_every_suite_of_tls_13_opens_new_and_resumed(tmp_path: Path) -> None:
    setups = [tls_lab_openssl.Setup(version=0x0304, suite=suite) for suite in SUITES_13]
    sessions = [session for setup in setups for session in tls_lab_openssl.play(setup, WEB, WEB)]
    assert failed(open_all(tmp_path, sessions)) == []


@needs_openssl
def test_key_updates_are_followed(tmp_path: Path) -> None:
    script = [
        *WEB[:2],
        ("server", UPDATE),
        *WEB[2:],
        ("client", UPDATE_BOTH),
        *WEB[:2],
        ("client", UPDATE),
        ("server", UPDATE_BOTH),
        *WEB,
    ]
    sessions = [
        session
        for suite in SUITES_13
        for session in tls_lab_openssl.play(tls_lab_openssl.Setup(version=0x0304, suite=suite), script)
    ]
    assert failed(open_all(tmp_path, sessions)) == []


@needs_openssl
def test_early_data_opens(tmp_path: Path) -> None:
    setup = tls_lab_openssl.Setup(version=0x0304, suite="TLS_AES_128_GCM_SHA256")
    assert failed(open_all(tmp_path, tls_lab_openssl.play(setup, WEB, (("client", EARLY), *WEB)))) == []


@needs_openssl
@pytest.mark.parametrize("version", [0x0301, 0x0302, 0x0303])
@pytest.mark.parametrize("keys", ["key log", "private key"])
def test_renegotiation_by_either_side_is_followed(tmp_path: Path, version: int, keys: str) -> None:
    asking = [*WEB[:2], ("server", RENEGOTIATE_ASKING), *WEB[2:]]
    twice = [*WEB[:2], ("client", RENEGOTIATE), *WEB[2:], ("server", RENEGOTIATE), *WEB]
    setup = tls_lab_openssl.Setup(version=version, suite="AES128-SHA", client_certificate=True)
    sessions = [*tls_lab_openssl.play(setup, asking, name="asking"), *tls_lab_openssl.play(setup, twice, name="twice")]
    ring = ring_of(log_of(sessions)) if keys == "key log" else ring_of(*private_keys_of(sessions))
    opened = open_all(tmp_path, sessions, ring)
    assert failed(opened) == []
    assert [one.outcome.handshakes for one in opened] == [2, 3]


@needs_openssl
def test_pre_shared_keys_open_with_a_key_log(tmp_path: Path) -> None:
    setups = [tls_lab_openssl.Setup(suite=suite, psk=True) for suite in SUITES_PSK]
    setups += [
        tls_lab_openssl.Setup(version=0x0301, suite=suite, psk=True)
        for suite in SUITES_PSK
        if suite.endswith("CBC-SHA")
    ]
    setups.append(tls_lab_openssl.Setup(version=0x0304, suite="TLS_AES_128_GCM_SHA256", psk=True, certificate=None))
    sessions = [session for setup in setups for session in tls_lab_openssl.play(setup)]
    assert failed(open_all(tmp_path, sessions)) == []


@functools.cache
def former_sessions() -> tuple[Session, ...]:
    """SSL 3.0, RC4, 3DES and drafts, new ones; and some that were resumed."""
    setups = tls_lab_tlslite.BROKEN + tls_lab_tlslite.FURTHER
    found = [session for setup in setups for session in tls_lab_tlslite.play(setup)]
    for setup in (tls_lab_tlslite.Setup(version=0x0300, cipher="rc4"), tls_lab_tlslite.Setup(cipher="3des")):
        found += tls_lab_tlslite.play(setup, resume=True)
    return tuple(found)


@needs_tlslite
def test_suites_and_versions_of_former_years_open_with_a_key_log(tmp_path: Path) -> None:
    assert failed(open_all(tmp_path, former_sessions())) == []


@needs_tlslite
def test_suites_and_versions_of_former_years_open_with_the_private_key(tmp_path: Path) -> None:
    sessions = [session for session in former_sessions() if " rsa " in session.name]
    assert failed(open_all(tmp_path, sessions, ring_of(*private_keys_of(sessions)))) == []

"""Secrets are found by the client's random, and openers made from them are those that `make_opener` makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.decrypt.short.test_hellos import agreed_in
from tests.support import tls_lab
from tests.support.opened import ring_of
from tests.support.sealing import Sealer
from tests.support.tls_handshakes import TLS12, TLS13
from tests.support.tls_lab import Session, Setup
from wireproof.decrypt.keys.derive import expand_label, traffic_keys
from wireproof.decrypt.keys.masters import ANY
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.protect.choose import make_opener
from wireproof.decrypt.short.hellos import Agreed
from wireproof.decrypt.short.keys import begin_premaster, find_logged, find_master, find_secrets, opener_maker
from wireproof.wire.tls import TLS_1_3
from wireproof.wire.tls_suite_parts import suite_parts


def agreed_of(folder: Path, session: Session) -> Agreed:
    (agreed,) = agreed_in(folder, session)
    assert agreed is not None
    return agreed


def test_both_sides_have_two_secrets_in_tls_1_3(tmp_path: Path) -> None:
    session = tls_lab.play(Setup(version=TLS13))
    agreed, ring = agreed_of(tmp_path, session), ring_of(session.key_log)
    found = find_secrets(agreed, ring)
    assert found is not None
    assert len({one.value for pair in found for one in pair}) == 4
    lines = [line for line in session.key_log.split(b"\n") if b"_TRAFFIC_" in line]
    for missing in lines:
        others = b"\n".join(line for line in lines if line != missing)
        is_needed = b"EARLY" not in missing
        assert (find_secrets(agreed, ring_of(others)) is None) == is_needed


def test_a_logged_master_secret_tells_whether_it_is_an_earlier_one(tmp_path: Path) -> None:
    full, resumed = tls_lab.play_resumed(Setup(version=TLS12, suite="AES128-SHA"))
    ring = ring_of(full.key_log, resumed.key_log)
    found = [find_logged(agreed, ring) for agreed in agreed_in(tmp_path, full, resumed) if agreed]
    assert [one and one.resumed for one in found] == [False, True]
    assert find_logged(agreed_of(tmp_path, full), KeyRing()) is None


def test_a_private_key_gives_what_the_key_log_has(tmp_path: Path) -> None:
    session = tls_lab.play(Setup(version=TLS12, suite="AES128-SHA"))
    agreed, ring = agreed_of(tmp_path, session), ring_of(session.private_key)
    parts = suite_parts(agreed.suite)
    assert parts is not None
    assert begin_premaster(agreed, ring, ANY)
    master, logged = find_master(agreed, parts, ring, ANY), find_logged(agreed, ring_of(session.key_log))
    ring.premasters.close()
    assert master is not None
    assert logged is not None
    assert master.value == logged.value
    assert not begin_premaster(agreed, KeyRing(), ANY)


def test_a_private_key_is_not_tried_where_it_cannot_help(tmp_path: Path) -> None:
    session = tls_lab.play(Setup(version=TLS12, suite="ECDHE-RSA-AES128-GCM-SHA256"))
    assert not begin_premaster(agreed_of(tmp_path, session), ring_of(session.private_key), ANY)


@pytest.mark.parametrize("suite", [0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xC0B4])
@pytest.mark.parametrize("version", [0x0304, 0x7F1C])
def test_what_makes_openers_makes_those_of_the_suite(suite: int, version: int) -> None:
    parts, make = suite_parts(suite), opener_maker(version, suite)
    assert parts is not None
    assert make is not None
    secret = bytes(range(48 if parts.prf == "sha384" else 32))
    key, iv = (
        expand_label(secret, label, size, parts.prf, "tls13 ")
        for label, size in (("key", parts.key_bytes), ("iv", parts.iv_bytes))
    )
    sealer = Sealer(TLS_1_3, parts.cipher, parts.mode, parts.mac, b"", key, iv, parts.tag_bytes, sequence=3)
    mine, usual = make(secret), make_opener(version, parts, traffic_keys(parts, secret, version))
    body = sealer.seal(b"said")
    assert mine.open(3, 23, 0x0303, body) == usual.open(3, 23, 0x0303, body) == (23, b"said")
    assert type(mine) is type(usual)


def test_drafts_before_the_20th_have_another_label_and_cover_no_header() -> None:
    make, secret = opener_maker(0x7F12, 0x1301), bytes(32)
    assert make is not None
    key, iv = (expand_label(secret, label, size, "sha256", "TLS 1.3, ") for label, size in (("key", 16), ("iv", 12)))
    body = AESGCM(key).encrypt(iv, b"said\x17", b"")
    assert make(secret).open(0, 23, 0x0301, body) == (23, b"said")


def test_a_suite_that_is_not_known_has_no_opener() -> None:
    assert opener_maker(0x0304, 0x13FF) is None

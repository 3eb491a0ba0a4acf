"""Records of DTLS 1.3, sealed by hand."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wireproof.decrypt.dtls.dtls13 import Dtls13, EpochKeys
from wireproof.decrypt.dtls.handshake import DtlsHandshake
from wireproof.decrypt.handshake_parts import HelloParts
from wireproof.decrypt.keys.derive import expand_label, next_traffic_secret
from wireproof.decrypt.keys.ring import KeyKind, KeyRing, KeySource
from wireproof.decrypt.protect.opener import BadRecord
from wireproof.wire.dtls import UnifiedRecord, unpack_unified
from wireproof.wire.tls import Hello
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

RANDOM, SECRET = bytes(range(32)), b"\x11" * 32


def parts() -> SuiteParts:
    """AES-128-GCM."""
    found = suite_parts(0x1301)
    assert found is not None
    return found


def seal(secret: bytes, epoch: int, number: int, content: bytes, kind: int = 23) -> UnifiedRecord:
    """One record with a number of two bytes and a length."""
    key, iv, hidden = (
        expand_label(secret, label, size, "sha256", "dtls13") for label, size in (("key", 16), ("iv", 12), ("sn", 16))
    )
    inner = content + bytes([kind]) + bytes(3)
    header = bytes([0x2C | epoch & 3]) + (number & 0xFFFF).to_bytes(2, "big") + (len(inner) + 16).to_bytes(2, "big")
    nonce = bytes(a ^ b for a, b in zip(iv, number.to_bytes(12, "big"), strict=True))
    body = AESGCM(key).encrypt(nonce, inner, header)
    mask = Cipher(algorithms.AES(hidden), modes.ECB()).encryptor().update(body[:16])
    shown = bytes(a ^ b for a, b in zip(header[1:3], mask[:2], strict=True))
    (record,) = unpack_unified(header[:1] + shown + header[3:] + body, 0)
    return record


def handshake() -> DtlsHandshake:
    """Both hellos of DTLS 1.3."""
    made = DtlsHandshake()
    made.client_hello = HelloParts(Hello(random=RANDOM))
    made.server_hello = HelloParts(Hello(version=0x0303, random=bytes(32), suites=(0x1301,), versions=(0xFEFC,)))
    return made


def test_numbers_are_completed_from_what_came_before() -> None:
    keys = EpochKeys(parts(), SECRET)
    for number in (0, 1, 30_000, 60_000, 65_535, 65_536, 65_534, 90_000, 120_000):
        assert keys.open(seal(SECRET, 3, number, b"%d" % number)) == (23, b"%d" % number)
    assert keys.expected == 120_001


def test_another_bit_anywhere_is_noticed() -> None:
    record = seal(SECRET, 3, 7, b"content")
    for place in range(len(record.body)):
        spoilt = bytes(byte ^ (at == place) for at, byte in enumerate(record.body))
        with pytest.raises(BadRecord):
            EpochKeys(parts(), SECRET).open(record._replace(body=spoilt))
    with pytest.raises(BadRecord, match="short"):
        EpochKeys(parts(), SECRET).open(record._replace(body=record.body[:15]))


def test_epochs_follow_one_another_and_late_records_still_open() -> None:
    ring = KeyRing()
    ring.add_logged(
        KeySource("keys.log", KeyKind.KEY_LOG, 2),
        {
            ("SERVER_HANDSHAKE_TRAFFIC_SECRET", RANDOM): b"\x22" * 32,
            ("SERVER_TRAFFIC_SECRET_0", RANDOM): SECRET,
        },
    )
    opened = Dtls13(ring)
    updated = next_traffic_secret(parts(), SECRET, 0xFEFC)
    assert updated == expand_label(SECRET, "traffic upd", 32, "sha256", "dtls13")
    sent = [
        seal(b"\x22" * 32, 2, 0, b"finished", 22),
        seal(SECRET, 3, 0, b"one"),
        seal(updated, 4, 0, b"two"),
        seal(SECRET, 3, 1, b"late"),
        seal(next_traffic_secret(parts(), updated, 0xFEFC), 5, 0, b"three"),
    ]
    clear = [opened.open(handshake(), 1, record) for record in sent]
    assert clear == [(22, b"finished"), (23, b"one"), (23, b"two"), (23, b"late"), (23, b"three")]
    assert opened.source == "keys.log"
    with pytest.raises(BadRecord):
        opened.open(handshake(), 0, sent[1])

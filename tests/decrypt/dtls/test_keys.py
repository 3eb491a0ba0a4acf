"""Keys of DTLS associations."""

from __future__ import annotations

import pytest

from tests.support.sealing import Sealer
from wireproof.decrypt.dtls.handshake import DtlsHandshake
from wireproof.decrypt.dtls.keys import DtlsKeys, OldOpener
from wireproof.decrypt.handshake_parts import HelloParts
from wireproof.decrypt.keys.derive import DirectionKeys, key_block
from wireproof.decrypt.keys.masters import Endpoint
from wireproof.decrypt.keys.ring import KeyKind, KeyRing, KeySource
from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.protect.choose import make_opener
from wireproof.decrypt.protect.opener import BadRecord
from wireproof.wire.dtls import DtlsRecord
from wireproof.wire.tls import Hello
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

RANDOMS = bytes(range(32)), bytes(range(1, 33))
MASTER = bytes(48)


def parts() -> SuiteParts:
    """AES-128 in CBC with SHA-1."""
    found = suite_parts(0x002F)
    assert found is not None
    return found


def handshake(version: int = 0xFEFF) -> DtlsHandshake:
    """Both hellos."""
    made = DtlsHandshake(wire_version=version)
    made.client_hello = HelloParts(Hello(version=0x0302, random=RANDOMS[0]))
    made.server_hello = HelloParts(Hello(version=0x0302, random=RANDOMS[1], suites=(0x002F,)))
    return made


def ring(master: bytes = MASTER) -> KeyRing:
    """A ring with one master secret."""
    made = KeyRing()
    made.add_logged(KeySource("keys.log", KeyKind.KEY_LOG, 1), {("CLIENT_RANDOM", RANDOMS[0]): master})
    return made


def sealer(keys: DirectionKeys, number: int) -> Sealer:
    """Seals as DTLS 1.0 does: as TLS 1.1, with the epoch in the sequence number."""
    return Sealer(0x0302, "AES", "CBC", "sha1", keys.mac, keys.key, b"", sequence=number)


def test_the_right_secret_opens_what_either_side_sent() -> None:
    both = key_block(0x0302, parts(), MASTER, *RANDOMS)
    for role, keys in enumerate(both):
        body = sealer(keys, 1 << 48 | 9).seal(b"hello", record_version=0xFEFF)
        record = DtlsRecord(23, 0xFEFF, 1, 9, body, True)
        held = DtlsKeys(ring(), Endpoint(bytes(16), 4433))
        found = held.find(handshake(), role, record)
        assert found is not None
        assert found.openers[role].open(record.sequence, 23, 0xFEFF, body) == (23, b"hello")
        assert (held.source, held.reason) == ("keys.log", Reason.NONE)
        assert DtlsKeys(ring(b"\1" * 48), Endpoint(bytes(16), 4433)).find(handshake(), role, record) is None


def test_why_there_are_no_keys_is_told() -> None:
    record = DtlsRecord(23, 0xFEFF, 1, 9, bytes(64), True)
    wrong, none = DtlsKeys(ring(), Endpoint(bytes(16), 1)), DtlsKeys(KeyRing(), Endpoint(bytes(16), 1))
    assert wrong.find(handshake(), 0, record) is None
    assert none.find(DtlsHandshake(), 0, record) is None
    assert (wrong.reason, none.reason) == (Reason.WRONG_SECRET, Reason.NO_HANDSHAKE)


def test_openssl_before_the_rfc_left_the_epoch_out_of_its_macs() -> None:
    keys = key_block(0x0302, parts(), MASTER, *RANDOMS)[0]
    opener = OldOpener(make_opener(0x0302, parts(), keys, dtls=True))
    early = sealer(keys, 5).seal(b"early", record_version=0x0301)
    later = sealer(keys, 1 << 48 | 5).seal(b"later", record_version=0x0100)
    assert opener.open(1 << 48 | 5, 23, 0x0100, early) == (23, b"early")
    assert opener.open(1 << 48 | 5, 23, 0x0100, later) == (23, b"later")
    with pytest.raises(BadRecord):
        opener.open(1 << 48 | 6, 23, 0x0100, later)

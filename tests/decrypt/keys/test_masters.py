"""Master secrets from every kind of key: logged ones, logged premaster secrets, private keys, and sessions that were opened before."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from tests.support.opened import ring_of
from tests.support.tls_handshakes import issue, rsa_key
from tests.support.tls_lab import ecdsa_server
from tests.support.tls_scripts import CLIENT_RANDOM, MASTER, SERVER_RANDOM, extensions, message, vector
from wireproof.decrypt.handshake_parts import Handshake
from wireproof.decrypt.keys.derive import master_secret
from wireproof.decrypt.keys.masters import Endpoint, Master, find_masters, usable_keys
from wireproof.decrypt.keys.ring import KeyKind, KeyRing, KeySource, Secret
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

SERVER = Endpoint(bytes(12) + bytes((10, 0, 0, 1)), 443)
PREMASTER = b"\x03\x03" + bytes(range(46))
ENCRYPTED = rsa_key(2048).public_key().encrypt(PREMASTER, PKCS1v15())
MADE = master_secret(0x0303, "sha256", PREMASTER, CLIENT_RANDOM, SERVER_RANDOM)


def parts(suite: int = 0x009C) -> SuiteParts:
    found = suite_parts(suite)
    assert found
    return found


def handshake(
    full: bool = True, certificate: bytes = b"", ticket: bytes = b"", session_id: bytes = b"", extended: bool = False
) -> Handshake:
    made = Handshake()
    listed = [(35, ticket)] if ticket else []
    agreed = [(23, b"")] if extended else []
    hello = b"\x03\x03" + CLIENT_RANDOM + vector(session_id, 1) + vector(b"\0\x9c") + b"\x01\0"
    made.take(0, message(1, hello + extensions(*listed, *agreed)))
    answer = b"\x03\x03" + SERVER_RANDOM + vector(session_id, 1) + b"\0\x9c\0"
    made.take(1, message(2, answer + extensions(*agreed)))
    if full:
        if certificate:
            made.take(1, message(11, vector(vector(certificate, 3), 3)))
        made.take(1, message(14))
        made.take(0, message(16, vector(ENCRYPTED)))
    return made


def logged(**secrets: tuple[bytes, bytes]) -> KeyRing:
    ring = KeyRing()
    named = {
        (label.replace("_Session", " Session").replace("_ID", "-ID"), name): value
        for label, (name, value) in secrets.items()
    }
    ring.add_logged(KeySource("log", KeyKind.KEY_LOG), named)
    return ring


def values(found: Handshake, ring: KeyRing) -> list[bytes]:
    return [one.value for one in find_masters(found, parts(), ring, SERVER)]


def test_a_logged_master_secret_is_found_by_the_client_random() -> None:
    assert values(handshake(), logged(CLIENT_RANDOM=(CLIENT_RANDOM, MASTER))) == [MASTER]
    assert values(handshake(), logged(CLIENT_RANDOM=(bytes(32), MASTER))) == []


def test_logged_premaster_secrets_are_found_by_random_and_by_what_was_encrypted() -> None:
    assert values(handshake(), logged(PMS_CLIENT_RANDOM=(CLIENT_RANDOM, PREMASTER))) == [MADE]
    assert values(handshake(), logged(RSA=(ENCRYPTED[:8], PREMASTER))) == [MADE]


def test_a_master_secret_logged_by_session_id_opens_the_session_and_those_that_resume_it() -> None:
    ring = logged(RSA_Session_ID=(b"id" * 16, MASTER))
    assert values(handshake(session_id=b"id" * 16), ring) == [MASTER]
    (found,) = find_masters(handshake(full=False, session_id=b"id" * 16), parts(), ring, SERVER)
    assert found == Master(MASTER, "log", resumed=True)


def test_the_private_key_of_the_certificate_is_used_and_without_certificate_each() -> None:
    own, other = issue("own", key=rsa_key(2048)), issue("other", key=rsa_key(2048, 5))
    ring = ring_of(other.key_pem(), own.key_pem())
    assert values(handshake(certificate=own.der), ring) == [MADE]
    assert values(handshake(), ring) == [MADE]
    assert values(handshake(certificate=other.der), ring) == []
    # What certifies another kind of key is not tried.
    assert usable_keys(handshake(certificate=ecdsa_server().der), ring, SERVER) == []


def test_private_keys_stay_with_the_servers_that_were_named() -> None:
    ring = ring_of(issue("own", key=rsa_key(2048)).key_pem())
    ring.servers = frozenset({(SERVER.address, 8443)})
    assert values(handshake(), ring) == []
    ring.servers = frozenset({(SERVER.address, 443)})
    assert values(handshake(), ring) == [MADE]


def test_the_extended_master_secret_covers_the_messages() -> None:
    found = handshake(extended=True)
    wanted = master_secret(0x0303, "sha256", PREMASTER, CLIENT_RANDOM, SERVER_RANDOM, found.session_hash("sha256"))
    assert values(found, ring_of(issue("own", key=rsa_key(2048)).key_pem())) == [wanted]
    assert wanted != MADE


def test_sessions_go_on_from_what_is_remembered_by_ticket_or_id() -> None:
    ring = KeyRing()
    ring.remember(Secret(MASTER, "log"), b"id" * 16, b"ticket")
    for resumed in (handshake(full=False, ticket=b"ticket"), handshake(full=False, session_id=b"id" * 16)):
        assert list(find_masters(resumed, parts(), ring, SERVER)) == [Master(MASTER, "log", resumed=True)]
    assert values(handshake(full=False, ticket=b"other"), ring) == []
    assert values(handshake(session_id=b"id" * 16), ring) == []


def test_secrets_are_not_shown() -> None:
    assert MASTER.hex() not in repr(Master(MASTER, "log"))
    assert "\\x05" not in repr(Master(MASTER, "log"))

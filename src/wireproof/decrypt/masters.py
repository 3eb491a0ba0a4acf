"""The master secret of a handshake up to TLS 1.2: from a key log, by a private key, or from the session that it goes on from.

Takes a handshake and the ring of keys; gives every master secret that may be right, the likeliest first. Whether one is, its records tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.decrypt.handshake_parts import (
    EXTENDED_MASTER_SECRET,
    SESSION_TICKET,
    Handshake,
    unpack_encrypted_premaster,
)
from wireproof.wire import dtls

if TYPE_CHECKING:
    from wireproof.decrypt.key_ring import KeyRing, PrivateKey, Secret
    from wireproof.wire.tls_suite_parts import SuiteParts

MASTER_LABEL = "CLIENT_RANDOM"
"""What master secrets are called in a key log (RFC 9850 section 2.2)."""
PREMASTER_BYTES = 48
PREMASTER_VERSIONS = {0x0300, 0x0301, 0x0302, 0x0303, 0x0304, *dtls.SAME_AS}
"""What a premaster secret begins with: the highest version that the client offers."""
RSA_EXCHANGES = {"RSA", "RSA_EXPORT"}


@dataclass(frozen=True, slots=True)
class Master:
    """A master secret, the file or block that it comes from, and whether it is that of an earlier session."""

    value: bytes = field(repr=False)
    source: str
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server's address, 16 bytes, and port."""

    address: bytes
    port: int


def find_masters(handshake: Handshake, parts: SuiteParts, ring: KeyRing, server: Endpoint) -> Iterator[Master]:
    """Master secrets that this handshake may have."""
    logged = ring.logged(MASTER_LABEL, handshake.client_random)
    if logged:
        yield Master(logged.value, logged.source, not handshake.is_full)
    if handshake.is_full:
        yield from _exchanged(handshake, parts, ring, server)
    if handshake.key_exchange is None:
        yield from _resumed(handshake, ring)


def _resumed(handshake: Handshake, ring: KeyRing) -> Iterator[Master]:
    """Secrets of the session that is gone on from: by its id, or by the ticket that the client showed."""
    if handshake.server_hello is None:
        return
    session_id = handshake.server_hello.hello.session_id
    logged = ring.logged("RSA Session-ID", session_id) if session_id else None
    if logged:
        yield Master(logged.value, logged.source, resumed=True)
    ticket = handshake.client_hello.extensions.get(SESSION_TICKET, b"") if handshake.client_hello else b""
    for name in (ticket, session_id):
        known = ring.remembered(name)
        if known:
            yield Master(known.value, known.source, resumed=True)


def _exchanged(handshake: Handshake, parts: SuiteParts, ring: KeyRing, server: Endpoint) -> Iterator[Master]:
    """Secrets made from the premaster secret that the client sent."""
    session_id = handshake.server_hello.hello.session_id if handshake.server_hello else b""
    named = ring.logged("RSA Session-ID", session_id) if session_id else None
    if named:
        yield Master(named.value, named.source)
    for premaster in _premasters(handshake, parts, ring, server):
        yield Master(make_master(handshake, parts, premaster.value), premaster.source)


def _premasters(handshake: Handshake, parts: SuiteParts, ring: KeyRing, server: Endpoint) -> Iterator[Secret]:
    logged = ring.logged("PMS_CLIENT_RANDOM", handshake.client_random)
    if logged:
        yield logged
    if parts.key_exchange not in RSA_EXCHANGES or handshake.key_exchange is None:
        return
    encrypted = unpack_encrypted_premaster(handshake.key_exchange, handshake.version)
    logged = ring.logged("RSA", encrypted[:8])
    if logged:
        yield logged
    for key in usable_keys(handshake, ring, server):
        found = decrypt_premaster(key, encrypted)
        if found is not None:
            yield found


def usable_keys(handshake: Handshake, ring: KeyRing, server: Endpoint) -> list[PrivateKey]:
    """Private keys that may be the server's: that of its certificate, or all where the capture lacks the certificate."""
    if ring.servers and (server.address, server.port) not in ring.servers:
        return []
    if handshake.certificate is None or not ring.private_keys:
        return ring.private_keys
    own = ring.private_key(handshake.modulus)
    return [own] if own else []


def decrypt_premaster(key: PrivateKey, encrypted: bytes) -> Secret | None:
    """The premaster secret (RFC 5246 section 7.4.7.1); None where padding, size or version show that the key is another one's.

    OpenSSL gives random bytes for a wrong padding, so the version at its beginning decides.
    """
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    from wireproof.decrypt.key_ring import Secret

    size = (key.modulus.bit_length() + 7) // 8
    if not 0 < len(encrypted) <= size:
        return None
    try:
        found = key.key.decrypt(encrypted.rjust(size, b"\0"), PKCS1v15())
    except ValueError:
        return None
    if len(found) != PREMASTER_BYTES or int.from_bytes(found[:2], "big") not in PREMASTER_VERSIONS:
        return None
    return Secret(found, key.source)


def make_master(handshake: Handshake, parts: SuiteParts, premaster: bytes) -> bytes:
    """The master secret of a premaster secret, extended where both sides said so."""
    from wireproof.decrypt.derive import master_secret

    extended = handshake.has(EXTENDED_MASTER_SECRET) and handshake.version > 0x0300
    hashed = handshake.session_hash(parts.prf) if extended else b""
    return master_secret(
        handshake.version, parts.prf, premaster, handshake.client_random, handshake.server_random, hashed
    )

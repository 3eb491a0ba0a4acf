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
from wireproof.decrypt.keys.ring import Secret

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.keys.ring import KeyRing, PrivateKey
    from wireproof.wire.tls_suite_parts import SuiteParts

MASTER_LABEL = "CLIENT_RANDOM"
"""What master secrets are called in a key log (RFC 9850 section 2.2)."""
RSA_EXCHANGES = {"RSA", "RSA_EXPORT"}


@dataclass(slots=True)
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


ANY = Endpoint(b"", 0)
"""Stands for a server whose address nobody asks for."""


def find_server(tables: CaptureTables, conversation: int, side: int, ring: KeyRing) -> Endpoint:
    """The endpoint of one side of a conversation, where keys are limited to servers."""
    if not ring.servers:
        return ANY
    facts = tables.conversations.facts[conversation]
    return Endpoint(facts["addresses"].tobytes()[16 * side : 16 * side + 16], int(facts["sides"][side]["port"]))


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
    encrypted = find_encrypted(handshake, parts)
    if not encrypted:
        return
    logged = ring.logged("RSA", encrypted[:8])
    if logged:
        yield logged
    for key in usable_keys(handshake, ring, server):
        found = ring.premasters.take(key.key, encrypted)
        if found is not None:
            yield Secret(found, key.source)


def find_encrypted(handshake: Handshake, parts: SuiteParts) -> bytes:
    """The premaster secret as the client encrypted it for a private key; empty where it did not."""
    if parts.key_exchange not in RSA_EXCHANGES or handshake.key_exchange is None:
        return b""
    return unpack_encrypted_premaster(handshake.key_exchange, handshake.version)


def usable_keys(handshake: Handshake, ring: KeyRing, server: Endpoint) -> list[PrivateKey]:
    """Private keys that may be the server's: that of its certificate, or all where the capture lacks the certificate."""
    if not ring.serves(server.address, server.port):
        return []
    if handshake.certificate is None or not ring.private_keys:
        return ring.private_keys
    own = ring.private_key(handshake.modulus)
    return [own] if own else []


def make_master(handshake: Handshake, parts: SuiteParts, premaster: bytes) -> bytes:
    """The master secret of a premaster secret, extended where both sides said so."""
    from wireproof.decrypt.keys.derive import master_secret

    extended = handshake.has(EXTENDED_MASTER_SECRET) and handshake.version > 0x0300
    hashed = handshake.session_hash(parts.prf) if extended else b""
    return master_secret(
        handshake.version, parts.prf, premaster, handshake.client_random, handshake.server_random, hashed
    )

"""Openers for the records of short sessions, both sides' at once, from a master secret or from the secrets of TLS 1.3.

Takes what both sides agreed on and the ring of keys; gives openers of which nobody has tried whether they are right.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from wireproof.decrypt.keys.derive import TrafficKeys, key_block
from wireproof.decrypt.keys.masters import (
    MASTER_LABEL,
    RSA_EXCHANGES,
    Master,
    find_encrypted,
    find_masters,
    usable_keys,
)
from wireproof.decrypt.keys.ring import Secret
from wireproof.decrypt.keys.session import LABELS
from wireproof.decrypt.protect.choose import make_opener, maker_for_tls_1_3
from wireproof.wire.tls_suite_parts import suite_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.decrypt.keys.masters import Endpoint
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.protect.opener import Opener
    from wireproof.decrypt.short.hellos import Agreed
    from wireproof.wire.tls_suite_parts import SuiteParts

CLIENT, SERVER = 0, 1
TRUNCATED_HMAC, ENCRYPT_THEN_MAC = 4, 22
EARLY = LABELS[CLIENT][0][1]
"""The label of a secret that only sessions with early data have."""


class Logged13(NamedTuple):
    """Secrets of one side in TLS 1.3: of its handshake, and of what follows."""

    handshake: Secret
    later: Secret


Keys = tuple[Logged13, Logged13] | Master | None
"""The client's and the server's secrets in TLS 1.3, or the master secret up to TLS 1.2; None where a private key has to give it."""


def may_open(random: bytes, suite: int, ring: KeyRing) -> bool:
    """Whether it is likely that there are keys for a session, by its client's random and its suite."""
    if ring.logged(MASTER_LABEL, random) or ring.logged(LABELS[SERVER][0][1], random):
        return True
    parts = suite_parts(suite) if ring.private_keys else None
    return parts is not None and parts.key_exchange in RSA_EXCHANGES


def find_secrets(agreed: Agreed, ring: KeyRing) -> tuple[Logged13, Logged13] | None:
    """The client's and the server's secrets; None where one is not at hand."""
    found = []
    for labels in LABELS:
        secrets = [ring.logged(label, agreed.random) for _, label in labels if label != EARLY]
        if not secrets[0] or not secrets[1]:
            return None
        found.append(Logged13(secrets[0], secrets[1]))
    return found[CLIENT], found[SERVER]


def find_logged(agreed: Agreed, ring: KeyRing) -> Master | None:
    """The master secret of a handshake up to TLS 1.2 in a key log."""
    logged = ring.logged(MASTER_LABEL, agreed.random)
    return Master(logged.value, logged.source, not agreed.is_full) if logged else None


def find_master(agreed: Agreed, parts: SuiteParts, ring: KeyRing, server: Endpoint) -> Master | None:
    """The likeliest master secret of a handshake up to TLS 1.2 that no key log has."""
    return next(find_masters(agreed.handshake, parts, ring, server), None)


def begin_premaster(agreed: Agreed, ring: KeyRing, server: Endpoint) -> bool:
    """Let a private key's work be done ahead; whether one is likely to give the master secret."""
    parts = suite_parts(agreed.suite) if ring.private_keys else None
    if parts is None or parts.key_exchange not in RSA_EXCHANGES:
        return False
    handshake = agreed.handshake
    encrypted = find_encrypted(handshake, parts)
    for key in usable_keys(handshake, ring, server) if encrypted else ():
        ring.premasters.begin(key.key, encrypted)
    return True


def openers_of_master(agreed: Agreed, parts: SuiteParts, master: bytes) -> tuple[Opener, Opener]:
    """The client's and the server's opener, up to TLS 1.2. Raises UnsupportedCipher."""
    client, server = key_block(agreed.version, parts, master, agreed.random, agreed.server_random)
    make = functools.partial(make_opener, agreed.version, parts)
    later, short = ENCRYPT_THEN_MAC in agreed.extensions, TRUNCATED_HMAC in agreed.extensions
    return make(client, later, short), make(server, later, short)


@functools.lru_cache(maxsize=64)
def opener_maker(version: int, suite: int) -> Callable[[bytes], Opener] | None:
    """What makes an opener from a secret of TLS 1.3, the version as the server named it; None where the suite is not known here.

    Raises UnsupportedCipher.
    """
    parts = suite_parts(suite)
    if parts is None:
        return None
    derive, make = TrafficKeys(parts, version).of, maker_for_tls_1_3(version, parts)

    def make_one(secret: bytes) -> Opener:
        keys = derive(secret)
        return make(keys.key, keys.iv)

    return make_one

"""Keys of a session's two directions: tried on its records, so that only those which open something are used.

Takes handshakes and the ring of keys; gives epochs, or the reason why there are none. The cryptography library is loaded when a key is at hand.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wireproof.decrypt.epoch import DEFLATE, BareOpener, Chain, Epoch, Inflating
from wireproof.decrypt.handshake_parts import (
    ENCRYPT_THEN_MAC,
    EXTENDED_MASTER_SECRET,
    SERVER_KEY_EXCHANGE,
    TRUNCATED_HMAC,
    Handshake,
)
from wireproof.decrypt.keys.masters import (
    RSA_EXCHANGES,
    Endpoint,
    Master,
    find_masters,
    usable_keys,
)
from wireproof.decrypt.keys.ring import Secret
from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.protect.opener import BadRecord, Opener, UnsupportedCipher
from wireproof.wire.tls import TLS_1_3
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts
from wireproof.wire.tls_suites import encrypts_nothing, mac_bytes

if TYPE_CHECKING:
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.record_feed import Body

CLIENT, SERVER = 0, 1
LABELS = (
    (("early", "CLIENT_EARLY_TRAFFIC_SECRET"), ("handshake", "CLIENT_HANDSHAKE_TRAFFIC_SECRET"), ("", "CLIENT_TRAFFIC_SECRET_0")),
    (("handshake", "SERVER_HANDSHAKE_TRAFFIC_SECRET"), ("", "SERVER_TRAFFIC_SECRET_0")),
)  # fmt: skip
"""By role the secrets of TLS 1.3 in the order of their use: name of the epoch, and label in a key log (RFC 9850 section 2.2)."""
TRUNCATED_BYTES, SSL_3_0 = 10, 0x0300

Probe = tuple[int, "Body"]
"""A role and its first record under new keys."""


class SessionKeys:
    """The keys of one session. `reason` tells why some are missing, `source` the file or block of those in use."""

    def __init__(self, ring: KeyRing, server: Endpoint) -> None:
        self._ring = ring
        self._server = server
        self.reason = Reason.NONE
        self.source = ""
        self.resumed = False

    # --- SSL 3.0 to TLS 1.2 ------------------------------------------------------------------------------------------

    def make_epochs(self, handshake: Handshake, probes: list[Probe]) -> tuple[Epoch, Epoch] | None:
        """Epochs of both directions behind a handshake: those under which one of the probes opens, the first ones where there is no probe."""
        parts = suite_parts(handshake.suite)
        try:
            found = self._first_right(handshake, parts, probes)
        except UnsupportedCipher:
            found, parts = None, None
        if found:
            return found
        if encrypts_nothing(handshake.suite):
            size = TRUNCATED_BYTES if handshake.has(TRUNCATED_HMAC) else mac_bytes(handshake.suite)
            bare = functools.partial(BareOpener, size)
            return _epoch(handshake, None, bare), _epoch(handshake, None, bare)
        self.reason = self.reason or self._explain(handshake, parts)
        return None

    def _first_right(
        self, handshake: Handshake, parts: SuiteParts | None, probes: list[Probe]
    ) -> tuple[Epoch, Epoch] | None:
        if parts is None or not handshake.client_random or not handshake.server_random:
            return None
        if handshake.server_hello is None or handshake.server_hello.compression not in (0, DEFLATE):
            return None
        for master in self.masters(handshake, parts):
            makers = _makers(handshake, parts, master)
            if not probes or any(opens(makers[role](), record) for role, record in probes):
                self.use(handshake, master)
                return _epoch(handshake, parts, makers[CLIENT]), _epoch(handshake, parts, makers[SERVER])
            self.reason = self.reason or (Reason.NO_HANDSHAKE if lacks_messages(handshake) else Reason.WRONG_SECRET)
        return None

    def masters(self, handshake: Handshake, parts: SuiteParts) -> Iterator[Master]:
        """Master secrets that a handshake may have, the likeliest first."""
        return find_masters(handshake, parts, self._ring, self._server)

    def use(self, handshake: Handshake, master: Master) -> None:
        """Note that records open with this master secret: later sessions may go on from it."""
        self.take_source(master.source)
        self.resumed = self.resumed or master.resumed
        session_id = handshake.server_hello.hello.session_id if handshake.server_hello else b""
        self._ring.remember(Secret(master.value, master.source), session_id, *handshake.tickets)

    def take_source(self, source: str) -> None:
        """Note which file or block the keys of this session come from; the first one counts."""
        if not self.source:
            self.source, self.reason = source, Reason.NONE
            self._ring.count_use(source)

    def _explain(self, handshake: Handshake, parts: SuiteParts | None) -> Reason:
        """Why no master secret was even tried."""
        if not handshake.client_random or not handshake.server_random:
            return Reason.NO_HANDSHAKE
        if parts is None or (handshake.server_hello and handshake.server_hello.compression not in (0, DEFLATE)):
            return Reason.UNKNOWN_SUITE
        if not handshake.is_full:
            return Reason.NO_HANDSHAKE if handshake.lacks else Reason.RESUMED
        if parts.key_exchange not in RSA_EXCHANGES or (
            parts.key_exchange != "RSA" and SERVER_KEY_EXCHANGE in handshake.kinds
        ):
            return Reason.FORWARD_SECRECY
        if not self._ring.private_keys:
            return Reason.NO_KEY
        if not usable_keys(handshake, self._ring, self._server):
            return Reason.OTHER_KEY
        return Reason.NO_HANDSHAKE if handshake.key_exchange is None else Reason.OTHER_KEY

    # --- TLS 1.3 -----------------------------------------------------------------------------------------------------

    def secrets(self, handshake: Handshake, role: int) -> list[Epoch]:
        """Epochs of one direction in TLS 1.3, in the order of their use; those whose secret is not at hand are left out."""
        if encrypts_nothing(handshake.suite):
            bare = functools.partial(BareOpener, mac_bytes(handshake.suite), inner=True)
            return [Epoch(bare, "handshake"), Epoch(bare)]
        parts = suite_parts(handshake.suite)
        if parts is None or handshake.server_hello is None:
            self.reason = self.reason or (Reason.UNKNOWN_SUITE if handshake.server_hello else Reason.NO_HANDSHAKE)
            return []
        found = self.logged(handshake, role)
        try:
            epochs = [_secret_epoch(handshake, parts, name, secret.value) for name, secret in found]
        except UnsupportedCipher:
            self.reason = self.reason or Reason.UNKNOWN_SUITE
            return []
        if found:
            self.take_source(found[0][1].source)
        else:
            self.reason = self.reason or Reason.FORWARD_SECRECY
        return epochs

    def logged(self, handshake: Handshake, role: int) -> list[tuple[str, Secret]]:
        """The secrets at hand of one direction in TLS 1.3, each behind the name of its epoch, in the order of their use."""
        found = []
        for name, label in LABELS[role]:
            is_used = name != "early" or handshake.offered_early
            secret = self._ring.logged(label, handshake.client_random) if is_used else None
            if secret:
                found.append((name, secret))
        return found

    def updated(self, handshake: Handshake, epoch: Epoch) -> Epoch:
        """The epoch behind a KeyUpdate (RFC 8446 section 7.2)."""
        from wireproof.decrypt.keys.derive import next_traffic_secret

        parts = suite_parts(handshake.suite)
        if parts is None or not epoch.secret:
            return Epoch(epoch.make)
        return _secret_epoch(handshake, parts, "", next_traffic_secret(parts, epoch.secret, handshake.draft))


def opens(opener: Opener, record: Body) -> bool:
    """Whether a record is the first one under these keys."""
    try:
        opener.open(0, record.kind, record.version, record.body)
    except BadRecord:
        return False
    return True


def lacks_messages(handshake: Handshake) -> bool:
    """Whether the master secret is made from messages that the capture lacks."""
    return handshake.lacks and handshake.has(EXTENDED_MASTER_SECRET)


def _epoch(handshake: Handshake, parts: SuiteParts | None, make: Callable[[], Opener]) -> Epoch:
    if handshake.server_hello and handshake.server_hello.compression == DEFLATE:
        epoch = Epoch(lambda: Inflating(make()))
        epoch.chain = Chain.DICTIONARY
        return epoch
    epoch = Epoch(make)
    if parts and epoch.opener.sequential:
        epoch.chain = Chain.BLOCK if parts.mode == "CBC" else Chain.KEY_STREAM
        epoch.block_bytes = parts.iv_bytes
        epoch.tail_bytes = _mac_behind(handshake, parts)
    return epoch


def _mac_behind(handshake: Handshake, parts: SuiteParts) -> int:
    """Bytes of MAC behind the encrypted blocks."""
    if not handshake.has(ENCRYPT_THEN_MAC) or handshake.version <= SSL_3_0:
        return 0
    return TRUNCATED_BYTES if handshake.has(TRUNCATED_HMAC) else parts.mac_bytes


def _makers(
    handshake: Handshake, parts: SuiteParts, master: Master
) -> tuple[Callable[[], Opener], Callable[[], Opener]]:
    from wireproof.decrypt.keys.derive import key_block
    from wireproof.decrypt.protect.choose import make_opener

    version = handshake.version
    keys = key_block(version, parts, master.value, handshake.client_random, handshake.server_random)
    later, short = handshake.has(ENCRYPT_THEN_MAC), handshake.has(TRUNCATED_HMAC)
    return (
        functools.partial(make_opener, version, parts, keys[CLIENT], later, short),
        functools.partial(make_opener, version, parts, keys[SERVER], later, short),
    )


def _secret_epoch(handshake: Handshake, parts: SuiteParts, name: str, secret: bytes) -> Epoch:
    from wireproof.decrypt.keys.derive import traffic_keys
    from wireproof.decrypt.protect.choose import make_opener

    version = handshake.draft or TLS_1_3
    keys = traffic_keys(parts, secret, version)
    return Epoch(functools.partial(make_opener, version, parts, keys), name, secret)

"""Encrypted records of DTLS 1.3 (RFC 9147): hidden numbers, epochs of which only two bits are shown, and the secrets of a key log.

Takes records and the ring of keys; gives clear content. Which handshake it is, the association tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag

from wireproof.decrypt.keys.derive import expand_label, next_traffic_secret, traffic_keys
from wireproof.decrypt.number_mask import SAMPLE, make_mask, nearest
from wireproof.decrypt.protect.aead import make_aead, split_inner
from wireproof.decrypt.protect.opener import BadRecord, UnsupportedCipher
from wireproof.wire.dtls import DTLS_1_3, UnifiedRecord
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

if TYPE_CHECKING:
    from wireproof.decrypt.dtls.handshake import DtlsHandshake
    from wireproof.decrypt.keys.ring import KeyRing

EARLY, HANDSHAKE, TRAFFIC = 1, 2, 3
LABELS = (
    {EARLY: "CLIENT_EARLY_TRAFFIC_SECRET", HANDSHAKE: "CLIENT_HANDSHAKE_TRAFFIC_SECRET", TRAFFIC: "CLIENT_TRAFFIC_SECRET_0"},
    {HANDSHAKE: "SERVER_HANDSHAKE_TRAFFIC_SECRET", TRAFFIC: "SERVER_TRAFFIC_SECRET_0"},
)  # fmt: skip
"""By role the secrets of the first epochs (RFC 9147 section 6.1); each later epoch is made from the one before."""


class EpochKeys:
    """One side's keys of one epoch. `expected` is the number that the next record should have."""

    __slots__ = ("_decrypt", "_iv", "_mask", "expected")

    def __init__(self, parts: SuiteParts, secret: bytes) -> None:
        keys = traffic_keys(parts, secret, DTLS_1_3)
        self._decrypt = make_aead(parts, keys.key).decrypt
        self._iv = int.from_bytes(keys.iv, "big")
        self._mask = make_mask(parts, expand_label(secret, "sn", parts.key_bytes, parts.prf, "dtls13"))
        self.expected = 0

    def open(self, record: UnifiedRecord) -> tuple[int, bytes]:
        """Content type and clear content. Raises BadRecord."""
        if len(record.body) < SAMPLE:
            raise BadRecord("short")
        mask = self._mask(record.body[:SAMPLE])
        at, size = record.number_at, record.number_bytes
        shown = bytes(a ^ b for a, b in zip(record.header[at : at + size], mask, strict=False))
        header = record.header[:at] + shown + record.header[at + size :]
        number = nearest(int.from_bytes(shown, "big"), 8 * size, self.expected)
        try:
            plain = self._decrypt((self._iv ^ number).to_bytes(12, "big"), record.body, header)
        except InvalidTag:
            raise BadRecord("tag") from None
        self.expected = max(self.expected, number + 1)
        return split_inner(plain)


class Dtls13:
    """Both sides' epochs. `source` names the key log, empty as long as no secret of this session was found."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._keys: dict[tuple[int, int], EpochKeys | None] = {}
        self._secrets: dict[tuple[int, int], bytes] = {}
        self._reached = [EARLY, EARLY]
        self.source = ""

    def open(self, handshake: DtlsHandshake, role: int, record: UnifiedRecord) -> tuple[int, bytes]:
        """Content type and clear content of what a role (0 for the client) sent. Raises BadRecord."""
        reached = self._reached[role]
        for epoch in range(max(reached - 2, EARLY), reached + 4):
            keys = self._epoch(handshake, role, epoch) if epoch & 3 == record.epoch_bits else None
            if keys is None:
                continue
            try:
                found = keys.open(record)
            except BadRecord:
                continue
            self._reached[role] = max(reached, epoch)
            return found
        raise BadRecord("tag")

    def _epoch(self, handshake: DtlsHandshake, role: int, epoch: int) -> EpochKeys | None:
        if (role, epoch) not in self._keys:
            parts = suite_parts(handshake.suite)
            secret = self._secret(handshake, parts, role, epoch) if parts and parts.tag_bytes else b""
            try:
                self._keys[role, epoch] = EpochKeys(parts, secret) if parts and secret else None
            except UnsupportedCipher:
                self._keys[role, epoch] = None
        return self._keys[role, epoch]

    def _secret(self, handshake: DtlsHandshake, parts: SuiteParts, role: int, epoch: int) -> bytes:
        if (role, epoch) not in self._secrets:
            if epoch > TRAFFIC:
                before = self._secret(handshake, parts, role, epoch - 1)
                self._secrets[role, epoch] = next_traffic_secret(parts, before, DTLS_1_3) if before else b""
            else:
                logged = self._ring.logged(LABELS[role].get(epoch, ""), handshake.client_random)
                self._secrets[role, epoch] = logged.value if logged else b""
                self._name(logged.source if logged else "")
        return self._secrets[role, epoch]

    def _name(self, source: str) -> None:
        if source and not self.source:
            self.source = source
            self._ring.count_use(source)

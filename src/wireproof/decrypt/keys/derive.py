"""From secrets to keys: master secrets, key blocks, and the traffic keys of TLS 1.3.

Takes secrets, randoms and a suite's parts; gives keys (RFC 6101 section 6, RFC 2246, 4346, 5246 section 6.3, RFC 7627, RFC 8446 section 7).
Versions are those of the wire, DTLS's too. Computes and does not judge: a wrong secret gives wrong keys.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.wire.tls import TLS_1_2, TLS_1_3

if TYPE_CHECKING:
    from wireproof.wire.tls_suite_parts import SuiteParts

SSL_3_0, TLS_1_0, TLS_1_1 = 0x0300, 0x0301, 0x0302
DTLS = {0x0100: TLS_1_1, 0xFEFF: TLS_1_1, 0xFEFD: TLS_1_2, 0xFEFC: TLS_1_3}
"""Which version of TLS each version of DTLS follows; 0x0100 is what OpenSSL and Cisco wrote before RFC 4347."""
FINAL_DRAFTS = {0x7E: 22, 0x7F: 0, 0xFB: 0}
"""First byte of a draft's version number: the draft that Google's numbers stand for; the others' last byte is the draft."""
MASTER_BYTES = 48


@dataclass(slots=True)
class DirectionKeys:
    """What one side protects its records with. Empty where the suite needs none."""

    mac: bytes = field(repr=False)
    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)


def tls_version(version: int) -> int:
    """The version of TLS whose keys and records this version has: those of DTLS and drafts of TLS 1.3 are mapped."""
    if version >> 8 in FINAL_DRAFTS:
        return TLS_1_3
    return DTLS.get(version, version)


def draft_number(version: int) -> int:
    """Which draft of TLS 1.3 a version number stands for; 28, the last, for all others."""
    high = version >> 8
    return (FINAL_DRAFTS[high] or version & 0xFF) if high in FINAL_DRAFTS else 28


# --- SSL 3.0 to TLS 1.2 ----------------------------------------------------------------------------------------------


def master_secret(
    version: int, prf: str, premaster: bytes, client_random: bytes, server_random: bytes, session_hash: bytes = b""
) -> bytes:
    """48 bytes of master secret; with a session hash the extended one (RFC 7627 section 4)."""
    if session_hash:
        return derive(version, prf, premaster, b"extended master secret", session_hash, MASTER_BYTES)
    return derive(version, prf, premaster, b"master secret", client_random + server_random, MASTER_BYTES)


def handshake_hash(version: int, prf: str, messages: bytes) -> bytes:
    """The session hash of RFC 7627 section 3: `messages` are those up to the ClientKeyExchange, headers included."""
    if tls_version(version) < TLS_1_2:
        return _md5(messages) + hashlib.sha1(messages, usedforsecurity=False).digest()
    return hashlib.new(prf, messages).digest()


def key_block(
    version: int, parts: SuiteParts, master: bytes, client_random: bytes, server_random: bytes
) -> tuple[DirectionKeys, DirectionKeys]:
    """The client's and the server's keys (RFC 5246 section 6.3), export suites' final keys included."""
    mac, key, iv = parts.mac_bytes, parts.export_bytes or parts.key_bytes, parts.iv_bytes
    if parts.mode == "CBC" and tls_version(version) >= TLS_1_1:
        # Each record brings its own.
        iv = 0
    block = derive(version, parts.prf, master, b"key expansion", server_random + client_random, 2 * (mac + key + iv))
    keys, ivs = 2 * mac, 2 * (mac + key)
    client = DirectionKeys(block[:mac], block[keys : keys + key], block[ivs : ivs + iv])
    server = DirectionKeys(block[mac:keys], block[keys + key : ivs], block[ivs + iv :])
    if not parts.export_bytes:
        return client, server
    return _export_keys(version, parts, (client, server), (client_random, server_random))


def derive(version: int, prf: str, secret: bytes, label: bytes, seed: bytes, size: int) -> bytes:
    """A version's pseudorandom function: `prf` is the hash that TLS 1.2 uses. SSL 3.0 knows no labels."""
    version = tls_version(version)
    if version <= SSL_3_0:
        return _ssl_3_0(secret, seed, size)
    if version < TLS_1_2:
        return _md5_and_sha1(secret, label + seed, size)
    return _p_hash(prf, secret, label + seed, size)


def _p_hash(name: str, secret: bytes, seed: bytes, size: int) -> bytes:
    """P_hash of RFC 5246 section 5."""
    block, found = seed, b""
    while len(found) < size:
        block = hmac.digest(secret, block, name)
        found += hmac.digest(secret, block + seed, name)
    return found[:size]


def _md5_and_sha1(secret: bytes, seed: bytes, size: int) -> bytes:
    """The PRF of TLS 1.0 and 1.1 (RFC 2246 section 5): halves of the secret, which share the middle byte of an odd one."""
    half = (len(secret) + 1) // 2
    one = _p_hash("md5", secret[:half], seed, size)
    other = _p_hash("sha1", secret[len(secret) - half :], seed, size)
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _ssl_3_0(secret: bytes, seed: bytes, size: int) -> bytes:
    """Key material of RFC 6101 sections 6.1 and 6.2.2: A, BB, CCC, ... are mixed in."""
    found = b""
    for turn in range(1, 27):
        if len(found) >= size:
            break
        inner = hashlib.sha1(bytes([64 + turn]) * turn + secret + seed, usedforsecurity=False).digest()
        found += _md5(secret + inner)
    return found[:size]


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _export_keys(
    version: int, parts: SuiteParts, keys: tuple[DirectionKeys, DirectionKeys], randoms: tuple[bytes, bytes]
) -> tuple[DirectionKeys, DirectionKeys]:
    """Final keys and IVs of export suites (RFC 6101 section 6.2.2.1, RFC 2246 section 6.3.1)."""
    client, server = keys
    both, reverse = randoms[0] + randoms[1], randoms[1] + randoms[0]
    if tls_version(version) <= SSL_3_0:
        return (
            DirectionKeys(client.mac, _md5(client.key + both)[: parts.key_bytes], _md5(both)[: parts.iv_bytes]),
            DirectionKeys(server.mac, _md5(server.key + reverse)[: parts.key_bytes], _md5(reverse)[: parts.iv_bytes]),
        )
    first = derive(version, parts.prf, client.key, b"client write key", both, parts.key_bytes)
    second = derive(version, parts.prf, server.key, b"server write key", both, parts.key_bytes)
    ivs = derive(version, parts.prf, b"", b"IV block", both, 2 * parts.iv_bytes)
    return (
        DirectionKeys(client.mac, first, ivs[: parts.iv_bytes]),
        DirectionKeys(server.mac, second, ivs[parts.iv_bytes :]),
    )


# --- TLS 1.3 ---------------------------------------------------------------------------------------------------------


def expand_label(
    secret: bytes, label: str, size: int, hash_name: str, label_prefix: str = "tls13 ", context: bytes = b""
) -> bytes:
    """HKDF-Expand-Label (RFC 8446 section 7.1). The prefix is `dtls13` for DTLS 1.3, `TLS 1.3, ` up to draft 19."""
    info = _label_info(label_prefix + label, size, context)
    found = block = hmac.digest(secret, info + b"\x01", hash_name)
    turn = 2
    while len(found) < size:
        block = hmac.digest(secret, block + info + bytes((turn,)), hash_name)
        found += block
        turn += 1
    return found[:size]


@functools.lru_cache(maxsize=256)
def _label_info(label: str, size: int, context: bytes) -> bytes:
    """The structure HkdfLabel."""
    name = label.encode()
    return size.to_bytes(2, "big") + bytes((len(name),)) + name + bytes((len(context),)) + context


def label_prefix(version: int) -> str:
    """What stands before the labels of a version of TLS 1.3, of its drafts and of DTLS 1.3 (RFC 9147 section 5.9)."""
    if version == 0xFEFC:
        return "dtls13"
    return "TLS 1.3, " if draft_number(version) < 20 else "tls13 "


class TrafficKeys:
    """Makes keys of one side from traffic secrets (RFC 8446 section 7.3), under one suite; `version` as the ServerHello names it."""

    __slots__ = ("_hash", "_iv", "_iv_bytes", "_key", "_key_bytes")

    def __init__(self, parts: SuiteParts, version: int) -> None:
        prefix = label_prefix(version)
        # Neither is longer than the hash, so that one block of it is enough.
        self._key = _label_info(prefix + "key", parts.key_bytes, b"") + b"\x01"
        self._iv = _label_info(prefix + "iv", parts.iv_bytes, b"") + b"\x01"
        self._key_bytes, self._iv_bytes, self._hash = parts.key_bytes, parts.iv_bytes, parts.prf

    def of(self, secret: bytes) -> DirectionKeys:
        """The keys that follow from a secret."""
        key = hmac.digest(secret, self._key, self._hash)[: self._key_bytes]
        return DirectionKeys(b"", key, hmac.digest(secret, self._iv, self._hash)[: self._iv_bytes])


def traffic_keys(parts: SuiteParts, secret: bytes, version: int = TLS_1_3) -> DirectionKeys:
    """Keys of one side from a traffic secret of a key log (RFC 8446 section 7.3); `version` as the ServerHello names it."""
    return TrafficKeys(parts, version).of(secret)


def next_traffic_secret(parts: SuiteParts, secret: bytes, version: int = TLS_1_3) -> bytes:
    """The secret behind a KeyUpdate (RFC 8446 section 7.2)."""
    label = "application traffic secret" if draft_number(version) < 20 else "traffic upd"
    return expand_label(secret, label, hashlib.new(parts.prf).digest_size, parts.prf, label_prefix(version))

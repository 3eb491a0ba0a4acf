"""Opens protected records of SSL 3.0 to TLS 1.3 and DTLS 1.0 to 1.2: chooses the opener for a version, a suite and its keys.

Takes keys; gives an `Opener`, which checks the MAC or tag of every record. Ciphers are those of the cryptography library, which it loads.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from wireproof.decrypt.keys.derive import draft_number, tls_version
from wireproof.decrypt.protect import aead, cbc, mac
from wireproof.decrypt.protect._runs import ExplicitNonceOpener, SequenceNonceOpener, Tls13Opener
from wireproof.decrypt.protect.opener import BadRecord, Opener, UnsupportedCipher
from wireproof.wire.tls import TLS_1_3

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.decrypt.keys.derive import DirectionKeys
    from wireproof.wire.tls_suite_parts import SuiteParts

__all__ = ["BadRecord", "Opener", "UnsupportedCipher", "make_opener"]


def make_opener(
    version: int,
    parts: SuiteParts,
    keys: DirectionKeys,
    encrypt_then_mac: bool = False,
    truncated_hmac: bool = False,
    dtls: bool = False,
) -> Opener:
    """The opener for one direction. `version` as the ServerHello names it, drafts of TLS 1.3 included.

    `encrypt_then_mac` (RFC 7366) matters to CBC only, `truncated_hmac` (RFC 6066 section 7) to all but AEADs. Raises UnsupportedCipher
    where the cryptography library lacks the cipher.
    """
    if tls_version(version) >= TLS_1_3:
        return maker_for_tls_1_3(version, parts)(keys.key, keys.iv)
    if parts.tag_bytes:
        return _aead(parts, keys)
    check = mac.make_check(version, parts, keys.mac, truncated_hmac)
    if parts.mode == "NULL":
        return mac.PlainOpener(check)
    if parts.mode == "STREAM":
        return mac.StreamOpener(check, keys.key)
    # DTLS always has the explicit IV of TLS 1.1 (RFC 4347 section 4.1.2.2), whatever its version number says.
    version = max(tls_version(version), 0x0302) if dtls else tls_version(version)
    return cbc.make_cbc_opener(version, parts, keys, check, encrypt_then_mac)


def _aead(parts: SuiteParts, keys: DirectionKeys) -> Opener:
    if parts.mode == "POLY1305-DRAFT":
        return aead.DraftChaChaOpener(keys.key)
    cipher = aead.make_aead(parts, keys.key)
    if parts.explicit_nonce_bytes:
        return ExplicitNonceOpener(cipher, keys.iv, parts.tag_bytes)
    return SequenceNonceOpener(cipher, keys.iv, parts.tag_bytes)


def maker_for_tls_1_3(version: int, parts: SuiteParts) -> Callable[[bytes, bytes], Opener]:
    """What makes openers from keys and IVs, for one version as the ServerHello names it and one suite. Raises UnsupportedCipher, as the maker does."""
    if parts.mode == "NULL":
        return functools.partial(aead.IntegrityOpener, parts.mac)
    # Drafts before the 25th authenticated no header.
    with_header, tag = draft_number(version) >= 25, parts.tag_bytes
    make = aead.find_aead(parts)
    return lambda key, iv: Tls13Opener(make(key), iv, tag, with_header)

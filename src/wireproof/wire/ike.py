"""IKEv1 (RFC 2408, 2409), IKEv2 (RFC 7296) and AuthIP (MS-AIPS) messages: bytes to fields, as far as they are in clear.

Takes a UDP payload; gives the header and the chain of payloads. Whatever is cut or wrong ends the chain; nothing is raised.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass

from wireproof.wire.ike_names import (
    AUTHIP_EXCHANGES,
    AUTHIP_NOTIFIES,
    AUTHIP_PAYLOADS,
    IKEV1_EXCHANGES,
    IKEV1_NOTIFIES,
    IKEV1_PAYLOADS,
    IKEV2_EXCHANGES,
    IKEV2_NOTIFIES,
    IKEV2_PAYLOADS,
    MICROSOFT,
    VENDORS,
)

HEADER = struct.Struct("!8s8sBBBBII")
HEADER_BYTES = 28
PAYLOADS = 64
"""Payloads of one message that are looked at; real ones have a dozen or two, most of them vendor ids."""
ENCRYPTED, INITIATOR, RESPONSE = 0x01, 0x08, 0x20
"""Flags: the first in IKEv1 and AuthIP, the others in IKEv2."""
CRYPTO = 0x85
NOTIFY_STATUS = 0x9C54
_SEALED = {46, 53}
_MICROSOFT = bytes.fromhex(MICROSOFT)


@dataclass(frozen=True, slots=True)
class Payload:
    """One payload: its type, and its bytes behind the generic header."""

    kind: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Notify:
    """A notify payload: its type, and its data behind the SPI (AuthIP has none, MS-AIPS 2.2.3.5)."""

    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class IkeFields:
    """A message: `protocol` is `ikev1`, `ikev2` or `authip`; `whole` is false where its bytes end before its length says."""

    protocol: str
    initiator_cookie: bytes
    responder_cookie: bytes
    exchange: int
    flags: int
    message_id: int
    length: int
    payloads: tuple[Payload, ...]
    whole: bool

    @property
    def encrypted(self) -> bool:
        """Whether its payloads are encrypted, all of them or (IKEv2) those in an SK payload."""
        if self.protocol == "ikev2":
            return any(payload.kind in _SEALED for payload in self.payloads)
        return bool(self.flags & ENCRYPTED)

    @property
    def exchange_name(self) -> str:
        """The exchange in words, or its number."""
        names = {"ikev2": IKEV2_EXCHANGES, "authip": AUTHIP_EXCHANGES}.get(self.protocol, IKEV1_EXCHANGES)
        return names.get(self.exchange, f"exchange {self.exchange}")

    @property
    def payload_names(self) -> tuple[str, ...]:
        """Its payloads in order."""
        names = {"ikev2": IKEV2_PAYLOADS, "authip": AUTHIP_PAYLOADS}.get(self.protocol, IKEV1_PAYLOADS)
        return tuple(names.get(payload.kind, str(payload.kind)) for payload in self.payloads)

    @property
    def notifies(self) -> list[Notify]:
        """Its notify payloads, as far as they are in clear."""
        wanted = 41 if self.protocol == "ikev2" else 11
        found = [unpack_notify(payload.body, self.protocol) for payload in self.payloads if payload.kind == wanted]
        return [notify for notify in found if notify]

    @property
    def vendor_ids(self) -> list[bytes]:
        """The bytes of its vendor ids."""
        wanted = 43 if self.protocol == "ikev2" else 13
        return [payload.body for payload in self.payloads if payload.kind == wanted]


def unpack_ike(data: bytes) -> IkeFields | None:
    """The message at the start of `data` (behind the non-ESP marker, if any); None when it is none."""
    if len(data) < HEADER_BYTES:
        return None
    initiator, responder, following, version, exchange, flags, message_id, length = HEADER.unpack_from(data)
    protocol = _protocol(version, exchange)
    if not protocol or length < HEADER_BYTES or initiator == bytes(8):
        return None
    if length > len(data) + 65_535:
        return None
    body = data[HEADER_BYTES:length]
    sealed = protocol == "ikev1" and bool(flags & ENCRYPTED)
    payloads = () if sealed else tuple(_unpack_chain(body, following, protocol, bool(flags & ENCRYPTED)))
    return IkeFields(protocol, initiator, responder, exchange, flags, message_id, length, payloads, length <= len(data))


def _protocol(version: int, exchange: int) -> str:
    """Which protocol a version and exchange type belong to; empty for neither."""
    if version >> 4 == 2:
        return "ikev2" if exchange >= 34 else ""
    if version >> 4 != 1:
        return ""
    if exchange in AUTHIP_EXCHANGES:
        return "authip"
    return "ikev1" if exchange in IKEV1_EXCHANGES and exchange else ""


def _unpack_chain(body: bytes, kind: int, protocol: str, sealed: bool) -> list[Payload]:
    """Payloads one after the other; ends at the first one that is cut, encrypted or the last."""
    found: list[Payload] = []
    at = 0
    while kind and len(found) < PAYLOADS and at + 4 <= len(body):
        length = int.from_bytes(body[at + 2 : at + 4], "big")
        if length < 4:
            break
        found.append(Payload(kind, body[at + 4 : at + length]))
        # What an encrypted payload names as the next one lies within it.
        if at + length > len(body) or (protocol == "ikev2" and kind in _SEALED) or (kind == CRYPTO and sealed):
            break
        kind = body[at]
        at += length
    return found


def unpack_notify(body: bytes, protocol: str) -> Notify | None:
    """A notify payload's type and data; None when it is cut before its type."""
    at = 0 if protocol == "ikev2" else 4
    if len(body) < at + 4:
        return None
    # In AuthIP this byte holds flags, and there is no SPI.
    spi = 0 if protocol == "authip" else body[at + 1]
    return Notify(int.from_bytes(body[at + 2 : at + 4], "big"), body[at + 4 + spi :])


def notify_name(kind: int, protocol: str) -> str:
    """A notify type in words, or its number."""
    names = {"ikev2": IKEV2_NOTIFIES, "authip": AUTHIP_NOTIFIES}.get(protocol, IKEV1_NOTIFIES)
    return names.get(kind) or AUTHIP_NOTIFIES.get(kind, str(kind))


def windows_error(notify: Notify, protocol: str) -> int:
    """The Windows error of a NOTIFY_STATUS (MS-AIPS 2.2.3.5); 0 for any other notify."""
    if notify.kind != NOTIFY_STATUS or protocol == "ikev2" or len(notify.data) < 4:
        return 0
    return int.from_bytes(notify.data[:4], "big")


@functools.lru_cache(maxsize=256)
def vendor_name(body: bytes) -> str:
    """A vendor id in words; its first bytes as hex where nobody knows it."""
    text = body.hex()
    if text.startswith(MICROSOFT):
        return f"MS NT5 ISAKMPOAKLEY {windows_build(body)}"
    # Some end in a version of their own.
    known = (
        VENDORS.get(text) or VENDORS.get(text[:32]) or next((n for v, n in VENDORS.items() if text[:28] == v[:28]), "")
    )
    if not known and len(body) >= 4 and body.isascii() and body.decode("ascii").isprintable():
        return body.decode("ascii")[:60]
    return known or text[:40]


def windows_build(body: bytes) -> int:
    """The version that Microsoft's vendor id carries; 0 for any other."""
    return int.from_bytes(body[16:20], "big") if body[:16] == _MICROSOFT and len(body) >= 20 else 0

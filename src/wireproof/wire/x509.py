"""X.509 certificates in DER (RFC 5280 section 4.1): names, validity, serial number, and the extensions that tell what they are for.

Takes bytes; gives fields, or None for what is no certificate. Real certificates break rules that libraries insist on; what they say counts all
the same, so a field that can't be read is empty and the rest is still given. Verifies no signature.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime

from wireproof.wire.ber import (
    BOOLEAN,
    INTEGER,
    OCTET_STRING,
    OID,
    SEQUENCE,
    Element,
    content,
    find_elements,
    unpack_element,
    unpack_oid,
)

ALTERNATIVE_NAME, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE = "2.5.29.17", "2.5.29.19", "2.5.29.37"
SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.14", "2.5.29.35"
EXTENSIONS_TAG, UTC_TIME, DNS_NAME, IP_NAME, KEY_IDENTIFIER = 0xA3, 0x17, 0x82, 0x87, 0x80
NAMES_MOST = 1000
"""More alternative names than any certificate authority gives."""


@dataclass(slots=True)
class Fields:
    """`subject` and `issuer` are DER names. Times are seconds since 1970, `serial` is hexadecimal. `usages` are object identifiers."""

    subject: bytes = b""
    issuer: bytes = b""
    not_before: int = 0
    not_after: int = 0
    serial: str = ""
    names: tuple[str, ...] = ()
    is_ca: bool = False
    usages: tuple[str, ...] = ()
    subject_key: bytes = b""
    authority_key: bytes = b""

    @property
    def self_signed(self) -> bool:
        """Whether it is its own issuer: one name, and no other key named as the issuer's."""
        same_key = not self.authority_key or not self.subject_key or self.authority_key == self.subject_key
        return self.subject == self.issuer and same_key


def unpack_certificate(der: bytes) -> Fields | None:
    """The fields of a certificate; None when these bytes are none."""
    outer = unpack_element(der, 0, len(der))
    if outer is None or outer.tag != SEQUENCE or outer.end > len(der):
        return None
    signed = unpack_element(der, outer.start, outer.end)
    if signed is None or signed.tag != SEQUENCE or signed.end > outer.end:
        return None
    parts = list(find_elements(der, signed.start, signed.end))
    # The version is left out in version 1.
    if parts and parts[0].tag == 0xA0:
        parts = parts[1:]
    if len(parts) < 6 or parts[0].tag != INTEGER or any(part.tag != SEQUENCE for part in parts[1:6]):
        return None
    found = Fields(subject=der[parts[4].at : parts[4].end], issuer=der[parts[2].at : parts[2].end])
    found.serial = content(der, parts[0]).hex().lstrip("0") or "0"
    times = [_seconds(der, element) for element in find_elements(der, parts[3].start, parts[3].end)]
    found.not_before, found.not_after = [*times, 0, 0][:2]
    for part in parts[6:]:
        if part.tag == EXTENSIONS_TAG:
            _take_extensions(der, part, found)
    return found


def _seconds(der: bytes, element: Element) -> int:
    """A time of RFC 5280 section 4.1.2.5 as seconds since 1970; 0 for what is none."""
    text = content(der, element).decode("ascii", "replace").removesuffix("Z")
    if element.tag == UTC_TIME and text[:2].isdigit():
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    try:
        return int(datetime.strptime(text.ljust(14, "0")[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return 0


def _take_extensions(der: bytes, part: Element, found: Fields) -> None:
    outer = unpack_element(der, part.start, part.end)
    if outer is None:
        return
    for extension in find_elements(der, outer.start, outer.end):
        pieces = list(find_elements(der, extension.start, extension.end))
        if len(pieces) < 2 or pieces[0].tag != OID or pieces[-1].tag != OCTET_STRING:
            continue
        inner = unpack_element(der, pieces[-1].start, pieces[-1].end)
        if inner is not None and inner.end <= pieces[-1].end:
            _take_extension(der, unpack_oid(der, pieces[0]), inner, found)


def _take_extension(der: bytes, kind: str, inner: Element, found: Fields) -> None:
    below = list(find_elements(der, inner.start, inner.end))[:NAMES_MOST] if inner.tag == SEQUENCE else []
    if kind == ALTERNATIVE_NAME:
        found.names = tuple(name for element in below if (name := _general_name(der, element)))
    elif kind == BASIC_CONSTRAINTS:
        found.is_ca = bool(below) and below[0].tag == BOOLEAN and any(content(der, below[0]))
    elif kind == EXTENDED_KEY_USAGE:
        found.usages = tuple(unpack_oid(der, element) for element in below if element.tag == OID)
    elif kind == SUBJECT_KEY:
        found.subject_key = content(der, inner)
    elif kind == AUTHORITY_KEY:
        found.authority_key = next((content(der, element) for element in below if element.tag == KEY_IDENTIFIER), b"")


def _general_name(der: bytes, element: Element) -> str:
    """A DNS name or an address (RFC 5280 section 4.2.1.6); empty for other kinds. What no IA5String prints is escaped."""
    raw = content(der, element)
    if element.tag == DNS_NAME:
        return "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in raw[:255])
    if element.tag == IP_NAME and len(raw) in (4, 16):
        return str(ipaddress.ip_address(raw))
    return ""

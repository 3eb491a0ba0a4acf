"""What a DER value is among the forms in which keys are kept: PKCS#1, PKCS#8, PKCS#12, SEC 1, certificates; told by its shape alone.

Takes bytes; gives the shape, where it is damaged, how much work its password costs, and the key bags of a PKCS#12 file (RFC 7292).
Decrypts nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from wireproof.wire.ber import INTEGER, OCTET_STRING, OID, SEQUENCE, Element, content, find_elements, unpack_element

BIT_STRING = 0x03
EXPLICIT_0 = 0xA0
CONSTRUCTED = 0x20
DATA = bytes.fromhex("2a864886f70d010701")
"""PKCS#7 data, 1.2.840.113549.1.7.1."""
PKCS7 = bytes.fromhex("2a864886f70d0107")
BAGS = bytes.fromhex("2a864886f70d010c0a01")
"""PKCS#12 bag types, 1.2.840.113549.1.12.10.1; 1 is a key, 2 an encrypted one, 6 holds further bags."""
LONGEST_EXPONENT = 8
DEEPEST = 16
MOST_ELEMENTS = 20_000
MOST_BAGS = 100


class Shape(enum.StrEnum):
    """The form of a DER value, as error messages name it."""

    PKCS1 = "RSA private key (PKCS#1)"
    PKCS8 = "private key (PKCS#8)"
    ENCRYPTED_PKCS8 = "encrypted private key (PKCS#8)"
    PKCS12 = "PFX (PKCS#12)"
    EC = "EC private key (SEC 1)"
    DSA = "DSA private key"
    CERTIFICATE = "certificate"
    CERTIFICATES = "certificates (PKCS#7)"
    PUBLIC = "public key"
    NONE = ""

    @property
    def named(self) -> str:
        """The form with its article."""
        return f"an {self}" if self.startswith(("RSA", "EC", "e")) else f"a {self}"


PRIVATE = frozenset((Shape.PKCS1, Shape.PKCS8, Shape.ENCRYPTED_PKCS8, Shape.PKCS12, Shape.EC, Shape.DSA))
CERTIFYING = frozenset((Shape.CERTIFICATE, Shape.CERTIFICATES, Shape.PUBLIC))
"""What belongs to a key and opens nothing by itself."""


def find_shape(data: bytes) -> Shape:
    """The shape of the DER value that `data` begins with, which may be cut; NONE when it is nothing that concerns keys."""
    whole = unpack_element(data, 0, len(data))
    if whole is None or whole.tag != SEQUENCE:
        return Shape.NONE
    first = unpack_element(data, whole.start, len(data))
    second = unpack_element(data, first.end, len(data)) if first else None
    if first is None or second is None:
        return Shape.NONE
    if first.tag == INTEGER:
        return _find_numbered(data, first, second)
    if first.tag == OID:
        return Shape.CERTIFICATES if content(data, first).startswith(PKCS7) else Shape.NONE
    inner = unpack_element(data, first.start, len(data)) if first.tag == SEQUENCE else None
    if inner is None:
        return Shape.NONE
    if inner.tag == OID:
        return {OCTET_STRING: Shape.ENCRYPTED_PKCS8, BIT_STRING: Shape.PUBLIC}.get(second.tag, Shape.NONE)
    return Shape.CERTIFICATE if inner.tag in {EXPLICIT_0, INTEGER} and second.tag == SEQUENCE else Shape.NONE


def _find_numbered(data: bytes, first: Element, second: Element) -> Shape:
    """What begins with a version: PKCS#12 has 3, private keys 0 or 1; the rest tells them apart."""
    version = content(data, first)
    if second.tag == SEQUENCE:
        inner = unpack_element(data, second.start, len(data))
        if inner is None or inner.tag != OID:
            return Shape.NONE
        if version == b"\x03":
            return Shape.PKCS12 if content(data, inner).startswith(PKCS7) else Shape.NONE
        return Shape.PKCS8 if version in {b"\0", b"\1"} else Shape.NONE
    if second.tag == OCTET_STRING:
        return Shape.EC if version == b"\1" else Shape.NONE
    if second.tag == INTEGER and version in {b"\0", b"\1"}:
        third = unpack_element(data, second.end, len(data))
        if third is None or third.tag != INTEGER:
            return Shape.NONE
        # RSA has its public exponent there, DSA a prime of 20 bytes and more.
        return Shape.PKCS1 if third.end - third.start <= LONGEST_EXPONENT else Shape.DSA
    return Shape.NONE


@dataclass(slots=True)
class Survey:
    """What a walk over a DER value found: the offset of the first element that does not fit (-1 for none), and the work of its passwords.

    `rounds` adds up the iterations of all key derivations, `memory` is what the hungriest (scrypt, RFC 7914) takes, in bytes.
    """

    broken_at: int = -1
    rounds: int = 0
    memory: int = 0
    elements: int = 0


def survey(data: bytes) -> Survey:
    """Walk over a DER value, also over what PKCS#12 wraps in octet strings."""
    found = Survey()
    _walk(data, 0, len(data), found, DEEPEST)
    return found


def _walk(data: bytes, start: int, end: int, found: Survey, depth: int) -> None:
    children = []
    while start < end and found.broken_at < 0:
        element = unpack_element(data, start, end)
        found.elements += 1
        if element is None or element.end > end or found.elements > MOST_ELEMENTS:
            found.broken_at = start
            return
        children.append(element)
        start = element.end
    _count_work(data, children, found)
    for element in children:
        if depth and (element.tag & CONSTRUCTED or _wraps(data, element)):
            _walk(data, element.start, element.end, found, depth - 1)


def _wraps(data: bytes, element: Element) -> bool:
    """Whether an octet string is filled by exactly one SEQUENCE of its own, as the contents of PKCS#12 are."""
    inner = unpack_element(data, element.start, element.end) if element.tag == OCTET_STRING else None
    return inner is not None and inner.tag == SEQUENCE and inner.end == element.end


def _count_work(data: bytes, children: list[Element], found: Survey) -> None:
    """Add what siblings state if they are parameters of PBES1, PBKDF2 (RFC 8018), scrypt, or of PKCS#12's MAC."""
    tags = [element.tag for element in children[:4]]
    if tags[:2] == [OCTET_STRING, INTEGER]:
        if tags[2:] == [INTEGER, INTEGER]:
            cost, block, parallel = (_number(data, element) for element in children[1:4])
            found.rounds += cost * block * parallel
            found.memory = max(found.memory, 128 * cost * block)
        else:
            found.rounds += _number(data, children[1])
    elif tags == [SEQUENCE, OCTET_STRING, INTEGER]:
        found.rounds += _number(data, children[2])


def _number(data: bytes, element: Element) -> int:
    return max(0, int.from_bytes(content(data, element)[:16], "big", signed=True))


def find_key_bags(data: bytes) -> Iterator[bytes]:
    """The PKCS#8 values of a PKCS#12 file whose bags lie open, encrypted each by itself or not at all, in their order.

    Bags within encrypted contents are not found: there, as most programs write it, are the certificates.
    """
    whole = unpack_element(data, 0, len(data))
    outer = list(find_elements(data, whole.start, whole.end)) if whole else []
    safe = _unwrap(data, outer[1]) if len(outer) > 1 else None
    left = MOST_BAGS
    for part in find_elements(data, safe.start, safe.end) if safe else ():
        bags = _unwrap(data, part)
        for bag in find_elements(data, bags.start, bags.end) if bags else ():
            kind, value = _read_bag(data, bag)
            left -= 1
            if left >= 0 and kind in {1, 2} and value:
                yield data[value.at : value.end]


def _unwrap(data: bytes, info: Element) -> Element | None:
    """The SEQUENCE in the octet string of a ContentInfo of type data."""
    parts = list(find_elements(data, info.start, info.end))
    if len(parts) != 2 or content(data, parts[0]) != DATA:
        return None
    wrapped = unpack_element(data, parts[1].start, parts[1].end)
    inner = unpack_element(data, wrapped.start, wrapped.end) if wrapped and wrapped.tag == OCTET_STRING else None
    return inner if inner and inner.end <= len(data) else None


def _read_bag(data: bytes, bag: Element) -> tuple[int, Element | None]:
    """The type of a bag and its value."""
    parts = list(find_elements(data, bag.start, bag.end))
    if len(parts) < 2 or not content(data, parts[0]).startswith(BAGS) or parts[1].tag != EXPLICIT_0:
        return 0, None
    return content(data, parts[0])[-1], unpack_element(data, parts[1].start, parts[1].end)

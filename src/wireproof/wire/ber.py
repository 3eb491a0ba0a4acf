"""ASN.1 values in BER and DER (X.690): tag, length, content, and the few types that LDAP, Kerberos and SPNEGO need.

Takes bytes and offsets; gives elements as places in these bytes, or None where bytes are missing or impossible. Lengths are
definite, as both protocols demand. Nothing recurses: a caller goes down one level at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

BOOLEAN, INTEGER, OCTET_STRING, OID, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x06, 0x0A, 0x30, 0x31

MOST_LENGTH_BYTES = 4
"""Lengths of more bytes would state more than 4 GiB."""


class Element(NamedTuple):
    """One element: its content is `data[start:end]`, the element itself begins at `at`.

    `tag` is the identifier octet, so that class and form count; of a tag in the long form (31 and more) all its octets as one
    number. `end` may lie behind the data's end, when the data hold only the element's beginning.
    """

    tag: int
    at: int
    start: int
    end: int


def unpack_element(data: bytes, at: int, limit: int) -> Element | None:
    """The element at `at`, whose identifier and length must lie before `limit`; its content may reach farther."""
    if at + 2 > limit:
        return None
    tag, place = data[at], at + 1
    if tag & 0x1F == 0x1F:
        tag, place = _unpack_long_tag(data, at, limit)
        if place < 0 or place >= limit:
            return None
    length = data[place]
    place += 1
    if length & 0x80:
        size = length & 0x7F
        if not 0 < size <= MOST_LENGTH_BYTES or place + size > limit:
            return None
        length = int.from_bytes(data[place : place + size], "big")
        place += size
    return Element(tag, at, place, place + length)


def _unpack_long_tag(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """A tag of up to four octets and the offset behind it; offset -1 when it does not end."""
    tag = data[at]
    for place in range(at + 1, min(at + 4, limit)):
        tag = tag << 8 | data[place]
        if not data[place] & 0x80:
            return tag, place + 1
    return tag, -1


def find_elements(data: bytes, start: int, end: int) -> Iterator[Element]:
    """The elements from `start` to `end`, one after the other; stops before the first that does not fit."""
    end = min(end, len(data))
    while start < end:
        element = unpack_element(data, start, end)
        if element is None or element.end > end:
            return
        yield element
        start = element.end


def find_child(data: bytes, parent: Element, tag: int) -> Element | None:
    """The first element of this tag directly below `parent`."""
    for element in find_elements(data, parent.start, parent.end):
        if element.tag == tag:
            return element
    return None


def find_below(data: bytes, parent: Element, *tags: int) -> Element | None:
    """The element reached by going down these tags one level each, always to the first of its tag."""
    found: Element | None = parent
    for tag in tags:
        if found is None:
            return None
        found = find_child(data, found, tag)
    return found


def content(data: bytes, element: Element | None) -> bytes:
    """The content octets; empty for None."""
    return data[element.start : element.end] if element is not None else b""


def unpack_integer(data: bytes, element: Element | None) -> int | None:
    """An INTEGER or ENUMERATED of up to eight octets, signed; None when absent, empty or longer."""
    octets = content(data, element)
    return int.from_bytes(octets, "big", signed=True) if 0 < len(octets) <= 8 else None


def unpack_text(data: bytes, element: Element | None) -> str:
    """A string type or OCTET STRING as UTF-8 text, what is not UTF-8 replaced."""
    return content(data, element).decode("utf-8", "replace")


def unpack_oid(data: bytes, element: Element | None) -> str:
    """An OBJECT IDENTIFIER as dotted numbers; empty when it is absent or not one."""
    octets = content(data, element)[:64]
    if not octets or octets[-1] & 0x80:
        return ""
    arcs, value = [], 0
    for octet in octets:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def unpack_time_ns(data: bytes, element: Element | None) -> int | None:
    """A GeneralizedTime in the form of DER and Kerberos (YYYYMMDDHHMMSSZ), in ns since 1970; None for any other."""
    text = content(data, element)
    if len(text) != 15 or not text[:14].isdigit() or text[14:] != b"Z":
        return None
    try:
        moment = datetime.strptime(text.decode("ascii"), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000_000

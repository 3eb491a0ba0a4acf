"""LDAP messages (RFC 4511): requests with what they ask for, results with their codes.

Takes the bytes of one message; gives `LdapFields`, partial where the bytes end early, or None when they are no such message.
Attribute values of entries are not read. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from wireproof.wire.ber import (
    ENUMERATED,
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    Element,
    content,
    find_elements,
    unpack_element,
    unpack_integer,
    unpack_text,
)

BIND, BIND_RESPONSE, UNBIND, SEARCH, SEARCH_ENTRY, SEARCH_DONE = 0x60, 0x61, 0x42, 0x63, 0x64, 0x65
EXTENDED, EXTENDED_RESPONSE, SEARCH_REFERENCE = 0x77, 0x78, 0x73
OPERATIONS: dict[int, str] = {
    BIND: "bindRequest",
    BIND_RESPONSE: "bindResponse",
    UNBIND: "unbindRequest",
    SEARCH: "searchRequest",
    SEARCH_ENTRY: "searchResEntry",
    SEARCH_DONE: "searchResDone",
    0x66: "modifyRequest",
    0x67: "modifyResponse",
    0x68: "addRequest",
    0x69: "addResponse",
    0x4A: "delRequest",
    0x6B: "delResponse",
    0x6C: "modDNRequest",
    0x6D: "modDNResponse",
    0x6E: "compareRequest",
    0x6F: "compareResponse",
    0x50: "abandonRequest",
    SEARCH_REFERENCE: "searchResRef",
    EXTENDED: "extendedReq",
    EXTENDED_RESPONSE: "extendedResp",
    0x79: "intermediateResponse",
}
"""Tags of operations (RFC 4511 section 4.2 and on)."""
RESULTS = frozenset((BIND_RESPONSE, SEARCH_DONE, 0x67, 0x69, 0x6B, 0x6D, 0x6F, EXTENDED_RESPONSE))
RESPONSES = RESULTS | {SEARCH_ENTRY, SEARCH_REFERENCE, 0x79}

CODES: dict[int, str] = {
    0: "success", 1: "operationsError", 2: "protocolError", 3: "timeLimitExceeded", 4: "sizeLimitExceeded", 5: "compareFalse",
    6: "compareTrue", 7: "authMethodNotSupported", 8: "strongerAuthRequired", 10: "referral", 11: "adminLimitExceeded",
    12: "unavailableCriticalExtension", 13: "confidentialityRequired", 14: "saslBindInProgress", 16: "noSuchAttribute",
    17: "undefinedAttributeType", 18: "inappropriateMatching", 19: "constraintViolation", 20: "attributeOrValueExists",
    21: "invalidAttributeSyntax", 32: "noSuchObject", 33: "aliasProblem", 34: "invalidDNSyntax", 36: "aliasDereferencingProblem",
    48: "inappropriateAuthentication", 49: "invalidCredentials", 50: "insufficientAccessRights", 51: "busy", 52: "unavailable",
    53: "unwillingToPerform", 54: "loopDetect", 64: "namingViolation", 65: "objectClassViolation", 66: "notAllowedOnNonLeaf",
    67: "notAllowedOnRDN", 68: "entryAlreadyExists", 69: "objectClassModsProhibited", 71: "affectsMultipleDSAs", 80: "other",
}  # fmt: skip
"""RFC 4511 appendix A.1."""

SCOPES = {0: "baseObject", 1: "singleLevel", 2: "wholeSubtree", 3: "subordinateSubtree"}

SIMPLE, SASL = 0x80, 0xA3
MOST_TEXT = 1024
MOST_ATTRIBUTES = 64
MOST_DEPTH = 8
"""Filters nested deeper are cut with dots; programs write three or four levels."""


class LdapFields(NamedTuple):
    """One message. `dn` is the base of a search, the name of a bind, or the entry's; `mechanism` is `simple` or that of SASL, whose
    `token` is kept. `code` is None but in results; `text` is what the server adds. `oid` is that of an extended operation.
    """

    message: int
    operation: int
    dn: str = ""
    scope: str = ""
    filter: str = ""
    attributes: tuple[str, ...] = ()
    size_limit: int = 0
    mechanism: str = ""
    token: bytes = b""
    code: int | None = None
    text: str = ""
    oid: str = ""


def measure_ldap(head: bytes) -> int | None:
    """Length of the message that begins here; None where none does. Needs 16 bytes, or all there are."""
    outer = unpack_element(head, 0, len(head))
    if outer is None or outer.tag != SEQUENCE:
        return None
    number = unpack_element(head, outer.start, len(head))
    if number is None or number.tag != INTEGER or not 0 < number.end - number.start <= 4:
        return None
    if number.end < len(head) and head[number.end] not in OPERATIONS:
        return None
    return outer.end if outer.end > number.end else None


def unpack_ldap(data: bytes) -> LdapFields | None:
    """One message; None when it is none."""
    outer = unpack_element(data, 0, len(data))
    if outer is None or outer.tag != SEQUENCE:
        return None
    number = unpack_element(data, outer.start, len(data))
    value = unpack_integer(data, number)
    if number is None or number.tag != INTEGER or value is None:
        return None
    operation = unpack_element(data, number.end, len(data))
    if operation is None or operation.tag not in OPERATIONS:
        return None
    blank = LdapFields(value, operation.tag)
    if operation.tag in RESULTS:
        return _unpack_result(data, operation, blank)
    return _REQUESTS.get(operation.tag, _unpack_named)(data, operation, blank)


def code_name(code: int) -> str:
    """`invalidCredentials`; the number of an unknown code."""
    return CODES.get(code, f"result {code}")


def _text(data: bytes, element: Element | None) -> str:
    return unpack_text(data, element)[:MOST_TEXT]


def _parts(data: bytes, parent: Element) -> list[Element]:
    """The first elements of an operation, also the last one when it was cut."""
    found: list[Element] = []
    at = parent.start
    while at < min(parent.end, len(data)) and len(found) < 16:
        element = unpack_element(data, at, len(data))
        if element is None or element.end <= at:
            break
        found.append(element)
        at = element.end
    return found


def _unpack_bind(data: bytes, operation: Element, blank: LdapFields) -> LdapFields:
    parts = _parts(data, operation)
    if len(parts) < 3:
        return blank
    named = blank._replace(dn=_text(data, parts[1]))
    if parts[2].tag == SIMPLE:
        # Passwords are not kept; whether there is one tells an anonymous bind.
        return named._replace(mechanism="simple" if parts[2].end > parts[2].start else "anonymous")
    if parts[2].tag == SASL:
        inner = _parts(data, parts[2])
        token = content(data, inner[1]) if len(inner) > 1 else b""
        return named._replace(mechanism=_text(data, inner[0]) if inner else "", token=token)
    # Tags 9 to 11 are Microsoft's old way of NTLM (MS-ADTS section 5.1.1.1.3), called Sicily.
    return named._replace(mechanism="Sicily", token=content(data, parts[2]))


def _unpack_search(data: bytes, operation: Element, blank: LdapFields) -> LdapFields:
    parts = _parts(data, operation)
    if len(parts) < 2:
        return blank
    scope = unpack_integer(data, parts[1])
    return blank._replace(
        dn=_text(data, parts[0]),
        scope=SCOPES.get(scope, "") if scope is not None else "",
        size_limit=(unpack_integer(data, parts[3]) or 0) if len(parts) > 3 else 0,
        filter=render_filter(data, parts[6])[:MOST_TEXT] if len(parts) > 6 else "",
        attributes=_texts(data, parts[7]) if len(parts) > 7 else (),
    )


def _unpack_named(data: bytes, operation: Element, blank: LdapFields) -> LdapFields:
    """Operations that begin with the name of an entry, or are nothing but it."""
    if not operation.tag & 0x20:
        return blank._replace(dn=_text(data, operation) if operation.tag == 0x4A else "")
    parts = _parts(data, operation)
    return blank._replace(dn=_text(data, parts[0])) if parts and parts[0].tag == OCTET_STRING else blank


def _unpack_extended(data: bytes, operation: Element, blank: LdapFields) -> LdapFields:
    parts = _parts(data, operation)
    return blank._replace(oid=_text(data, parts[0])) if parts and parts[0].tag == 0x80 else blank


def _unpack_result(data: bytes, operation: Element, blank: LdapFields) -> LdapFields:
    """LDAPResult (RFC 4511 section 4.1.9), with the token of a bind and the name of an extended operation."""
    parts = _parts(data, operation)
    if len(parts) < 3 or parts[0].tag != ENUMERATED:
        return blank
    result = blank._replace(
        code=unpack_integer(data, parts[0]), dn=_text(data, parts[1]), text=_text(data, parts[2]).rstrip("\0")
    )
    for part in parts[3:]:
        if part.tag == 0x87:
            result = result._replace(token=content(data, part))
        elif part.tag == 0x8A:
            result = result._replace(oid=_text(data, part))
    return result


_REQUESTS: dict[int, Callable[[bytes, Element, LdapFields], LdapFields]] = {
    BIND: _unpack_bind,
    SEARCH: _unpack_search,
    EXTENDED: _unpack_extended,
}


def _texts(data: bytes, parent: Element) -> tuple[str, ...]:
    each = islice(find_elements(data, parent.start, parent.end), MOST_ATTRIBUTES)
    return tuple(_text(data, element) for element in each)


JOINED = {0xA0: "&", 0xA1: "|", 0xA2: "!"}
COMPARED = {0xA3: "=", 0xA5: ">=", 0xA6: "<=", 0xA8: "~="}
SUBSTRINGS, PRESENT, EXTENSIBLE = 0xA4, 0x87, 0xA9


def render_filter(data: bytes, element: Element, depth: int = 0) -> str:
    """A search filter as text (RFC 4515), cut where it is nested too deep or long; bytes that are no text in hexadecimal."""
    if element.tag == PRESENT:
        return f"({_text(data, element)}=*)"
    inner = list(islice(find_elements(data, element.start, element.end), MOST_ATTRIBUTES))
    if element.tag in JOINED:
        if depth >= MOST_DEPTH:
            return "(…)"
        return f"({JOINED[element.tag]}{''.join(render_filter(data, part, depth + 1) for part in inner)})"
    if element.tag in COMPARED and len(inner) == 2:
        return f"({_text(data, inner[0])}{COMPARED[element.tag]}{_value(content(data, inner[1]))})"
    if element.tag == SUBSTRINGS and len(inner) == 2:
        return f"({_text(data, inner[0])}={_substrings(data, inner[1])})"
    if element.tag == EXTENSIBLE:
        named = {part.tag: part for part in inner}
        rule, attribute = _text(data, named.get(0x81)), _text(data, named.get(0x82))
        return f"({attribute}:{rule}:={_value(content(data, named.get(0x83)))})"
    return "(?)"


def _substrings(data: bytes, parent: Element) -> str:
    pieces = list(islice(find_elements(data, parent.start, parent.end), MOST_ATTRIBUTES))
    texts = [_value(content(data, piece)) for piece in pieces]
    begins = bool(pieces) and pieces[0].tag == 0x80
    ends = bool(pieces) and pieces[-1].tag == 0x82
    return ("" if begins else "*") + "*".join(texts) + ("" if ends else "*")


def _value(raw: bytes) -> str:
    raw = raw[:256]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    return text if text.isprintable() and text else "".join(f"\\{octet:02x}" for octet in raw)

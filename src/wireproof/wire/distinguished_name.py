"""Distinguished names of X.501 in DER, as TLS lists issuers, turned into the text of RFC 4514.

Takes bytes; gives text. What is no name gives its beginning in hexadecimal, so that nothing is lost without a trace.
"""

from __future__ import annotations

from wireproof.wire.ber import OID, SEQUENCE, SET, Element, content, find_elements, unpack_element, unpack_oid

LABELS = {
    "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
    "2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.42": "GN", "2.5.4.97": "organizationIdentifier",
    "2.5.4.15": "businessCategory", "2.5.4.17": "postalCode",
    "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "emailAddress",
}  # fmt: skip
"""Attribute types by name (RFC 4514 section 3, RFC 5280 appendix A)."""
TEXT_MOST = 1024
UTF16_STRING, UTF32_STRING = 0x1E, 0x1C
SPECIAL = set(',+"\\<>;')


def name_text(der: bytes) -> str:
    """`CN=Example CA,O=Example,C=DE`: the last attribute first, as RFC 4514 section 2.1 has it."""
    outer = unpack_element(der, 0, len(der))
    if outer is None or outer.tag != SEQUENCE:
        return f"#{der[:32].hex()}" if der else ""
    parts = [_relative_name(der, one) for one in find_elements(der, outer.start, outer.end) if one.tag == SET]
    return ",".join(reversed(parts))[:TEXT_MOST]


def name_attributes(der: bytes) -> list[tuple[str, str]]:
    """(type as dotted numbers, value) of every attribute, in the order of the encoding; empty for what is no name."""
    outer = unpack_element(der, 0, len(der))
    if outer is None or outer.tag != SEQUENCE:
        return []
    return [pair for one in find_elements(der, outer.start, outer.end) for pair in _attributes(der, one)]


def last_common_name(der: bytes) -> str:
    """The last common name in the order of the encoding, which is the most specific; empty when there is none."""
    return next((value for kind, value in reversed(name_attributes(der)) if kind == "2.5.4.3"), "")


def _relative_name(der: bytes, parent: Element) -> str:
    return "+".join(f"{LABELS.get(kind, kind)}={_escaped(value)}" for kind, value in _attributes(der, parent))


def _attributes(der: bytes, parent: Element) -> list[tuple[str, str]]:
    """(type, value) of one relative distinguished name."""
    found = []
    for pair in find_elements(der, parent.start, parent.end):
        parts = list(find_elements(der, pair.start, pair.end))
        if len(parts) == 2 and parts[0].tag == OID:
            found.append((unpack_oid(der, parts[0]), _value(der, parts[1])))
    return found


def _value(der: bytes, element: Element) -> str:
    raw = content(der, element)[:TEXT_MOST]
    if element.tag == UTF16_STRING:
        return raw.decode("utf-16-be", "replace")
    if element.tag == UTF32_STRING:
        return raw.decode("utf-32-be", "replace")
    # T.61 strings hold Latin-1 in practice; what is UTF-8 is taken as that.
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _escaped(value: str) -> str:
    """A value as RFC 4514 section 2.4 writes it; control characters become escapes too."""
    made = "".join(
        f"\\{sign}"
        if sign in SPECIAL
        else sign
        if sign.isprintable()
        else "".join(f"\\{byte:02x}" for byte in sign.encode("utf-8", "replace"))
        for sign in value
    )
    if made.startswith(("#", " ")):
        made = "\\" + made
    return made[:-1] + "\\ " if made.endswith(" ") and len(made) > 1 and value != " " else made

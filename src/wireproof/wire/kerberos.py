"""Kerberos version 5 messages (RFC 4120) as far as they are in clear: who asks whom for what, and the error that came back.

Takes the bytes of one message; gives `KerberosFields`, partial where the bytes end early, or None when they are not such a
message. Tickets and encrypted parts are not opened. Judges nothing.
"""

from __future__ import annotations

import struct
from itertools import islice
from typing import NamedTuple

from wireproof.wire.ber import (
    SEQUENCE,
    Element,
    content,
    find_child,
    find_elements,
    unpack_element,
    unpack_integer,
    unpack_text,
    unpack_time_ns,
)
from wireproof.wire.kerberos_names import AP_REP, AP_REQ, AS_REP, AS_REQ, KINDS, KRB_ERROR, TGS_REP, TGS_REQ

MOST_LISTED = 64
"""Entries of one list that are kept: encryption types, pre-authentication data, parts of a name."""

KERB_ERR_TYPE_EXTENDED = 3
"""MS-KILE section 2.2.2: the error data hold an NTSTATUS."""
GSS_TOKENS = {b"\x01\x00": AP_REQ, b"\x02\x00": AP_REP, b"\x03\x00": KRB_ERROR}
"""RFC 4121 section 4.1: what stands before a message that GSS-API carries."""


class KerberosFields(NamedTuple):
    """One message. Names are `first/second`; an absent text is empty, an absent number None. Times are ns since 1970.

    `realm` is the server's, `crealm` the client's. `etypes` are those asked for, `etype` the one that encrypted the reply and
    `ticket_etype` the ticket. `padata` are the types of pre-authentication data. `text`, `nt_status`: of an error.
    """

    kind: int
    cname: str = ""
    crealm: str = ""
    sname: str = ""
    realm: str = ""
    etypes: tuple[int, ...] = ()
    etype: int | None = None
    ticket_etype: int | None = None
    padata: tuple[int, ...] = ()
    error: int | None = None
    client_time_ns: int | None = None
    server_time_ns: int | None = None
    text: str = ""
    nt_status: int | None = None


def measure_kerberos(data: bytes, at: int = 0) -> int | None:
    """Length of the message at `at` by its own header; None when none begins there."""
    element = unpack_element(data, at, len(data))
    if element is None or element.tag & 0xE0 != 0x60 or element.tag & 0x1F not in KINDS:
        return None
    return element.end - at


def unpack_kerberos(data: bytes) -> KerberosFields | None:
    """One message without what a transport put before it; None when it is none."""
    outer = unpack_element(data, 0, len(data))
    if outer is None or outer.tag & 0xE0 != 0x60 or (kind := outer.tag & 0x1F) not in KINDS:
        return None
    body = unpack_element(data, outer.start, len(data))
    if body is None or body.tag != SEQUENCE:
        return None
    fields = _by_tag(data, body)
    if kind in (AS_REQ, TGS_REQ):
        return _unpack_request(data, kind, fields)
    if kind in (AS_REP, TGS_REP):
        return _unpack_reply(data, kind, fields)
    if kind == AP_REQ:
        return _with_ticket(data, KerberosFields(kind), fields.get(3))
    return _unpack_error(data, fields) if kind == KRB_ERROR else KerberosFields(kind)


def unpack_gss_kerberos(token: bytes) -> KerberosFields | None:
    """The message in a GSS-API token of Kerberos (RFC 4121 section 4.1), or one that stands there bare."""
    outer = unpack_element(token, 0, len(token))
    if outer is None:
        return None
    if outer.tag != 0x60:
        return unpack_kerberos(token)
    mechanism = unpack_element(token, outer.start, len(token))
    if mechanism is None or token[mechanism.end : mechanism.end + 2] not in GSS_TOKENS:
        return None
    return unpack_kerberos(token[mechanism.end + 2 :])


def _by_tag(data: bytes, parent: Element | None) -> dict[int, Element]:
    """What stands in each context-specific tag [n] of a SEQUENCE, also in the last one that was cut."""
    found: dict[int, Element] = {}
    if parent is None:
        return found
    at = parent.start
    while at < min(parent.end, len(data)):
        tagged = unpack_element(data, at, len(data))
        if tagged is None or tagged.end <= at:
            break
        inner = unpack_element(data, tagged.start, min(tagged.end, len(data)))
        if inner is not None and tagged.tag & 0xE0 == 0xA0:
            found.setdefault(tagged.tag & 0x1F, inner)
        at = tagged.end
    return found


def _unpack_request(data: bytes, kind: int, fields: dict[int, Element]) -> KerberosFields:
    """AS-REQ and TGS-REQ (RFC 4120 section 5.4.1)."""
    body = _by_tag(data, fields.get(4))
    return KerberosFields(
        kind,
        cname=_name(data, body.get(1)),
        sname=_name(data, body.get(3)),
        realm=unpack_text(data, body.get(2)),
        etypes=_integers(data, body.get(8)),
        padata=_padata(data, fields.get(3)),
    )


def _unpack_reply(data: bytes, kind: int, fields: dict[int, Element]) -> KerberosFields:
    """AS-REP and TGS-REP (RFC 4120 section 5.4.2)."""
    reply = KerberosFields(
        kind,
        cname=_name(data, fields.get(4)),
        crealm=unpack_text(data, fields.get(3)),
        etype=_etype(data, fields.get(6)),
        padata=_padata(data, fields.get(2)),
    )
    return _with_ticket(data, reply, fields.get(5))


def _with_ticket(data: bytes, message: KerberosFields, ticket: Element | None) -> KerberosFields:
    """The message with the server that its ticket is for (RFC 4120 section 5.3)."""
    inside = _by_tag(data, find_child(data, ticket, SEQUENCE) if ticket is not None else None)
    return message._replace(
        realm=unpack_text(data, inside.get(1)),
        sname=_name(data, inside.get(2)),
        ticket_etype=_etype(data, inside.get(3)),
    )


def _unpack_error(data: bytes, fields: dict[int, Element]) -> KerberosFields:
    """KRB-ERROR (RFC 4120 section 5.9.1)."""
    padata, nt_status = _error_data(content(data, fields.get(12)))
    return KerberosFields(
        KRB_ERROR,
        cname=_name(data, fields.get(8)),
        crealm=unpack_text(data, fields.get(7)),
        sname=_name(data, fields.get(10)),
        realm=unpack_text(data, fields.get(9)),
        padata=padata,
        error=unpack_integer(data, fields.get(6)),
        client_time_ns=_moment(data, fields.get(2), fields.get(3)),
        server_time_ns=_moment(data, fields.get(4), fields.get(5)),
        text=unpack_text(data, fields.get(11)).rstrip("\0"),
        nt_status=nt_status,
    )


def _error_data(data: bytes) -> tuple[tuple[int, ...], int | None]:
    """Types of the methods that an error offers, and the NTSTATUS that Windows adds (MS-KILE section 2.2.2)."""
    sequence = unpack_element(data, 0, len(data))
    if sequence is None or sequence.tag != SEQUENCE:
        return (), None
    typed = _by_tag(data, sequence)
    if unpack_integer(data, typed.get(1)) == KERB_ERR_TYPE_EXTENDED and len(value := content(data, typed.get(2))) >= 4:
        return (), int(struct.unpack_from("<I", value)[0])
    return _padata(data, sequence), None


def _moment(data: bytes, seconds: Element | None, microseconds: Element | None) -> int | None:
    """Whole seconds and microseconds as one time."""
    time_ns = unpack_time_ns(data, seconds)
    return None if time_ns is None else time_ns + min(unpack_integer(data, microseconds) or 0, 999_999) * 1000


def _name(data: bytes, principal: Element | None) -> str:
    """A PrincipalName with slashes between its parts (RFC 4120 section 5.2.2)."""
    parts = _by_tag(data, principal).get(1)
    if parts is None:
        return ""
    texts = [unpack_text(data, part) for part in islice(find_elements(data, parts.start, parts.end), 8)]
    return "/".join(texts)


def _integers(data: bytes, parent: Element | None) -> tuple[int, ...]:
    if parent is None:
        return ()
    each = islice(find_elements(data, parent.start, parent.end), MOST_LISTED)
    numbers = (unpack_integer(data, element) for element in each)
    return tuple(number for number in numbers if number is not None)


def _padata(data: bytes, parent: Element | None) -> tuple[int, ...]:
    """The types of a list of PA-DATA (RFC 4120 section 5.2.7)."""
    if parent is None:
        return ()
    each = islice(find_elements(data, parent.start, parent.end), MOST_LISTED)
    numbers = (unpack_integer(data, _by_tag(data, element).get(1)) for element in each)
    return tuple(number for number in numbers if number is not None)


def _etype(data: bytes, encrypted: Element | None) -> int | None:
    """The type of an EncryptedData (RFC 4120 section 5.2.9)."""
    return unpack_integer(data, _by_tag(data, encrypted).get(0))

"""Who logs on, as far as it is in clear: SPNEGO (RFC 4178), NTLM (MS-NLMP) and Kerberos tokens that SMB, LDAP and others carry.

Takes the bytes of one token; gives `Logon`, with what is absent left empty. Proves no password and judges nothing.
"""

from __future__ import annotations

import struct
from itertools import islice
from typing import NamedTuple

from wireproof.wire.ber import (
    OCTET_STRING,
    OID,
    SEQUENCE,
    Element,
    content,
    find_below,
    find_elements,
    unpack_element,
    unpack_integer,
    unpack_oid,
)
from wireproof.wire.kerberos import KerberosFields, unpack_gss_kerberos

NTLM_SIGNATURE = b"NTLMSSP\0"
NTLM_NAMES = {1: "NEGOTIATE", 2: "CHALLENGE", 3: "AUTHENTICATE"}
NTLM_UNICODE = 0x1
FIELD = struct.Struct("<HHI")

MECHANISMS: dict[str, str] = {
    "1.3.6.1.4.1.311.2.2.10": "NTLM",
    "1.3.6.1.4.1.311.2.2.30": "NEGOEX",
    "1.2.840.113554.1.2.2": "Kerberos",
    "1.2.840.48018.1.2.2": "Kerberos",
    "1.2.840.113554.1.2.2.3": "Kerberos user-to-user",
    "1.3.6.1.5.2.5": "IAKERB",
}
STATES = {0: "accept-completed", 1: "accept-incomplete", 2: "reject", 3: "request-mic"}
"""RFC 4178 section 4.2.2."""
MOST_MECHANISMS = 16


class Logon(NamedTuple):
    """What one token tells. `ntlm` is NEGOTIATE, CHALLENGE or AUTHENTICATE; the latter names `domain`, `user` and `workstation`."""

    mechanisms: tuple[str, ...] = ()
    state: str = ""
    ntlm: str = ""
    domain: str = ""
    user: str = ""
    workstation: str = ""
    target: str = ""
    kerberos: KerberosFields | None = None


def unpack_logon(token: bytes) -> Logon:
    """One token, with or without SPNEGO around it; all empty when it is neither NTLM nor Kerberos."""
    outer = unpack_element(token, 0, len(token))
    if token.startswith(NTLM_SIGNATURE) or outer is None:
        return _unpack_ntlm(token, Logon())
    if outer.tag == 0x60:
        mechanism = unpack_element(token, outer.start, len(token))
        if mechanism is None or mechanism.tag != OID or unpack_oid(token, mechanism) != "1.3.6.1.5.5.2":
            return Logon(kerberos=unpack_gss_kerberos(token))
        outer = unpack_element(token, mechanism.end, len(token))
    if outer is None or outer.tag not in (0xA0, 0xA1):
        return Logon()
    logon = _unpack_init(token, outer) if outer.tag == 0xA0 else _unpack_response(token, outer)
    inner = content(token, find_below(token, outer, SEQUENCE, 0xA2, OCTET_STRING))
    if inner.startswith(NTLM_SIGNATURE):
        return _unpack_ntlm(inner, logon)
    return logon._replace(kerberos=unpack_gss_kerberos(inner)) if inner else logon


def _unpack_init(token: bytes, outer: Element) -> Logon:
    """NegTokenInit: the mechanisms that the sender offers, best first."""
    listed = find_below(token, outer, SEQUENCE, 0xA0, SEQUENCE)
    if listed is None:
        return Logon()
    each = islice(find_elements(token, listed.start, listed.end), MOST_MECHANISMS)
    oids = [unpack_oid(token, element) for element in each]
    return Logon(mechanisms=tuple(dict.fromkeys(MECHANISMS.get(oid, oid) for oid in oids)))


def _unpack_response(token: bytes, outer: Element) -> Logon:
    """NegTokenResp: how far the negotiation is, and with which mechanism."""
    state = unpack_integer(token, find_below(token, outer, SEQUENCE, 0xA0, 0x0A))
    oid = unpack_oid(token, find_below(token, outer, SEQUENCE, 0xA1, OID))
    return Logon(
        mechanisms=(MECHANISMS.get(oid, oid),) if oid else (),
        state="" if state is None else STATES.get(state, str(state)),
    )


def _unpack_ntlm(token: bytes, logon: Logon) -> Logon:
    """An NTLM message (MS-NLMP section 2.2.1)."""
    if not token.startswith(NTLM_SIGNATURE) or len(token) < 12:
        return logon
    kind = int(struct.unpack_from("<I", token, 8)[0])
    logon = logon._replace(ntlm=NTLM_NAMES.get(kind, str(kind)))
    if kind == 2 and len(token) >= 24:
        return logon._replace(target=_ntlm_text(token, 12, 20))
    if kind != 3:
        return logon
    return logon._replace(
        domain=_ntlm_text(token, 28, 60),
        user=_ntlm_text(token, 36, 60),
        workstation=_ntlm_text(token, 44, 60),
    )


def _ntlm_text(token: bytes, at: int, flags_at: int) -> str:
    """The text that a length and an offset at `at` point to."""
    if len(token) < at + FIELD.size:
        return ""
    length, _, start = FIELD.unpack_from(token, at)
    flags = int.from_bytes(token[flags_at : flags_at + 4], "little") if len(token) >= flags_at + 4 else NTLM_UNICODE
    raw = token[start : start + min(length, 512)]
    return raw.decode("utf-16-le" if flags & NTLM_UNICODE else "latin-1", "replace")

"""ASN.1 values in DER from parts, and the messages of Kerberos, LDAP and SPNEGO that tests need, as the RFCs define them."""

from __future__ import annotations

from collections.abc import Sequence


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element: identifier octet, length, content."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + len(body).to_bytes(size, "big") + body


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE."""
    return tlv(0x30, *parts)


def integer(value: int, tag: int = 0x02) -> bytes:
    """An INTEGER (or ENUMERATED with tag 0x0A) in as few octets as it takes."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes | str) -> bytes:
    """An OCTET STRING."""
    return tlv(0x04, value.encode() if isinstance(value, str) else value)


def context(number: int, *parts: bytes) -> bytes:
    """A constructed element of context-specific class: [number]."""
    return tlv(0xA0 | number, *parts)


def general(value: str) -> bytes:
    """A GeneralString, as Kerberos has its names."""
    return tlv(0x1B, value.encode())


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    arcs = [int(arc) for arc in dotted.split(".")]
    out = b""
    for arc in (40 * arcs[0] + arcs[1], *arcs[2:]):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.insert(0, arc & 0x7F | 0x80)
        out += bytes(septets)
    return tlv(0x06, out)


# --- Kerberos (RFC 4120) ---------------------------------------------------------------------------------------------


def principal(name: str, kind: int = 1) -> bytes:
    """A PrincipalName whose parts stand between slashes."""
    return sequence(context(0, integer(kind)), context(1, sequence(*(general(part) for part in name.split("/")))))


def when(text: str) -> bytes:
    """A KerberosTime, given as YYYYMMDDHHMMSSZ."""
    return tlv(0x18, text.encode())


def request(
    kind: int,
    cname: str = "",
    sname: str = "",
    realm: str = "CORP",
    etypes: Sequence[int] = (18, 23),
    padata: Sequence[int] = (),
) -> bytes:
    """An AS-REQ (10) or TGS-REQ (12)."""
    body = [context(0, tlv(0x03, b"\0\x40\x81\0\x10"))]
    body += [context(1, principal(cname))] if cname else []
    body += [context(2, general(realm)), context(3, principal(sname, 2))]
    body += [context(5, when("20370913024805Z")), context(7, integer(99)), context(8, sequence(*map(integer, etypes)))]
    data = [sequence(context(1, integer(one)), context(2, octets(b"x"))) for one in padata]
    listed = [context(3, sequence(*data))] if data else []
    return tlv(
        0x60 | kind, sequence(context(1, integer(5)), context(2, integer(kind)), *listed, context(4, sequence(*body)))
    )


def ticket(sname: str, realm: str = "CORP", etype: int = 18) -> bytes:
    """A Ticket for a server."""
    parts = (
        integer(5),
        general(realm),
        principal(sname, 2),
        sequence(context(0, integer(etype)), context(2, octets(b"\1" * 40))),
    )
    return tlv(0x61, sequence(*(context(place, part) for place, part in enumerate(parts))))


def reply(kind: int, cname: str, sname: str, realm: str = "CORP", etype: int = 18) -> bytes:
    """An AS-REP (11) or TGS-REP (13)."""
    sealed = sequence(context(0, integer(etype)), context(2, octets(b"\2" * 60)))
    parts = {
        0: integer(5),
        1: integer(kind),
        3: general(realm),
        4: principal(cname),
        5: ticket(sname, realm, etype),
        6: sealed,
    }
    return tlv(0x60 | kind, sequence(*(context(place, part) for place, part in parts.items())))


def krb_error(
    code: int,
    sname: str = "krbtgt/CORP",
    cname: str = "",
    server_time: str = "20260301120000Z",
    client_time: str = "",
    data: bytes = b"",
) -> bytes:
    """A KRB-ERROR."""
    parts = {0: integer(5), 1: integer(30)}
    parts |= {2: when(client_time), 3: integer(7)} if client_time else {}
    parts |= {4: when(server_time), 5: integer(500_000), 6: integer(code)}
    parts |= {7: general("CORP"), 8: principal(cname)} if cname else {}
    parts |= {9: general("CORP"), 10: principal(sname, 2)}
    parts |= {12: octets(data)} if data else {}
    return tlv(0x7E, sequence(*(context(place, part) for place, part in parts.items())))


def nt_status_data(status: int) -> bytes:
    """The error data with which Windows tells an NTSTATUS (MS-KILE section 2.2.2)."""
    value = status.to_bytes(4, "little") + bytes(4) + b"\1\0\0\0"
    return sequence(context(1, integer(3)), context(2, octets(value)))


def framed(message: bytes) -> bytes:
    """A message as it goes over TCP (RFC 4120 section 7.2.2)."""
    return len(message).to_bytes(4, "big") + message


def gss_token(mark: bytes, message: bytes) -> bytes:
    """A Kerberos message in a GSS-API token (RFC 4121 section 4.1)."""
    return tlv(0x60, oid("1.2.840.113554.1.2.2"), mark, message)


# --- SPNEGO (RFC 4178) and NTLM (MS-NLMP) ----------------------------------------------------------------------------

NTLM, KERBEROS = "1.3.6.1.4.1.311.2.2.10", "1.2.840.48018.1.2.2"


def spnego_init(token: bytes, *mechanisms: str) -> bytes:
    """A NegTokenInit with its first token."""
    inner = sequence(context(0, sequence(*map(oid, mechanisms))), context(2, octets(token)))
    return tlv(0x60, oid("1.3.6.1.5.5.2"), context(0, inner))


def spnego_response(token: bytes = b"", state: int = 1, mechanism: str = "") -> bytes:
    """A NegTokenResp."""
    chosen = [context(1, oid(mechanism))] if mechanism else []
    carried = [context(2, octets(token))] if token else []
    return context(1, sequence(context(0, integer(state, 0x0A)), *chosen, *carried))


def ntlm_authenticate(user: str, domain: str = "CORP", workstation: str = "PC7") -> bytes:
    """An AUTHENTICATE message with empty responses."""
    fields, payload, at = b"", b"", 72
    for text in ("", "", domain, user, workstation, ""):
        raw = text.encode("utf-16-le")
        fields += len(raw).to_bytes(2, "little") * 2 + (at + len(payload)).to_bytes(4, "little")
        payload += raw
    return b"NTLMSSP\0\3\0\0\0" + fields + b"\x15\x82\x88\xe2" + bytes(8) + payload


def ntlm_negotiate() -> bytes:
    """A NEGOTIATE message without names."""
    return b"NTLMSSP\0\1\0\0\0\x15\x82\x08\xe2" + bytes(24)


def ntlm_challenge(target: str = "SRV") -> bytes:
    """A CHALLENGE message."""
    raw = target.encode("utf-16-le")
    size = len(raw).to_bytes(2, "little")
    return b"NTLMSSP\0\2\0\0\0" + size * 2 + b"\x38\0\0\0\x15\x82\x8a\xe2" + b"\7" * 8 + bytes(24) + raw


# --- LDAP (RFC 4511) -------------------------------------------------------------------------------------------------


def ldap(number: int, operation: bytes) -> bytes:
    """An LDAPMessage."""
    return sequence(integer(number), operation)


def bind(dn: str, password: str = "pw") -> bytes:
    """A simple BindRequest."""
    return tlv(0x60, integer(3), octets(dn), tlv(0x80, password.encode()))


def sasl_bind(mechanism: str, token: bytes) -> bytes:
    """A BindRequest with SASL."""
    return tlv(0x60, integer(3), octets(""), context(3, octets(mechanism), octets(token)))


def result(tag: int, code: int, text: str = "", token: bytes = b"") -> bytes:
    """An LDAPResult under its operation's tag; of a bind with the server's token."""
    return tlv(tag, integer(code, 0x0A), octets(""), octets(text), tlv(0x87, token) if token else b"")


def equal(attribute: str, value: str) -> bytes:
    """The filter (attribute=value)."""
    return context(3, octets(attribute), octets(value))


def search(base: str, wanted: bytes, limit: int = 0, *attributes: str) -> bytes:
    """A SearchRequest over the whole subtree."""
    fixed = (octets(base), integer(2, 0x0A), integer(0, 0x0A), integer(limit), integer(0), tlv(0x01, b"\0"))
    return tlv(0x63, *fixed, wanted, sequence(*map(octets, attributes)))


def entry(dn: str) -> bytes:
    """A SearchResultEntry without attributes."""
    return tlv(0x64, octets(dn), sequence())

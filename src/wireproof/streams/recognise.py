"""The first bytes by which each application protocol is told, whatever its port.

Takes the first eight bytes of each side of many conversations at a time; gives masks. Where the capture lacks a conversation's
beginning, its first bytes captured tell, which a message mostly begins with; the parser has the last word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Beginnings:
    """The first eight bytes of each side of conversations as `words` of shape (conversations, 2), the first byte lowest.

    Whole words are compared: with 80,000 conversations and fifty patterns it matters.
    """

    words: NDArray[np.uint64]
    ports: NDArray[np.uint16]

    def starts(self, pattern: bytes, at: int = 0) -> Mask:
        """Which sides, shape (conversations, 2), have `pattern` at offset `at` of what they sent first."""
        return np.asarray((self.words >> np.uint64(8 * at)) & _ones(len(pattern)) == _number(pattern))

    def starts_with_any(self, patterns: tuple[bytes, ...]) -> Mask:
        """Which sides begin with one of the patterns, of two bytes or more. Two bytes rule nearly all others out."""
        begins = np.zeros(1 << 16, bool)
        begins[[int(_number(pattern[:2])) for pattern in patterns]] = True
        found = begins[self.words.astype(np.uint16)]
        sides = self.words[found]
        matches = np.zeros(len(sides), bool)
        for pattern in patterns:
            matches |= sides & _ones(len(pattern)) == _number(pattern)
        found[found] = matches
        return found

    def byte(self, at: int) -> NDArray[np.uint8]:
        """One byte of each side."""
        return (self.words >> np.uint64(8 * at)).astype(np.uint8)

    def short(self, at: int) -> NDArray[np.int64]:
        """Two bytes of each side as a number, high byte first."""
        return (self.words >> np.uint64(8 * at)).astype("<u2").view(">u2").astype(np.int64)

    def on_port(self, *ports: int) -> Mask:
        """Which conversations, shape (conversations, 1), have one of these ports on either side."""
        wanted = np.zeros(1 << 16, bool)
        wanted[list(ports)] = True
        return np.asarray(wanted[self.ports[:, 0]] | wanted[self.ports[:, 1]])[:, None]


def _number(pattern: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(pattern, "little"))


def _ones(size: int) -> np.uint64:
    return np.uint64((1 << 8 * size) - 1)


def _is_tls(first: Beginnings) -> Mask:
    """A record of type handshake or alert, version 3.0 to 3.4, no longer than TLS allows; or a hello in the SSL 2.0 form."""
    kind, version, length = first.byte(0), first.short(1), first.short(3)
    record = ((kind == 22) | (kind == 21)) & (version >= 0x300) & (version <= 0x304) & (length > 0) & (length <= 18_432)
    old = (first.byte(0) & 0x80 != 0) & (first.byte(2) == 1) & (first.short(3) >= 0x300) & (first.short(3) <= 0x304)
    # A first segment of less than five bytes leaves zeros behind; the parser has the last word.
    begun = (
        (kind == 22) & (length == 0) & (((version >= 0x300) & (version <= 0x304)) | (version == 0) | (version == 0x300))
    )
    return np.asarray(record | old | begun & first.starts(b"\0\0\0", 5))


REQUESTS = (
    b"GET ", b"POST ", b"HEAD ", b"PUT ", b"DELETE ", b"OPTIONS ", b"CONNECT ", b"TRACE ", b"PATCH ",
    b"PROPFIND", b"PROPPATC", b"MKCOL ", b"COPY ", b"MOVE ", b"LOCK ", b"UNLOCK ", b"REPORT ", b"SEARCH ",
    b"SUBSCRIB", b"NOTIFY ", b"POLL ", b"PRI * HT", b"RPC_IN_D", b"RPC_OUT_", b"M-SEARCH", b"BITS_POS", b"CCM_POST", b"RDG_IN_D", b"RDG_OUT_",
)  # fmt: skip


def _is_http(first: Beginnings) -> Mask:
    # OPTIONS and NOTIFY begin SIP requests too; those name "sip:" next.
    return first.starts_with_any(REQUESTS) & ~_is_sip(first) | first.starts(b"HTTP/1.")


SIP_METHODS = (
    b"INVITE ", b"REGISTER", b"SIP/2.0 ", b"ACK sip", b"BYE sip", b"CANCEL s", b"OPTIONS ", b"SUBSCRIB", b"NOTIFY s", b"INFO sip",
    b"MESSAGE ", b"SERVICE ", b"PRACK si", b"REFER si", b"UPDATE s", b"BENOTIFY", b"PUBLISH ", b"NEGOTIAT",
)  # fmt: skip


def _is_sip(first: Beginnings) -> Mask:
    # OPTIONS and SUBSCRIBE alone do not tell SIP from HTTP: the port decides then, and the parser has the last word.
    shared = first.starts(b"OPTIONS ") | first.starts(b"SUBSCRIB")
    return first.starts_with_any(SIP_METHODS) & (~shared | first.on_port(5060, 5061, 5062, 5070))


def _is_sip_datagram(first: Beginnings) -> Mask:
    # Keep-alives come before the first message: empty lines, zeros, or whatever else a telephone sends to hold a NAT open.
    return np.asarray(_is_sip(first) | first.on_port(5060))


def _is_sip_stream(first: Beginnings) -> Mask:
    # Empty lines keep a connection alive (RFC 5626 section 3.5.1); on SIP's own port a capture may begin within a message.
    blank = first.starts(b"\r\n\r\n") | first.starts(b"\r\n\0\0")
    return np.asarray(_is_sip(first) | (blank & first.on_port(5061)) | first.on_port(5060))


def _is_rpc(first: Beginnings) -> Mask:
    """Version 5.0 or 5.1, a known packet type, little- or big-endian integers (C706 section 12.6.3.1).

    A stream begins with a first fragment; that it is one, and the IEEE floating point format, tell it from SOCKS 5. Where the first
    segment is shorter than that, a bind or the mapper's port has to do.
    """
    order = (first.byte(4) == 0x10) | (first.byte(4) == 0)
    fragment = (first.byte(3) & 1 != 0) & (first.byte(5) <= 3) & (first.short(6) == 0)
    bind = (first.byte(2) == 11) | (first.byte(2) == 12)
    short = first.starts(bytes(5), 3) & (bind | first.on_port(135))
    version = first.starts(b"\x05") & (first.byte(1) <= 1) & (first.byte(2) <= 20)
    return np.asarray(version & ((order & fragment) | short))


def _is_smb(first: Beginnings) -> Mask:
    """A NetBIOS session message around SMB, or a session request that asks for one (RFC 1002 section 4.3).

    The byte before the letters tells SMB 1, SMB 2 and 3, encrypted and compressed messages apart (MS-SMB2 2.2.1, 2.2.41, 2.2.42).
    """
    letters = first.starts(b"SMB", 5) & np.isin(first.byte(4), np.array((0xFF, 0xFE, 0xFD, 0xFC), np.uint8))
    request = first.starts(b"\x81\0\0") & (first.byte(3) >= 0x44) & first.on_port(139)
    return np.asarray(first.starts(b"\0") & letters | request)


def _is_tds(first: Beginnings) -> Mask:
    """PRELOGIN or LOGIN7 with a plausible length (MS-TDS 2.2.3.1); any TDS packet on SQL Server's port. TDS 8.0 is TLS."""
    opens = np.isin(first.byte(0), np.array((0x12, 0x10), np.uint8)) & (first.byte(1) == 1) & (first.short(4) == 0)
    known = np.isin(first.byte(0), np.array((1, 2, 3, 4, 6, 7, 14, 16, 17, 18), np.uint8)) & (first.byte(1) < 0x20)
    return np.asarray((opens | known & first.on_port(1433)) & (first.short(2) > 8) & (first.byte(7) == 0))


def _is_ldap(first: Beginnings) -> Mask:
    """A SEQUENCE that begins with a message id (RFC 4511 section 4.1.1), in short or in Microsoft's four-byte length form.

    Behind the id stands an operation, which is of the APPLICATION class; SNMP, which begins alike, has a string there.
    """
    short = first.starts(b"\x30") & (first.byte(1) < 0x80) & (first.byte(2) == 2) & (first.byte(3) <= 4)
    short &= (first.byte(3) != 1) | (first.byte(5) & 0xC0 == 0x40)
    one = first.starts(b"\x30\x81") & (first.byte(3) == 2) & (first.byte(4) <= 4)
    one &= (first.byte(4) != 1) | (first.byte(6) & 0xC0 == 0x40)
    two = first.starts(b"\x30\x82") & (first.byte(4) == 2) & (first.byte(5) <= 4)
    two &= (first.byte(5) != 1) | (first.byte(7) & 0xC0 == 0x40)
    long = first.starts(b"\x30\x84") & (first.byte(6) == 2) & (first.byte(7) <= 4)
    return np.asarray(short | one | two | long)


def _is_kerberos(first: Beginnings) -> Mask:
    """AS, TGS and AP messages or KRB-ERROR (RFC 4120 section 5), behind a length of four bytes over TCP (section 7.2.2)."""
    kinds = np.array((0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x7E), np.uint8)
    return np.asarray(np.isin(first.byte(4), kinds) & first.starts(b"\0\0") & first.on_port(88, 464, 750))


def _is_kerberos_datagram(first: Beginnings) -> Mask:
    kinds = np.array((0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x7E), np.uint8)
    return np.asarray(np.isin(first.byte(0), kinds) & first.on_port(88, 464, 750))


GREETINGS = (b"220 ", b"220-", b"+OK", b"* OK", b"* PREAUT", b"<?xml", b"<stream:")
UPGRADES = (
    b"CONNECT ", b"\x05\x01\0", b"\x05\x02\0", b"\x05\x01\x02", b"\x04\x01", b"\x12\x01", b"\0\0\0\x08\x04\xd2\x16\x2f", b"\x03\0\0", b"EHLO ",
    b"CAP ", b"AUTH TLS", b"STARTTLS", b"<?xml", b"<stream:",
)  # fmt: skip
"""First bytes of protocols in which TLS may begin later: text with STARTTLS, proxies, SQL Server, PostgreSQL, remote desktop."""


def _is_before_tls(first: Beginnings) -> Mask:
    """Conversations of protocols in which TLS may begin later; whether it does, the streams tell."""
    mysql = (first.byte(3) == 0) & (first.byte(4) == 10) & (first.byte(0) > 0) & (first.byte(2) == 0)
    named = first.starts_with_any(GREETINGS) | first.starts_with_any(UPGRADES)
    return np.asarray(named | mysql | _is_ldap(first))


STUN_COOKIE = b"\x21\x12\xa4\x42"


def _is_stun(first: Beginnings) -> Mask:
    """The magic cookie (RFC 8489 section 5); without it only on STUN's own port."""
    classic = (first.byte(0) < 2) & (first.byte(1) > 0) & (first.short(2) % 4 == 0) & first.on_port(3478)
    return np.asarray(first.starts(STUN_COOKIE, 4) & (first.byte(0) < 0x40) | classic)


def _is_stun_stream(first: Beginnings) -> Mask:
    """STUN plain, behind a length (RFC 4571), or behind the frame header of MS-TURN, whose first message is a request."""
    behind_length = first.starts(STUN_COOKIE[:2], 6) & (first.short(0) == first.short(4) + 20) & (first.byte(2) < 0x40)
    asks = (first.short(4) == 0x0001) | (first.short(4) == 0x0003)
    lync = first.starts(b"\x02\x00") & asks & (first.short(2) == first.short(6) + 20)
    return np.asarray(first.starts(STUN_COOKIE, 4) & (first.byte(0) < 0x40) | behind_length | lync)


def _is_dhcp(first: Beginnings) -> Mask:
    asks = ((first.byte(0) == 1) | (first.byte(0) == 2)) & (first.byte(1) == 1) & (first.byte(2) == 6)
    return np.asarray((asks & first.on_port(67, 68, 4011)) | (first.on_port(546, 547) & (first.byte(0) > 0)))


def _is_ike(first: Beginnings) -> Mask:
    return np.asarray(np.repeat(first.on_port(500, 4500, 848), 2, axis=1))


def _is_quic(first: Beginnings) -> Mask:
    """A long header of version 1, 2 or a draft (RFC 9000 section 17.2, RFC 9369)."""
    long = first.byte(0) & 0xC0 == 0xC0
    version = first.starts(b"\0\0\0\x01", 1) | first.starts(b"\x6b\x33\x43\xcf", 1) | first.starts(b"\xff\0\0", 1)
    return np.asarray(long & version)


def _is_dtls(first: Beginnings) -> Mask:
    """A record of DTLS 1.0 or 1.2, or of OpenSSL before 0.9.8f, with an epoch below 256 and a number below 2**24 (RFC 6347 section 4.1)."""
    kind, version = first.byte(0), first.short(1)
    header = (kind >= 20) & (kind <= 25) & ((version == 0xFEFF) | (version == 0xFEFD) | (version == 0x0100))
    return np.asarray(header & first.starts(b"\0", 3) & first.starts(b"\0\0\0", 5))


def _is_discovery(first: Beginnings) -> Mask:
    return np.asarray(first.starts(b"<") & first.on_port(3702))


def _is_dns(first: Beginnings) -> Mask:
    return np.asarray(np.repeat(first.on_port(53), 2, axis=1))


OVER_TCP: dict[str, Callable[[Beginnings], Mask]] = {
    "tls": _is_tls,
    "tls-inside": _is_before_tls,
    "http": _is_http,
    "rpc": _is_rpc,
    "smb": _is_smb,
    "tds": _is_tds,
    "ldap": _is_ldap,
    "kerberos": _is_kerberos,
    "sip": _is_sip_stream,
    "stun": _is_stun_stream,
    "dns": _is_dns,
}
OVER_UDP: dict[str, Callable[[Beginnings], Mask]] = {
    "sip": _is_sip_datagram,
    "stun": _is_stun,
    "dhcp": _is_dhcp,
    "ike": _is_ike,
    "quic": _is_quic,
    "dtls": _is_dtls,
    "kerberos": _is_kerberos_datagram,
    "ldap": _is_ldap,
    "discovery": _is_discovery,
    "http": _is_http,
}
"""HTTP over UDP is SSDP's form of it."""

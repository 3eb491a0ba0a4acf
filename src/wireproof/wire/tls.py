"""TLS and SSL 3.0 on the wire: records, hellos, certificates, certificate requests, alerts (RFC 8446, 5246, 6101).

Takes bytes; gives their fields. Bytes that end early give what could be read, others None; no input raises. Knows no capture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from wireproof.wire import _tls

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23
RECORD_HEADER = 5
"""Bytes before a record's body (RFC 5246 section 6.2.1)."""
RECORD_MOST = (1 << 14) + 2048
"""Longest record body (RFC 5246 section 6.2.3)."""
TLS_1_2, TLS_1_3 = 0x0303, 0x0304
VERSIONS = {
    0x0002: "SSL 2.0",
    0x0300: "SSL 3.0",
    0x0301: "TLS 1.0",
    0x0302: "TLS 1.1",
    0x0303: "TLS 1.2",
    0x0304: "TLS 1.3",
    0x0100: "DTLS 1.0 (before RFC 4347)",
    0xFEFF: "DTLS 1.0",
    0xFEFD: "DTLS 1.2",
    0xFEFC: "DTLS 1.3",
}
DRAFTS = {0x7E, 0x7F, 0xFB}
"""First bytes of versions that were tried before TLS 1.3 was finished: Google's, the IETF's, Facebook's."""
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, CERTIFICATE_REQUEST, FINISHED = 1, 2, 11, 13, 20
MESSAGES = {
    0: "hello_request", 1: "client_hello", 2: "server_hello", 3: "hello_verify_request", 4: "new_session_ticket",
    5: "end_of_early_data", 6: "hello_retry_request", 8: "encrypted_extensions", 11: "certificate", 12: "server_key_exchange",
    13: "certificate_request", 14: "server_hello_done", 15: "certificate_verify", 16: "client_key_exchange", 20: "finished",
    21: "certificate_url", 22: "certificate_status", 23: "supplemental_data", 24: "key_update", 25: "compressed_certificate",
    67: "next_protocol", 254: "message_hash",
}  # fmt: skip
"""Handshake message types by name (IANA TLS HandshakeType)."""
ALERTS = {
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
    30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
    43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
    47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
    60: "export_restriction", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
    86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
    110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
    113: "bad_certificate_status_response", 114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
    116: "certificate_required", 120: "no_application_protocol", 121: "ech_required",
}  # fmt: skip
"""Alert descriptions (IANA TLS Alerts)."""
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that is a HelloRetryRequest (RFC 8446 section 4.1.3)."""
CERTIFICATE_AUTHORITIES = 47


class Record(NamedTuple):
    """Header of a record: content type, version, and body length."""

    kind: int
    version: int
    length: int


def unpack_record(header: bytes) -> Record | None:
    """The record that begins with these five bytes; None when they are no record header."""
    if len(header) < RECORD_HEADER or not 20 <= header[0] <= 24 or header[1] != 3 or header[2] > 4:
        return None
    length = header[3] << 8 | header[4]
    if length > RECORD_MOST or (length == 0 and header[0] != APPLICATION_DATA):
        return None
    return Record(header[0], header[1] << 8 | header[2], length)


@dataclass(slots=True)
class Hello:
    """A ClientHello or ServerHello. `version` is the legacy field, `versions` what supported_versions holds.

    Of a ServerHello `suites` holds the one that was chosen. `whole` is False where the bytes ended early.
    """

    version: int = 0
    random: bytes = b""
    session_id: bytes = b""
    suites: tuple[int, ...] = ()
    extensions: tuple[int, ...] = ()
    server_name: str = ""
    alpn: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    ticket: bool = False
    pre_shared_key: bool = False
    whole: bool = True

    @property
    def retry(self) -> bool:
        """Whether it is a HelloRetryRequest."""
        return self.random == RETRY_RANDOM


def unpack_client_hello(body: bytes) -> Hello | None:
    """The ClientHello (RFC 8446 section 4.1.2) in a handshake message's body."""
    return _make_hello(_tls.client_hello(body))


def unpack_server_hello(body: bytes) -> Hello | None:
    """The ServerHello (RFC 8446 section 4.1.3) in a handshake message's body, a HelloRetryRequest included."""
    return _make_hello(_tls.server_hello(body))


def _make_hello(fields: _tls.Fields | None) -> Hello | None:
    if fields is None:
        return None
    version, random, session_id, suites, extensions, name, protocols, versions, ticket, pre_shared_key, whole = fields
    alpn = tuple(map(text, protocols)) if protocols else ()
    server_name = text(name) if name else ""
    return Hello(
        version, random, session_id, suites, extensions, server_name, alpn, versions, ticket, pre_shared_key, whole
    )


def text(raw: bytes) -> str:
    """A name as text: what is not printable ASCII becomes an escape, so that no terminal obeys it."""
    told = raw.decode("latin-1")
    if told.isascii() and told.isprintable() and " " not in told:
        return told
    return "".join(chr(byte) if 32 < byte < 127 else f"\\x{byte:02x}" for byte in raw)


def unpack_sslv2_hello(data: bytes) -> Hello | None:
    """A ClientHello in the form of SSL 2.0 (RFC 5246 appendix E.2), from its two bytes of length on."""
    if len(data) < 11 or not data[0] & 0x80 or data[2] != 1:
        return None
    suites, session, challenge = (int.from_bytes(data[at : at + 2], "big") for at in (5, 7, 9))
    if suites % 3 or session > 32 or not 16 <= challenge <= 32:
        return None
    specs = data[11 : 11 + suites]
    hello = Hello(version=data[3] << 8 | data[4], session_id=data[11 + suites : 11 + suites + session])
    # Three bytes each; those of SSL 2.0 itself have a first byte other than 0.
    hello.suites = tuple(specs[at + 1] << 8 | specs[at + 2] for at in range(0, len(specs) - 2, 3) if specs[at] == 0)
    hello.random = data[11 + suites + session : 11 + suites + session + challenge].rjust(32, b"\0")
    hello.whole = len(data) >= 11 + suites + session + challenge
    return hello


def unpack_certificates(body: bytes, version: int) -> list[bytes]:
    """DER certificates of a Certificate message, the sender's own first. The form follows from the version."""
    at = 0
    if version >= TLS_1_3 and body:
        at = 1 + body[0]
    end = min(at + 3 + int.from_bytes(body[at : at + 3], "big"), len(body))
    at += 3
    found = []
    while at + 3 <= end:
        size = int.from_bytes(body[at : at + 3], "big")
        der = body[at + 3 : at + 3 + size]
        if len(der) < size or not size:
            break
        found.append(der)
        at += 3 + size
        if version >= TLS_1_3:
            at += 2 + int.from_bytes(body[at : at + 2], "big")
    return found


class CertificateRequest(NamedTuple):
    """Which certificates a server accepts: DER names of issuers, and the length that their list states."""

    authorities: tuple[bytes, ...]
    list_bytes: int
    whole: bool


def unpack_certificate_request(body: bytes, version: int) -> CertificateRequest:
    """The names in a CertificateRequest (RFC 5246 section 7.4.4; RFC 8446 sections 4.3.2 and 4.2.4)."""
    at = _authorities_at(body, version)
    if at is None:
        return CertificateRequest((), 0, True)
    size = int.from_bytes(body[at : at + 2], "big")
    end = min(at + 2 + size, len(body))
    whole = at + 2 + size <= len(body)
    names, at = [], at + 2
    while at + 2 <= end:
        length = int.from_bytes(body[at : at + 2], "big")
        names.append(body[at + 2 : min(at + 2 + length, end)])
        at += 2 + length
    return CertificateRequest(tuple(names), size, whole)


def _authorities_at(body: bytes, version: int) -> int | None:
    """Where the list of issuers begins; None when there is none."""
    at = 1 + (body[0] if body else 0)
    if version >= TLS_1_3:
        end = at + 2 + int.from_bytes(body[at : at + 2], "big")
        at += 2
        while at + 4 <= min(end, len(body)):
            if int.from_bytes(body[at : at + 2], "big") == CERTIFICATE_AUTHORITIES:
                return at + 4
            at += 4 + int.from_bytes(body[at + 2 : at + 4], "big")
        return None
    if version >= TLS_1_2:
        at += 2 + int.from_bytes(body[at : at + 2], "big")
    return at if at + 2 <= len(body) else None


def alert_name(code: int) -> str:
    """Name of an alert description; its number where it has none."""
    return ALERTS.get(code, f"alert {code}")


def version_name(version: int) -> str:
    """`TLS 1.2`, or the number in hexadecimal; drafts of TLS 1.3 by their number."""
    if version >> 8 == 0x7F:
        return f"TLS 1.3 draft {version & 0xFF}"
    return VERSIONS.get(version, f"version 0x{version:04x}")


def agreed_version(hello: Hello) -> int:
    """The version that a ServerHello chose; drafts of TLS 1.3 count as 0x0304."""
    version = hello.versions[0] if hello.versions else hello.version
    return TLS_1_3 if version >> 8 in DRAFTS else version


def best_version(hello: Hello) -> int:
    """The highest version that a ClientHello offers."""
    offered = [TLS_1_3 if version >> 8 in DRAFTS else version for version in hello.versions if version < 0xFF00]
    return max(offered, default=hello.version)

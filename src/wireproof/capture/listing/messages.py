"""The bytes of a message as far as a record's words are these bytes: start lines of HTTP and SIP, SMTP lines, heads of TLS records.

Takes what a record says; gives bytes from the message's start, b"" where the words only describe. Nothing is made up.
"""

from __future__ import annotations

import re
import struct

from wireproof.capture.listing.packet import Packet

_STATED = re.compile(r"(?:Message Body|DATA fragment|Payload|Continuation(?: data)?)[^\n]{0,20}?,? (\d{1,6}) bytes")
_SMTP = re.compile(r"^(?P<side>[CS]): (?P<lines>[^\n]{1,1000})$")
_HTTP = re.compile(r"^(?:[A-Z_]{3,16} \S{1,1500} HTTP/1\.[01](?=\s|$)|HTTP/1\.[01] \d{3}(?: [^(\n]{1,80})?)")
_SIP = re.compile(r"^(?:Request|Status): (?P<line>[^|\n]{1,300})")
TLS_VERSIONS = {
    "SSLV3": 0x0300,
    "SSL": 0x0300,
    "TLSV1": 0x0301,
    "TLSV1.1": 0x0302,
    "TLSV1.2": 0x0303,
    "TLSV1.3": 0x0303,
}
HANDSHAKES = frozenset(
    (
        "hello request", "client hello", "server hello", "new session ticket", "certificate", "server key exchange", "certificate request",
        "server hello done", "certificate verify", "client key exchange", "finished", "certificate status",
    )
)  # fmt: skip
"""Messages of which a record's type follows. Their own heads are left out: a hello without its contents would look like an empty one."""
CHANGE, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
ALERTS = {
    "close notify": 0, "unexpected message": 10, "bad record mac": 20, "decryption failed": 21, "record overflow": 22,
    "decompression failure": 30, "handshake failure": 40, "no certificate": 41, "bad certificate": 42, "unsupported certificate": 43,
    "certificate revoked": 44, "certificate expired": 45, "certificate unknown": 46, "illegal parameter": 47, "unknown ca": 48,
    "access denied": 49, "decode error": 50, "decrypt error": 51, "export restriction": 60, "protocol version": 70,
    "insufficient security": 71, "internal error": 80, "inappropriate fallback": 86, "user canceled": 90, "no renegotiation": 100,
    "missing extension": 109, "unsupported extension": 110, "certificate unobtainable": 111, "unrecognized name": 112,
    "bad certificate status response": 113, "unknown psk identity": 115, "certificate required": 116, "no application protocol": 120,
}  # fmt: skip
_ALERT = re.compile(r"^Alert \(Level: (Warning|Fatal), Description: ([A-Za-z ]{2,40})\)")


def stated_size(words: str) -> int | None:
    """The bytes of a message that its words state, as in `C: Message Body, 536 bytes`."""
    found = _STATED.search(words[:200])
    return int(found[1]) if found else None


def message_bytes(packet: Packet) -> bytes:
    """The beginning of a packet's data, as far as its words tell it byte by byte."""
    protocol, words = packet.record.protocol.upper(), packet.said.words
    if not words or "[truncated]" in words:
        return b""
    if protocol in ("SMTP", "IMF"):
        return _smtp_lines(words)
    if protocol.startswith("HTTP"):
        found = _HTTP.match(words)
        return found[0].rstrip().encode("latin-1", "replace") + b"\r\n" if found else b""
    if protocol in ("SIP", "SIP/SDP"):
        return _sip_line(words)
    if protocol in TLS_VERSIONS and packet.payload:
        return _tls_heads(TLS_VERSIONS[protocol], words, packet.payload)
    return b""


def _smtp_lines(words: str) -> bytes:
    found = _SMTP.match(words)
    if found is None or stated_size(words) is not None or "fragment" in words:
        return b""
    return b"".join(line.encode("latin-1", "replace") + b"\r\n" for line in found["lines"].split(" | "))


def _sip_line(words: str) -> bytes:
    found = _SIP.match(words)
    if found is None:
        return b""
    line = found["line"].strip().removesuffix(" , in-dialog").strip()
    text = f"{line} SIP/2.0" if words.startswith("Request") else f"SIP/2.0 {line}"
    return text.encode("latin-1", "replace") + b"\r\n"


def _tls_heads(version: int, words: str, size: int) -> bytes:
    """Heads of records as far as words and length settle them: where one record fills the segment, its length follows."""
    alert = _ALERT.match(words)
    if alert and alert[2].lower() in ALERTS and size == 7:
        return struct.pack(">BHHBB", ALERT, version, 2, 1 + (alert[1] == "Fatal"), ALERTS[alert[2].lower()])
    records = [name.strip().lower() for name in words.split(",")]
    head = b""
    if records[0] == "change cipher spec" and size >= 6:
        head, records, size = struct.pack(">BHHB", CHANGE, version, 1, 1), records[1:], size - 6
    if not records or size < 6:
        return head
    kind = _record_type(records[0])
    if kind is None:
        return head
    if len(records) > 1 or size > 5 + (1 << 14) + 2048:
        return head + struct.pack(">BH", kind, version)
    head += struct.pack(">BHH", kind, version, size - 5)
    return head


def _record_type(name: str) -> int | None:
    if name.startswith("application data"):
        return DATA
    if name in HANDSHAKES or name.startswith("encrypted handshake message"):
        return HANDSHAKE
    if name.startswith("encrypted alert"):
        return ALERT
    return CHANGE if name == "change cipher spec" else None

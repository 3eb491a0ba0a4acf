"""What keys are made from: the fields of handshake messages, and both sides' messages of one handshake together.

Takes the bytes of handshake messages; gives randoms, session ids, tickets, the encrypted premaster secret, and what is hashed for the extended
master secret. Derives and opens nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

from wireproof.decrypt.keys.derive import handshake_hash
from wireproof.wire.ber import INTEGER, SEQUENCE, Element, content, find_elements, unpack_element
from wireproof.wire.tls import (
    TLS_1_2,
    Hello,
    agreed_version,
    unpack_certificates,
    unpack_client_hello,
    unpack_server_hello,
    unpack_sslv2_hello,
)

HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET, END_OF_EARLY_DATA, CERTIFICATE = 0, 1, 2, 4, 5, 11
SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, CLIENT_KEY_EXCHANGE, FINISHED, KEY_UPDATE = 12, 14, 16, 20, 24
TRUNCATED_HMAC, ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET, SESSION_TICKET, EARLY_DATA = 4, 22, 23, 35, 42
MESSAGE_MOST = 1 << 20
"""Longest handshake message that is put together; certificate chains stay far below."""
HASHED_MOST = 4 << 20
"""Bytes of one side's messages that are kept until keys are made."""
TICKETS_MOST = 16
SSL_3_0, BIT_STRING = 0x0300, 0x03


class Messages:
    """Puts one side's handshake messages together from the content of records (RFC 8446 section 5.1: they may be split and share records)."""

    __slots__ = ("_held", "_skip")

    def __init__(self) -> None:
        self._held = bytearray()
        self._skip = 0

    def add(self, data: bytes) -> Iterator[bytes]:
        """Whole messages, each with its header, that these bytes complete. Of a message that is too long none is told."""
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        held = self._held
        held += data
        at = 0
        while len(held) - at >= 4:
            stop = at + 4 + int.from_bytes(held[at + 1 : at + 4], "big")
            if stop > len(held):
                if stop - at > MESSAGE_MOST:
                    self._skip = stop - len(held)
                    at = len(held)
                break
            yield bytes(held[at:stop])
            at = stop
        if at:
            del held[:at]

    def forget(self) -> None:
        """Bytes are missing: what began can't become whole."""
        self._held.clear()
        self._skip = 0

    @property
    def waits(self) -> bool:
        """Whether a message has begun and is not whole."""
        return bool(self._held) or self._skip > 0


class HelloParts:
    """A hello, the content of its extensions by number, and the compression method that a server chose.

    The extensions stand at `at` in `body`; they are gone through when somebody asks for one.
    """

    __slots__ = ("_at", "_body", "_extensions", "compression", "hello")

    def __init__(self, hello: Hello, body: bytes = b"", at: int = 0, compression: int = 0) -> None:
        self.hello = hello
        self.compression = compression
        self._body, self._at = body, at
        self._extensions: dict[int, bytes] | None = None

    @property
    def extensions(self) -> dict[int, bytes]:
        """The content of each extension."""
        if self._extensions is None:
            self._extensions = _extensions(self._body, self._at)
        return self._extensions


def unpack_client_parts(body: bytes) -> HelloParts | None:
    """The ClientHello in a handshake message's body."""
    hello = unpack_client_hello(body)
    if hello is None:
        return None
    at = 35 + len(hello.session_id)
    at += 2 + int.from_bytes(body[at : at + 2], "big")
    at += 1 + (body[at] if at < len(body) else 0)
    return HelloParts(hello, body, at)


def unpack_old_parts(data: bytes) -> HelloParts | None:
    """A ClientHello in the form of SSL 2.0, from its two bytes of length on."""
    hello = unpack_sslv2_hello(data)
    return HelloParts(hello) if hello else None


def unpack_server_parts(body: bytes) -> HelloParts | None:
    """The ServerHello in a handshake message's body; that of early drafts of TLS 1.3 has neither session id nor compression."""
    hello = unpack_server_hello(body)
    if hello is None:
        return None
    if agreed_version(hello) > TLS_1_2 and hello.version != TLS_1_2:
        return HelloParts(hello)
    at = 35 + len(hello.session_id) + 2
    return HelloParts(hello, body, at + 1, body[at] if at < len(body) else 0)


def _extensions(body: bytes, at: int) -> dict[int, bytes]:
    end = min(at + 2 + int.from_bytes(body[at : at + 2], "big"), len(body))
    at += 2
    found: dict[int, bytes] = {}
    while at + 4 <= end:
        size = int.from_bytes(body[at + 2 : at + 4], "big")
        found.setdefault(int.from_bytes(body[at : at + 2], "big"), body[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def unpack_ticket(body: bytes) -> bytes:
    """The ticket of a NewSessionTicket up to TLS 1.2 (RFC 5077 section 3.3), of which some servers leave out the lifetime's length field."""
    size = int.from_bytes(body[4:6], "big")
    return body[6 : 6 + size]


def unpack_encrypted_premaster(body: bytes, version: int) -> bytes:
    """What a ClientKeyExchange holds under RSA: SSL 3.0 has no length before it (RFC 6101 section 5.6.7.1), and some clients forgot it later."""
    size = int.from_bytes(body[:2], "big")
    if len(body) == 2 + size and version != SSL_3_0:
        return body[2:]
    return body[2:] if len(body) == 2 + size and len(body) % 64 == 2 else body


@dataclass(slots=True)
class Handshake:
    """One handshake as far as it is in the capture: both hellos, and what of the rest keys are made from.

    `said` holds each role's messages (client, server) until keys are made; `lacks` tells that some of them are missing.
    """

    client_hello: HelloParts | None = None
    server_hello: HelloParts | None = None
    said: tuple[list[bytes], list[bytes]] = field(default_factory=lambda: ([], []))
    kinds: set[int] = field(default_factory=set)
    certificate: bytes | None = None
    key_exchange: bytes | None = None
    tickets: list[bytes] = field(default_factory=list)
    lacks: bool = False
    offered_early: bool = False
    _octets: int = 0

    @property
    def client_random(self) -> bytes:
        """The client's random; empty where its hello is missing."""
        return self.client_hello.hello.random if self.client_hello else b""

    @property
    def server_random(self) -> bytes:
        """The server's random; empty where its hello is missing."""
        return self.server_hello.hello.random if self.server_hello else b""

    @property
    def version(self) -> int:
        """What the server chose, drafts of TLS 1.3 as 0x0304; 0 as long as nobody knows."""
        return agreed_version(self.server_hello.hello) if self.server_hello else 0

    @property
    def modulus(self) -> int:
        """The RSA modulus of the server's certificate; 0 where there is none."""
        return unpack_modulus(self.certificate) if self.certificate else 0

    @property
    def draft(self) -> int:
        """The version as the ServerHello names it."""
        if self.server_hello is None:
            return 0
        hello = self.server_hello.hello
        return hello.versions[0] if hello.versions else hello.version

    @property
    def suite(self) -> int:
        """The suite that the server chose; -1 as long as nobody knows."""
        return self.server_hello.hello.suites[0] if self.server_hello else -1

    @property
    def is_full(self) -> bool:
        """Whether keys were exchanged: a resumed handshake has none of these messages."""
        return bool(self.kinds & {CERTIFICATE, SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, CLIENT_KEY_EXCHANGE})

    def has(self, extension: int) -> bool:
        """Whether the server agreed to an extension."""
        return self.server_hello is not None and extension in self.server_hello.extensions

    def take(self, role: int, message: bytes) -> None:
        """Note a message up to TLS 1.2 of the client (0) or the server (1)."""
        kind, body = message[0], message[4:]
        if kind == HELLO_REQUEST:
            return
        self.kinds.add(kind)
        if kind == CLIENT_HELLO:
            self.client_hello = unpack_client_parts(body)
            self.offered_early |= self.client_hello is not None and EARLY_DATA in self.client_hello.hello.extensions
            self.said[0].clear()
        elif kind == SERVER_HELLO:
            self.server_hello = unpack_server_parts(body)
            self.said[1].clear()
        elif kind == CERTIFICATE and role == 1:
            self.certificate = next(iter(unpack_certificates(body, TLS_1_2)), b"")
        elif kind == NEW_SESSION_TICKET and len(self.tickets) < TICKETS_MOST:
            self.tickets.append(unpack_ticket(body))
        self._keep(role, message)
        if kind == CLIENT_KEY_EXCHANGE:
            self.key_exchange = body

    def _keep(self, role: int, message: bytes) -> None:
        """Keep what the session hash covers: everything up to the ClientKeyExchange, and of the server up to its ServerHelloDone."""
        over = self.key_exchange is not None if role == 0 else message[0] == NEW_SESSION_TICKET
        if over or message[0] == FINISHED:
            return
        self._octets += len(message)
        if self._octets > HASHED_MOST:
            self.lacks = True
        else:
            self.said[role].append(message)

    def session_hash(self, prf: str) -> bytes:
        """The hash over the messages up to ClientKeyExchange (RFC 7627 section 3); the order follows from the protocol."""
        client, server = self.said
        data = b"".join([*client[:1], *server, *client[1:]])
        return handshake_hash(self.version, prf, data)

    def forget_messages(self) -> None:
        """Keys are made: what was hashed is needed no more."""
        self.said[0].clear()
        self.said[1].clear()


@functools.lru_cache(maxsize=64)
def unpack_modulus(der: bytes) -> int:
    """The RSA modulus of a certificate; 0 for another kind of key, and for what is no certificate."""
    signed = _child(der, _child(der, None, SEQUENCE), SEQUENCE)
    if signed is None:
        return 0
    for info in find_elements(der, signed.start, signed.end):
        # SubjectPublicKeyInfo alone holds an algorithm and a bit string behind it.
        parts = list(find_elements(der, info.start, info.end)) if info.tag == SEQUENCE else []
        if len(parts) != 2 or parts[0].tag != SEQUENCE or parts[1].tag != BIT_STRING:
            continue
        key = unpack_element(der, parts[1].start + 1, parts[1].end)
        number = _child(der, key, INTEGER) if key and key.tag == SEQUENCE and key.end <= parts[1].end else None
        return int.from_bytes(content(der, number), "big") if number else 0
    return 0


def _child(der: bytes, parent: Element | None, tag: int) -> Element | None:
    """The first element within another, or of all, when it has this tag and ends in time."""
    start, end = (parent.start, parent.end) if parent else (0, len(der))
    found = unpack_element(der, start, end)
    return found if found and found.tag == tag and found.end <= end else None

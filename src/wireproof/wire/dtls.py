"""DTLS on the wire: records in datagrams, fragments of handshake messages, and hellos in the form that TLS gives them (RFC 4347, 6347).

Takes bytes; gives their fields. Bytes that end early give what could be read; no input raises. Knows no capture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wireproof.wire.tls import TLS_1_2

HEADER, FRAGMENT_HEADER = 13, 12
DTLS_1_0, DTLS_1_2, DTLS_1_3, BEFORE_1_0 = 0xFEFF, 0xFEFD, 0xFEFC, 0x0100
"""Versions; the last is what OpenSSL wrote before 0.9.8f, and Cisco's AnyConnect for long after."""
SAME_AS = {BEFORE_1_0: 0x0302, DTLS_1_0: 0x0302, DTLS_1_2: TLS_1_2}
"""The version of TLS that a version of DTLS is made from (RFC 4347 section 1, RFC 6347 section 1)."""
HELLO_VERIFY_REQUEST = 3
WITH_CONNECTION_ID = 25
"""Type of a record with a connection id (RFC 9146); its header does not tell how long the id is."""


class DtlsRecord(NamedTuple):
    """One record: `number` counts within its epoch. `whole` is False where the datagram ends before the stated length."""

    kind: int
    version: int
    epoch: int
    number: int
    body: bytes
    whole: bool

    @property
    def size(self) -> int:
        """Bytes of it in the datagram, header included."""
        return HEADER + len(self.body)

    @property
    def sequence(self) -> int:
        """What nonces and MACs take for the sequence number (RFC 6347 section 4.1.2.1)."""
        return self.epoch << 48 | self.number


class UnifiedRecord(NamedTuple):
    """An encrypted record of DTLS 1.3 (RFC 9147 section 4): `header` with its number still hidden, which stands at `number_at` in it.

    `epoch_bits` are the two lowest of the epoch.
    """

    epoch_bits: int
    header: bytes
    number_at: int
    number_bytes: int
    body: bytes
    whole: bool


class Fragment(NamedTuple):
    """A piece of a handshake message: `data` stands at `offset` of a message of `length` bytes without its header."""

    kind: int
    length: int
    message: int
    offset: int
    data: bytes


def is_dtls(data: bytes) -> bool:
    """Whether a datagram begins with the header of a record."""
    return len(data) >= HEADER and 20 <= data[0] <= WITH_CONNECTION_ID and (data[1] << 8 | data[2]) in SAME_AS


def is_unified(data: bytes) -> bool:
    """Whether a datagram may begin with an encrypted record of DTLS 1.3 (RFC 9147 section 4)."""
    return len(data) > 0 and data[0] >> 5 == 1


def unpack_records(datagram: bytes) -> Iterator[DtlsRecord]:
    """The records of a datagram, up to the first bytes that are none, or that need a connection id to be read."""
    at = 0
    while is_dtls(datagram[at : at + HEADER]) and datagram[at] != WITH_CONNECTION_ID:
        length = datagram[at + 11] << 8 | datagram[at + 12]
        body = datagram[at + HEADER : at + HEADER + length]
        yield DtlsRecord(
            datagram[at],
            datagram[at + 1] << 8 | datagram[at + 2],
            datagram[at + 3] << 8 | datagram[at + 4],
            int.from_bytes(datagram[at + 5 : at + 11], "big"),
            body,
            len(body) == length,
        )
        at += HEADER + length


def unpack_unified(datagram: bytes, id_bytes: int) -> Iterator[UnifiedRecord]:
    """Encrypted records of DTLS 1.3 from the beginning of these bytes; `id_bytes` is the size of the receiver's connection id."""
    at = 0
    while is_unified(datagram[at:]):
        first = datagram[at]
        number_at = 1 + (id_bytes if first & 0x10 else 0)
        number_bytes = 2 if first & 0x08 else 1
        begin = at + number_at + number_bytes
        end = len(datagram)
        if first & 0x04:
            end = begin + 2 + int.from_bytes(datagram[begin : begin + 2], "big")
            begin += 2
        yield UnifiedRecord(
            first & 3, datagram[at:begin], number_at, number_bytes, datagram[begin:end], end <= len(datagram)
        )
        at = end


def unpack_fragments(body: bytes) -> Iterator[Fragment]:
    """The handshake fragments in a record's clear content (RFC 6347 section 4.2.2); stops at one that can't be."""
    at = 0
    while len(body) - at >= FRAGMENT_HEADER:
        length, message, offset, size = (
            int.from_bytes(body[at + begin : at + end], "big") for begin, end in ((1, 4), (4, 6), (6, 9), (9, 12))
        )
        data = body[at + FRAGMENT_HEADER : at + FRAGMENT_HEADER + size]
        if len(data) < size or offset + size > length:
            return
        yield Fragment(body[at], length, message, offset, data)
        at += FRAGMENT_HEADER + size


def as_tls_client_hello(body: bytes) -> bytes:
    """A ClientHello without its cookie and with the version of TLS that its own is made from."""
    at = 35 + (body[34] if len(body) > 34 else 0)
    cookie = body[at] if at < len(body) else 0
    return _tls_version(body) + body[2:at] + body[at + 1 + cookie :]


def as_tls_server_hello(body: bytes) -> bytes:
    """A ServerHello with the version of TLS that its own is made from."""
    return _tls_version(body) + body[2:]


def _tls_version(body: bytes) -> bytes:
    version = int.from_bytes(body[:2], "big")
    return SAME_AS.get(version, version).to_bytes(2, "big")

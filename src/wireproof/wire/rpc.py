"""Connection-oriented DCE/RPC protocol data units (C706 section 12.6, [MS-RPCE] 2.2.2): header and the bodies that rules ask for.

Takes the bytes of one PDU, which may be cut; gives fields, or None where bytes are missing. Joins no fragments, knows no interface.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from wireproof.wire.ndr import NULL_UUID, uuid_text

HEADER_BYTES = 16
REQUEST, RESPONSE, FAULT, BIND, BIND_ACK, BIND_NAK, ALTER, ALTER_RESPONSE = 0, 2, 3, 11, 12, 13, 14, 15
KINDS: dict[int, str] = {
    0: "request",
    1: "ping",
    2: "response",
    3: "fault",
    4: "working",
    5: "nocall",
    6: "reject",
    7: "ack",
    8: "cl_cancel",
    9: "fack",
    10: "cancel_ack",
    11: "bind",
    12: "bind_ack",
    13: "bind_nak",
    14: "alter_context",
    15: "alter_context_resp",
    16: "auth3",
    17: "shutdown",
    18: "co_cancel",
    19: "orphaned",
    20: "rts",
}
FIRST_FRAGMENT, LAST_FRAGMENT, OBJECT_UUID = 0x01, 0x02, 0x80
PRIVACY = 6
"""RPC_C_AUTHN_LEVEL_PKT_PRIVACY: what a request carries is encrypted."""
MOST_CONTEXTS = 256
NDR64 = "71710533-beba-4937-8319-b5dbef9ccc36"

AUTH_TYPES: dict[int, str] = {9: "SPNEGO", 10: "NTLM", 14: "TLS", 16: "Kerberos", 68: "Netlogon"}
AUTH_LEVELS: dict[int, str] = {
    1: "none",
    2: "connect",
    3: "call",
    4: "packet",
    5: "integrity",
    6: "privacy",
}
RESULTS: dict[int, str] = {0: "acceptance", 1: "user_rejection", 2: "provider_rejection", 3: "negotiate_ack"}
REASONS: dict[int, str] = {
    0: "reason_not_specified",
    1: "abstract_syntax_not_supported",
    2: "proposed_transfer_syntaxes_not_supported",
    3: "local_limit_exceeded",
}
NAK_REASONS: dict[int, str] = {
    0: "reason_not_specified",
    1: "temporary_congestion",
    2: "local_limit_exceeded",
    4: "protocol_version_not_supported",
    8: "authentication_type_not_recognized",
    9: "invalid_checksum",
}
"""Reasons of a bind_nak: C706 section 12.6.3.1, and [MS-RPCE] 2.2.2.5 for the last two."""


class Header(NamedTuple):
    """The common header. `order` is "<" or ">" for all integers of the PDU, `size` its length with trailer and token."""

    kind: int
    flags: int
    order: str
    size: int
    auth_size: int
    call_id: int

    @property
    def name(self) -> str:
        """Kind of PDU in the words of C706."""
        return KINDS[self.kind]


class Auth(NamedTuple):
    """The authentication trailer: `padding` bytes stand between the stub and it, at offset `at`."""

    kind: int
    level: int
    padding: int
    at: int


class Context(NamedTuple):
    """A presentation context that a client proposes: an interface and the syntaxes in which it can be spoken."""

    number: int
    interface: str
    version: str
    syntaxes: tuple[str, ...]


class Bind(NamedTuple):
    """Body of bind and alter_context."""

    group: int
    contexts: tuple[Context, ...]


class ContextResult(NamedTuple):
    """What the server says to one proposed context."""

    result: int
    reason: int
    syntax: str

    @property
    def accepted(self) -> bool:
        """Whether calls may be made in this context."""
        return self.result == 0

    @property
    def text(self) -> str:
        """`acceptance`, or the result with its reason."""
        name = RESULTS.get(self.result, f"result {self.result}")
        return name if self.result in (0, 3) else f"{name}: {REASONS.get(self.reason, f'reason {self.reason}')}"


class BindAnswer(NamedTuple):
    """Body of bind_ack and alter_context_resp."""

    group: int
    secondary_address: str
    results: tuple[ContextResult, ...]


class Call(NamedTuple):
    """Head of a request, response or fault. `opnum` is -1 but in a request, `status` 0 but in a fault; the stub is data[begin:end]."""

    context: int
    opnum: int
    status: int
    object: str
    begin: int
    end: int


def unpack_header(data: bytes) -> Header | None:
    """The common header; None when these bytes are not the beginning of a connection-oriented PDU."""
    if len(data) < HEADER_BYTES or data[0] != 5 or data[1] > 1 or data[2] not in KINDS or data[4] not in (0x00, 0x10):
        return None
    order = "<" if data[4] == 0x10 else ">"
    size, auth_size, call_id = struct.unpack_from(f"{order}HHI", data, 8)
    if size < HEADER_BYTES or (auth_size and auth_size + 8 + HEADER_BYTES > size):
        return None
    return Header(data[2], data[3], order, size, auth_size, call_id)


def unpack_auth(data: bytes, header: Header) -> Auth | None:
    """The authentication trailer; None when there is none, or its bytes are missing."""
    at = header.size - header.auth_size - 8
    if not header.auth_size or at + 8 > len(data):
        return None
    kind, level, padding = data[at : at + 3]
    return Auth(kind, level, padding, at)


def unpack_bind(data: bytes, header: Header) -> Bind | None:
    """Body of bind or alter_context; contexts that are cut off are left out."""
    if len(data) < 28:
        return None
    group, count = struct.unpack_from(f"{header.order}IB", data, 20)
    contexts: list[Context] = []
    at = 28
    for _ in range(min(count, MOST_CONTEXTS)):
        if at + 24 > len(data):
            break
        number, syntaxes = struct.unpack_from(f"{header.order}HB", data, at)
        end = at + 24 + 20 * syntaxes
        if end > len(data):
            break
        names = tuple(uuid_text(data[place : place + 16], header.order) for place in range(at + 24, end, 20))
        major, minor = struct.unpack_from(f"{header.order}HH", data, at + 20)
        contexts.append(Context(number, uuid_text(data[at + 4 : at + 20], header.order), f"{major}.{minor}", names))
        at = end
    return Bind(group, tuple(contexts))


def unpack_bind_answer(data: bytes, header: Header) -> BindAnswer | None:
    """Body of bind_ack or alter_context_resp; results that are cut off are left out."""
    if len(data) < 26:
        return None
    group, length = struct.unpack_from(f"{header.order}IH", data, 20)
    name = data[26 : 26 + length].split(b"\0", 1)[0].decode("ascii", "replace")
    at = (26 + length + 3) // 4 * 4
    if at + 4 > len(data):
        return BindAnswer(group, name, ())
    results = []
    count = min(data[at], (len(data) - at - 4) // 24)
    for place in range(at + 4, at + 4 + 24 * count, 24):
        result, reason = struct.unpack_from(f"{header.order}HH", data, place)
        results.append(ContextResult(result, reason, uuid_text(data[place + 4 : place + 20], header.order)))
    return BindAnswer(group, name, tuple(results))


def unpack_bind_nak(data: bytes, header: Header) -> int | None:
    """The reason for which a bind was refused."""
    return struct.unpack_from(f"{header.order}H", data, 16)[0] if len(data) >= 18 else None


def unpack_call(data: bytes, header: Header) -> Call | None:
    """Head of a request, response or fault, and where the fragment's stub lies, without padding and trailer."""
    if len(data) < 24:
        return None
    context, second = struct.unpack_from(f"{header.order}HH", data, 20)
    begin, target, status = 24, NULL_UUID, 0
    if header.kind == REQUEST and header.flags & OBJECT_UUID and len(data) >= 40:
        target, begin = uuid_text(data[24:40], header.order), 40
    if header.kind == FAULT and len(data) >= 28:
        status, begin = struct.unpack_from(f"{header.order}I", data, 24)[0], 32
    auth = unpack_auth(data, header)
    end = min(len(data), header.size) if auth is None else max(auth.at - auth.padding, begin)
    return Call(context, second if header.kind == REQUEST else -1, status, target, begin, max(end, begin))

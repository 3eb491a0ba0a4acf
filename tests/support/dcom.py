"""DCE/RPC packets of a DCOM activation: bind, alter context, RemoteCreateInstance and its answer with OXID bindings.

Takes names, ports and wished sizes, gives the bytes of [MS-DCOM] and [MS-RPCE] that Wireshark dissects. The security
tokens are repeatable noise inside a well-formed SPNEGO frame.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Sequence

from examples.tls import der, noise

ISYSTEM_ACTIVATOR = "000001a0-0000-0000-c000-000000000046"
NDR = "8a885d04-1ceb-11c9-9fe8-08002b104860"
WMI_CLASS = "8bc3f05e-d86b-11d0-a075-00c04fb68820"
WBEM_LOGIN = "f309ad18-d86a-11d0-a075-00c04fb68820"
ASKED = (0x1B9, 0x1AB, 0x1A5, 0x1A6, 0x1A4, 0x1AA)
"""Properties of a request: special, instantiation, activation context, security, location, SCM request."""
REQUEST, RESPONSE, BIND, BIND_ACK, ALTER, ALTER_ANSWER = 0, 2, 11, 12, 14, 15
FRAGMENT_BYTES = 0x16D0
TCP_TOWER, PIPE_TOWER = 7, 15


def short_uuid(number: int) -> str:
    """One of the UUIDs that COM numbers from the front."""
    return f"{number:08x}-0000-0000-c000-000000000046"


def pack_uuid(text: str) -> bytes:
    """A UUID in little-endian order."""
    return uuid.UUID(text).bytes_le


def pdu(kind: int, call: int, body: bytes, token: bytes = b"", padding: int = 0) -> bytes:
    """A connection-oriented PDU in one fragment, with an authentication trailer (SPNEGO, integrity) and token."""
    trailer = b"\0" * padding + struct.pack("<BBBBI", 9, 5, padding, 0, 1) + token if token else b""
    size = 16 + len(body) + len(trailer)
    return struct.pack("<BBBB4sHHI", 5, 0, kind, 3, b"\x10\0\0\0", size, len(token), call) + body + trailer


def first_token(size: int) -> bytes:
    """A SPNEGO initial token of exactly `size` bytes."""
    return _sized(size, _wrap_first)


def next_token(size: int) -> bytes:
    """A SPNEGO follow-up token of exactly `size` bytes."""
    return _sized(size, lambda data: der(0xA1, der(0x30, der(0xA2, der(4, data)))))


def _wrap_first(data: bytes) -> bytes:
    mechanisms = der(0xA0, der(0x30, bytes.fromhex("06052b06010501")))
    return der(0x60, bytes.fromhex("06062b0601050502") + der(0xA0, der(0x30, mechanisms + der(0xA2, der(4, data)))))


def _sized(size: int, wrap: Callable[[bytes], bytes]) -> bytes:
    for length in range(max(0, size - 64), size):
        token = wrap(noise(length, 11))
        if len(token) == size:
            return token
    raise ValueError(f"no token of {size} bytes")


def mic_token() -> bytes:
    """A 37-byte Kerberos message integrity token (RFC 1964)."""
    return bytes.fromhex("602306092a864886f71201020201011100ffffffff") + noise(16, 12)


def bind(kind: int, call: int, size: int, group: int) -> bytes:
    """A bind or alter-context PDU of `size` bytes for the activation interface."""
    context = struct.pack("<HBB", 1, 1, 0) + pack_uuid(ISYSTEM_ACTIVATOR) + struct.pack("<HH", 0, 0)
    context += pack_uuid(NDR) + struct.pack("<I", 2)
    body = struct.pack("<HHIBBH", FRAGMENT_BYTES, FRAGMENT_BYTES, group, 1, 0, 0) + context
    token = size - 16 - len(body) - 8
    return pdu(kind, call, body, first_token(token) if kind == BIND else next_token(token))


def bind_answer(kind: int, call: int, size: int, group: int) -> bytes:
    """The answer to a bind (with the secondary address "135") or an alter context, `size` bytes long."""
    address = b"135\0" if kind == BIND_ACK else b""
    second = struct.pack("<H", len(address)) + address
    second += b"\0" * (-(8 + len(second)) % 4)
    result = struct.pack("<BBHHH", 1, 0, 0, 0, 0) + pack_uuid(NDR) + struct.pack("<I", 2)
    body = struct.pack("<HHI", FRAGMENT_BYTES, FRAGMENT_BYTES, group) + second + result
    return pdu(kind, call, body, next_token(size - 16 - len(body) - 8))


def serialized(body: bytes) -> bytes:
    """A type serialized as [MS-RPCE] 2.2.6 says: headers, then the body padded to eight bytes."""
    padded = body + b"\0" * (-len(body) % 8)
    return struct.pack("<BBHI", 1, 0x10, 8, 0xCCCCCCCC) + struct.pack("<II", len(padded), 0) + padded


def activation_blob(properties: Sequence[tuple[str, bytes]], destination: int) -> bytes:
    """The activation properties BLOB: size, custom header, properties ([MS-DCOM] 2.2.22); their number is even."""
    classes = b"".join(pack_uuid(clsid) for clsid, _ in properties)
    sizes = struct.pack(f"<{len(properties)}I", *(len(data) for _, data in properties))
    count = len(properties)
    tail = struct.pack("<I", count) + classes + struct.pack("<I", count) + sizes
    fixed = 20 + 16 + 12
    header_size = 16 + (fixed + len(tail) + 7) // 8 * 8
    total = header_size + sum(len(data) for _, data in properties)
    head = struct.pack("<IIIII", total, header_size, 0, destination, count) + bytes(16)
    head += struct.pack("<III", 0x20000, 0x20004, 0)
    return struct.pack("<II", total, 0) + serialized(head + tail) + b"".join(data for _, data in properties)


def custom_reference(interface: str, clsid: str, blob: bytes) -> bytes:
    """An OBJREF_CUSTOM around a BLOB."""
    head = b"MEOW" + struct.pack("<I", 4) + pack_uuid(interface) + pack_uuid(clsid)
    return head + struct.pack("<II", 0, len(blob) + 8) + blob


def create_instance(call: int, causality: str) -> bytes:
    """RemoteCreateInstance for WMI; stub and PDU are 792 and 869 bytes long."""
    instantiation = pack_uuid(WMI_CLASS) + struct.pack("<IIIIIIIHH", 20, 2, 0, 1, 0, 0x20008, 88, 5, 7)
    instantiation += struct.pack("<I", 1) + pack_uuid(WBEM_LOGIN)
    scm = struct.pack("<IIIHHI", 0, 0x20000, 2, 1, 0, 0x20004) + struct.pack("<IH", 1, 7)
    bodies = [bytes(80), instantiation, bytes(24), bytes(12), bytes(28), scm]
    empty = activation_blob([(short_uuid(kind), serialized(body)) for kind, body in zip(ASKED, bodies, strict=True)], 2)
    bodies[-1] = scm.ljust(len(serialized(scm)) - 16, b"\0") + bytes(688 + 8 - len(empty))
    blob = activation_blob([(short_uuid(kind), serialized(body)) for kind, body in zip(ASKED, bodies, strict=True)], 2)
    reference = custom_reference(short_uuid(0x1A2), short_uuid(0x338), blob)
    stub = struct.pack("<HHII", 5, 7, 1, 0) + pack_uuid(causality) + struct.pack("<III", 0, 0, 0x20000)
    stub += struct.pack("<II", len(reference), len(reference)) + reference
    body = struct.pack("<IHH", len(stub), 1, 4) + stub
    return pdu(REQUEST, call, body, mic_token(), padding=8)


def string_bindings(bindings: Sequence[tuple[int, str]], words: int, security_at: int) -> bytes:
    """A DUALSTRINGARRAY of `words` 16-bit entries whose security bindings start at `security_at`."""
    strings = (
        b"".join(struct.pack("<H", tower) + (text + "\0").encode("utf-16-le") for tower, text in bindings) + b"\0\0"
    )
    if len(strings) != 2 * security_at:
        raise ValueError(f"the string bindings take {len(strings) // 2} words")
    services = b"".join(struct.pack("<HHH", service, 0xFFFF, 0) for service in (9, 10))
    room = words - security_at - len(services) // 2 - 4
    principal = struct.pack("<HH", 16, 0xFFFF) + ("host/client".ljust(room, "x") + "\0\0").encode("utf-16-le")
    return struct.pack("<IHH", words, words, security_at) + strings + services + principal


def activated_stub(oxid: int, remote_unknown: str, bindings: bytes) -> bytes:
    """Stub of the answer to RemoteCreateInstance, with the object exporter's bindings (ScmReplyInfoData)."""
    reply = struct.pack("<II", 0, 0x106E98) + struct.pack("<QI", oxid, 0x102FF0) + pack_uuid(remote_unknown)
    reply += struct.pack("<IHH", 4, 5, 7) + bindings
    given = struct.pack("<IIII", 1, 0x20000, 0x20004, 0x20008) + struct.pack("<I", 1) + pack_uuid(WBEM_LOGIN)
    given += struct.pack("<IIII", 1, 0, 1, 0)
    blob = activation_blob([(short_uuid(0x339), serialized(given)), (short_uuid(0x1B6), serialized(reply))], 2)
    reference = custom_reference(short_uuid(0x1A3), short_uuid(0x339), blob)
    reference += b"\0" * (-len(reference) % 4)
    stub = struct.pack("<III", 1, 0, 0x20000) + struct.pack("<II", len(reference), len(reference)) + reference
    return stub + struct.pack("<I", 0)


def create_instance_answer(call: int, oxid: int, remote_unknown: str, bindings: bytes) -> bytes:
    """The answer to RemoteCreateInstance as one signed PDU."""
    stub = activated_stub(oxid, remote_unknown, bindings)
    stub_padding = -len(stub) % 16
    body = struct.pack("<IHBB", len(stub), 1, 0, 0) + stub
    return pdu(RESPONSE, call, body, mic_token(), padding=stub_padding)

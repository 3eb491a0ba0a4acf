"""DCE/RPC PDUs of every kind as bytes: binds and their answers, calls in fragments, faults, endpoint maps and resolved objects.

Takes UUIDs, ports and addresses; gives the bytes of C706 and [MS-RPCE], in either byte order, NDR or NDR64. Activations are in dcom.py.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence

from examples.packets import pack_address

EPM = "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
EXPORTER = "99fcfec4-5260-101b-bbcb-00aa0021347a"
MAPI = "a4f1db00-ca47-1067-b31f-00dd010662da"
NSPI = "f5cc5a18-4264-101a-8c59-08002b2f8426"
NDR = "8a885d04-1ceb-11c9-9fe8-08002b104860"
NDR64 = "71710533-beba-4937-8319-b5dbef9ccc36"
REQUEST, RESPONSE, FAULT, BIND, BIND_ACK, BIND_NAK, ALTER, ALTER_ANSWER = 0, 2, 3, 11, 12, 13, 14, 15
FIRST, LAST = 1, 2
NOT_REGISTERED = 0x16C9A0D6
TCP_FLOOR, UDP_FLOOR, HTTP_FLOOR = 7, 8, 31


def pack_uuid(text: str, order: str = "<") -> bytes:
    """A UUID in the order of the integers."""
    return uuid.UUID(text).bytes_le if order == "<" else uuid.UUID(text).bytes


def pdu(kind: int, call: int, body: bytes, order: str = "<", flags: int = FIRST | LAST) -> bytes:
    """One PDU without authentication."""
    label = b"\x10\0\0\0" if order == "<" else b"\0\0\0\0"
    return bytes((5, 0, kind, flags)) + label + struct.pack(f"{order}HHI", 16 + len(body), 0, call) + body


def sealed(kind: int, call: int, body: bytes, level: int = 6) -> bytes:
    """One PDU with an NTLM trailer of a level (6: privacy) and sixteen bytes of signature."""
    head = struct.pack("<BBBB4sHHI", 5, 0, kind, 3, b"\x10\0\0\0", 16 + len(body) + 24, 16, call)
    return head + body + struct.pack("<BBBBI", 10, level, 0, 0, 0) + b"\1\0\0\0" + bytes(12)


def bind(
    call: int, interfaces: Sequence[str], order: str = "<", kind: int = BIND, syntaxes: Sequence[str] = (NDR,)
) -> bytes:
    """Bind or alter_context with one context for each interface."""
    body = struct.pack(f"{order}HHIBBH", 5840, 5840, 0, len(interfaces), 0, 0)
    for number, interface in enumerate(interfaces):
        body += (
            struct.pack(f"{order}HBB", number, len(syntaxes), 0)
            + pack_uuid(interface, order)
            + struct.pack(f"{order}HH", 3, 0)
        )
        body += b"".join(pack_uuid(syntax, order) + struct.pack(f"{order}I", 2) for syntax in syntaxes)
    return pdu(kind, call, body, order)


def bind_answer(
    call: int, results: Sequence[tuple[int, int]] = ((0, 0),), order: str = "<", syntax: str = NDR, port: str = "135"
) -> bytes:
    """Bind_ack with (result, reason) of each context."""
    address = port.encode() + b"\0"
    second = struct.pack(f"{order}H", len(address)) + address
    second += b"\0" * (-(8 + len(second)) % 4)
    body = struct.pack(f"{order}HHI", 5840, 5840, 0x1234) + second + bytes((len(results), 0, 0, 0))
    for result, reason in results:
        body += struct.pack(f"{order}HH", result, reason) + pack_uuid(syntax, order) + struct.pack(f"{order}I", 2)
    return pdu(BIND_ACK, call, body, order)


def bind_nak(call: int, reason: int = 0, order: str = "<") -> bytes:
    """Bind_nak of 24 bytes, with the versions that the server speaks."""
    return pdu(BIND_NAK, call, struct.pack(f"{order}HBBB3x", reason, 1, 5, 0), order)


def request(call: int, opnum: int, stub: bytes, order: str = "<", context: int = 0, flags: int = FIRST | LAST) -> bytes:
    """A request in one fragment."""
    return pdu(REQUEST, call, struct.pack(f"{order}IHH", len(stub), context, opnum) + stub, order, flags)


def response(call: int, stub: bytes, order: str = "<", context: int = 0, flags: int = FIRST | LAST) -> bytes:
    """A response in one fragment."""
    return pdu(RESPONSE, call, struct.pack(f"{order}IHBB", len(stub), context, 0, 0) + stub, order, flags)


def response_in_fragments(call: int, stub: bytes, size: int, order: str = "<") -> bytes:
    """A response whose stub comes in fragments of `size` bytes."""
    parts = [stub[at : at + size] for at in range(0, len(stub), size)]
    ends = {0: FIRST, len(parts) - 1: LAST} if len(parts) > 1 else {0: FIRST | LAST}
    return b"".join(response(call, part, order, flags=ends.get(turn, 0)) for turn, part in enumerate(parts))


def fault(call: int, status: int, order: str = "<") -> bytes:
    """A fault."""
    return pdu(FAULT, call, struct.pack(f"{order}IHBBII", 32, 0, 0, 0, status, 0), order)


def tower(interface: str, port: int = 135, address: str = "0.0.0.0", kind: int = TCP_FLOOR) -> bytes:
    """A protocol tower of five floors, 75 bytes long."""
    floors = [
        (b"\x0d" + pack_uuid(interface) + struct.pack("<H", 1), struct.pack("<H", 0)),
        (b"\x0d" + pack_uuid(NDR) + struct.pack("<H", 2), struct.pack("<H", 0)),
        (b"\x0b", struct.pack("<H", 0)),
        (bytes((kind,)), struct.pack("!H", port)),
        (b"\x09", pack_address(address)),
    ]
    body = b"".join(
        struct.pack("<H", len(left)) + left + struct.pack("<H", len(right)) + right for left, right in floors
    )
    return struct.pack("<H", len(floors)) + body


class Marshal:
    """Puts values one after the other, aligned, in NDR or (wide) NDR64."""

    def __init__(self, order: str, wide: bool) -> None:
        self.order, self.wide, self.data = order, wide, b""

    def align(self, size: int) -> None:
        """Pad to a multiple."""
        self.data += b"\0" * (-len(self.data) % size)

    def long(self, value: int) -> None:
        """32 bits."""
        self.align(4)
        self.data += struct.pack(f"{self.order}I", value)

    def count(self, value: int) -> None:
        """A pointer or an array's size."""
        self.align(8 if self.wide else 4)
        self.data += struct.pack(f"{self.order}{'Q' if self.wide else 'I'}", value)

    def twr(self, octets: bytes) -> None:
        """A twr_t."""
        self.count(len(octets))
        self.long(len(octets))
        self.data += octets


def map_request(interface: str, order: str = "<", wide: bool = False) -> bytes:
    """Stub of an ept_map request for TCP; 132 bytes in NDR."""
    out = Marshal(order, wide)
    out.count(1)
    out.data += bytes(16)
    out.count(2)
    out.twr(tower(interface))
    out.align(4)
    out.data += bytes(20)
    out.long(15)
    return out.data


def map_answer(towers: Sequence[bytes], status: int = 0, order: str = "<", wide: bool = False, most: int = 15) -> bytes:
    """Stub of an ept_map response; 128 bytes in NDR with one tower of 75."""
    out = Marshal(order, wide)
    out.data = bytes(20)
    out.long(len(towers))
    for value in (most, 0, len(towers)):
        out.count(value)
    for turn in range(len(towers)):
        out.count(3 + turn)
    for octets in towers:
        out.twr(octets)
    out.long(status)
    return out.data


def dual_strings(bindings: Sequence[tuple[int, str]], order: str = "<") -> bytes:
    """A DUALSTRINGARRAY with its conformance, without security bindings."""
    words: list[int] = []
    for sequence, text in bindings:
        words += [sequence, *struct.unpack(f"<{len(text)}H", text.encode("utf-16-le")), 0]
    words.append(0)
    strings = len(words)
    words += [9, 0xFFFF, 0, 0]
    return struct.pack(f"{order}IHH{len(words)}H", len(words), len(words), strings, *words)


def resolved(bindings: Sequence[tuple[int, str]], order: str = "<", status: int = 0) -> bytes:
    """Stub of a ResolveOxid2 response."""
    data = struct.pack(f"{order}I", 0x20000) + dual_strings(bindings, order)
    data += b"\0" * (-len(data) % 4) + bytes(16) + struct.pack(f"{order}IHHI", 6, 5, 7, status)
    return data


def resolve_request(order: str = "<") -> bytes:
    """Stub of a ResolveOxid2 request for one protocol."""
    return struct.pack(f"{order}QHxxIH", 0xB8957F961925A2BB, 1, 1, 7)

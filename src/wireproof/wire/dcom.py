"""DCOM answers that name where an object is served ([MS-DCOM]): activations, and what the object resolver says.

Takes stub bytes and their integer order; gives string bindings, class and result, or None where bytes are missing or impossible.
Judges nothing.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from wireproof.wire.ndr import NdrError, NdrReader

SYSTEM_ACTIVATOR = "000001a0-0000-0000-c000-000000000046"
ACTIVATION = "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57"
OBJECT_EXPORTER = "99fcfec4-5260-101b-bbcb-00aa0021347a"
INSTANTIATION, SCM_REPLY = (
    struct.pack("<I", kind) + bytes.fromhex("00000000c000000000000046") for kind in (0x1AB, 0x1B6)
)
"""Class identifiers of two activation properties ([MS-DCOM] 1.9)."""
SEQUENCES: dict[int, str] = {
    0x07: "ncacn_ip_tcp",
    0x08: "ncadg_ip_udp",
    0x0F: "ncacn_np",
    0x10: "ncalrpc",
    0x1F: "ncacn_http",
}
MOST_BLOB = 1 << 20
MOST_PROPERTIES = 64
MOST_EXTENTS = 16


class StringBinding(NamedTuple):
    """One entry of a DUALSTRINGARRAY: protocol sequence, host name or address, and the endpoint in brackets ("" without)."""

    sequence: str
    address: str
    endpoint: str

    @property
    def port(self) -> int:
        """TCP or UDP port; 0 where the endpoint is none."""
        return (
            int(self.endpoint) if self.endpoint.isascii() and self.endpoint.isdigit() and len(self.endpoint) < 6 else 0
        )


class ObjectAnswer(NamedTuple):
    """What an activation or a resolver answers. `result` is its HRESULT or status, -1 where the bytes end before it."""

    exporter: str
    bindings: tuple[StringBinding, ...]
    result: int


def unpack_binding(sequence: int, text: str) -> StringBinding:
    r"""`10.102.0.230[1431]`, `\\HOST[\PIPE\atsvc]`, `fe80::1[49154]`, or a bare host."""
    name = SEQUENCES.get(sequence, f"tower {sequence:#x}")
    address, bracket, endpoint = text.rpartition("[")
    if not bracket or not endpoint.endswith("]") or (":" in endpoint and not address):
        return StringBinding(name, text.strip("[]"), "")
    return StringBinding(name, address.strip("[]"), endpoint[:-1])


def unpack_bindings(reader: NdrReader) -> tuple[StringBinding, ...]:
    """The string bindings of a DUALSTRINGARRAY ([MS-DCOM] 2.2.19.1). Raises NdrError where it is cut."""
    reader.count(1 << 32)
    words, security_at = reader.short(), reader.short()
    raw = reader.take(2 * words)[: 2 * security_at]
    units = struct.unpack(f"{reader.order}{len(raw) // 2}H", raw[: len(raw) // 2 * 2])
    found = []
    at = 0
    while at < len(units) and units[at]:
        end = next((place for place in range(at + 1, len(units)) if not units[place]), len(units))
        text = struct.pack(f"<{end - at - 1}H", *units[at + 1 : end]).decode("utf-16-le", "replace")
        found.append(unpack_binding(units[at], text))
        at = end + 1
    return tuple(found)


def unpack_class_asked(stub: bytes, order: str) -> str | None:
    """The class that RemoteCreateInstance or RemoteGetClassObject is to activate, of a request's stub."""
    reader = NdrReader(stub, order)
    try:
        _skip_this(reader)
        # RemoteCreateInstance has a pointer to an outer object before the properties; the other method has not.
        if not reader.pointer() and not reader.pointer():
            return None
        found = _properties(_blob(reader)).get(INSTANTIATION)
        return NdrReader(found, start=16).uuid() if found else None
    except NdrError:
        return None


def unpack_class_of_activation(stub: bytes, order: str) -> str | None:
    """The class that the older RemoteActivation is to activate."""
    reader = NdrReader(stub, order)
    try:
        _skip_this(reader)
        return reader.uuid()
    except NdrError:
        return None


def unpack_activated(stub: bytes, order: str) -> ObjectAnswer | None:
    """The answer to RemoteCreateInstance and RemoteGetClassObject ([MS-DCOM] 3.1.2.5.2.3.3)."""
    reader = NdrReader(stub, order)
    exporter = ""
    bindings: tuple[StringBinding, ...] = ()
    try:
        _skip_that(reader)
        if reader.pointer():
            exporter, bindings = _scm_reply(_properties(_blob(reader)).get(SCM_REPLY, b""))
        return ObjectAnswer(exporter, bindings, reader.long())
    except NdrError:
        return ObjectAnswer(exporter, bindings, -1) if bindings else None


def unpack_activation_answer(stub: bytes, order: str) -> ObjectAnswer | None:
    """The answer to the older RemoteActivation ([MS-DCOM] 3.1.2.5.2.3.1)."""
    reader = NdrReader(stub, order)
    exporter = ""
    bindings: tuple[StringBinding, ...] = ()
    try:
        _skip_that(reader)
        exporter = f"{reader.hyper():016x}"
        if reader.pointer():
            bindings = unpack_bindings(reader)
        reader.uuid()
        reader.long()
        reader.short()
        reader.short()
        return ObjectAnswer(exporter, bindings, reader.long())
    except NdrError:
        return ObjectAnswer(exporter, bindings, -1) if bindings else None


def unpack_resolved(stub: bytes, order: str, opnum: int) -> ObjectAnswer | None:
    """The answer to ResolveOxid (0), ResolveOxid2 (4) and ServerAlive2 (5) of the object resolver ([MS-DCOM] 3.1.2.5.1)."""
    reader = NdrReader(stub, order)
    bindings: tuple[StringBinding, ...] = ()
    try:
        if opnum == 5:
            reader.short()
            reader.short()
        if reader.pointer():
            bindings = unpack_bindings(reader)
        if opnum != 5:
            reader.uuid()
        reader.long()
        if opnum == 4:
            reader.short()
            reader.short()
        return ObjectAnswer("", bindings, reader.long())
    except NdrError:
        return ObjectAnswer("", bindings, -1) if bindings else None


def _skip_this(reader: NdrReader) -> None:
    """ORPCTHIS, before the arguments of every ORPC request."""
    reader.short()
    reader.short()
    reader.long()
    reader.long()
    reader.uuid()
    _skip_extents(reader)


def _skip_that(reader: NdrReader) -> None:
    """ORPCTHAT, before the results of every ORPC response."""
    reader.long()
    _skip_extents(reader)


def _skip_extents(reader: NdrReader) -> None:
    """An array of extensions ([MS-DCOM] 2.2.21) and what its pointers lead to, if there is one."""
    if not reader.pointer():
        return
    reader.long()
    reader.long()
    if not reader.pointer():
        return
    given = sum(reader.pointer() for _ in range(reader.count(MOST_EXTENTS)))
    for _ in range(given):
        size = reader.count(MOST_BLOB)
        reader.uuid()
        reader.long()
        reader.take(size)


def _blob(reader: NdrReader) -> bytes:
    """The activation properties of a marshalled interface pointer: an OBJREF_CUSTOM's data."""
    reader.count(MOST_BLOB)
    data = reader.take(reader.long())
    if len(data) < 48 or data[:4] != b"MEOW" or struct.unpack_from("<I", data, 4)[0] & 4 == 0:
        raise NdrError("no custom marshalled interface pointer")
    return data[48 + struct.unpack_from("<I", data, 40)[0] :]


def _properties(blob: bytes) -> dict[bytes, bytes]:
    """Serialized properties by class identifier ([MS-DCOM] 2.2.22); those that are cut off are left out."""
    reader = _serialized(blob, 8)
    reader.long()
    header_size = reader.long()
    reader.take(8)
    count = min(reader.long(), MOST_PROPERTIES)
    reader.take(16 + 12)
    reader.long()
    classes = [reader.take(16) for _ in range(count)]
    reader.long()
    sizes = [reader.long() for _ in range(count)]
    found: dict[bytes, bytes] = {}
    at = 8 + header_size
    for name, size in zip(classes, sizes, strict=True):
        found[name] = blob[at : at + size]
        at += size
    return found


def _serialized(data: bytes, at: int = 0) -> NdrReader:
    """A reader behind the two headers of a serialized type ([MS-RPCE] 2.2.6)."""
    if len(data) < at + 16:
        raise NdrError("a serialized type is cut")
    return NdrReader(data, "<" if data[at + 1] == 0x10 else ">", start=at + 16)


def _scm_reply(data: bytes) -> tuple[str, tuple[StringBinding, ...]]:
    """Object exporter and its bindings of a ScmReplyInfoData ([MS-DCOM] 2.2.22.2.8)."""
    if not data:
        return "", ()
    reader = _serialized(data)
    reader.pointer()
    if not reader.pointer():
        return "", ()
    exporter = f"{reader.hyper():016x}"
    given = reader.pointer()
    reader.take(16 + 4 + 4)
    return exporter, unpack_bindings(reader) if given else ()

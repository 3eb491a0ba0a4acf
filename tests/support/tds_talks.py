"""TDS packets and messages from their fields (MS-TDS), for tests of what is read of them."""

from __future__ import annotations

import struct

BATCH, RPC, RESPONSE, ATTENTION, LOGIN7, SSPI, PRELOGIN = 1, 3, 4, 6, 16, 17, 18


def packets(kind: int, body: bytes, size: int = 4096) -> bytes:
    """A message in as many packets as it takes."""
    parts = [body[at : at + size - 8] for at in range(0, max(len(body), 1), size - 8)]
    heads = ((kind, place == len(parts) - 1, len(part) + 8, 0, place + 1 & 0xFF, 0) for place, part in enumerate(parts))
    return b"".join(struct.pack(">BBHHBB", *head) + part for head, part in zip(heads, parts, strict=True))


def prelogin(encryption: int) -> bytes:
    """The body of a PRELOGIN with a version and what it says of encryption."""
    return struct.pack(">BHHBHHB", 0, 11, 6, 1, 17, 1, 0xFF) + b"\x10\0\x07\xd0\0\0" + bytes((encryption,))


def login(host: str, user: str, application: str, server: str, database: str, sspi: bytes = b"") -> bytes:
    """The body of a LOGIN7; the password is `secret`, scrambled as MS-TDS 2.2.6.4 says."""
    scrambled = bytes(((b << 4 | b >> 4) & 0xFF) ^ 0xA5 for b in "secret".encode("utf-16-le"))
    texts = [text.encode("utf-16-le") for text in (host, user)] + [scrambled]
    texts += [text.encode("utf-16-le") for text in (application, server, "", "ODBC", "", database)]
    table, data, at = b"", b"", 94
    for raw in texts:
        table += struct.pack("<HH", at + len(data), len(raw) // 2)
        data += raw
    table += bytes(6) + struct.pack("<HH", at + len(data), len(sspi)) + bytes(12)
    body = struct.pack("<IIIIIIBBBBiI", 0, 0x74000004, 4096, 7, 1, 0, 0, 0, 0, 0, 0, 0) + table + data + sspi
    return struct.pack("<I", len(body)) + body[4:]


def batch(text: str, headers: bool = True) -> bytes:
    """The body of a SQL batch."""
    return (struct.pack("<IIHQI", 22, 18, 2, 0, 1) if headers else b"") + text.encode("utf-16-le")


def call(name: str | int, statement: str = "") -> bytes:
    """The body of an RPC request, by name or number, with one NVARCHAR parameter."""
    raw = name.encode("utf-16-le") if isinstance(name, str) else b""
    called = struct.pack("<H", len(raw) // 2) + raw if isinstance(name, str) else struct.pack("<HH", 0xFFFF, name)
    text = statement.encode("utf-16-le")
    return (
        struct.pack("<IIHQI", 22, 18, 2, 0, 1)
        + called
        + b"\0\0"
        + b"\0\0\xe7"
        + struct.pack("<H5sH", 8000, bytes(5), len(text))
        + text
    )


def sql_error(number: int, text: str, severity: int = 16, server: str = "SQL1", procedure: str = "") -> bytes:
    """An ERROR token."""
    raw = text.encode("utf-16-le")
    body = struct.pack("<iBBH", number, 1, severity, len(text)) + raw
    body += (
        bytes((len(server),)) + server.encode("utf-16-le") + bytes((len(procedure),)) + procedure.encode("utf-16-le")
    )
    body += struct.pack("<I", 1)
    return b"\xaa" + struct.pack("<H", len(body)) + body


def done(status: int = 0x10, rows: int = 0) -> bytes:
    """A DONE token of TDS 7.2 and later."""
    return b"\xfd" + struct.pack("<HHQ", status, 0xC1, rows)


def multiplexed(session: int, data: bytes, kind: int = 8) -> bytes:
    """A packet of MC-SMP (MARS)."""
    return struct.pack("<BBHIII", 0x53, kind, session, len(data) + 16, 1, 4) + data

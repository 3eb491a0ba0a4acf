"""TDS messages (MS-TDS), which SQL Server speaks: packets, logins, requests, errors and the ends of results.

Takes the bytes of one packet or message; gives fields, partial where the bytes end early. Rows of results are not read, and no password
is. Judges nothing.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

SQL_BATCH, OLD_LOGIN, RPC, RESPONSE, ATTENTION, BULK_LOAD, FEDAUTH = 1, 2, 3, 4, 6, 7, 8
TRANSACTION, LOGIN7, SSPI, PRELOGIN = 14, 16, 17, 18
KINDS: dict[int, str] = {
    SQL_BATCH: "SQL batch",
    OLD_LOGIN: "login",
    RPC: "RPC",
    RESPONSE: "response",
    ATTENTION: "attention",
    BULK_LOAD: "bulk load",
    FEDAUTH: "federated authentication",
    TRANSACTION: "transaction manager request",
    LOGIN7: "LOGIN7",
    SSPI: "SSPI",
    PRELOGIN: "PRELOGIN",
}
"""MS-TDS section 2.2.3.1.1."""

END_OF_MESSAGE = 0x01
SESSION_MARK, SESSION_DATA = 0x53, 0x08
"""A packet of the session multiplex protocol around TDS (MC-SMP section 2.2.1)."""

ENCRYPTION = {0: "off", 1: "on", 2: "not supported", 3: "required"}
"""What PRELOGIN says of encryption (MS-TDS section 2.2.6.5); "off" still encrypts the login."""

PROCEDURES: dict[int, str] = {
    1: "sp_cursor",
    2: "sp_cursoropen",
    3: "sp_cursorprepare",
    4: "sp_cursorexecute",
    5: "sp_cursorprepexec",
    6: "sp_cursorunprepare",
    7: "sp_cursorfetch",
    8: "sp_cursoroption",
    9: "sp_cursorclose",
    10: "sp_executesql",
    11: "sp_prepare",
    12: "sp_execute",
    13: "sp_prepexec",
    14: "sp_prepexecrpc",
    15: "sp_unprepare",
}
"""Procedures called by number (MS-TDS section 2.2.6.6)."""

ERROR, DONE_TOKENS = 0xAA, (0xFD, 0xFE, 0xFF)
DONE_ERROR, DONE_COUNT, DONE_ATTENTION = 0x02, 0x10, 0x20
MOST_TEXT = 1024
MOST_ERRORS = 32


class Packet(NamedTuple):
    """The header of one packet. `session` is that of MC-SMP, -1 without; the body is `data[start:]`."""

    kind: int
    is_last: bool
    session: int
    start: int


class Login(NamedTuple):
    """What a client tells when it logs on (MS-TDS section 2.2.6.4). `user` is empty with Windows authentication, whose token `sspi` is."""

    host: str = ""
    user: str = ""
    application: str = ""
    server: str = ""
    library: str = ""
    database: str = ""
    sspi: bytes = b""


class SqlError(NamedTuple):
    """An ERROR token (MS-TDS section 2.2.7.10). `severity` is the class, 0 to 25."""

    number: int
    state: int
    severity: int
    text: str
    server: str
    procedure: str


class Done(NamedTuple):
    """The last token of a response (MS-TDS section 2.2.7.6); `rows` is -1 when it counts none."""

    failed: bool
    attention: bool
    rows: int


def measure_tds(head: bytes) -> int | None:
    """Length of what begins here: a packet, one within MC-SMP, or a TLS record; None where none does. Needs 8 bytes."""
    if len(head) < 8:
        return None
    if 20 <= head[0] <= 23 and head[1] == 3 and head[2] <= 4:
        return int.from_bytes(head[3:5], "big") + 5
    if head[0] == SESSION_MARK and head[1] in (1, 2, 4, 8):
        size = int.from_bytes(head[4:8], "little")
        return size if 16 <= size <= 1 << 20 else None
    size = int.from_bytes(head[2:4], "big")
    plausible = head[0] in KINDS and head[1] < 0x20 and size >= 8 and head[7] == 0
    return size if plausible else None


def unpack_packet(data: bytes) -> Packet | None:
    """The header of a packet; None for a TLS record and for MC-SMP packets without data."""
    session, at = -1, 0
    if len(data) >= 16 and data[0] == SESSION_MARK:
        if data[1] != SESSION_DATA:
            return None
        session, at = int.from_bytes(data[2:4], "little"), 16
    if len(data) < at + 8 or data[at] not in KINDS:
        return None
    return Packet(data[at], bool(data[at + 1] & END_OF_MESSAGE), session, at + 8)


def unpack_encryption(body: bytes) -> str:
    """What a PRELOGIN says of encryption; empty when nothing."""
    for place in range(0, min(len(body), 320), 5):
        if body[place] == 0xFF or len(body) < place + 5:
            break
        start = int.from_bytes(body[place + 1 : place + 3], "big")
        if body[place] == 1 and start < len(body):
            return ENCRYPTION.get(body[start] & 0x0F, str(body[start]))
    return ""


def unpack_login(body: bytes) -> Login | None:
    """A LOGIN7 message; None when it is too short to be one."""
    if len(body) < 86:
        return None
    host, user, application, server, library, database = (_login_text(body, at) for at in (36, 40, 48, 52, 60, 68))
    start, size = struct.unpack_from("<HH", body, 78)
    return Login(host, user, application, server, library, database, body[start : start + size])


def _login_text(body: bytes, at: int) -> str:
    start, count = struct.unpack_from("<HH", body, at)
    return body[start : start + 2 * min(count, MOST_TEXT)].decode("utf-16-le", "replace")


def unpack_batch(body: bytes) -> str:
    """The text of a SQL batch, behind the headers that TDS 7.2 and later put before it."""
    return body[_headers(body) :][: 2 * MOST_TEXT].decode("utf-16-le", "replace")


def unpack_procedure(body: bytes) -> str:
    """The procedure that an RPC request calls; of sp_executesql and its like the statement too."""
    at = _headers(body)
    if len(body) < at + 4:
        return ""
    count = int.from_bytes(body[at : at + 2], "little")
    if count == 0xFFFF:
        number = int.from_bytes(body[at + 2 : at + 4], "little")
        name, at = PROCEDURES.get(number, f"procedure {number}"), at + 4
    else:
        name, at = body[at + 2 : at + 2 + 2 * min(count, 256)].decode("utf-16-le", "replace"), at + 2 + 2 * count
    return f"{name} {_first_text(body, at + 2)}".strip() if name == "sp_executesql" else name


def _first_text(body: bytes, at: int) -> str:
    """The first parameter, if it has no name and is of type NVARCHAR or NTEXT with a collation: the statement to execute."""
    if body[at : at + 3] == b"\0\0\xe7" and len(body) >= at + 12:
        size, at = int.from_bytes(body[at + 10 : at + 12], "little"), at + 12
    elif body[at : at + 3] == b"\0\0\x63" and len(body) >= at + 16:
        size, at = int.from_bytes(body[at + 12 : at + 16], "little"), at + 16
    else:
        return ""
    return body[at : at + min(size, 2 * MOST_TEXT)].decode("utf-16-le", "replace")


def _headers(body: bytes) -> int:
    """Length of ALL_HEADERS (MS-TDS section 2.2.5.3), which clients before TDS 7.2 do not send; a text would not look like it."""
    if len(body) < 10:
        return 0
    total, first = struct.unpack_from("<II", body)
    kind = int.from_bytes(body[8:10], "little")
    return total if 4 < total <= 4096 and 6 <= first <= total - 4 and kind in (1, 2, 3) else 0


def find_errors(body: bytes) -> list[SqlError]:
    """The ERROR tokens in a response.

    Tokens before them can't be measured without reading all rows, so an error is known by its lengths: four of them have to agree.
    """
    found: list[SqlError] = []
    at = body.find(ERROR)
    while at >= 0 and len(found) < MOST_ERRORS:
        error = _unpack_error(body, at)
        if error is not None:
            found.append(error)
        at = body.find(ERROR, at + 1 if error is None else at + 3 + int.from_bytes(body[at + 1 : at + 3], "little"))
    return found


def _unpack_error(body: bytes, at: int) -> SqlError | None:
    """The ERROR token at `at`, if its lengths agree."""
    end = at + 3 + int.from_bytes(body[at + 1 : at + 3], "little")
    if end > len(body) or end < at + 17:
        return None
    number, state, severity, count = struct.unpack_from("<iBBH", body, at + 3)
    server_at = at + 11 + 2 * count
    if severity > 25 or server_at >= end:
        return None
    procedure_at = server_at + 1 + 2 * body[server_at]
    if procedure_at >= end or procedure_at + 1 + 2 * body[procedure_at] not in (end - 2, end - 4):
        return None
    text, server, procedure = (
        body[start : start + 2 * size].decode("utf-16-le", "replace")
        for start, size in (
            (at + 11, min(count, MOST_TEXT)),
            (server_at + 1, body[server_at]),
            (procedure_at + 1, body[procedure_at]),
        )
    )
    return SqlError(number, state, severity, text, server, procedure)


def unpack_done(body: bytes) -> Done | None:
    """The DONE token that ends a response, in the form of TDS 7.2 and later or the one before; None when there is none."""
    for size in (13, 9):
        if len(body) >= size and body[-size] in DONE_TOKENS:
            status = int.from_bytes(body[1 - size : 3 - size], "little")
            if status & ~0x1FF == 0 and not status & 1:
                rows = int.from_bytes(body[5 - size :], "little")
                return Done(
                    bool(status & DONE_ERROR), bool(status & DONE_ATTENTION), rows if status & DONE_COUNT else -1
                )
    return None

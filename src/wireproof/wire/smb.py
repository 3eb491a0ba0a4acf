"""SMB 2 and 3 messages (MS-SMB2) and the NetBIOS session header before them (RFC 1002 section 4.3): headers, names, statuses.

Takes the bytes of one message; gives fields, partial where the bytes end early. Encrypted and compressed messages are named, not
opened. Judges nothing. SMB 1 is in `smb1.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEADER = struct.Struct("<4sHHIHHIIQIIQ")
SMB1_ID, SMB2_ID, ENCRYPTED_ID, COMPRESSED_ID = b"\xffSMB", b"\xfeSMB", b"\xfdSMB", b"\xfcSMB"
IDS = frozenset((SMB1_ID, SMB2_ID, ENCRYPTED_ID, COMPRESSED_ID))

RESPONSE, ASYNC, RELATED = 0x1, 0x2, 0x4
NEGOTIATE, SESSION_SETUP, LOGOFF, TREE_CONNECT, TREE_DISCONNECT, CREATE, CLOSE = range(7)
FLUSH, READ, WRITE, LOCK, IOCTL, QUERY_DIRECTORY, CHANGE_NOTIFY, QUERY_INFO, SET_INFO = 7, 8, 9, 10, 11, 14, 15, 16, 17
COMMANDS = (
    "NEGOTIATE", "SESSION_SETUP", "LOGOFF", "TREE_CONNECT", "TREE_DISCONNECT", "CREATE", "CLOSE", "FLUSH", "READ", "WRITE",
    "LOCK", "IOCTL", "CANCEL", "ECHO", "QUERY_DIRECTORY", "CHANGE_NOTIFY", "QUERY_INFO", "SET_INFO", "OPLOCK_BREAK",
)  # fmt: skip
"""MS-SMB2 section 2.2.1.2, by number."""

DIALECTS = {0x0202: "2.0.2", 0x0210: "2.1", 0x02FF: "2.???", 0x0300: "3.0", 0x0302: "3.0.2", 0x0311: "3.1.1"}

SESSION_KINDS = {
    0x00: "message",
    0x81: "request",
    0x82: "positive",
    0x83: "negative",
    0x84: "retarget",
    0x85: "keep-alive",
}
"""RFC 1002 section 4.3.1."""

CARRYING = frozenset((0, 0xC0000016, 0x80000005))
"""Statuses whose response has its command's body: success, more processing required, buffer overflow (MS-SMB2 section 3.3.4.4)."""

MOST_CHAINED = 128
"""Messages of one compound that are read; clients send a handful."""
MOST_TEXT = 2048


class Header(NamedTuple):
    """The header of one SMB 2 message (MS-SMB2 section 2.2.1). `status` of a request is 0.

    `at` is where the message begins in the bytes given, `end` where the next of a compound begins or the bytes end.
    """

    at: int
    end: int
    command: int
    status: int
    flags: int
    message: int
    tree: int
    session: int
    async_id: int

    @property
    def is_response(self) -> bool:
        """Whether the server sent it."""
        return bool(self.flags & RESPONSE)


class Body(NamedTuple):
    """What the body of one message tells, as far as its command has it.

    `name` is a share's path, or a file or pipe. `file` is the 16-byte FileId, `token` the security token. `dialects` are numbers.
    `data_at` and `data_size` place what READ, WRITE and IOCTL carry in the bytes given.
    """

    name: str = ""
    file: bytes = b""
    token: bytes = b""
    dialects: tuple[int, ...] = ()
    access: int = 0
    session_flags: int = 0
    control: int = 0
    data_at: int = 0
    data_size: int = 0


def measure_session(head: bytes) -> int | None:
    """Length of a NetBIOS session message with its header; None where no SMB follows it."""
    if len(head) < 4 or head[0] not in SESSION_KINDS:
        return None
    if head[0] == 0:
        # Over TCP port 445 all three length bytes count (MS-SMB2 section 2.1); with NetBIOS the first has one bit.
        size = int.from_bytes(head[1:4], "big")
        return size + 4 if head[4:8] in IDS or (len(head) < 8 and size >= 32) else None
    size = int.from_bytes(head[2:4], "big")
    return size + 4 if head[1] == 0 and size <= 600 else None


def find_headers(data: bytes) -> Iterator[Header]:
    """The messages of a compound, in order; `data` begins with the first header."""
    at = 0
    for _ in range(MOST_CHAINED):
        if len(data) < at + 64 or data[at : at + 4] != SMB2_ID:
            return
        _, _, _, status, command, _, flags, following, message, process, tree, session = HEADER.unpack_from(data, at)
        end = at + following if 64 <= following <= len(data) - at else len(data)
        if not flags & RESPONSE:
            status = 0
        async_id = process | tree << 32 if flags & ASYNC else 0
        yield Header(at, end, command, status, flags, message, 0 if flags & ASYNC else tree, session, async_id)
        if not following or end == len(data):
            return
        at = end


def command_name(command: int) -> str:
    """`TREE_CONNECT`; the number of an unknown command."""
    return COMMANDS[command] if command < len(COMMANDS) else f"command {command}"


def unpack_body(data: bytes, header: Header) -> Body:
    """The body of a message, by its command and direction. An error response has no fields."""
    body = header.at + 64
    if header.end < body + 4 or (header.is_response and header.status not in CARRYING):
        return Body()
    unpack = (_RESPONSES if header.is_response else _REQUESTS).get(header.command)
    return unpack(data, header, body) if unpack is not None else Body()


def _number(data: bytes, at: int, size: int) -> int:
    """A little-endian number; 0 where the bytes end before it."""
    return int.from_bytes(data[at : at + size], "little") if len(data) >= at + size else 0


def _blob(data: bytes, header: Header, at: int) -> bytes:
    """The bytes that an offset of two bytes from the header and a length of two bytes behind it point to."""
    start, length = _number(data, at, 2), _number(data, at + 2, 2)
    return data[header.at + start : min(header.at + start + length, header.end)] if start >= 64 else b""


def _text(data: bytes, header: Header, at: int) -> str:
    return _blob(data, header, at)[:MOST_TEXT].decode("utf-16-le", "replace")


def _negotiate_request(data: bytes, _header: Header, body: int) -> Body:
    count = min(_number(data, body + 2, 2), 32)
    return Body(dialects=tuple(_number(data, body + 36 + 2 * place, 2) for place in range(count)))


def _negotiate_response(data: bytes, header: Header, body: int) -> Body:
    return Body(dialects=(_number(data, body + 4, 2),), token=_blob(data, header, body + 56))


def _setup_request(data: bytes, header: Header, body: int) -> Body:
    return Body(token=_blob(data, header, body + 12))


def _setup_response(data: bytes, header: Header, body: int) -> Body:
    return Body(session_flags=_number(data, body + 2, 2), token=_blob(data, header, body + 4))


def _tree_request(data: bytes, header: Header, body: int) -> Body:
    return Body(name=_text(data, header, body + 4))


def _create_request(data: bytes, header: Header, body: int) -> Body:
    return Body(name=_text(data, header, body + 44), access=_number(data, body + 24, 4))


def _create_response(data: bytes, _header: Header, body: int) -> Body:
    return Body(file=data[body + 64 : body + 80])


def _file_request(data: bytes, _header: Header, body: int) -> Body:
    return Body(file=data[body + 8 : body + 24])


def _read_request(data: bytes, _header: Header, body: int) -> Body:
    return Body(file=data[body + 16 : body + 32])


def _query_request(data: bytes, _header: Header, body: int) -> Body:
    return Body(file=data[body + 24 : body + 40])


def _set_request(data: bytes, _header: Header, body: int) -> Body:
    return Body(file=data[body + 16 : body + 32])


def _read_response(data: bytes, header: Header, body: int) -> Body:
    return Body(data_at=header.at + _number(data, body + 2, 1), data_size=_number(data, body + 4, 4))


def _write_request(data: bytes, header: Header, body: int) -> Body:
    return Body(
        file=data[body + 16 : body + 32],
        data_at=header.at + _number(data, body + 2, 2),
        data_size=_number(data, body + 4, 4),
    )


def _ioctl_request(data: bytes, header: Header, body: int) -> Body:
    return Body(
        control=_number(data, body + 4, 4),
        file=data[body + 8 : body + 24],
        data_at=header.at + _number(data, body + 24, 4),
        data_size=_number(data, body + 28, 4),
    )


def _ioctl_response(data: bytes, header: Header, body: int) -> Body:
    return Body(
        control=_number(data, body + 4, 4),
        file=data[body + 8 : body + 24],
        data_at=header.at + _number(data, body + 32, 4),
        data_size=_number(data, body + 36, 4),
    )


_REQUESTS = {
    NEGOTIATE: _negotiate_request,
    SESSION_SETUP: _setup_request,
    TREE_CONNECT: _tree_request,
    CREATE: _create_request,
    CLOSE: _file_request,
    FLUSH: _file_request,
    LOCK: _file_request,
    QUERY_DIRECTORY: _file_request,
    CHANGE_NOTIFY: _file_request,
    QUERY_INFO: _query_request,
    SET_INFO: _set_request,
    READ: _read_request,
    WRITE: _write_request,
    IOCTL: _ioctl_request,
}
_RESPONSES = {
    NEGOTIATE: _negotiate_response,
    SESSION_SETUP: _setup_response,
    CREATE: _create_response,
    READ: _read_response,
    IOCTL: _ioctl_response,
}

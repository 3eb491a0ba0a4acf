"""SMB 1 messages (MS-CIFS, MS-SMB): headers, chained commands, names, statuses.

Takes the bytes of one message; gives fields, partial where the bytes end early. Judges nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEADER = struct.Struct("<4sBIBHHQHHHHH")
REPLY, UNICODE, NT_STATUS = 0x80, 0x8000, 0x4000
NO_ANDX, NO_DIALECT = 0xFF, 0xFFFF

NEGOTIATE, SESSION_SETUP_ANDX, TREE_CONNECT_ANDX, TRANSACTION, NT_CREATE_ANDX = 0x72, 0x73, 0x75, 0x25, 0xA2
COMMANDS: dict[int, str] = {
    0x00: "CREATE_DIRECTORY", 0x01: "DELETE_DIRECTORY", 0x02: "OPEN", 0x03: "CREATE", 0x04: "CLOSE", 0x05: "FLUSH", 0x06: "DELETE",
    0x07: "RENAME", 0x08: "QUERY_INFORMATION", 0x09: "SET_INFORMATION", 0x0A: "READ", 0x0B: "WRITE", 0x0C: "LOCK_BYTE_RANGE",
    0x0D: "UNLOCK_BYTE_RANGE", 0x0E: "CREATE_TEMPORARY", 0x0F: "CREATE_NEW", 0x10: "CHECK_DIRECTORY", 0x11: "PROCESS_EXIT",
    0x12: "SEEK", 0x13: "LOCK_AND_READ", 0x14: "WRITE_AND_UNLOCK", 0x1A: "READ_RAW", 0x1D: "WRITE_RAW", 0x22: "SET_INFORMATION2",
    0x23: "QUERY_INFORMATION2", 0x24: "LOCKING_ANDX", 0x25: "TRANSACTION", 0x26: "TRANSACTION_SECONDARY", 0x27: "IOCTL",
    0x2B: "ECHO", 0x2C: "WRITE_AND_CLOSE", 0x2D: "OPEN_ANDX", 0x2E: "READ_ANDX", 0x2F: "WRITE_ANDX", 0x32: "TRANSACTION2",
    0x33: "TRANSACTION2_SECONDARY", 0x34: "FIND_CLOSE2", 0x70: "TREE_CONNECT", 0x71: "TREE_DISCONNECT", 0x72: "NEGOTIATE",
    0x73: "SESSION_SETUP_ANDX", 0x74: "LOGOFF_ANDX", 0x75: "TREE_CONNECT_ANDX", 0x80: "QUERY_INFORMATION_DISK", 0x81: "SEARCH",
    0x82: "FIND", 0xA0: "NT_TRANSACT", 0xA1: "NT_TRANSACT_SECONDARY", 0xA2: "NT_CREATE_ANDX", 0xA4: "NT_CANCEL", 0xA5: "NT_RENAME",
    0xC0: "OPEN_PRINT_FILE", 0xC1: "WRITE_PRINT_FILE", 0xC2: "CLOSE_PRINT_FILE",
}  # fmt: skip
"""MS-CIFS section 2.2.2.1."""
CHAINING = frozenset((0x24, 0x2D, 0x2E, 0x2F, 0x73, 0x74, 0x75, 0xA2))

DOS_CLASSES = {1: "ERRDOS", 2: "ERRSRV", 3: "ERRHRD", 0xFF: "ERRCMD"}
ACCESS_CODES = {
    (1, 5): "noaccess",
    (2, 2): "badpw",
    (2, 4): "access",
    (2, 6): "invnetname",
    (1, 2): "badfile",
    (1, 65): "netaccessdenied",
}
"""Names of the DOS codes that refuse (MS-CIFS section 2.2.2.4)."""

MOST_CHAINED = 32
MOST_TEXT = 2048


class Header(NamedTuple):
    """The header of a message and one command of its chain. `status` is an NTSTATUS, or a DOS class and code when `dos` is set.

    `words` and `data` are the offsets of the command's parameter words and of its byte block, `words_size` and `data_size` their lengths.
    """

    command: int
    status: int
    dos: bool
    is_response: bool
    unicode: bool
    tree: int
    process: int
    session: int
    multiplex: int
    words: int
    words_size: int
    data: int
    data_size: int


class Body(NamedTuple):
    """What one command tells. `token` is a security token; `user` and `domain` are of the old form of logging on."""

    name: str = ""
    token: bytes = b""
    user: str = ""
    domain: str = ""
    dialects: tuple[str, ...] = ()
    dialect: int = -1


def find_commands(data: bytes) -> Iterator[Header]:
    """The commands that one message chains, in order."""
    if len(data) < 33:
        return
    _, command, status, flags, flags2, _, _, _, tree, process, session, multiplex = HEADER.unpack_from(data, 0)
    at, reply = 32, bool(flags & REPLY)
    for _ in range(MOST_CHAINED):
        words_size = 2 * data[at] if at < len(data) else 0
        block = at + 1 + words_size
        size = int.from_bytes(data[block : block + 2], "little") if len(data) >= block + 2 else 0
        yield Header(
            command, status if reply else 0, not flags2 & NT_STATUS, reply, bool(flags2 & UNICODE), tree, process, session,
            multiplex, at + 1, words_size, block + 2, size,
        )  # fmt: skip
        if command not in CHAINING or words_size < 4 or len(data) < at + 5 or data[at + 1] == NO_ANDX:
            return
        following = int.from_bytes(data[at + 3 : at + 5], "little")
        if following <= at or following >= len(data):
            return
        command, at = data[at + 1], following


def command_name(command: int) -> str:
    """`SMB1 TREE_CONNECT_ANDX` without the first word; the number of an unknown command."""
    return COMMANDS.get(command, f"command 0x{command:02x}")


def dos_error_name(status: int) -> str:
    """`ERRDOS/noaccess`: class and code as servers send them that do not use NTSTATUS."""
    kind, code = status & 0xFF, status >> 16
    return f"{DOS_CLASSES.get(kind, str(kind))}/{ACCESS_CODES.get((kind, code), str(code))}"


def unpack_body(data: bytes, header: Header) -> Body:
    """What a command tells, by its kind and direction."""
    if header.is_response:
        return _unpack_response(data, header)
    if header.command == NEGOTIATE:
        names = data[header.data : header.data + header.data_size].split(b"\0")
        return Body(dialects=tuple(name[1:].decode("latin-1") for name in names[:32] if name.startswith(b"\x02")))
    if header.command == SESSION_SETUP_ANDX:
        return _unpack_setup(data, header)
    if header.command == TREE_CONNECT_ANDX:
        password = _number(data, header.words + 6)
        return Body(name=_text(data, header, header.data + password)[0])
    if header.command == NT_CREATE_ANDX:
        return Body(name=_text(data, header, header.data)[0])
    if header.command == TRANSACTION:
        return Body(name=_text(data, header, header.data)[0])
    return Body()


def _unpack_response(data: bytes, header: Header) -> Body:
    if header.command == NEGOTIATE and header.words_size >= 2:
        return Body(dialect=_number(data, header.words))
    if header.command == SESSION_SETUP_ANDX and header.words_size == 8:
        size = _number(data, header.words + 6)
        return Body(token=data[header.data : header.data + size])
    return Body()


def _unpack_setup(data: bytes, header: Header) -> Body:
    """Logging on with a security token (12 words, MS-SMB section 2.2.4.6.1), or with name and password (13 words)."""
    if header.words_size == 24:
        size = _number(data, header.words + 14)
        return Body(token=data[header.data : header.data + size])
    if header.words_size != 26:
        return Body()
    passwords = _number(data, header.words + 14) + _number(data, header.words + 16)
    user, at = _text(data, header, header.data + passwords)
    domain, _ = _text(data, header, at)
    return Body(user=user, domain=domain)


def _number(data: bytes, at: int) -> int:
    """Two bytes, low byte first; 0 where the bytes end before them."""
    return int.from_bytes(data[at : at + 2], "little") if len(data) >= at + 2 else 0


def _text(data: bytes, header: Header, at: int) -> tuple[str, int]:
    """A text that ends with a zero, and the offset behind it; UTF-16 begins at an even offset from the header."""
    end = min(header.data + header.data_size, len(data), at + MOST_TEXT)
    if not header.unicode:
        raw = data[at:end].partition(b"\0")[0]
        return raw.decode("latin-1"), at + len(raw) + 1
    at += at & 1
    stop = at
    while stop + 1 < end and data[stop : stop + 2] != b"\0\0":
        stop += 2
    return data[at:stop].decode("utf-16-le", "replace"), stop + 2

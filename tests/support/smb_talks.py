"""SMB messages from their fields (MS-SMB2, MS-CIFS), with the session header before them, for tests of what is read and judged."""

from __future__ import annotations

import struct

RESPONSE, ASYNC, RELATED = 1, 2, 4
MORE_PROCESSING = 0xC0000016
NEGOTIATE, SETUP, LOGOFF, CONNECT, DISCONNECT, CREATE, CLOSE, FLUSH, READ, WRITE, LOCK, IOCTL = range(12)
FILE_ID = bytes(range(1, 17))


def session(*messages: bytes) -> bytes:
    """A NetBIOS session message around what is chained in it."""
    body = b"".join(messages)
    return b"\0" + len(body).to_bytes(3, "big") + body


def smb2(
    command: int,
    number: int,
    body: bytes,
    status: int = 0,
    flags: int = 0,
    tree: int = 0,
    sid: int = 0x11,
    next_at: int = 0,
) -> bytes:
    """One SMB 2 message."""
    head = (b"\xfeSMB", 64, 1, status, command, 31, flags, next_at, number, 0xFEFF, tree, sid, bytes(16))
    return struct.pack("<4sHHIHHIIQIIQ16s", *head) + body


def chained(*messages: bytes) -> bytes:
    """Messages in one compound, each padded to eight bytes and told where the next begins."""
    parts = []
    for message in messages[:-1]:
        padded = message + bytes(-len(message) % 8)
        parts.append(padded[:20] + len(padded).to_bytes(4, "little") + padded[24:])
    return session(*parts, messages[-1])


def answer(command: int, number: int, body: bytes = b"", status: int = 0, **more: int) -> bytes:
    """A response; without a body that of an error."""
    return session(
        smb2(
            command,
            number,
            body or struct.pack("<HBBIB", 9, 0, 0, 0, 0),
            status,
            RESPONSE | more.pop("flags", 0),
            **more,
        )
    )


def negotiate(number: int = 0, dialects: tuple[int, ...] = (0x0202, 0x0311)) -> bytes:
    """A NEGOTIATE request."""
    body = struct.pack("<HHHHI16sQ", 36, len(dialects), 1, 0, 0, bytes(16), 0)
    return session(smb2(NEGOTIATE, number, body + struct.pack(f"<{len(dialects)}H", *dialects), sid=0))


def negotiated(number: int = 0, dialect: int = 0x0311) -> bytes:
    """Its response."""
    body = struct.pack("<HHHH16sIIIIQQHHI", 65, 1, dialect, 0, bytes(16), 0, 65536, 65536, 65536, 0, 0, 128, 0, 0)
    return answer(NEGOTIATE, number, body, sid=0)


def setup(number: int, token: bytes, sid: int = 0x11) -> bytes:
    """A SESSION_SETUP request with a security token."""
    body = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(token), 0) + token
    return session(smb2(SETUP, number, body, sid=sid))


def set_up(number: int, token: bytes = b"", status: int = 0, session_flags: int = 0, sid: int = 0x11) -> bytes:
    """Its response; one that refuses has no token."""
    body = struct.pack("<HHHH", 9, session_flags, 72, len(token)) + (token or b"\0")
    return answer(SETUP, number, body, status, sid=sid)


def connect(number: int, path: str) -> bytes:
    """A TREE_CONNECT request."""
    raw = path.encode("utf-16-le")
    return session(smb2(CONNECT, number, struct.pack("<HHHH", 9, 0, 72, len(raw)) + raw))


def connected(number: int, tree: int = 5) -> bytes:
    """Its response, for a pipe share."""
    return answer(CONNECT, number, struct.pack("<HBBIII", 16, 2, 0, 0, 0, 0x1F01FF), tree=tree)


def create(number: int, name: str, tree: int = 5, flags: int = 0) -> bytes:
    """A CREATE request, without the session header so that it can be chained."""
    raw = name.encode("utf-16-le")
    fixed = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x12019F, 0, 3, 1, 0, 120, len(raw), 0, 0)
    return smb2(CREATE, number, fixed + (raw or b"\0\0"), tree=tree, flags=flags)


def created(number: int, tree: int = 5) -> bytes:
    """Its response."""
    return answer(CREATE, number, struct.pack("<HBBI", 89, 0, 0, 1) + bytes(56) + FILE_ID + bytes(8), tree=tree)


def close(number: int, file: bytes = FILE_ID, tree: int = 5, flags: int = 0) -> bytes:
    """A CLOSE request, without the session header."""
    return smb2(CLOSE, number, struct.pack("<HHI16s", 24, 0, 0, file), tree=tree, flags=flags)


def write(number: int, data: bytes, tree: int = 5) -> bytes:
    """A WRITE request."""
    return session(
        smb2(
            WRITE, number, struct.pack("<HHIQ16sIIHHI", 49, 112, len(data), 0, FILE_ID, 0, 0, 0, 0, 0) + data, tree=tree
        )
    )


def read(number: int, tree: int = 5) -> bytes:
    """A READ request."""
    return session(
        smb2(READ, number, struct.pack("<HBBIQ16sIIIHHB", 49, 80, 0, 1024, 0, FILE_ID, 0, 0, 0, 0, 0, 0), tree=tree)
    )


def read_back(number: int, data: bytes, tree: int = 5) -> bytes:
    """Its response."""
    return answer(READ, number, struct.pack("<HBBIII", 17, 80, 0, len(data), 0, 0) + data, tree=tree)


def smb1(
    command: int,
    words: bytes,
    data: bytes,
    reply: bool = False,
    status: int = 0,
    tree: int = 0,
    uid: int = 0,
    mid: int = 1,
) -> bytes:
    """One SMB 1 message with NTSTATUS and Unicode."""
    flags2 = 0xC001 if command != 0x72 else 0x4001
    head = struct.pack(
        "<4sBIBHHQHHHHH", b"\xffSMB", command, status, 0x98 if reply else 0x18, flags2, 0, 0, 0, tree, 77, uid, mid
    )
    return session(head + bytes((len(words) // 2,)) + words + struct.pack("<H", len(data)) + data)


def smb1_negotiate(*dialects: str) -> bytes:
    """A NEGOTIATE request of SMB 1."""
    return smb1(0x72, b"", b"".join(b"\x02" + name.encode() + b"\0" for name in dialects))


def smb1_negotiated(index: int) -> bytes:
    """Its response: the dialect's place, 0xFFFF for none."""
    return smb1(0x72, struct.pack("<H", index), b"", reply=True)

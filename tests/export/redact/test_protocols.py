"""What is known by how it begins, and what is not."""

from __future__ import annotations

import pytest

from wireproof.export.redact.protocols import is_known


class Said:
    """A side that says these bytes from its beginning on."""

    def __init__(self, data: bytes, begins_known: bool = True) -> None:
        self._data, self.begins_known = data, begins_known

    def read(self, start: int, count: int) -> bytes:
        return self._data[start : start + count]

    def next_after(self, offset: int) -> int | None:
        return offset if offset < len(self._data) else None


RECORDS = b"\x17\3\3\0\2ab\x17\3\3\0\1a"


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (b"GET / HTTP/1.1\r\n", b""),
        (b"", b"HTTP/1.1 200 OK\r\n"),
        (b"REGISTER sip:a SIP/2.0\r\n", b""),
        (b"\r\n\r\nOPTIONS sip:a SIP/2.0\r\n", b""),
        (b"EHLO a\r\n", b"220 a\r\n"),
        (b"EHLO a\r\n", b"250-a\r\n"),
        (b"USER bob\r\n", b"331 go\r\n"),
        (b"AUTHINFO USER bob\r\n", b"200 nntp\r\n"),
        (b"CAPA\r\nUSER bob\r\nPASS x\r\nSTAT\r\nQUIT\r\n", b"+OK\r\n"),
        (b"a1 CAPABILITY\r\n", b"* OK\r\n"),
        (b"<?xml version='1.0'?>", b""),
        (b"\x16\3\1\2\0\1", b""),
        (b"\x80\x67\1\3\0\0\x4e", b"\x16\3\0\0\x4a\2"),
        (b"SSH-2.0-x\r\n", b"SSH-2.0-y\r\n"),
        (b"\x12\1\0\x2f\0\0\0\0\0\0", b"\4\1\0\x2b\0\0\1\0"),
        (b"\0\0\0\x48\xfeSMB", b""),
        (b"\3\0\0\x13\x0e\xe0\0\0", b""),
        (b"\x30\x37\xa0\3\2\1\6", b""),
        (b"\x30\x0c\2\1\1\x60\7\2\1\3\4\0\x80\0", b""),
        (b"", b""),
    ],
)
def test_these_are_known(client: bytes, server: bytes) -> None:
    assert is_known(Said(client), Said(server))
    assert is_known(Said(server), Said(client))


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (b"GET key\r\nAUTH x\r\n", b"$1\r\n"),
        (b"AUTH x\r\nGET key\r\n", b"+OK\r\n"),
        (b"PASS x\r\nNICK b\r\n", b":x 001 b\r\n"),
        (b"USER b 0 * :b\r\nPASS x\r\n", b":x 001 b\r\n"),
        (b"bob\r\n", b"220 router\r\n"),
        (b"bob\r\n", b"login: "),
        (b"\5\1\2" + RECORDS, b"\5\2" + RECORDS),
        (b"\4\1\0\x50\x0a\1\1\1bob\0", b""),
        (b"\0\0\0\x1b\0\3\0\0user\0", b"R\0\0\0\x08"),
        (b"\x10\x13\0\4MQTT", b"\x20\2\0\0"),
        (b"\x30\0\0\1\x85", b"\x4a\0\0\0\x0a"),
        (b"AUTH x\r\n", b"\x15\3\3\0\2\2\x0a"),
        (b"\5\1\2\1\3bob\3abc", b"HTTP/1.1 400 Bad\r\n"),
        (b"x\nGET / HTTP/1.1\r\n", b""),
    ],
)
def test_these_are_not(client: bytes, server: bytes) -> None:
    assert not is_known(Said(client), Said(server))


def test_the_middle_of_a_known_protocol_is_known_by_what_follows() -> None:
    for data in (b"est\r\n\r\nGET / HTTP/1.1\r\n", b"xyz" + RECORDS):
        assert is_known(Said(data, begins_known=False), Said(b""))
    assert not is_known(Said(b"xyz", begins_known=False), Said(b"abc"))

"""SMB 1 messages and their chains."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from tests.support.smb_talks import smb1, smb1_negotiate, smb1_negotiated
from wireproof.wire.smb1 import Body, Header, command_name, dos_error_name, find_commands, unpack_body

ACCOUNT = "bob\0".encode("utf-16-le") + "CORP\0".encode("utf-16-le")


def read(message: bytes) -> list[tuple[Header, Body]]:
    data = message[4:]
    return [(header, unpack_body(data, header)) for header in find_commands(data)]


def test_dialects_are_offered_by_name_and_agreed_by_place() -> None:
    ((_, offered),) = read(smb1_negotiate("NT LM 0.12", "SMB 2.002"))
    ((header, agreed),) = read(smb1_negotiated(1))
    assert (offered.dialects, agreed.dialect, header.is_response) == (("NT LM 0.12", "SMB 2.002"), 1, True)


def test_logging_on_and_connecting_may_be_chained() -> None:
    secret = b"\0" * 4
    setup = struct.pack("<BBHHHHIHHII", 0x75, 0, 32 + 1 + 26 + 2 + 1 + 4 + len(ACCOUNT), 0xFFFF, 2, 1, 0, 2, 2, 0, 0)
    path = b"\0\\\0\\\0s\0\\\0I\0P\0C\0$\0\0\0?????\0"
    tree = bytes((4,)) + struct.pack("<BBHHH", 0xFF, 0, 0, 0, 0) + struct.pack("<H", len(path)) + path
    block = secret + b"\0" + ACCOUNT
    found = read(smb1(0x73, setup, block + tree))
    assert [command_name(header.command) for header, _ in found] == ["SESSION_SETUP_ANDX", "TREE_CONNECT_ANDX"]
    assert (found[0][1].user, found[0][1].domain) == ("bob", "CORP")


def test_a_token_is_taken_by_its_length() -> None:
    words = struct.pack("<BBHHHHIHII", 0xFF, 0, 0, 0xFFFF, 2, 1, 0, 5, 0, 0)
    ((_, body),) = read(smb1(0x73, words, b"TOKENrest"))
    assert body.token == b"TOKEN"


def test_a_chain_that_goes_back_ends() -> None:
    words = struct.pack("<BBH", 0x74, 0, 32)
    assert len(read(smb1(0x74, words, b""))) == 1


def test_statuses_of_dos_have_class_and_code() -> None:
    assert dos_error_name(0x0005_0001) == "ERRDOS/noaccess"
    assert dos_error_name(0x005B_0002) == "ERRSRV/91"


def test_a_short_message_has_no_command() -> None:
    assert list(find_commands(b"\xffSMB" + bytes(20))) == []


@given(st.binary(max_size=160), st.integers(0, 100))
def test_any_bytes_give_a_bounded_chain(noise: bytes, at: int) -> None:
    whole = smb1(0x73, struct.pack("<BBH", 0x75, 0, 40) + bytes(22), b"x" * 40)[4:]
    for data in (whole[:33] + noise, whole[:at] + noise + whole[at + len(noise) :]):
        commands = list(find_commands(data))
        assert len(commands) <= 32
        for header in commands:
            unpack_body(data, header)

"""Passwords of remote desktops: all of a logon goes, and of a redirection what is behind the password's length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.redact.secrets import client_info, redirection
from wireproof.export.redact.rdp import UNKNOWN, find_desktop_secrets
from wireproof.export.redact.spans import blank


def hidden(data: bytes) -> bytes:
    """The data with secrets of desktops blanked."""
    return blank(data, sorted((secret.start, secret.end) for secret in find_desktop_secrets(data)))


def starred(data: bytes) -> bytes:
    """The data as it should be when the letter Z is the secret."""
    return data.replace(b"Z", b"*")


def test_all_of_a_logon_goes_and_nothing_behind_it() -> None:
    data = b"abc" + client_info("ZZ")
    assert hidden(data + b"def") == data[:22] + b"*" * (len(data) - 22) + b"def"


def test_without_a_length_more_goes() -> None:
    data = client_info("ZZ")[4:] + b"x" * 2 * UNKNOWN
    assert hidden(data).count(b"*") == UNKNOWN


@pytest.mark.parametrize("flags", [0x10, 0x12, 0x1E, 0x1F, 0x31E])
def test_of_a_redirection_only_the_password_goes(flags: int) -> None:
    fields = [b"field%d" % bit for bit in range(4) if flags >> bit & 1]
    data = b"abc" + redirection(flags, *fields, b"Z" * 40, *[b"name"] * (flags >> 8)) + b"def"
    assert hidden(data) == starred(data)


def test_a_redirection_without_a_password_stays() -> None:
    for flags in (0, 1, 2, 0xF, 0x100):
        data = redirection(flags, *[b"Z"] * 5)
        assert hidden(data) == data


@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff", b"\xff\0\0\0", b"\0\1\0\0"])
def test_a_redirection_that_lies_is_blanked_from_there(length: bytes) -> None:
    data = redirection(0x12, b"Cookie", b"Z" * 40)
    for at in (data.index(b"Cookie") - 4, data.index(b"Z") - 4):
        lying = data[:at] + length + data[at + 4 :] + b"def"
        assert hidden(lying) == data[:at] + b"*" * (len(data) - at) + b"def"


def test_a_cut_redirection_leaves_nothing() -> None:
    data = redirection(0x1F, b"a", b"b", b"c", b"d", b"Z" * 40)
    last = data.rindex(b"Z")
    for cut in range(40, len(data)):
        assert b"Z" not in hidden(data[:cut])
        assert max(secret.end for secret in find_desktop_secrets(data[:cut])) > last


@given(st.binary(max_size=100), st.binary(max_size=100), st.binary(max_size=60), st.integers(0, 15))
def test_nothing_but_the_password_changes(before: bytes, behind: bytes, password: bytes, others: int) -> None:
    said = [b"x"] * others.bit_count()
    data = before + redirection(others | 0x10, *said, password) + behind
    end = len(data) - len(behind)
    assert hidden(data) == data[: end - len(password)] + b"*" * len(password) + data[end:]


@given(st.binary(max_size=100), st.integers(0, 100), st.integers(0, 255))
def test_any_bytes_give_stretches_that_go_forward(data: bytes, at: int, value: int) -> None:
    for message in (bytearray(redirection(0x12, b"a", b"Z" * 9)), bytearray(client_info("Z"))):
        message[at % len(message)] = value
        for secret in find_desktop_secrets(bytes(message) + data):
            assert 0 <= secret.name_at <= secret.start <= secret.end

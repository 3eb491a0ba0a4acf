"""Secrets in binary messages: found wherever they stand, blanked as far as they say or further."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.redact.secrets import NTLM3, as_request, client_info, encrypted_time, tds_login, tds_packets
from tests.support.asn1 import bind, ldap, sasl_bind
from wireproof.export.redact.binary import find_binary_secrets
from wireproof.export.redact.spans import blank


def hidden(data: bytes) -> bytes:
    """The data with its secrets blanked."""
    return blank(data, sorted((secret.start, secret.end) for secret in find_binary_secrets(data)))


def test_a_bind_keeps_its_name_and_an_empty_password_stays_empty() -> None:
    data = ldap(1, bind("cn=bob", "abc"))
    assert hidden(data) == data[:-3] + b"***"
    empty = ldap(1, bind("", ""))
    assert hidden(empty)[:-2] == empty[:-2]
    assert hidden(ldap(1, sasl_bind("EXTERNAL", b""))) == ldap(1, sasl_bind("EXTERNAL", b""))


def test_lists_of_attributes_stay() -> None:
    data = ldap(1, b"\x63\x20" + b"\x04\x0cuserPassword\x02\x01\x00" + b"x" * 13)
    assert hidden(data) == data


def test_ntlm_and_desktop_logons_are_found_anywhere() -> None:
    for message in (NTLM3, client_info("ZZ"), tds_login("ZZ"), tds_packets(17, b"\x60\x28" + NTLM3)):
        assert b"Z" not in hidden(b"\1\2\3" + message + b"\1\2\3")


@pytest.mark.parametrize("size", [20, 56, 200, 60000])
def test_of_an_encrypted_time_the_cipher_goes(size: int) -> None:
    for data in (as_request(b"Z" * size), b"abc" + encrypted_time(b"Z" * size, b"\xa1\3\2\1\2") + b"def"):
        assert hidden(data) == data.replace(b"Z", b"*")


def test_what_looks_like_an_encrypted_time_stays() -> None:
    data = encrypted_time(b"Z" * 20)
    for other in (b"\xa1\3\2\1\x10", b"\xa1\3\x0a\1\2"):
        assert hidden(data.replace(b"\xa1\3\2\1\2", other)) == data.replace(b"\xa1\3\2\1\2", other)
    for at, value in ((7, 0xA3), (9, 0x30), (11, 0x31), (13, 0xA3)):
        changed = bytearray(data)
        changed[at] = value
        assert hidden(bytes(changed)) == changed


def test_a_cut_encrypted_time_leaves_nothing() -> None:
    data = as_request(b"Z" * 56)
    for cut in range(len(data)):
        assert b"Z" not in hidden(data[:cut])


@given(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"\x60\x10\x02\x01\x03\x04",
            b"NTLMSSP\0\3\0\0\0",
            b"\x04\x0cuserPassword",
            tds_login("Z")[:30],
            client_info("Z")[:24],
        ]
    ),
)
def test_any_bytes_give_stretches_that_go_forward(data: bytes, mark: bytes) -> None:
    for secret in find_binary_secrets(data[:100] + mark + data[100:]):
        assert 0 <= secret.name_at <= secret.start <= secret.end

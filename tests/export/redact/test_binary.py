"""Secrets in binary messages: found wherever they stand, blanked as far as they say or further."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.export.redact.secrets import NTLM3, client_info, tds_login
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


def test_a_login_keeps_everything_but_the_password() -> None:
    data = tds_login("ZZZZ")
    changed = [place for place, (one, other) in enumerate(zip(data, hidden(data), strict=True)) if one != other]
    assert len(changed) == 8
    assert data[changed[0] : changed[-1] + 1] == "ZZZZ".encode("utf-16-le")


def test_a_login_that_lies_about_its_fields_is_blanked_whole() -> None:
    data = bytearray(tds_login("ZZZZ"))
    data[8 + 46] = 0xFF
    assert b"Z" not in hidden(bytes(data))
    data[8 + 27] |= 0x10
    assert hidden(bytes(data))[8 + 36 :] == b"*" * (len(data) - 8 - 36)


def test_ntlm_and_desktop_logons_are_found_anywhere() -> None:
    for message in (NTLM3, client_info("ZZ")):
        assert b"Z" not in hidden(b"\1\2\3" + message + b"\1\2\3")


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

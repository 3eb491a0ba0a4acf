"""Distinguished names as text, checked against the library's, and bytes that are none."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.distinguished_name import last_common_name, name_text


def name(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


@pytest.mark.parametrize(
    "parts",
    [
        (
            (NameOID.COUNTRY_NAME, "DE"),
            (NameOID.ORGANIZATION_NAME, "Beispiel, Ärzte + Söhne"),
            (NameOID.COMMON_NAME, "www.example.com"),
        ),
        ((NameOID.DOMAIN_COMPONENT, "com"), (NameOID.DOMAIN_COMPONENT, "company"), (NameOID.COMMON_NAME, "CA-name")),
        ((NameOID.COMMON_NAME, '#1 "quoted" <a>;b\\c'),),
        ((NameOID.COMMON_NAME, " space "),),
    ],
)
def test_names_are_written_as_rfc_4514_has_it(parts: tuple[tuple[x509.ObjectIdentifier, str], ...]) -> None:
    made = name(*parts)
    assert name_text(made.public_bytes()) == made.rfc4514_string()
    assert last_common_name(made.public_bytes()) == parts[-1][1]


def test_the_last_common_name_counts() -> None:
    made = name((NameOID.COMMON_NAME, "Users"), (NameOID.COMMON_NAME, "Alice"), (NameOID.ORGANIZATION_NAME, "x"))
    assert last_common_name(made.public_bytes()) == "Alice"


def test_utf_16_is_read_as_such() -> None:
    text = "Zürich".encode("utf-16-be")
    value = b"\x06\x03\x55\x04\x03\x1e" + bytes([len(text)]) + text
    pair = b"\x30" + bytes([len(value)]) + value
    one = b"\x31" + bytes([len(pair)]) + pair
    assert name_text(b"\x30" + bytes([len(one)]) + one) == "CN=Zürich"


def test_control_characters_are_escaped() -> None:
    made = name((NameOID.COMMON_NAME, "a\x1b[2Jb"))
    assert "\x1b" not in name_text(made.public_bytes())


def test_what_is_no_name_shows_its_bytes() -> None:
    assert (name_text(b"\x04\x02ab"), name_text(b"")) == ("#04026162", "")


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    assert len(name_text(data)) <= 1024
    last_common_name(data)
    name_text(b"\x30\x7f" + data)

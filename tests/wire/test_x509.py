"""Certificates read from DER, checked against the library's reading of the same ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tls_handshakes import ROOT, SERVER, Issued, issue
from wireproof.wire.x509 import unpack_certificate

LONG = issue("x" * 60, tuple(f"host-{turn}.example.com" for turn in range(300)), ROOT)
FAR = issue("from 1960 to 2090", valid_days=(-23_000, 24_000))


@pytest.mark.parametrize("issued", [ROOT, SERVER, LONG, FAR], ids=["root", "server", "many-names", "far-dates"])
def test_fields_are_those_of_the_library(issued: Issued) -> None:
    found, known = unpack_certificate(issued.der), issued.certificate
    assert found
    assert (found.subject, found.issuer) == (known.subject.public_bytes(), known.issuer.public_bytes())
    assert (found.not_before, found.not_after) == (
        known.not_valid_before_utc.timestamp(),
        known.not_valid_after_utc.timestamp(),
    )
    assert found.serial == f"{known.serial_number:x}"
    assert found.self_signed == (issued.issuer is None)


def test_names_usages_and_ca_come_from_the_extensions() -> None:
    root, server = unpack_certificate(ROOT.der), unpack_certificate(SERVER.der)
    assert root
    assert server
    assert (root.is_ca, server.is_ca) == (True, False)
    assert server.names == ("www.example.com", "example.com")
    assert server.usages == ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2")


def test_names_with_spaces_stay_as_they_are_and_control_characters_are_escaped() -> None:
    found = unpack_certificate(issue("x", ("Default Web Site", "a\n\x1bb")).der)
    assert found
    assert found.names == ("Default Web Site", "a\\x0a\\x1bb")


def test_a_certificate_that_is_cut_is_none() -> None:
    assert unpack_certificate(SERVER.der[:-1]) is None
    assert unpack_certificate(b"") is None


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6))
def test_damaged_certificates_do_not_raise(damage: list[tuple[int, int]]) -> None:
    data = bytearray(SERVER.der)
    for at, value in damage:
        data[at % len(data)] = value
    found = unpack_certificate(bytes(data))
    assert found is None or sum(map(len, found.names)) <= 4 * len(data)


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    unpack_certificate(data)
    unpack_certificate(b"\x30\x7e\x30\x7c" + data)

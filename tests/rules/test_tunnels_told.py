"""Clients' outputs on IP-HTTPS: which say that it could not connect, and what their code means."""

from __future__ import annotations

import pytest

from tests.cases.d13_iphttps_certificate import HTTPSTUNNEL
from tests.support.log_texts import with_logs
from wireproof.case import Case
from wireproof.rules.tunnels_told import Told, told_tunnels


def told(text: str) -> list[Told]:
    return told_tunnels(with_logs(Case([]), {"client.txt": text}))


def test_a_clients_failure_has_its_code_name_meaning_and_line() -> None:
    (one,) = told(HTTPSTUNNEL)
    assert (one.code, one.number) == ("0x800b0109 (CERT_E_UNTRUSTEDROOT)", "0x800b0109")
    assert "does not trust" in one.meaning
    assert one.is_of_certificate
    assert (one.row().capture, one.row().line) == ("folder/client.txt", 5)


@pytest.mark.parametrize(
    ("code", "name", "of_certificate"),
    [
        ("0x274c", "WSAETIMEDOUT", False),
        ("0x103", "ERROR_NO_MORE_ITEMS", True),
        ("0x2af9", "WSAHOST_NOT_FOUND", False),
        ("0x2afc", "WSANO_DATA", False),
        ("0x80092013", "CRYPT_E_REVOCATION_OFFLINE", True),
        ("0x800b010f", "CERT_E_CN_NO_MATCH", True),
        ("0x643", "ERROR_INSTALL_FAILURE", False),
    ],
)
def test_codes_of_the_articles_are_named(code: str, name: str, of_certificate: bool) -> None:
    (one,) = told(HTTPSTUNNEL.replace("0x800b0109", code))
    assert (one.name, one.is_of_certificate) == (name, of_certificate)
    assert one.meaning


def test_a_code_that_nobody_knows_stays_a_number() -> None:
    (one,) = told(HTTPSTUNNEL.replace("0x800b0109", "0x7fffabcd"))
    assert (one.code, one.name, one.meaning) == ("0x7fffabcd", "", "")


@pytest.mark.parametrize(
    "change", [("0x800b0109", "0x0"), (": client", ": server"), ("failed to connect", "IPHTTPS interface active;")]
)
def test_what_works_or_is_a_server_is_left_out(change: tuple[str, str]) -> None:
    assert told(HTTPSTUNNEL.replace(*change)) == []


def test_whose_it_may_be_is_told_by_name_and_by_the_point_that_is_stated() -> None:
    (one,) = told(HTTPSTUNNEL)
    assert one.is_of("client", "UAGDAServer-FQDN")
    assert one.is_of("client", "")
    assert not one.is_of("client", "other.contoso.com")
    (known,) = told("Ethernet adapter LAN:\n\n   IPv4 Address. . . . : 10.0.0.7\n" + HTTPSTUNNEL)
    assert (known.is_of("client", "", "10.0.0.7"), known.is_of("client", "", "10.0.0.8")) == (True, False)
    one.log.point = "other"
    assert not one.is_of("client", "UAGDAServer-FQDN")


def test_a_url_with_an_address_names_the_server_at_it() -> None:
    (one,) = told(HTTPSTUNNEL.replace("UAGDAServer-FQDN", "[2001:db8::9]"))
    assert (one.names("", "[2001:db8::9]:443"), one.names("da1.contoso.com", "[2001:db8::8]:443")) == (True, False)
    assert one.is_of("client", "da1.contoso.com", "", "[2001:db8::9]:443")
    assert not one.is_of("client", "", "", "[2001:db8::8]:443")
    assert one.is_of("client", "")


def test_a_case_without_logs_has_none() -> None:
    assert told_tunnels(Case([])) == []

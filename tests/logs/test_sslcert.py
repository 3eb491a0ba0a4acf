"""netsh http show sslcert: bindings of addresses, names and the central store, in any language, run together, damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.d13_iphttps_certificate import OUTPUTS, SSLCERT
from tests.support.log_texts import damaged, only_log
from wireproof.logs.sslcert import Binding, SslcertLog, binding_for, find
from wireproof.logs.text import LogText

APP = "{4dc3e181-e14b-4a21-b022-59fc669b0914}"
SNI = f"""
SSL Certificate bindings:
-------------------------

    IP:port                      : [2001:db8::5]:8443
    Certificate Hash             : {"AB" * 20}
    Application ID               : {APP}
    Certificate Store Name       : (null)
    Verify Client Certificate Revocation : Enabled
    Verify Revocation Using Cached Client Certificate Only : Disabled
    Usage Check                  : Enabled
    Revocation Freshness Time    : 0
    URL Retrieval Timeout        : 0
    Ctl Identifier               : (null)
    Ctl Store Name               : ClientAuthIssuer
    DS Mapper Usage              : Disabled
    Negotiate Client Certificate : Enabled
    Reject Connections           : Disabled

    Hostname:port                : WWW.contoso.com:443
    Certificate Hash             : {"cd" * 20}
    Application ID               : {APP}
    Certificate Store Name       : WebHosting
    Negotiate Client Certificate : Disabled

    Central Certificate Store    : 443
    Certificate Hash             : (null)
    Application ID               : {APP}
    Certificate Store Name       : (null)
"""
GERMAN = f"""
SSL-Zertifikatbindungen:
-------------------------

    IP:Port                      : 0.0.0.0:443
    Zertifikathash               : {"12" * 20}
    Anwendungs-ID                : {APP}
    Zertifikatspeichername       : My
    Clientzertifikatsperre überprüfen : Aktiviert
    Zertifikatsperre nur mithilfe von zwischengespeichertem Clientzertifikat überprüfen : Deaktiviert
    Verwendungsüberprüfung       : Aktiviert
    Sperraktualisierungszeit     : 0
    Zeitlimit für URL-Abruf      : 0
    Steuerelement-ID             : (null)
    Steuerelement-Speichername   : Liste
    DS-Zuordnungsverwendung      : Deaktiviert
    Clientzertifikat aushandeln  : Aktiviert
"""


def bindings(text: str) -> list[Binding]:
    return only_log(SslcertLog, text).bindings


def test_the_binding_of_the_article_is_read() -> None:
    (one,) = bindings(SSLCERT)
    assert (one.host, one.port, one.hash) == ("1.1.1.1", 443, "8691087835614a5f09b5f11c403d595c461ff603")
    assert (one.app, one.store, one.asks_client, one.line) == ("{5d8e2743-ef20-4d38-8751-7e400f200e65}", "MY", False, 2)
    assert (one.ctl, one.ctl_store, one.by_name) == ("", "", False)


def test_lines_that_run_together_are_read_alike() -> None:
    (one,) = bindings(" ".join(SSLCERT.split()))
    assert (one.host, one.hash[:4], one.store, one.asks_client) == ("1.1.1.1", "8691", "MY", False)


def test_bindings_of_names_and_ipv6_addresses_are_told_apart() -> None:
    address, name = bindings(SNI)
    assert (address.end, address.by_name, address.hash) == ("[2001:db8::5]:8443", False, "ab" * 20)
    assert (address.store, address.ctl_store, address.asks_client) == ("", "ClientAuthIssuer", True)
    assert (name.end, name.by_name, name.store) == ("www.contoso.com:443", True, "WebHosting")


def test_another_language_is_read_by_the_order_of_its_lines() -> None:
    (one,) = bindings(GERMAN)
    assert (one.host, one.is_any, one.store, one.ctl_store, one.asks_client) == ("0.0.0.0", True, "My", "Liste", True)


def binding(host: str, *, by_name: bool = False) -> Binding:
    return Binding(host, 443, "00" * 20, APP, 1, by_name)


@pytest.mark.parametrize(
    ("hosts", "name", "chosen"),
    [
        (("0.0.0.0", "1.1.1.1"), "", "1.1.1.1"),
        (("0.0.0.0", "1.1.1.1", "www.contoso.com"), "www.contoso.com", "1.1.1.1"),
        (("0.0.0.0", "www.contoso.com"), "WWW.contoso.com", "www.contoso.com"),
        (("0.0.0.0", "*.contoso.com"), "www.contoso.com", "*.contoso.com"),
        (("0.0.0.0", "www.contoso.com"), "", "0.0.0.0"),
        (("1.1.1.9", "::"), "", None),
    ],
)
def test_an_exact_address_goes_before_a_name_and_that_before_all_addresses(
    hosts: tuple[str, ...], name: str, chosen: str | None
) -> None:
    listed = [binding(host, by_name=host[-1].isalpha()) for host in hosts]
    found = binding_for(listed, "1.1.1.1", 443, name)
    assert (found.host if found else None) == chosen


@pytest.mark.parametrize(
    "text",
    ["IP:port : 1.1.1.1:443\nCertificate Hash : none\n", "Application ID : {5d8e2743-ef20-4d38-8751-7e400f200e65}\n"],
)
def test_parts_of_a_binding_are_none(text: str) -> None:
    assert find(LogText("x", text.splitlines())) is None


@given(damaged("".join(OUTPUTS.values()) + SNI + GERMAN) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for one in log.bindings if log else ():
        assert 1 <= one.line <= len(text.splitlines())
        assert 0 <= one.port <= 0xFFFF
        assert len(one.hash) in (0, 40, 64)

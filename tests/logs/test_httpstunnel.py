"""netsh interface httpstunnel show interface: clients and servers, up, idle and failed, excerpts, other languages, damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.d13_iphttps_certificate import HTTPSTUNNEL
from tests.cases.d14_iphttps import HTTPSTUNNEL as EXCERPT
from tests.support.log_texts import damaged, only_log
from wireproof.logs.httpstunnel import HttpsTunnelLog, Tunnel, find
from wireproof.logs.text import LogText

SERVER = """\
Interface IPHTTPSInterface Parameters
------------------------------------------------------------
Role                       : server
URL                        : https://da.contoso.com:443/IPHTTPS
Client authentication mechanism : None
Last Error Code            : 0x0
Interface Status           : IPHTTPS interface active
"""
GERMAN = """\
Schnittstelle IPHTTPSInterface (Gruppenrichtlinie) - Parameter
------------------------------------------------------------
Rolle                      : client
URL                        : https://da.firma.de/IPHTTPS
Letzter Fehlercode         : 0x2af9
Schnittstellenstatus       : Fehler beim Herstellen der Verbindung mit dem IPHTTPS-Server.
"""


def tunnels(text: str) -> list[Tunnel]:
    return only_log(HttpsTunnelLog, text).tunnels


@pytest.mark.parametrize("text", [HTTPSTUNNEL, " ".join(HTTPSTUNNEL.split())], ids=["lines", "one-line"])
def test_the_client_of_the_article_is_read(text: str) -> None:
    (one,) = tunnels(text)
    assert (one.code, one.host, one.port, one.role) == (0x800B0109, "uagdaserver-fqdn", 443, "client")
    assert one.status == "failed to connect to the IPHTTPS server. Waiting to reconnect"
    assert one.says_failed


def test_an_excerpt_with_nothing_but_the_error_counts() -> None:
    (one,) = tunnels(EXCERPT)
    assert (one.code, one.line, one.url) == (0x274C, 2, "")
    assert one.has_failed
    assert not one.says_failed


def test_a_server_that_is_active_is_up_and_no_client() -> None:
    log = only_log(HttpsTunnelLog, SERVER + HTTPSTUNNEL)
    server, client = log.tunnels
    assert (server.role, server.is_up, server.has_failed) == ("server", True, False)
    assert log.clients() == [client]


@pytest.mark.parametrize(
    "status", ["IPHTTPS interface deactivated", "IPHTTPS interface not installed", "IPHTTPS interface active"]
)
def test_an_interface_that_is_off_or_up_has_not_failed_whatever_its_last_error(status: str) -> None:
    (one,) = tunnels(HTTPSTUNNEL.replace("failed to connect to the IPHTTPS server. Waiting to reconnect", status))
    assert not one.has_failed


def test_another_language_is_read_by_url_and_error() -> None:
    (one,) = tunnels(GERMAN)
    assert (one.code, one.host, one.port, one.has_failed) == (0x2AF9, "da.firma.de", 443, True)
    assert one.status.startswith("Fehler beim Herstellen")


def test_an_address_as_url_is_read() -> None:
    (one,) = tunnels(GERMAN.replace("da.firma.de", "[2001:db8::7]:8443"))
    assert (one.host, one.port) == ("2001:db8::7", 8443)


@given(damaged(HTTPSTUNNEL + EXCERPT + SERVER + GERMAN) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for one in log.tunnels if log else ():
        assert 1 <= one.line <= len(text.splitlines())
        assert 0 <= one.code < 1 << 32
        assert 0 <= one.port <= 0xFFFF

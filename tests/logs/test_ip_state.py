"""A host's addresses and routes from ipconfig, route print and netsh, in any language, damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import windows
from tests.support.log_texts import damaged, logs_in, only_log
from wireproof.logs.ip_state import IpStateLog, find
from wireproof.logs.text import LogText

ROUTES = """\
IPv4 Route Table
===========================================================================
Active Routes:
Network Destination        Netmask          Gateway       Interface  Metric
          0.0.0.0          0.0.0.0     192.168.99.1     192.168.99.5     25
     192.168.99.0    255.255.255.0         On-link      192.168.99.5    281
        10.0.0.0        255.0.0.0    Auf Verbindung     10.0.0.7    281
===========================================================================
Persistent Routes:
  Network Address          Netmask  Gateway Address  Metric
          10.9.0.0      255.255.0.0        10.0.0.1       1
         10.10.0.0      255.255.0.0        10.0.0.1  Default
"""


def test_ipconfig_names_the_host_and_its_addresses() -> None:
    log = only_log(IpStateLog, windows.IPCONFIG_SERVER)
    assert log.host == "EDGE1"
    assert {"10.0.0.2", "131.107.0.2", "131.107.0.3", "2002:836b:2:3333::1"} <= log.addresses()
    assert not any(address.startswith("fe80") for address in log.addresses())


@pytest.mark.parametrize(
    ("text", "address"), [(windows.IPCONFIG_GERMAN, "2002:836b:2:3333::10"), (windows.IPCONFIG_RUSSIAN, "10.0.0.51")]
)
def test_other_languages_are_read(text: str, address: str) -> None:
    assert address in only_log(IpStateLog, text).addresses()


def test_ipv4_routes_are_read_with_and_without_a_next_hop() -> None:
    first, link, german, kept, default = only_log(IpStateLog, ROUTES).ipv4_routes
    assert (str(first.network), first.next_hop, first.own, first.metric, first.line) == (
        "0.0.0.0/0",
        "192.168.99.1",
        "192.168.99.5",
        25,
        5,
    )
    assert (str(link.network), link.next_hop, link.own) == ("192.168.99.0/24", "", "192.168.99.5")
    assert (str(german.network), german.next_hop, german.own) == ("10.0.0.0/8", "", "10.0.0.7")
    assert (kept.next_hop, kept.own, kept.metric, default.metric) == ("10.0.0.1", "", 1, -1)


def test_ipv6_routes_and_interfaces_are_read() -> None:
    log = only_log(IpStateLog, windows.ROUTE_PRINT)
    assert {str(route.prefix) for route in log.machine.routes} == {
        "2002:836b:2:9999::/64",
        "fd9c:30c:2da4:1111:2222::/80",
    }
    assert only_log(IpStateLog, windows.NETSH).machine.adapters["corpnet"].index == 12


@pytest.mark.parametrize(
    "text",
    [
        "Host Name . . . : EDGE1\n",
        "10.0.0.1 255.1.2.3 x\n",
        "URL : https://da.contoso.com/IPHTTPS\nLast Error Code : 0x0\n",
    ],
)
def test_other_texts_tell_of_no_host(text: str) -> None:
    assert [log for log in logs_in(text) if isinstance(log, IpStateLog)] == []


IPCONFIGS = {
    "us": ("Host Name . . . . . . . . . . . . ", "Ethernet adapter LAN",
        "IPv4 Address. . . . . . . . . . . ", "(Preferred)", "Default Gateway . . . . . . . . . "),
    "de": ("Hostname  . . . . . . . . . . . . ", "Ethernet-Adapter LAN",
        "IPv4-Adresse  . . . . . . . . . . ", "(Bevorzugt)", "Standardgateway . . . . . . . . . "),
    "fr": ("Nom de l\u2019hôte . . . . . . . . . . ", "Carte Ethernet LAN ",
        "Adresse IPv4. . . . . . . . . . . .", "(préféré)", "Passerelle par défaut. . . . . . . ."),
    "cs": ("Název hostitele  . . . . . . . . . ", "Adaptér sítě Ethernet LAN",
        "Adresa IPv4 . . . . . . . . . . . ", "(Preferované)", "Výchozí brána . . . . . . . . . . "),
    "ja": ("ホスト名. . . . . . . . . . . . . . .", "イーサネット アダプター LAN",
        "IPv4 アドレス . . . . . . . . . . . .", "(優先)", "デフォルト ゲートウェイ . . . . . . ."),
}  # fmt: skip


@pytest.mark.parametrize("language", IPCONFIGS)
def test_ipconfig_is_read_in_any_of_these_languages(language: str) -> None:
    host, adapter, address, state, gateway = IPCONFIGS[language]
    log = only_log(
        IpStateLog, f"\n   {host}: PC1\n\n{adapter}:\n\n   {address}: 10.1.1.5{state}\n   {gateway}: 10.1.1.1\n"
    )
    (one,) = log.machine.adapters.values()
    assert (log.host, log.addresses()) == ("PC1", {"10.1.1.5"})
    assert (one.name, one.has_ipv4_gateway) == ("LAN", True)


@pytest.mark.parametrize(
    ("link", "usual"),
    [
        ("On-link", "Default"),
        ("Auf Verbindung", "Standard"),
        ("On-link", "Par défaut"),
        ("Propojené", "Výchozí"),
        ("リンク上", "既定"),
    ],
)
def test_route_tables_are_read_in_any_of_these_languages(link: str, usual: str) -> None:
    rows = f"  0.0.0.0  0.0.0.0  10.1.1.1  10.1.1.5  25\n  10.1.1.0  255.255.255.0  {link}  10.1.1.5  281\n  10.9.0.0  255.255.0.0  10.1.1.9  {usual}\n"
    routes = only_log(IpStateLog, rows).ipv4_routes
    assert [(one.next_hop, one.own, one.metric) for one in routes] == [
        ("10.1.1.1", "10.1.1.5", 25), ("", "10.1.1.5", 281), ("10.1.1.9", "", -1),
    ]  # fmt: skip


@given(damaged(ROUTES + windows.IPCONFIG_SERVER + windows.ROUTE_PRINT + windows.NETSH) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for one in log.ipv4_routes if log else ():
        assert 1 <= one.line <= len(text.splitlines())

"""ARP tables of Windows, Cisco, Linux and macOS, in any language and run together, damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.d10_nlb import HOST_TABLE, ROUTER_TABLE
from tests.support.log_texts import damaged, only_log
from wireproof.logs.arp_table import ArpEntry, ArpTableLog, find
from wireproof.logs.text import LogText

NEXUS = """\
Address         Age       MAC Address     Interface       Flags
10.1.1.1        00:12:07  0050.5684.1a2b  Vlan10
10.1.1.50       -         03bf.0a01.0132  Vlan10
10.1.1.60       00:00:10  INCOMPLETE      Vlan10
"""
UNIX = """\
gateway (10.1.1.1) at 00:50:56:84:1a:2b [ether] on eth0
? (10.1.1.50) at 3:bf:a:1:1:32 on en0 ifscope [ethernet]
? (10.1.1.51) at 03:bf:0a:01:01:33 [ether] PERM on eth0
? (10.1.1.60) at <incomplete> on eth0
10.1.1.70 dev eth0 lladdr 03:bf:0a:01:01:46 STALE
10.1.1.71 dev eth0  FAILED
10.1.1.72 dev eth0 FAILED
"""
NEIGHBORS = """\
Schnittstelle 12: Ethernet

Internetadresse                               Physische Adresse   Typ
--------------------------------------------  -----------------  -----------
10.1.1.1                                      00-50-56-84-1a-2b  Erreichbar
10.1.1.50                                     03-bf-0a-01-01-32  Permanent
10.1.1.51                                     03-BF-0A-01-01-33  statisch
10.1.1.99                                     00-00-00-00-00-00  Nicht erreichbar
"""


def entries(text: str) -> list[ArpEntry]:
    return only_log(ArpTableLog, text).entries


@pytest.mark.parametrize("text", [HOST_TABLE, " ".join(HOST_TABLE.split())], ids=["lines", "one-line"])
def test_a_windows_table_is_read(text: str) -> None:
    found = entries(text)
    assert [one.address for one in found] == ["172.16.63.1", "172.16.63.241", "172.16.63.255", "224.0.0.22"]
    assert found[1].mac.hex("-") == "03-00-5e-11-11-11"
    assert [one.by_hand for one in found] == [False, False, True, True]
    assert not found[1].is_of_router


def test_a_cisco_table_tells_its_own_entries_and_those_without_a_mac() -> None:
    own, host, cluster = entries(ROUTER_TABLE)
    assert (own.by_hand, own.interface, own.mac.hex()) == (True, "Vlan63", "000f8f636301")
    assert (host.by_hand, host.is_of_router) == (False, True)
    assert (cluster.address, cluster.mac, cluster.by_hand, cluster.line) == ("172.16.63.241", b"", False, 5)


def test_a_nexus_table_is_read() -> None:
    first, static, lacking = entries(NEXUS)
    assert (first.mac.hex(), static.mac.hex(), lacking.mac) == ("005056841a2b", "03bf0a010132", b"")
    assert (first.by_hand, static.by_hand, lacking.is_of_router) == (False, True, True)


def test_linux_and_macos_tables_are_read_with_short_numbers() -> None:
    found = {one.address: one for one in entries(UNIX)}
    assert found["10.1.1.50"].mac == found["10.1.1.51"].mac[:5] + b"\x32"
    assert (found["10.1.1.51"].by_hand, found["10.1.1.50"].by_hand) == (True, False)
    assert (found["10.1.1.60"].mac, found["10.1.1.72"].mac, found["10.1.1.70"].interface) == (b"", b"", "eth0")


def test_another_language_and_the_neighbour_list_are_read() -> None:
    found = entries(NEIGHBORS)
    assert [one.by_hand for one in found] == [False, True, True, False]
    assert found[3].mac == b""


@pytest.mark.parametrize(
    "text",
    ["172.16.63.241 is at 03:00:5e:11:11:11\n", "version 10.1.1.50 0012\n", "Physical Address : 03-bf-0a-01-01-32\n"],
)
def test_frames_and_other_lines_are_no_entries(text: str) -> None:
    assert find(LogText("x", text.splitlines())) is None


@given(damaged(HOST_TABLE + ROUTER_TABLE + NEXUS + UNIX + NEIGHBORS) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for one in log.entries if log else ():
        assert 1 <= one.line <= len(text.splitlines())
        assert len(one.mac) in (0, 6)

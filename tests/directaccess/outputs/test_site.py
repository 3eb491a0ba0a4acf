from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import windows
from wireproof.directaccess.outputs import site_from_outputs
from wireproof.directaccess.site.model import Intranet, Site
from wireproof.directaccess.site.read import read_site


def fill(outputs: dict[str, str]) -> Site:
    return read_site(site_from_outputs(outputs), "filled.yaml")


def test_a_small_site_is_filled_with_all_that_its_outputs_tell() -> None:
    site = fill(windows.OUTPUTS)
    (entry,) = site.entry_points
    (server,) = entry.servers
    assert (site.domain, site.teredo, entry.public_name, server.name) == (
        "corp.example",
        True,
        "edge1.example.com",
        "EDGE1",
    )
    assert (server.internal.name, server.internal.index, server.internal.forwarding) == ("Corpnet", 12, True)
    assert server.external is not None
    assert [address.value for address in server.external.ipv4] == [
        IPv4Address("131.107.0.2"),
        IPv4Address("131.107.0.3"),
    ]
    assert server.ip_https_prefix is not None
    assert server.ip_https_prefix.value == IPv6Network("2002:836b:2:1000::/64")
    assert server.isatap is not None
    assert (server.isatap.index, str(server.isatap.prefix)) == (14, "2002:836b:2:1::/64")
    (station,) = site.stations
    assert station.name == "JUMP1"
    assert station.adapter.gateway is not None
    assert station.adapter.gateway.value == IPv6Address("2002:836b:2:3333::1")


def test_each_value_names_its_file_and_each_gap_says_todo() -> None:
    text = site_from_outputs(windows.OUTPUTS)
    assert 'ip-https-prefix: "2002:836b:2:1000::/64"  # edge1-get-daserver.txt' in text
    assert "intranet: ipv4-only  # TODO" in text
    assert "# Note: edge1-netsh.txt: EDGE1 asks for the ISATAP router da-isatap.corp.example" in text


def test_nothing_at_all_gives_a_file_to_fill_in() -> None:
    site = fill({})
    assert site.entry_points[0].servers[0].name == "da1"
    assert "TODO: no output is of a DirectAccess server" in site_from_outputs({})


def test_servers_of_one_public_name_share_an_entry_point() -> None:
    outputs = {f"da{number}": windows.DA_SERVER for number in (1, 2)}
    outputs["da3"] = windows.DA_SERVER.replace("edge1.example.com", "edge2.example.com")
    assert [len(entry.servers) for entry in fill(outputs).entry_points] == [2, 1]
    assert "balancing: external  # TODO" in site_from_outputs(outputs)


def test_the_ip_https_adapter_tells_the_prefix_where_no_setting_does() -> None:
    site = fill({"edge1": windows.IPCONFIG_SERVER + windows.HTTPSTUNNEL})
    assert str(site.entry_points[0].servers[0].ip_https_prefix) == "2002:836b:2:1000::/64"
    assert site.entry_points[0].public_name == "edge1.example.com"


def test_an_own_prefix_inside_is_native_ipv6() -> None:
    text = windows.IPCONFIG_SERVER.replace("2002:836b:2:3333::1(", "2001:db8:1::2(")
    assert fill({"edge1": text, "edge1-all": windows.DA_SERVER}).intranet is Intranet.NATIVE_IPV6


@pytest.mark.parametrize("name", ["entry1", "x\ny: 1", "a: b # c", "'\"{[", "\x00", "ü.txt", ""])
def test_hostile_file_names_stay_names(name: str) -> None:
    assert len(fill({name: windows.DA_SERVER, f"{name}2": windows.IPCONFIG_RUSSIAN}).entry_points) == 1


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=200), max_size=3))
def test_any_texts_give_a_file_that_can_be_read(texts: dict[str, str]) -> None:
    fill({name: f"{windows.NETSH}{text}{windows.IPCONFIG_SERVER}" for name, text in texts.items()})
    fill(texts)

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network

from hypothesis import given
from hypothesis import strategies as st

from tests.support import windows
from wireproof.logs.ip_state_facts import MachineFacts
from wireproof.logs.ip_state_lines import LineReader, read_prefix


def read(text: str) -> MachineFacts:
    machine = MachineFacts("m")
    LineReader(machine, "f.txt").read(text)
    return machine


def test_ipconfig_gives_addresses_and_no_servers_of_other_services() -> None:
    machine = read(windows.IPCONFIG_SERVER)
    corpnet, internet = machine.adapters["corpnet"], machine.adapters["internet"]
    assert corpnet.ipv6 == [IPv6Interface("2002:836b:2:3333::1/64")]
    assert corpnet.ipv4 == [IPv4Address("10.0.0.2")]
    assert not corpnet.has_ipv4_gateway
    assert internet.ipv4 == [IPv4Address("131.107.0.2"), IPv4Address("131.107.0.3")]
    assert internet.has_ipv4_gateway
    assert machine.adapters["isatap.{23a1-44}"].ipv6 == [IPv6Interface("2002:836b:2:1:0:5efe:a00:2/64")]
    assert machine.value("host name") == "EDGE1"
    assert machine.notes == []


def test_german_ipconfig_is_read_with_its_second_gateway() -> None:
    adapter = read(windows.IPCONFIG_GERMAN).adapters["ethernet 2"]
    assert adapter.ipv6 == [IPv6Interface("2002:836b:2:3333::10/64")]
    assert adapter.gateway == IPv6Address("2002:836b:2:3333::1")
    assert adapter.has_ipv4_gateway


def test_an_unknown_language_keeps_its_addresses_and_leaves_a_note() -> None:
    machine = read(windows.IPCONFIG_RUSSIAN)
    (adapter,) = machine.adapters.values()
    assert adapter.ipv4 == [IPv4Address("10.0.0.51")]
    assert "taken for an adapter's name" in machine.notes[0]


def test_route_print_gives_routes_with_next_hops_and_the_persistent_metric() -> None:
    routes = {str(route.prefix): route for route in read(windows.ROUTE_PRINT).routes}
    assert set(routes) == {"2002:836b:2:9999::/64", "fd9c:30c:2da4:1111:2222::/80"}
    assert routes["2002:836b:2:9999::/64"].metric == 200
    assert routes["2002:836b:2:9999::/64"].index == 12
    wrapped = routes["fd9c:30c:2da4:1111:2222::/80"]
    assert (wrapped.next_hop, wrapped.metric) == (IPv6Address("fd9c:30c:2da4:111::31"), None)


def test_netsh_gives_indexes_published_routes_forwarding_and_addresses() -> None:
    machine = read(windows.NETSH)
    corpnet = machine.adapters["corpnet"]
    assert (corpnet.index, corpnet.forwarding, corpnet.advertising) == (12, True, False)
    assert corpnet.ipv6 == [IPv6Interface("2002:836b:2:3333::1/64")]
    (route,) = machine.routes
    assert (route.prefix, route.publish, route.metric) == (IPv6Network("2002:836b:2:1000::/64"), True, 256)
    assert machine.value("router name") == "da-isatap.corp.example"


def test_lists_give_their_values() -> None:
    machine = read(windows.DA_SERVER + windows.HTTPSTUNNEL)
    assert machine.value("clientipv6prefix") == "2002:836b:2:1000::/64"
    assert machine.value("role") == "server"


def test_the_first_prefix_of_a_list_counts() -> None:
    assert read_prefix("{2002:836b:2:3333::/64, 2002:836b:2:1::/64}") == IPv6Network("2002:836b:2:3333::/64")
    assert read_prefix("none") is None


@given(st.text(max_size=400) | st.text(alphabet="0123456789:/. abcdefIPv6-\n\t%{}", max_size=400))
def test_any_text_is_read(text: str) -> None:
    read(text)
    read(windows.IPCONFIG_SERVER + text + windows.ROUTE_PRINT)

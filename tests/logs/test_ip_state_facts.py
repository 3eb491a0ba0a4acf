from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

import pytest

from wireproof.logs.ip_state_facts import MOST_ITEMS, AdapterFacts, MachineFacts, RouteFacts

PREFIX, HOP = IPv6Network("fd9c::/64"), IPv6Address("fd9d::1")


@pytest.mark.parametrize(
    ("name", "tunnel"),
    [
        ("isatap.{23A1}", "isatap"),
        ("IPHTTPSInterface", "ip-https"),
        ("Microsoft IP-HTTPS Platform Interface", "ip-https"),
        ("Teredo Tunneling Pseudo-Interface", "teredo"),
        ("6TO4 Adapter", "6to4"),
        ("Corpnet", ""),
    ],
)
def test_tunnels_are_told_by_their_names(name: str, tunnel: str) -> None:
    assert AdapterFacts(name).tunnel == tunnel


def test_the_persistent_telling_of_a_route_adds_its_metric() -> None:
    machine = MachineFacts("m")
    machine.add_route(RouteFacts(PREFIX, HOP, 12, None, False, "a"))
    machine.add_route(RouteFacts(PREFIX, HOP, None, 200, False, "a"))
    machine.add_route(RouteFacts(PREFIX, HOP, 14, 5, False, "a"))
    assert [(route.index, route.metric) for route in machine.routes] == [(12, 200), (14, 5)]


def test_endless_routes_and_adapters_are_cut_and_told() -> None:
    machine = MachineFacts("m")
    for number in range(MOST_ITEMS + 5):
        machine.add_route(RouteFacts(PREFIX, IPv6Address(number + 2), 12, None, False, "r.txt"))
        machine.adapter(f"LAN {number}", "i.txt")
    assert len(machine.routes) == len(machine.adapters) == MOST_ITEMS
    assert len(machine.notes) == 2


def test_adapters_are_one_whatever_the_case_of_their_names() -> None:
    machine = MachineFacts("m")
    assert machine.adapter("Corpnet", "a") is machine.adapter("CORPNET", "b")


def test_the_first_key_with_a_value_counts() -> None:
    machine = MachineFacts("m", values={"a": ("", "f"), "b": ("x", "f")})
    assert machine.value("a", "b") == "x"
    assert machine.value("c") == ""

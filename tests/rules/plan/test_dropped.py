"""Filters, and machines that do not forward."""

from __future__ import annotations

import pytest

from tests.support.plans import BESIDE_ROUTER, ONE_SERVER, OWN_PREFIX, found
from tests.support.site_text import change

RULE = "plan-dropped"
ROUTED = "    routes: [{prefix: 2001:db8:1:1000::/64, next-hop: 2001:db8:1::10}]\n"
HOST = """  - name: MGMT1
    adapter: {name: LAN, network: servers, ipv4: [10.0.0.50]}
    isatap: {state: enabled}
"""
COMMANDS = """  commands:
    - netsh interface ipv6 set interface 6 forwarding=enabled advertise=enabled
    - netsh interface ipv6 set interface 10 forwarding=enabled
    - netsh interface ipv6 add route fd9c:30c:2da4:1::/64 6 publish=yes
    - netsh interface ipv6 add route fd9c:30c:2da4:1000::/64 10 nexthop=fd9c:30c:2da4:111::25 publish=yes
    - netsh interface ipv6 add route fd9c:30c:2da4:1001::/64 10 nexthop=fd9c:30c:2da4:111::26 publish=yes
"""
BACK = "        commands: [netsh interface ipv6 add route fd9c:30c:2da4:1::/64 12 nexthop=fd9c:30c:2da4:111::31 metric={}]\n"


def beside_router(metric: int) -> str:
    """The ISATAP router of the article, run by its commands, with this metric on the servers."""
    text = change(BESIDE_ROUTER, "  - {name: MGMT1, adapter: {name: LAN, network: servers, ipv4: [10.0.0.50]}}\n", HOST)
    text = change(text, "stations:\n", COMMANDS + "stations:\n")
    own = '        isatap: {prefix: "fd9c:30c:2da4:1::/64", metric: 256}\n'
    return text.replace(own, own + BACK.format(metric))


def test_a_router_that_forwards_no_ipv6_drops() -> None:
    (finding,) = found(
        RULE, change(OWN_PREFIX, "name: CORE\n", "name: CORE\n    forwards-ipv6: false\n" + ROUTED), as_is=True
    )
    assert finding.where == "CORE"


@pytest.mark.parametrize("metric", [300, 256])
def test_a_metric_that_is_not_below_the_servers_own_isatap_route_loses_the_answers(metric: int) -> None:
    (finding,) = found(RULE, beside_router(metric), as_is=True)
    assert "router ISATAP01 only" in finding.summary
    assert finding.facts["way"] == "back"


def test_a_metric_below_it_brings_them_back() -> None:
    assert found(RULE, beside_router(200), as_is=True) == []


def test_clients_without_any_inbound_rule_drop() -> None:
    native = change(
        ONE_SERVER,
        "ipv4: [10.0.0.50]}}",
        'ipv4: [10.0.0.50], ipv6: ["2002:836b:2:3333::50/64"], gateway: "2002:836b:2:3333::1"}}',
    )
    (finding,) = found(RULE, "client-firewall: []\n" + native, as_is=True)
    assert "no inbound rule" in finding.summary


def test_without_edge_traversal_only_teredo_clients_drop() -> None:
    native = change(
        ONE_SERVER,
        "ipv4: [10.0.0.50]}}",
        'ipv4: [10.0.0.50], ipv6: ["2002:836b:2:3333::50/64"], gateway: "2002:836b:2:3333::1"}}',
    )
    (finding,) = found(RULE, "client-firewall: [{name: all}]\n" + native, as_is=True)
    assert "edge traversal" in finding.summary
    assert finding.facts["clients"] == 1

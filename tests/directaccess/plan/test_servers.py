"""Steps on DirectAccess servers."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

import pytest

from tests.support.plans import BESIDE_ROUTER, ONE_SERVER, OWN_PREFIX, operations, plan
from tests.support.site_text import change
from wireproof.directaccess.plan.model import AddManagementServer, AddRoute, RunCommand, SetForwarding
from wireproof.directaccess.plan.servers import planned_metric


@pytest.mark.parametrize(
    ("own", "planned"), [(None, 200), (256, 200), (306, 200), (230, 174), (60, 4), (40, 1), (2, 1)]
)
def test_the_way_back_has_a_lower_metric_than_the_servers_own_route(own: int | None, planned: int) -> None:
    assert planned_metric(own) == planned
    assert own is None or planned < own


def test_each_server_routes_isatap_stations_back_to_the_router() -> None:
    made = plan(BESIDE_ROUTER)
    for server in ("DAV01", "DAV02"):
        (route,) = operations(made, server, AddRoute)
        assert (route.prefix, route.next_hop, route.metric) == (
            IPv6Network("fd9c:30c:2da4:1::/64"),
            IPv6Address("fd9c:30c:2da4:111::31"),
            200,
        )
        assert route.adapter.index == 12


def test_a_server_names_the_router_that_leads_back_to_stations_on_another_network() -> None:
    (route,) = operations(plan(OWN_PREFIX), "DA1", AddRoute)
    assert (str(route.prefix), str(route.next_hop)) == ("2001:db8:1:7::/64", "2001:db8:1::1")


def test_a_way_back_that_is_covered_by_a_stated_route_is_not_planned() -> None:
    covered = '        ip-https-prefix: 2001:db8:1:1000::/64\n        routes: [{prefix: "2001:db8:1::/48", next-hop: "2001:db8:1::1"}]\n'
    text = change(OWN_PREFIX, "        ip-https-prefix: 2001:db8:1:1000::/64\n", covered)
    assert operations(plan(text), "DA1", AddRoute) == []


def test_stations_on_the_servers_link_need_no_way_back() -> None:
    assert operations(plan(ONE_SERVER), "DA1", AddRoute) == []


def test_the_server_itself_publishes_and_advertises_with_limited_isatap() -> None:
    made = plan(change(ONE_SERVER, "method: auto", "method: isatap"))
    (route,) = operations(made, "DA1", AddRoute)
    assert route.publish
    assert route.adapter.ask
    (setting,) = operations(made, "DA1", SetForwarding)
    assert setting.forwarding
    assert setting.advertising


def test_stations_join_the_list_of_management_servers_unless_they_are_on_it() -> None:
    assert [one.name for one in operations(plan(ONE_SERVER), "DA1", AddManagementServer)] == [
        "MGMT1.corp.example",
        "MGMT2.corp.example",
    ]
    listed = plan("management-servers: [mgmt1]\n" + ONE_SERVER)
    assert [one.name for one in operations(listed, "DA1", AddManagementServer)] == ["MGMT2.corp.example"]


@pytest.mark.parametrize("role", ["configuration-manager", "domain-controller"])
def test_servers_that_directaccess_finds_by_itself_need_a_refresh(role: str) -> None:
    made = plan(change(ONE_SERVER, "{name: MGMT1,", f"{{name: MGMT1, role: {role},"))
    assert [one.name for one in operations(made, "DA1", AddManagementServer)] == ["MGMT2.corp.example"]
    assert [one.powershell for one in operations(made, "DA1", RunCommand)] == ["Update-DAMgmtServer"]

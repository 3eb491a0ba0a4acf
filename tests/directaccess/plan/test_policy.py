"""Group policy: firewall rules, name registration, the ISATAP router's name."""

from __future__ import annotations

from ipaddress import IPv6Interface

import pytest

from tests.support.plans import BESIDE_ROUTER, ONE_SERVER, OWN_PREFIX, operations, plan
from tests.support.site_text import change
from wireproof.directaccess.plan.model import AddFirewallRule, DoByHand, SetGroupPolicy
from wireproof.directaccess.plan.policy import wide

POLICY = "Group policy"
EXPECT = "expect: [{from: stations, port: tcp/445}, {from: MGMT1}]\n"


def test_the_firewall_lets_the_stations_64_in_by_edge_traversal_in_public_and_private() -> None:
    (rule,) = operations(plan(ONE_SERVER), POLICY, AddFirewallRule)
    assert [str(network) for network in rule.scope] == ["2002:836b:2:3333::/64"]
    assert rule.edge_traversal
    assert set(rule.profiles) == {"public", "private"}
    assert rule.ports == ("tcp/3389", "icmp")


@pytest.mark.parametrize(
    ("ipv4", "scope"), [("10.0.0.50", "fd9c:30c:2da4:1:0:5efe::/96"), ("203.0.113.5", "fd9c:30c:2da4:1:200:5efe::/96")]
)
def test_the_scope_of_isatap_stations_is_the_first_96_bits(ipv4: str, scope: str) -> None:
    (rule,) = operations(plan(change(BESIDE_ROUTER, "ipv4: [10.0.0.50]", f"ipv4: [{ipv4}]")), POLICY, AddFirewallRule)
    assert [str(network) for network in rule.scope] == [scope]


def test_an_isatap_station_of_unknown_ipv4_address_may_have_either_form() -> None:
    (rule,) = operations(plan(change(BESIDE_ROUTER, ", ipv4: [10.0.0.50]", "")), POLICY, AddFirewallRule)
    assert len(rule.scope) == 2


def test_expectations_name_the_ports() -> None:
    (rule,) = operations(plan(ONE_SERVER + EXPECT), POLICY, AddFirewallRule)
    assert rule.ports == ("icmp", "tcp/445")


@pytest.mark.parametrize(
    ("stated", "planned"),
    [
        ('{scope: ["2002:836b:2:3333::/64"], edge-traversal: true}', 0),
        ('{scope: ["2002:836b:2::/48"], ports: [tcp/3389, icmp], edge-traversal: true}', 0),
        ('{scope: ["2002:836b:2:3333::/64"], ports: [tcp/3389], edge-traversal: true}', 1),
        ('{scope: ["2002:836b:2:3333::/64"]}', 1),
        ('{scope: ["2001:db8::/64"], edge-traversal: true}', 1),
        ('{scope: ["2002:836b:2:3333::/64"], edge-traversal: true, profiles: [domain]}', 1),
    ],
)
def test_a_rule_is_planned_unless_stated_ones_cover_it(stated: str, planned: int) -> None:
    assert len(operations(plan(f"client-firewall: [{stated}]\n" + ONE_SERVER), POLICY, AddFirewallRule)) == planned


def test_clients_since_windows_10_are_told_to_register_and_older_ones_not() -> None:
    (setting,) = operations(plan(ONE_SERVER), POLICY, SetGroupPolicy)
    assert setting.registry.endswith("DisableNRPTForAdapterRegistration")
    assert setting.value == "0"
    assert operations(plan(OWN_PREFIX), POLICY, SetGroupPolicy) == []


def test_isatap_is_turned_on_for_the_group_of_stations_only() -> None:
    settings = [one for one in operations(plan(BESIDE_ROUTER), POLICY, SetGroupPolicy) if "ISATAP" in one.key]
    assert [one.value for one in settings] == ["da-isatap.corp.example", "Enabled"]
    assert {one.filtered_to for one in settings} == {"DirectAccess management stations"}


def test_clients_apply_the_policy_last() -> None:
    assert "gpupdate /force" in operations(plan(ONE_SERVER), POLICY, DoByHand)[-1].text


def test_a_scope_is_never_wider_than_a_64() -> None:
    assert str(wide(IPv6Interface("2001:db8:1:7::5/48"))) == "2001:db8:1:7::/64"
    assert str(wide(IPv6Interface("2001:db8:1:7::5/120"))) == "2001:db8:1:7::/120"

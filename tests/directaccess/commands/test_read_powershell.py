from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network

import pytest

from wireproof.directaccess.commands.read_powershell import read_powershell
from wireproof.directaccess.commands.words import split_powershell
from wireproof.directaccess.plan.model import (
    AdapterName,
    AddAddress,
    AddDnsRecord,
    AddFirewallRule,
    AddManagementServer,
    AddRoute,
    Operation,
    SetForwarding,
    SetIsatapRouter,
)


def read(line: str) -> tuple[Operation | None, str]:
    return read_powershell(split_powershell(line)[0])


@pytest.mark.parametrize(
    "line",
    [
        "New-NetRoute -AddressFamily IPv6 -DestinationPrefix fd9c::/64 -InterfaceIndex 6 -Publish Yes",
        "new-netroute fd9c::/64 -ifIndex 6 -publish:yes",
        "New-NetRoute -Dest 'fd9c::/64' -InterfaceIndex 6 -NextHop :: -Publish Yes -PolicyStore PersistentStore | Out-Null",
    ],
)
def test_a_route_is_read_in_every_form_that_powershell_takes(line: str) -> None:
    assert read(line) == (AddRoute(AdapterName(index=6), IPv6Network("fd9c::/64"), publish=True), "")


def test_address_forwarding_isatap_record_and_list_are_read() -> None:
    lan = AdapterName(alias="Corp LAN")
    assert read("New-NetIPAddress -InterfaceAlias 'Corp LAN' -IPAddress fd9c::5 -PrefixLength 64")[0] == AddAddress(
        lan, IPv6Interface("fd9c::5/64")
    )
    assert read("Set-NetIPInterface -InterfaceIndex 6 -Forwarding Enabled -Advertising Enabled")[0] == SetForwarding(
        AdapterName(index=6), True, True
    )
    assert read("Set-NetIsatapConfiguration -State Enabled -Router da.corp.example")[0] == SetIsatapRouter(
        "da.corp.example"
    )
    assert read("Add-DnsServerResourceRecordA -Name da -ZoneName corp.example -IPv4Address 10.0.0.4")[
        0
    ] == AddDnsRecord("corp.example", "da", IPv4Address("10.0.0.4"))
    assert read("Add-DnsServerResourceRecordAAAA da -ZoneName corp.example -IPv6Address fd9c::4")[0] == AddDnsRecord(
        "corp.example", "da", IPv6Address("fd9c::4")
    )
    assert read("Add-DAMgmtServer -MgmtServer sccm.corp.example")[0] == AddManagementServer("sccm.corp.example")


def test_a_firewall_rule_is_read_with_scope_edge_and_policy() -> None:
    line = (
        "New-NetFirewallRule -PolicyStore 'corp.example\\DA out' -DisplayName RDP -Direction Inbound -Protocol TCP "
        "-LocalPort 3389, 5985 -RemoteAddress fd9c::/64 -EdgeTraversalPolicy Allow -Profile Public,Private -Action Allow"
    )
    assert read(line)[0] == AddFirewallRule(
        "RDP", ("tcp/3389", "tcp/5985"), (IPv6Network("fd9c::/64"),), True, policy="DA out", domain="corp.example"
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("New-NetRoute -DestinationPrefix (Get-RemoteAccess).ClientIPv6Prefix -InterfaceIndex 6", "state its value"),
        ("New-NetRoute -DestinationPrefix fd9c::/64", "InterfaceIndex or InterfaceAlias missing"),
        ("New-NetRoute -DestinationPrefix fd9c::/64 -InterfaceIndex 6 -Hop fd9c::1", "not known"),
        ("New-NetRoute -DestinationPrefix fd9c::/64 -Interface 6", "ambiguous"),
        ("New-NetRoute -DestinationPrefix fd9c::/64 -InterfaceIndex 6 -Publish Maybe", "expected No, Age or Yes"),
        ("Set-NetISATAPconfiguration -Router '' Set-NetISATAPconfiguration -Router 'x'", "belongs to no parameter"),
        ("Add-DnsServerResourceRecordA -Name da -ZoneName z -IPv4Address 10.0.0", "means nothing"),
    ],
)
def test_a_slip_gives_its_reason(line: str, reason: str) -> None:
    operation, problem = read(line)
    assert operation is None
    assert reason in problem


@pytest.mark.parametrize(
    "line", ["Get-NetRoute -AddressFamily IPv6", "Set-NetIPInterface -InterfaceIndex 6", "gpupdate /force"]
)
def test_what_sets_nothing_of_a_plan_is_no_operation_and_no_slip(line: str) -> None:
    assert read(line) == (None, "")

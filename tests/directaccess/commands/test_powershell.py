from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.commands import powershell
from wireproof.directaccess.plan.model import (
    AdapterName,
    AddAddress,
    AddManagementServer,
    AddRoute,
    SetForwarding,
    SetIsatapRouter,
)

LAN = AdapterName(alias="Corp LAN")


def test_a_route_and_its_removal() -> None:
    hop = IPv6Address("2002:836b:2:3333::1")
    worded = powershell.word_route(AddRoute(LAN, IPv6Network("2002:836b:2:1000::/64"), hop, 200, True))
    route = "-AddressFamily IPv6 -DestinationPrefix 2002:836b:2:1000::/64 -InterfaceAlias 'Corp LAN' -NextHop"
    assert worded.do == (f"New-NetRoute {route} 2002:836b:2:3333::1 -RouteMetric 200 -Publish Yes",)
    assert worded.undo == (f"Remove-NetRoute {route} 2002:836b:2:3333::1 -Confirm:$false",)


def test_an_address_and_its_removal() -> None:
    worded = powershell.word_address(AddAddress(LAN, IPv6Interface("fd9c::10/64")))
    assert worded.do[0].endswith("-IPAddress fd9c::10 -PrefixLength 64")
    assert worded.undo[0].startswith("Remove-NetIPAddress ")


def test_forwarding_is_undone_to_its_opposite() -> None:
    worded = powershell.word_forwarding(SetForwarding(AdapterName(index=6), None, True))
    assert worded.do == ("Set-NetIPInterface -AddressFamily IPv6 -InterfaceIndex 6 -Advertising Enabled",)
    assert worded.undo[0].endswith("-Advertising Disabled")
    assert powershell.word_forwarding(SetForwarding(LAN, None, None)).do == ()


def test_isatap_is_undone_to_the_default() -> None:
    worded = powershell.word_isatap(SetIsatapRouter("da.corp.example"))
    assert worded.do == ("Set-NetIsatapConfiguration -State Enabled -Router 'da.corp.example'",)
    assert worded.undo == ("Reset-NetIsatapConfiguration -State -Router",)


def test_a_management_server_is_added_and_removed() -> None:
    worded = powershell.word_management_server(AddManagementServer("sccm.corp.example"))
    assert worded.do == ("Add-DAMgmtServer -MgmtServer 'sccm.corp.example'",)
    assert worded.undo[0].startswith("Remove-DAMgmtServer -MgmtServer 'sccm.corp.example'")


def test_an_unknown_adapter_is_asked_for_when_the_line_runs() -> None:
    worded = powershell.word_route(AddRoute(AdapterName(ask="server's ISATAP adapter"), IPv6Network("fd9c::/64")))
    assert "-InterfaceIndex (Read-Host -Prompt 'server''s ISATAP adapter')" in worded.do[0]

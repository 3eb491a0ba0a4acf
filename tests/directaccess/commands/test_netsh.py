from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface, IPv6Network

import pytest

from wireproof.directaccess.commands import netsh
from wireproof.directaccess.commands.quote import UnsafeText
from wireproof.directaccess.plan.model import AdapterName, AddAddress, AddRoute, SetForwarding, SetIsatapRouter

LAN = AdapterName(alias="Corp LAN")


def test_a_route_and_its_removal() -> None:
    worded = netsh.word_route(AddRoute(LAN, IPv6Network("2002:836b:2:1000::/64"), IPv6Address("2002:836b:2:3333::1")))
    rest = 'route prefix=2002:836b:2:1000::/64 interface="Corp LAN" nexthop=2002:836b:2:3333::1 store=persistent'
    assert worded.do == (f"netsh interface ipv6 add {rest}",)
    assert worded.undo == (f"netsh interface ipv6 delete {rest}",)


def test_metric_and_publishing_are_said() -> None:
    worded = netsh.word_route(AddRoute(AdapterName(index=6), IPv6Network("fd9c::/64"), metric=200, publish=True))
    assert worded.do == (
        "netsh interface ipv6 add route prefix=fd9c::/64 interface=6 metric=200 publish=yes store=persistent",
    )


def test_an_address_and_its_removal() -> None:
    worded = netsh.word_address(AddAddress(LAN, IPv6Interface("2002:836b:2:3333::10/64")))
    assert "address=2002:836b:2:3333::10/64" in worded.do[0]
    assert "address=2002:836b:2:3333::10 " in worded.undo[0]


def test_forwarding_is_undone_to_its_opposite() -> None:
    worded = netsh.word_forwarding(SetForwarding(AdapterName(index=6), True, True))
    assert "forwarding=enabled advertise=enabled" in worded.do[0]
    assert "forwarding=disabled advertise=disabled" in worded.undo[0]
    assert netsh.word_forwarding(SetForwarding(LAN, None, None)).do == ()


def test_isatap_sets_state_and_router() -> None:
    worded = netsh.word_isatap(SetIsatapRouter("da.corp.example"))
    assert worded.do == (
        "netsh interface isatap set state state=enabled",
        'netsh interface isatap set router name="da.corp.example" state=enabled',
    )
    assert worded.undo[0] == "netsh interface isatap set router name=default state=default"


@pytest.mark.parametrize("alias", ['a"b', "100%", "12", "<x>"])
def test_an_alias_that_netsh_would_mistake_is_replaced_by_its_index_or_refused(alias: str) -> None:
    route = AddRoute(AdapterName(alias=alias, index=7), IPv6Network("fd9c::/64"))
    assert "interface=7" in netsh.word_route(route).do[0]
    with pytest.raises(UnsafeText):
        netsh.word_route(AddRoute(AdapterName(alias=alias), IPv6Network("fd9c::/64")))


def test_an_unknown_adapter_is_a_placeholder() -> None:
    worded = netsh.word_route(AddRoute(AdapterName(ask="ISATAP adapter"), IPv6Network("fd9c::/64")))
    assert 'interface="<ISATAP adapter>"' in worded.do[0]

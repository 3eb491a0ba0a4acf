from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from wireproof.directaccess.commands import f5
from wireproof.directaccess.plan.model import AddForwardingServer
from wireproof.directaccess.site.model import BalancerKind

STEP = AddForwardingServer(BalancerKind.F5, "da1", IPv6Network("2131:0:0:1000::/64"), IPv6Address("2131::101"))


def test_a_network_virtual_server_hands_the_prefix_to_its_pool_untranslated() -> None:
    worded = f5.word(STEP)
    assert worded.do[0] == "tmsh create ltm pool pool_da1 members add { 2131::101.0 } monitor gateway_icmp"
    assert "destination 2131:0:0:1000::.0 mask ffff:ffff:ffff:ffff::" in worded.do[1]
    assert "translate-address disabled translate-port disabled source-address-translation { type none }" in worded.do[1]
    assert "vlans add { internal }" in worded.do[1]
    assert worded.do[2] == "tmsh save sys config"
    assert not worded.verified


def test_the_virtual_server_goes_before_its_pool() -> None:
    assert f5.word(STEP).undo[:2] == ("tmsh delete ltm virtual vs_da1", "tmsh delete ltm pool pool_da1")


def test_the_route_is_offered_as_the_other_way() -> None:
    assert f5.word(STEP).do[3].endswith("tmsh create net route route_da1 network 2131:0:0:1000::/64 gw 2131::101")

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from wireproof.directaccess.commands import kemp
from wireproof.directaccess.plan.model import AddForwardingServer
from wireproof.directaccess.site.model import BalancerKind

STEP = AddForwardingServer(BalancerKind.KEMP, "da1", IPv6Network("2001:db8:0:1::/64"), IPv6Address("2001:db8::101"))


def test_the_prefix_is_routed_to_the_server_and_can_be_taken_back() -> None:
    worded = kemp.word(STEP)
    assert (
        'curl --user bal "https://$LOADMASTER/access/addroute?dest=2001:db8:0:1::/64&gateway=2001:db8::101"'
        in worded.do
    )
    assert (
        worded.undo[0]
        == 'curl --user bal "https://$LOADMASTER/access/delroute?dest=2001:db8:0:1::/64&gateway=2001:db8::101"'
    )


def test_it_is_said_that_nobody_tried_it() -> None:
    worded = kemp.word(STEP)
    assert not worded.verified
    assert worded.do[0].startswith("# Not verified")

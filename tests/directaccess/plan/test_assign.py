"""Static addresses without collision."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from itertools import islice

from tests.support.plans import OWN_PREFIX, review
from wireproof.directaccess.plan.assign import free_addresses, stated_addresses

PREFIX = IPv6Network("2002:836b:2:3333::/64")


def test_addresses_begin_above_the_servers_and_leave_out_what_is_taken() -> None:
    taken = {PREFIX[1], PREFIX[3]}
    assert [str(address) for address in islice(free_addresses(PREFIX, taken), 3)] == [
        "2002:836b:2:3333::2/64",
        "2002:836b:2:3333::4/64",
        "2002:836b:2:3333::5/64",
    ]


def test_a_full_prefix_gives_no_address() -> None:
    assert [str(one) for one in free_addresses(IPv6Network("2001:db8::/126"), {IPv6Address("2001:db8::2")})] == [
        "2001:db8::3/126"
    ]


def test_everybodys_stated_addresses_are_taken_gateways_too() -> None:
    assert {str(address) for address in stated_addresses(review(OWN_PREFIX).site)} == {
        "2001:db8:1::1",
        "2001:db8:1:7::1",
        "2001:db8:1::10",
        "2001:db8:1:7::50",
    }

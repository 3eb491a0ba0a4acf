"""Questions about a site that several methods ask."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from tests.support.plans import BALANCED, BESIDE_ROUTER, ONE_SERVER, OWN_PREFIX, review
from tests.support.site_text import change
from wireproof.directaccess.method.ground import Ground, ipv6_of, names, on_link

FAR = change(ONE_SERVER, "network: servers, ipv4: [10.0.0.50]", "ipv4: [10.0.7.50]")


def ground(text: str) -> Ground:
    return review(text).ground


def test_an_adapter_is_in_the_network_that_its_address_lies_in() -> None:
    site = ground(FAR)
    network = site.network_of(site.site.stations[0].adapter)
    assert network is not None
    assert network.name == "desks"


def test_a_network_that_nobody_stated_sets_nobody_apart() -> None:
    site = ground(change(ONE_SERVER, "network: servers, ipv4: [10.0.0.50]", "ipv4: [172.16.0.1]"))
    assert site.network_of(site.site.stations[0].adapter) is None
    assert site.remote_stations() == []


def test_ipv6_gets_over_a_router_unless_it_forwards_ipv4_only() -> None:
    for text, reached in (
        (OWN_PREFIX, True),
        (change(OWN_PREFIX, "name: CORE\n", "name: CORE\n    forwards-ipv6: false\n"), False),
    ):
        site = ground(text)
        ((station, server),) = site.remote_stations()
        assert site.ipv6_path(station.adapter, server.internal) is reached


def test_equal_prefixes_and_nested_ones_are_told_apart() -> None:
    same = ground(change(BALANCED, "2131:0:0:1001::/64", "2131:0:0:1000::/64"))
    assert [(one, two) for one, two, _ in same.same_prefixes()] == [("DA1", "DA2")]
    assert same.overlapping_prefixes() == []
    nested = ground(change(BALANCED, "2131:0:0:1001::/64", "2131:0:0:1000::/59"))
    assert nested.same_prefixes() == []
    assert [(one, two) for one, two, *_ in nested.overlapping_prefixes()] == [("DA2", "DA1")]
    assert ground(BALANCED).overlapping_prefixes() == []
    assert ground(BALANCED).same_prefixes() == []


def test_the_servers_isatap_prefix_goes_before_the_routers() -> None:
    slip = change(
        BESIDE_ROUTER,
        'isatap: {index: 6, prefix: "fd9c:30c:2da4:1::/64"}',
        'isatap: {index: 6, prefix: "fd9c:30c:2da4:4::/64"}',
    )
    assert ground(slip).isatap_prefix() == IPv6Network("fd9c:30c:2da4:1::/64")


def test_link_local_addresses_are_no_addresses_to_route_by() -> None:
    adapter = (
        ground(change(OWN_PREFIX, '"2001:db8:1:7::50/64"', '"fe80::1/64", "2001:db8:1:7::50/64"'))
        .site.stations[0]
        .adapter
    )
    assert [str(one) for one in ipv6_of(adapter)] == ["2001:db8:1:7::50/64"]
    assert on_link(adapter, IPv6Address("2001:db8:1:7::1"))
    assert not on_link(adapter, IPv6Address("2001:db8:1::1"))
    assert ipv6_of(None) == []


def test_names_for_a_sentence_are_bounded() -> None:
    assert names(["A"]) == "A"
    assert names("ABC") == "A, B and C"
    assert names("ABCDEFG") == "A, B, C, D, E and 2 more"

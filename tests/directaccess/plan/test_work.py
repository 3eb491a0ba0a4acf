"""What every role needs while a plan is made."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

import pytest

from tests.support.plans import BESIDE_ROUTER, ONE_SERVER, review
from tests.support.site_text import change
from wireproof.directaccess.plan.work import Work, adapter_name, automatic_next_hop, has_route, next_hop_of
from wireproof.directaccess.site.model import Adapter, Method, Station


def work(text: str, method: Method) -> Work:
    return Work(review(text).ground, method)


@pytest.mark.parametrize(
    ("record", "used"),
    [
        ("da-isatap.corp.example", "da-isatap.corp.example"),
        ("isatap.corp.example", "da-isatap.corp.example"),
        ("ISATAP", "da-isatap.corp.example"),
    ],
)
def test_the_record_is_never_named_isatap(record: str, used: str) -> None:
    text = change(BESIDE_ROUTER, "record: da-isatap.corp.example", f"record: {record}")
    assert work(text, Method.ISATAP_ROUTER).record == used


def test_an_adapter_without_name_and_index_asks_for_it() -> None:
    assert adapter_name(Adapter(name="LAN")).ask == ""
    assert adapter_name(Adapter(index=7)).ask == ""
    assert "netsh interface ipv6 show interface" in adapter_name(Adapter()).ask
    assert adapter_name(None).ask


def test_the_server_is_named_by_its_address_in_the_automatic_prefix() -> None:
    seen = review(ONE_SERVER)
    assert automatic_next_hop(seen.site.entry_points[0].servers[0], seen.prefixes[0]) == IPv6Address(
        "2002:836b:2:3333::1"
    )


def test_a_stated_address_is_the_next_hop_of_a_server() -> None:
    (server, prefixes), _ = review(BESIDE_ROUTER).ground.servers
    assert next_hop_of(server, prefixes) == IPv6Address("fd9c:30c:2da4:111::25")


def test_a_route_with_host_bits_set_is_not_the_route_that_is_needed() -> None:
    prefix, hop = IPv6Network("2001:db8::/64"), IPv6Address("2001:db8:1::1")
    for text, there in (("2001:db8::/64", True), ("2001:db8::1/64", False)):
        station = Station.model_validate(
            {"name": "A", "adapter": {}, "routes": [{"prefix": text, "next-hop": "2001:db8:1::1"}]}
        )
        assert has_route(station, prefix, hop) is there


def test_names_get_the_sites_domain_once() -> None:
    assert work(ONE_SERVER, Method.ISATAP).full_name("MGMT1") == "MGMT1.corp.example"
    assert work(ONE_SERVER, Method.ISATAP).full_name("mgmt1.other.example") == "mgmt1.other.example"

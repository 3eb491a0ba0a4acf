"""Operations done on machines."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface, IPv6Network

import pytest

from wireproof.directaccess.plan.model import (
    AdapterName,
    AddAddress,
    AddForwardingServer,
    AddRoute,
    RunCommand,
    SetForwarding,
    SetGroupPolicy,
    SetIsatapRouter,
)  # fmt: skip
from wireproof.directaccess.site.model import Adapter, BalancerKind
from wireproof.directaccess.topology.apply import apply, names_isatap_router, tell_hosts
from wireproof.directaccess.topology.draft import Draft
from wireproof.directaccess.topology.model import NodeKind, Origin, Source

PLANNED = Origin(Source.PLANNED, text="why")
LAN = AdapterName("LAN")
PREFIX = IPv6Network("2001:db8:1::/64")


@pytest.fixture
def draft() -> Draft:
    """A station."""
    made = Draft("M", NodeKind.STATION)
    made.native = made.add_interface("LAN", "lan", Adapter.model_validate({"name": "LAN", "ipv4": ["10.0.0.5"]}))
    return made


def test_an_address_comes_with_its_network(draft: Draft) -> None:
    apply(draft, AddAddress(LAN, IPv6Interface("2001:db8::5/64")), PLANNED)
    assert [(str(one.prefix), one.origin) for one in draft.routes] == [("2001:db8::/64", PLANNED)]


@pytest.mark.parametrize(("metric", "counts"), [(None, 256), (5, 5), (0, 0)])
def test_a_route_keeps_its_metric_and_is_published_on_demand(draft: Draft, metric: int | None, counts: int) -> None:
    apply(draft, AddRoute(LAN, PREFIX, IPv6Address("fe80::1"), metric, publish=True), PLANNED)
    assert (draft.routes[0].metric, draft.published) == (counts, draft.routes)


def test_forwarding_and_advertising_are_set_apart(draft: Draft) -> None:
    apply(draft, SetForwarding(LAN, forwarding=None, advertising=True), PLANNED)
    assert (draft.interfaces["LAN"].forwards, draft.advertises) == (None, True)
    apply(draft, SetForwarding(LAN, forwarding=True), PLANNED)
    assert (draft.interfaces["LAN"].forwards, draft.advertises) == (True, True)


def test_an_isatap_router_brings_the_interface(draft: Draft) -> None:
    apply(draft, SetIsatapRouter("da.corp.example"), PLANNED)
    assert (draft.record, draft.isatap) == ("da.corp.example", "isatap")


def test_a_forwarding_server_is_a_route_to_its_member(draft: Draft) -> None:
    apply(draft, AddForwardingServer(BalancerKind.F5, "vs", PREFIX, IPv6Address("2001:db8::1")), PLANNED)
    assert (draft.routes[0].prefix, str(draft.routes[0].next_hop)) == (PREFIX, "2001:db8::1")


def test_what_routing_does_not_notice_changes_nothing(draft: Draft) -> None:
    apply(draft, RunCommand("gpupdate /force", "gpupdate /force"), PLANNED)
    assert draft.routes == []


def test_a_policy_tells_stations_their_isatap_router(draft: Draft) -> None:
    policy = SetGroupPolicy("p", "Computer/…/ISATAP Router Name", "da.corp.example")
    assert names_isatap_router(policy) == "da.corp.example"
    assert names_isatap_router(SetGroupPolicy("p", "Teredo State", "off")) == ""
    tell_hosts({"M": draft, "R": Draft("R", NodeKind.ROUTER)}, "da.corp.example")
    assert draft.record == "da.corp.example"

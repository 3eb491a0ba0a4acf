"""Nodes while they are put together."""

from __future__ import annotations

from ipaddress import IPv6Interface, IPv6Network

import pytest

from tests.support.nets import way
from wireproof.directaccess.plan.model import AdapterName
from wireproof.directaccess.site.model import Adapter
from wireproof.directaccess.topology.draft import Draft
from wireproof.directaccess.topology.model import NodeKind, Origin, Source

STATED = Adapter.model_validate(
    {
        "name": "LAN",
        "index": 12,
        "ipv4": ["10.0.0.5"],
        "ipv6": ["2001:db8::5/64", "2001:db8::x"],
        "gateway": "2001:db8::1",
        "forwarding": True,
    }
)


@pytest.fixture
def draft() -> Draft:
    """A machine with an adapter inside and an ISATAP interface."""
    made = Draft("M", NodeKind.STATION)
    made.native = made.add_interface("LAN", "lan", STATED)
    made.isatap = made.add_interface("isatap.{1}", "isatap", index=6)
    return made


def test_an_adapter_brings_addresses_connected_routes_and_gateway(draft: Draft) -> None:
    node = draft.finish()
    assert [str(one) for one in node.interfaces[0].addresses] == ["2001:db8::5/64"]
    assert {(str(one.prefix), str(one.next_hop)) for one in node.routes} == {
        ("2001:db8::/64", "None"),
        ("::/0", "2001:db8::1"),
    }
    assert node.interfaces[0].forwards is True


@pytest.mark.parametrize(
    ("named", "interface"),
    [
        (AdapterName(index=6), "isatap.{1}"),
        (AdapterName("6"), "isatap.{1}"),
        (AdapterName("lan"), "LAN"),
        (AdapterName("ISATAP interface"), "isatap.{1}"),
        (AdapterName("nobody"), "LAN"),
        (AdapterName(index=99), "LAN"),
    ],
)
def test_interfaces_are_found_by_what_commands_call_them(draft: Draft, named: AdapterName, interface: str) -> None:
    assert draft.find(named) == interface


def test_an_unnamed_interface_is_found_by_the_next_hop(draft: Draft) -> None:
    draft.add_interface("DMZ", "dmz", Adapter.model_validate({"ipv6": ["2001:db8:5::2/64"]}))
    assert draft.find(None, IPv6Interface("2001:db8:5::9").ip) == "DMZ"


def test_the_same_address_and_route_count_once(draft: Draft) -> None:
    origin = Origin(Source.PLANNED)
    draft.add_address("LAN", IPv6Interface("2001:db8::5/64"), origin)
    draft.add_route(way("2001:db8::/64", "LAN"))
    assert len(draft.finish().routes) == 2


def test_two_interfaces_of_one_name_are_told_apart(draft: Draft) -> None:
    assert draft.add_interface("LAN", "other") == "LAN (2)"


def test_owned_prefixes_and_forwarding_are_kept(draft: Draft) -> None:
    draft.own("LAN", (IPv6Network("2001:db8:1::/64"),))
    draft.set_forwarding("LAN", forwarding=False)
    assert (draft.interfaces["LAN"].owns, draft.interfaces["LAN"].forwards) == (
        (IPv6Network("2001:db8:1::/64"),),
        False,
    )

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface, IPv6Network

import pytest

from wireproof.directaccess.commands.read_netsh import read_dnscmd, read_netsh
from wireproof.directaccess.commands.words import split_cmd
from wireproof.directaccess.plan.model import (
    AdapterName,
    AddAddress,
    AddDnsRecord,
    AddRoute,
    Operation,
    SetForwarding,
    SetIsatapRouter,
)

ROUTE = AddRoute(AdapterName(index=12), IPv6Network("2001:db8:1::/64"), IPv6Address("2001:db8::31"), 200)


def read(line: str) -> tuple[Operation | None, str]:
    return read_netsh(split_cmd(line)[0])


@pytest.mark.parametrize(
    "line",
    [
        "interface ipv6 add route 2001:db8:1::/64 12 nexthop=2001:db8::31 metric=200",
        "int ipv6 add route 2001:db8:1::/64 12 2001:db8::31 metric=200",
        "inter ipv6 add ro prefix=2001:db8:1::/64 interface=12 next=2001:db8::31 met=200 store=persistent",
        "interface ipv6 add route interface=12 prefix=2001:db8:1::/64 2001:db8::31 64 200 no",
        "INTERFACE IPV6 SET ROUTE 2001:db8:1::/64 12 2001:db8::31 metric=0xc8",
    ],
)
def test_a_route_is_read_in_every_form_that_netsh_takes(line: str) -> None:
    assert read(line) == (ROUTE, "")


def test_a_published_route_without_next_hop_is_on_link() -> None:
    assert read("interface ipv6 add route fd9c:30c:2da4:1::/64 6 publish=yes") == (
        AddRoute(AdapterName(index=6), IPv6Network("fd9c:30c:2da4:1::/64"), publish=True),
        "",
    )
    assert read("int ipv6 add route ::/0 6 ::")[0] == AddRoute(AdapterName(index=6), IPv6Network("::/0"))


def test_a_placeholder_of_several_words_is_asked_for() -> None:
    operation, _ = read("int ipv6 add route 2001:db8:1::/64 [Name of adapter] 2001:db8::31")
    assert isinstance(operation, AddRoute)
    assert operation.adapter == AdapterName(ask="Name of adapter")


def test_address_forwarding_and_isatap_are_read() -> None:
    assert read('interface ipv6 add address "Corp LAN" 2001:db8::10')[0] == AddAddress(
        AdapterName(alias="Corp LAN"), IPv6Interface("2001:db8::10/64")
    )
    assert read("interface ipv6 set interface 6 forwarding=enable")[0] == SetForwarding(
        AdapterName(index=6), True, None
    )
    assert read("interface ipv6 set interface 6 advertise=enable")[0] == SetForwarding(AdapterName(index=6), None, True)
    for context in ("ipv6 isatap", "isatap"):
        assert read(f"interface {context} set router da.corp.example")[0] == SetIsatapRouter("da.corp.example")
    assert read("interface isatap set state disabled")[0] == SetIsatapRouter("", "disabled")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("interface ipv6 add address 6 fd9c:30c:2da4:1:0:5efe:172.168.16.10.25", "5 numbers"),
        ("interface ipv6 add route 2001:db8:1::/64", "interface missing"),
        ("interface ipv6 add route 2001:db8:1::/64 6 publish=maybe", "expected no, age or yes"),
        ("interface ipv6 add route 2001:db8:1::/64 6 metric=low", "expected a number"),
        ("interface ipv6 set interface 6 forwarding=on", "expected enabled"),
        ("interface isatap set router x maybe", "expected enabled"),
        ("interface ipv6 add address Local Area Connection 2001:db8::10 a b c d e", "not in quotes"),
    ],
)
def test_a_slip_gives_its_reason(line: str, reason: str) -> None:
    operation, problem = read(line)
    assert operation is None
    assert reason in problem


@pytest.mark.parametrize(
    "line", ["interface ipv6 show route", "trace start", "interface ipv6 set interface 6 mtu=1280"]
)
def test_what_sets_nothing_of_a_plan_is_no_operation_and_no_slip(line: str) -> None:
    assert read(line) == (None, "")


def test_records_are_read_from_dnscmd() -> None:
    words = split_cmd('dc1 /RecordAdd corp.example "da router" 3600 AAAA 2001:db8::1')[0]
    assert read_dnscmd(words)[0] == AddDnsRecord("corp.example", "da router", IPv6Address("2001:db8::1"))
    assert read_dnscmd(split_cmd(". /RecordAdd z n A 10.0.0")[0])[1] != ""
    assert read_dnscmd(split_cmd(". /ZoneInfo corp.example")[0]) == (None, "")

"""IPv4 addresses inside IPv6 ones, against values from RFCs and published configurations."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.directaccess import embed

V4 = st.ip_addresses(v=4)
PREFIX = IPv6Network("2002:836b:2:1::/64")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("131.107.0.2", True),
        ("203.0.113.9", True),
        ("172.32.0.1", True),
        ("172.31.255.255", False),
        ("10.0.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("100.128.0.1", True),
        ("169.254.1.1", False),
    ],
)
def test_private_shared_and_link_local_addresses_are_not_public(address: str, public: bool) -> None:
    assert embed.is_public(IPv4Address(address)) is public


def test_6to4_prefix_holds_the_address_in_hexadecimal() -> None:
    assert embed.six_to_four_prefix(IPv4Address("131.107.0.2")) == IPv6Network("2002:836b:2::/48")
    assert embed.six_to_four_prefix(IPv4Address("98.189.216.152")) == IPv6Network("2002:62bd:d898::/48")


def test_teredo_prefix_holds_the_server() -> None:
    assert embed.teredo_prefix(IPv4Address("131.107.0.2")) == IPv6Network("2001:0:836b:2::/64")


@pytest.mark.parametrize(
    ("addresses", "first"),
    [
        (["131.107.0.2", "131.107.0.3"], "131.107.0.2"),
        (["131.107.0.3", "131.107.0.2"], "131.107.0.2"),
        (["131.107.0.9", "131.107.0.20", "131.107.0.21"], "131.107.0.20"),
        (["131.107.0.2", "131.107.0.4"], None),
        (["131.107.0.2"], None),
        (["10.0.0.2", "10.0.0.3"], None),
        (["255.255.255.255"], None),
        ([], None),
    ],
)
def test_teredo_takes_the_first_of_two_consecutive_public_addresses(addresses: list[str], first: str | None) -> None:
    assert embed.first_of_pair(map(IPv4Address, addresses)) == (IPv4Address(first) if first else None)


def test_isatap_address_marks_a_global_ipv4_with_the_u_bit() -> None:
    assert embed.isatap_address(PREFIX, IPv4Address("10.0.0.10")) == IPv6Address("2002:836b:2:1:0:5efe:10.0.0.10")
    assert embed.isatap_address(PREFIX, IPv4Address("131.107.0.9")) == IPv6Address("2002:836b:2:1:200:5efe:131.107.0.9")


@given(V4)
def test_isatap_address_holds_its_ipv4_and_lies_in_one_scope(address: IPv4Address) -> None:
    made = embed.isatap_address(PREFIX, address)
    assert made.packed[-4:] == address.packed
    assert sum(made in scope for scope in embed.isatap_scopes(PREFIX)) == 1


@given(V4, st.integers(0, (1 << 112) - 1))
def test_6to4_clients_are_everywhere_in_2002_but_in_the_own_prefix(own: IPv4Address, host: int) -> None:
    prefix = embed.six_to_four_prefix(own)
    address = IPv6Address(0x2002 << 112 | host)
    parts = list(embed.six_to_four_clients(prefix))
    assert sum(address in part for part in parts) == (0 if address in prefix else 1)
    assert len(parts) == 32


def test_without_an_own_6to4_prefix_clients_are_in_all_of_2002() -> None:
    assert list(embed.six_to_four_clients(IPv6Network("2001:db8::/48"))) == [IPv6Network("2002::/16")]

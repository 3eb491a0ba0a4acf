"""Longest prefix, lowest metric, and atoms."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.support.nets import ip, net, way
from wireproof.directaccess.topology.lookup import Atoms, RouteTable, span

PREFIXES = st.builds(
    lambda first, length: IPv6Network((first, length), strict=False),
    st.integers(0, (1 << 128) - 1),
    st.integers(0, 128),
)


def test_the_longest_prefix_wins_whatever_its_metric() -> None:
    routes = [way("::/0", "a", metric=1), way("2001:db8::/32", "b", metric=500)]
    assert [one.interface for one in RouteTable(routes).best(ip("2001:db8::1"))] == ["b"]
    assert [one.interface for one in RouteTable(routes).best(ip("fd00::1"))] == ["a"]


def test_of_equal_prefixes_the_lowest_metric_wins_and_equal_ones_tie() -> None:
    low, high = way("::/0", "a", metric=200), way("::/0", "b", metric=256)
    assert RouteTable([high, low]).best(1) == [low]
    assert len(RouteTable([low, way("::/0", "b", metric=200)]).best(1)) == 2


def test_a_route_entered_twice_is_no_tie() -> None:
    assert len(RouteTable([way("::/0", "a", "fe80::1"), way("::/0", "a", "fe80::1")]).best(1)) == 1


def test_without_a_matching_route_there_is_none() -> None:
    assert RouteTable([way("fd00::/8", "a")]).best(ip("2001:db8::1")) == []


@given(st.lists(PREFIXES, max_size=6), PREFIXES, st.lists(st.integers(0, (1 << 128) - 1), max_size=4))
def test_no_prefix_tells_two_addresses_of_one_atom_apart(
    prefixes: list[IPv6Network], inside: IPv6Network, some: list[int]
) -> None:
    atoms = Atoms([*prefixes, inside])
    parts = atoms.within(inside)
    assert (parts[0][0], parts[-1][1]) == span(inside)
    assert all(before[1] + 1 == after[0] for before, after in pairwise(parts))
    for first, last in parts:
        assert [IPv6Address(first) in one for one in prefixes] == [IPv6Address(last) in one for one in prefixes]
        assert atoms.number(first) == atoms.number(last)
    for one in some:
        for other in some:
            if atoms.number(one) == atoms.number(other):
                assert [IPv6Address(one) in p for p in prefixes] == [IPv6Address(other) in p for p in prefixes]


def test_a_span_is_first_and_last_address() -> None:
    assert span(net("2001:db8::/127")) == (ip("2001:db8::"), ip("2001:db8::1"))

"""What a node drops."""

from __future__ import annotations

import pytest

from tests.support.nets import CLIENTS_1, LAN, ip, net
from wireproof.directaccess.topology.filters import ANY_PORT, Packet, Passage, dropped_by
from wireproof.directaccess.topology.model import Filter, Node, NodeKind

HERE = Passage(forwarded=False, interfaces=frozenset({"eth"}))
THROUGH = Passage(forwarded=True, interfaces=frozenset({"eth", "tunnel"}))
SOURCE = ip("2001:db8:0:1::50")


def node(*filters: Filter) -> Node:
    """A node with filters."""
    return Node("N", NodeKind.SERVER, filters=filters)


def packet(port: str = ANY_PORT) -> Packet:
    """From the network of stations to clients."""
    return Packet(SOURCE, ip("2001:db8:1:1000::1"), port)


def test_without_filters_nothing_is_dropped() -> None:
    assert dropped_by(node(), packet(), HERE) == ""


@pytest.mark.parametrize(("port", "dropped"), [("tcp/3389", False), ("tcp/445", True), (ANY_PORT, False)])
def test_allowing_filters_drop_what_none_of_them_allows(port: str, *, dropped: bool) -> None:
    assert bool(dropped_by(node(Filter(True, (net(LAN),), ports=("tcp/3389",))), packet(port), HERE)) is dropped


def test_a_scope_that_does_not_hold_the_source_lets_nothing_in() -> None:
    assert dropped_by(node(Filter(True, (net("fd00::/8"),))), packet(), HERE)


def test_a_dropping_filter_wins_over_an_allowing_one() -> None:
    assert (
        dropped_by(node(Filter(True), Filter(False, destinations=(net(CLIENTS_1),), why="because")), packet(), HERE)
        == "because"
    )


def test_a_dropping_filter_of_one_port_does_not_drop_all() -> None:
    assert dropped_by(node(Filter(False, ports=("icmp",))), packet(), HERE) == ""
    assert dropped_by(node(Filter(False, ports=("icmp",))), packet("icmp"), HERE)


def test_filters_for_passing_packets_and_for_interfaces_concern_only_those() -> None:
    assert dropped_by(node(Filter(False, forwarded=True)), packet(), HERE) == ""
    assert dropped_by(node(Filter(False, forwarded=True, interfaces=("tunnel",))), packet(), THROUGH)
    assert dropped_by(node(Filter(False, forwarded=True, interfaces=("other",))), packet(), THROUGH) == ""

"""Prefixes as values: what a derived one says of itself by default."""

from __future__ import annotations

from ipaddress import IPv6Network

from wireproof.directaccess.prefixes import Prefix, ServerPrefixes


def test_a_prefix_is_neither_assumed_nor_contradicted_unless_said() -> None:
    prefix = Prefix(IPv6Network("2001:db8::/64"), stated=False, source="derived")
    assert (prefix.differs, prefix.assumed, prefix.place) == (None, False, ())


def test_a_server_of_which_nothing_is_known_owns_nothing() -> None:
    server = ServerPrefixes("DA1")
    assert {server.ip_https, server.teredo, server.six_to_four, server.isatap, server.internal} == {None}

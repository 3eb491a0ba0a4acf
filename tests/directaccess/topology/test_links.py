"""Who answers on a link."""

from __future__ import annotations

from ipaddress import IPv6Address

from tests.support.nets import clients, ip, one_server, port, topology
from wireproof.directaccess.topology.links import Links
from wireproof.directaccess.topology.model import Node, NodeKind

LINKS = Links(one_server())


def test_an_address_has_an_owner_on_its_own_link_only() -> None:
    assert LINKS.owners("lan", ip("2001:db8:0:1::1")) == [("DA1", "corp")]
    assert LINKS.owners("tunnel of DA1", ip("2001:db8:0:1::1")) == []
    assert LINKS.owners("lan", ip("2001:db8:0:1::1"), but="DA1") == []
    assert LINKS.elsewhere(IPv6Address("2001:db8:0:1::1")) == ("DA1", "lan")


def test_clients_answer_for_their_whole_prefix_but_not_for_the_servers_own_address() -> None:
    assert LINKS.owners("tunnel of DA1", ip("2001:db8:1:1000:1234::9"))[0][0] == "clients of DA1 by ip-https"
    assert LINKS.owners("tunnel of DA1", ip("2001:db8:1:1000::1")) == [("DA1", "https")]


def test_neighbours_are_looked_for_in_prefixes_of_the_link_and_link_local_ones() -> None:
    assert LINKS.is_on_link("lan", ip("2001:db8:0:1::77"))
    assert LINKS.is_on_link("lan", ip("fe80::1"))
    assert not LINKS.is_on_link("lan", ip("2001:db8:0:2::77"))


def test_on_isatap_links_the_embedded_ipv4_address_decides() -> None:
    host = Node("H", NodeKind.STATION, (port("isatap", "isatap", "fe80::5efe:10.0.0.5/128"),))
    links = Links(topology(host, clients("DA1", "2001:db8:1:1000::/64")))
    assert links.owners("isatap", ip("2001:db8:7:7:0:5efe:10.0.0.5")) == [("H", "isatap")]
    assert links.owners("isatap", ip("2001:db8:7:7:200:5efe:10.0.0.5")) == [("H", "isatap")]
    assert links.owners("isatap", ip("2001:db8:7:7::10.0.0.5")) == []
    assert links.is_isatap("isatap")

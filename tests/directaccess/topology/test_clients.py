"""Clients and their firewall."""

from __future__ import annotations

from ipaddress import IPv6Network

from tests.support.plans import ONE_SERVER, review
from wireproof.directaccess.plan.model import AddFirewallRule
from wireproof.directaccess.topology.clients import NO_EDGE, NO_RULE, draft_clients
from wireproof.directaccess.topology.draft import Draft
from wireproof.directaccess.topology.model import Source

RULE = AddFirewallRule("RDP", ("tcp/3389",), (IPv6Network("2002:836b:2:3333::/64"),), edge_traversal=False)


def clients(text: str, *planned: AddFirewallRule) -> list[Draft]:
    """The clients of DA1 by IP-HTTPS and by Teredo."""
    judged = review(text)
    return list(draft_clients(judged.site, judged.prefixes, planned))


def test_clients_are_one_node_for_each_transport() -> None:
    one, other = clients(ONE_SERVER)
    assert (one.name, other.name) == ("clients of DA1 by ip-https", "clients of DA1 by teredo")
    assert (one.peer, one.filters_known, one.filters) == ("DA1", False, [])
    assert one.interfaces["tunnel"].owns == (IPv6Network("2002:836b:2:1000::/64"),)


def test_a_planned_rule_has_its_scope_and_port() -> None:
    (rule,) = clients(ONE_SERVER, RULE)[0].filters
    assert (rule.sources, rule.ports, rule.origin.source) == (RULE.scope, ("tcp/3389",), Source.PLANNED)


def test_teredo_needs_edge_traversal() -> None:
    assert [one.why for one in clients(ONE_SERVER, RULE)[1].filters] == [NO_EDGE]


def test_an_empty_firewall_drops_all_and_an_unstated_one_is_not_known() -> None:
    empty = clients("client-firewall: []\n" + ONE_SERVER)[0]
    assert ([one.why for one in empty.filters], empty.filters_known) == ([NO_RULE], True)


def test_a_rule_whose_scope_cannot_be_read_allows_nothing() -> None:
    slip = clients("client-firewall: [{name: slip, scope: [nonsense]}]\n" + ONE_SERVER)[0]
    assert [one.allow for one in slip.filters] == [False]


def test_6to4_clients_are_everywhere_but_in_the_own_organisation() -> None:
    outside = clients("6to4: true\n" + ONE_SERVER)[-1]
    owned = outside.interfaces["tunnel"].owns
    assert outside.name == "clients of DA1 by 6to4"
    assert any(IPv6Network("2002:c000:204::/48").subnet_of(part) for part in owned)
    assert not any(IPv6Network("2002:836b:2::/48").overlaps(part) for part in owned)

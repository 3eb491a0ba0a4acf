"""Machines of a site file as drafts."""

from __future__ import annotations

from tests.support.plans import BALANCED, ONE_SERVER, OWN_PREFIX, review
from tests.support.site_text import change
from wireproof.directaccess.topology.draft import Draft
from wireproof.directaccess.topology.machines import INTERNET, SINGLE_NIC, draft_machines
from wireproof.directaccess.topology.model import NodeKind


def drafts(text: str, *, own_prefix: bool = False) -> dict[str, Draft]:
    """The machines by name."""
    judged = review(text)
    return {one.name: one for one in draft_machines(judged.site, judged.prefixes, own_prefix=own_prefix)}


def test_a_server_stands_between_intranet_internet_and_its_tunnels() -> None:
    server = drafts(ONE_SERVER)["DA1"]
    links = [one.link for one in server.interfaces.values()]
    assert links[:4] == ["servers", INTERNET, "ip-https of DA1", "teredo of DA1"]
    assert {str(one.prefix) for one in server.routes} >= {
        "2002:836b:2:3333::/64",
        "2002:836b:2:1000::/64",
        "2001:0:836b:2::/64".replace("2001:0:", "2001:0:"),
    } - {"2001:0:836b:2::/64"}
    assert server.forwards


def test_networks_are_found_by_address_where_nobody_names_them() -> None:
    text = change(ONE_SERVER, "network: servers, ipv4: [10.0.0.50]", "ipv4: [10.0.7.50]")
    assert drafts(text)["MGMT1"].interfaces["LAN"].link == "desks"


def test_a_single_adapter_blocks_forwarding_unless_the_prefix_is_an_own_one() -> None:
    single = change(ONE_SERVER, "        external: {name: Internet, index: 13, ipv4: [131.107.0.2, 131.107.0.3]}\n", "")
    assert [one.why for one in drafts(single)["DA1"].filters] == [SINGLE_NIC]
    assert drafts(single, own_prefix=True)["DA1"].filters == []
    assert drafts(ONE_SERVER)["DA1"].filters == []


def test_routers_forward_as_stated() -> None:
    assert drafts(OWN_PREFIX)["CORE"].forwards is None
    assert drafts(change(OWN_PREFIX, "name: CORE\n", "name: CORE\n    forwards-ipv6: true\n"))["CORE"].forwards is True


def test_a_balancer_keeps_state() -> None:
    balancer = drafts(BALANCED)["BIGIP"]
    assert (balancer.kind, balancer.stateful) == (NodeKind.BALANCER, True)


def test_the_address_of_an_nlb_cluster_leads_to_each_member() -> None:
    line = '    balancer: {name: BIGIP, kind: f5, internal: {name: inside, network: corporate, ipv6: ["2131::1/64"]}}\n'
    text = change(
        change(BALANCED, line, '    internal-vip: {name: vip, network: corporate, ipv6: ["2131::1/64"]}\n'),
        "external\n",
        "nlb\n",
    )
    shared = drafts(text)["internal address of Centre"]
    ways = {str(one.prefix): str(one.next_hop) for one in shared.routes if one.next_hop}
    assert ways == {"2131:0:0:1000::/64": "2131::101", "2131:0:0:1001::/64": "2131::201"}

"""Packets for the clients of another server."""

from __future__ import annotations

from tests.support.plans import BALANCED, found
from tests.support.site_text import change

RULE = "plan-wrong-server"
SERVED = """    balancer:
      name: BIGIP
      internal: {name: inside, network: corporate, ipv6: ["2131::1/64"]}
      virtual-servers:
        - {name: one, prefix: 2131:0:0:1000::/64, pool: ["2131::101"]}
        - {name: two, prefix: 2131:0:0:1001::/64, pool: ["2131::201"]}
"""
LINE = '    balancer: {name: BIGIP, kind: f5, internal: {name: inside, network: corporate, ipv6: ["2131::1/64"]}}\n'
STATED = change(change(BALANCED, LINE, SERVED), '["2131::50/64"]', '["2131::50/64"], gateway: "2131::1"')


def test_a_virtual_server_with_the_wrong_member_is_found() -> None:
    (finding,) = found(RULE, change(STATED, 'pool: ["2131::201"]', 'pool: ["2131::101"]'), as_is=True)
    assert "DA2 holds the tunnels" in finding.summary
    assert finding.facts["clients"] == 1


def test_a_pool_of_both_members_fails_for_both() -> None:
    both = change(STATED, 'pool: ["2131::101"]', 'pool: ["2131::101", "2131::201"]')
    (finding,) = found(RULE, both, as_is=True)
    assert "tie" in finding.summary


def test_one_member_for_each_prefix_is_fine() -> None:
    assert found(RULE, STATED, as_is=True) == []

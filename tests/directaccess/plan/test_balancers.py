"""Steps on load balancers."""

from __future__ import annotations

import pytest

from tests.support.plans import BALANCED, machine, operations, plan
from tests.support.site_text import change
from wireproof.directaccess.plan.model import AddForwardingServer
from wireproof.directaccess.site.model import BalancerKind


def test_each_server_gets_one_forwarding_server_for_its_own_prefix() -> None:
    made = operations(plan(BALANCED), "BIGIP", AddForwardingServer)
    assert [(one.name, str(one.prefix), str(one.member), one.vlan) for one in made] == [
        ("vs_da1_out", "2131:0:0:1000::/64", "2131::101", "inside"),
        ("vs_da2_out", "2131:0:0:1001::/64", "2131::201", "inside"),
    ]


@pytest.mark.parametrize("kind", list(BalancerKind))
def test_every_make_is_marked_as_not_tried(kind: BalancerKind) -> None:
    made = plan(change(BALANCED, "kind: f5", f"kind: {kind.value}"))
    assert [one.kind for one in operations(made, "BIGIP", AddForwardingServer)] == [kind, kind]
    assert not any(step.verified for step in machine(made, "BIGIP").steps)


def test_a_virtual_server_that_is_there_is_not_planned_again() -> None:
    there = 'ipv6: ["2131::1/64"]}, virtual-servers: [{prefix: "2131:0:0:1000::/64", pool: ["2131::101"]}]}'
    made = plan(change(BALANCED, 'ipv6: ["2131::1/64"]}}', there))
    assert [one.name for one in operations(made, "BIGIP", AddForwardingServer)] == ["vs_da2_out"]


def test_other_methods_leave_the_balancer_alone() -> None:
    made = plan(change(BALANCED, "method: auto", "method: native-own"))
    assert "BIGIP" not in {one.name for one in made.machines}

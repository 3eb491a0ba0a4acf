"""Two ways."""

from __future__ import annotations

from tests.support.plans import OWN_PREFIX, found
from tests.support.site_text import change

RULE = "plan-asymmetric"
BALANCER = """    balancing: external
    balancer:
      name: LB
      internal: {name: inside, network: desks, ipv6: ["2001:db8:1:7::9/64"]}
    internal-vip: {name: vip, network: servers, ipv6: ["2001:db8:1::9/64"]}
"""
SERVED = """      routes: [{prefix: "2001:db8:1:1000::/64", next-hop: "2001:db8:1::10"}]
"""
THROUGH = change(
    OWN_PREFIX,
    "  - name: Office\n",
    "  - name: Office\n" + BALANCER.replace("    internal-vip", SERVED + "    internal-vip"),
)
THROUGH = change(THROUGH, "name: CORE\n", "name: CORE\n    forwards-ipv6: true\n")
THROUGH = change(THROUGH, 'gateway: "2001:db8:1:7::1"', 'gateway: "2001:db8:1:7::9"')


def back_by(router: str) -> str:
    """The server's way to the stations."""
    prefix = "        ip-https-prefix: 2001:db8:1:1000::/64\n"
    return change(
        THROUGH, prefix, prefix + f'        routes: [{{prefix: "2001:db8:1:7::/64", next-hop: "{router}"}}]\n'
    )


def test_answers_that_go_round_the_balancer_are_asymmetric() -> None:
    (finding,) = found(RULE, back_by("2001:db8:1::1"), as_is=True)
    assert "only one direction passes LB" in finding.summary
    assert finding.severity == "warning"


def test_answers_through_the_same_balancer_are_fine() -> None:
    assert found(RULE, back_by("2001:db8:1::9"), as_is=True) == []

"""...:3333::1 as next hop of a server with one adapter."""

from __future__ import annotations

import pytest

from tests.support.plans import ONE_SERVER, found
from tests.support.site_text import change

BEHIND_NAT = change(ONE_SERVER, "    servers:\n", "    organisation-prefix: fd78:9f7e:c716::/48\n    servers:\n")
EXTERNAL = "        external: {name: Internet, index: 13, ipv4: [131.107.0.2, 131.107.0.3]}\n"
GATEWAY = 'ipv4: [10.0.0.50], ipv6: ["fd78:9f7e:c716:3333::a02:100a/64"], gateway: "fd78:9f7e:c716:3333::1"}}'
COMMAND = (
    "ipv4: [10.0.0.50]}, commands: [netsh int ipv6 add route fd78:9f7e:c716:1000::/64 LAN fd78:9f7e:c716:3333::1]}"
)

RULE = "plan-gateway-single-adapter"


@pytest.mark.parametrize("way", [GATEWAY, COMMAND])
def test_the_address_is_found_as_gateway_and_as_next_hop(way: str) -> None:
    text = change(change(BEHIND_NAT, EXTERNAL, ""), "ipv4: [10.0.0.50]}}", way)
    (finding,) = found(RULE, text)
    assert finding.facts == {"next_hop": "fd78:9f7e:c716:3333::1", "count": 1}
    assert "MGMT1" in text.splitlines()[finding.evidence[0].line - 1]


def test_with_two_adapters_it_is_the_documented_way() -> None:
    assert found(RULE, change(BEHIND_NAT, "ipv4: [10.0.0.50]}}", GATEWAY)) == []


def test_another_address_of_the_server_is_fine() -> None:
    other = GATEWAY.replace('3333::1"', '3333::138"')
    assert found(RULE, change(change(BEHIND_NAT, EXTERNAL, ""), "ipv4: [10.0.0.50]}}", other)) == []

"""What rules the automatic prefix out."""

from __future__ import annotations

import pytest

from tests.support.plans import BALANCED, ONE_SERVER, OWN_PREFIX, fatal
from tests.support.site_text import change

SECOND = """\
      - name: DA2
        internal: {name: Corpnet, network: servers, ipv4: [10.0.0.11]}
        external: {name: Internet, ipv4: [131.107.0.4]}
stations:
"""
OTHER_ENTRY = "  - {name: Lyon, servers: [{name: DA9, internal: {ipv4: [10.0.0.12]}, external: {ipv4: [131.107.9.2]}}]}\nstations:\n"
EXTERNAL = "        external: {name: Internet, index: 13, ipv4: [131.107.0.2, 131.107.0.3]}\n"
FAR = change(ONE_SERVER, "network: servers, ipv4: [10.0.0.50]", "network: desks, ipv4: [10.0.7.50]")
ROUTER = "routers: [{name: CORE, adapters: [{network: servers}, {network: desks}]}]\nstations:\n"


def test_nothing_speaks_against_one_server_beside_its_stations() -> None:
    assert fatal(ONE_SERVER, "native-automatic") == set()


def test_a_server_behind_nat_with_two_adapters_is_fine() -> None:
    text = change(ONE_SERVER, "131.107.0.2, 131.107.0.3", "192.168.1.2")
    text = change(text, "    servers:\n", "    organisation-prefix: fd78:9f7e:c716::/48\n    servers:\n")
    assert fatal(text, "native-automatic") == set()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BALANCED, "external-balancer"),
        (OWN_PREFIX, "intranet-has-ipv6"),
        (change(ONE_SERVER, "    servers:\n", "    balancing: nlb\n    servers:\n"), "nlb-cluster"),
        (change(ONE_SERVER, "stations:\n", SECOND), "several-servers"),
        (change(ONE_SERVER, "stations:\n", OTHER_ENTRY), "multisite"),
        (change(ONE_SERVER, EXTERNAL, ""), "single-adapter"),
        (FAR, "ipv4-only-path"),
        (change(FAR, "stations:\n", ROUTER), "other-subnet"),
        (change(ONE_SERVER, "    servers:\n", "    layout: uag-2010\n    servers:\n"), "uag-layout"),
    ],
)
def test_reasons_that_rule_it_out(text: str, reason: str) -> None:
    assert reason in fatal(text, "native-automatic")

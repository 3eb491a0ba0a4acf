"""What rules a separate ISATAP router out."""

from __future__ import annotations

import pytest

from tests.support.plans import BESIDE_ROUTER, ONE_SERVER, fatal
from tests.support.site_text import change


def test_nothing_speaks_against_a_router_beside_servers_with_ipv6() -> None:
    assert fatal(BESIDE_ROUTER, "isatap-router") == set()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ONE_SERVER, "no-isatap-router"),
        (change(BESIDE_ROUTER, ', ipv6: ["fd9c:30c:2da4:111::25/64"]', ""), "server-without-ipv6"),
        (change(BESIDE_ROUTER, ', ipv6: ["fd9c:30c:2da4:111::31/64"]', ""), "router-without-ipv6"),
        (change(BESIDE_ROUTER, "fd9c:30c:2da4:1001::/64", "fd9c:30c:2da4:1000::/64"), "same-prefix"),
        (
            change(
                BESIDE_ROUTER,
                "\nisatap-router:\n",
                "\n" + "  - {name: Lyon, servers: [{name: X, internal: {}, external: {}}]}\nisatap-router:\n",
            ),
            "multisite",
        ),
        (BESIDE_ROUTER.replace("metric: 256", "metric: 1"), "isatap-metric"),
    ],
)
def test_reasons_that_rule_it_out(text: str, reason: str) -> None:
    assert reason in fatal(text, "isatap-router")

"""Stated and derived prefixes."""

from __future__ import annotations

from tests.support.plans import BESIDE_ROUTER, ONE_SERVER, OWN_PREFIX, found
from tests.support.site_text import change

RULE = "plan-prefix-differs"
COMMAND = "  commands: [netsh interface ipv6 add route fd9c:30c:2da4:1::/64 6 publish=yes]\nstations:\n"


def test_a_teredo_prefix_of_another_address_is_told() -> None:
    text = change(ONE_SERVER, "      - name: DA1\n", "      - name: DA1\n        teredo-prefix: 2001:0:836b:9::/64\n")
    (finding,) = found(RULE, text)
    assert (
        "2001:0:836b:2::/64" in finding.summary
        or "2001:0:836b:2::" in finding.summary
        or "2001:0:836b:2" in finding.title
    )
    assert "teredo-prefix" in text.splitlines()[finding.evidence[0].line - 1]


def test_a_router_that_publishes_another_prefix_than_its_own_is_told() -> None:
    text = change(
        change(
            BESIDE_ROUTER, '{index: 6, prefix: "fd9c:30c:2da4:1::/64"}', '{index: 6, prefix: "fd9c:30c:2da4:4::/64"}'
        ),
        "stations:\n",
        COMMAND,
    )
    (finding,) = found(RULE, text, as_is=True)
    assert "fd9c:30c:2da4:4::/64" in finding.title
    assert "fd9c:30c:2da4:1::/64" in finding.title


def test_the_same_prefix_everywhere_and_own_prefixes_are_fine() -> None:
    assert found(RULE, change(BESIDE_ROUTER, "stations:\n", COMMAND), as_is=True) == []
    assert found(RULE, OWN_PREFIX) == []
    assert found(RULE, ONE_SERVER) == []

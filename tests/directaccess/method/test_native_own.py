"""What rules own prefixes out."""

from __future__ import annotations

import pytest

from tests.support.plans import BALANCED, ONE_SERVER, OWN_PREFIX, fatal
from tests.support.site_text import change

BARE_STATION = change(OWN_PREFIX, 'network: desks, ipv6: ["2001:db8:1:7::50/64"]', "ipv4: [10.9.9.9]")


def test_nothing_speaks_against_native_ipv6_with_a_prefix_for_each_server() -> None:
    assert fatal(OWN_PREFIX, "native-own") == set()
    assert fatal(BALANCED, "native-own") == set()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ONE_SERVER, "no-native-ipv6"),
        (change(OWN_PREFIX, ', ipv6: ["2001:db8:1::10/64"]', ""), "server-without-ipv6"),
        (BARE_STATION, "station-without-ipv6"),
        (change(OWN_PREFIX, "name: CORE\n", "name: CORE\n    forwards-ipv6: false\n"), "ipv4-only-path"),
        (change(BALANCED, "2131:0:0:1001::/64", "2131:0:0:1000::/64"), "same-prefix"),
        (change(BALANCED, "2131:0:0:1001::/64", "2131:0:0:1000::/59"), "prefix-overlap"),
    ],
)
def test_reasons_that_rule_it_out(text: str, reason: str) -> None:
    assert fatal(text, "native-own") == {reason}

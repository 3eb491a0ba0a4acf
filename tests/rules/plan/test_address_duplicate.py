"""One address on two machines."""

from __future__ import annotations

from tests.support.plans import BALANCED, ONE_SERVER, found
from tests.support.site_text import change

RULE = "plan-address-duplicate"


def test_a_station_with_the_servers_address_is_found() -> None:
    (finding,) = found(RULE, change(BALANCED, '["2131::50/64"]', '["2131::101/64"]'), as_is=True)
    assert finding.facts["machines"] == ["DA1", "SCANNER"]


def test_a_station_with_the_address_that_directaccess_takes_is_found() -> None:
    taken = change(ONE_SERVER, "ipv4: [10.0.0.50]}}", 'ipv4: [10.0.0.50], ipv6: ["2002:836b:2:3333::1/64"]}}')
    (finding,) = found(RULE, taken, as_is=True)
    assert finding.facts["address"] == "2002:836b:2:3333::1"


def test_planned_addresses_are_unique() -> None:
    assert found(RULE, ONE_SERVER) == []
    assert found(RULE, BALANCED) == []

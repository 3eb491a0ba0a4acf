"""The way back to the ISATAP router."""

from __future__ import annotations

import pytest

from tests.support.plans import BESIDE_ROUTER, ONE_SERVER, found
from tests.support.site_text import change
from wireproof.finding import Confidence

OWN = ", metric: 256}\n      - name: DAV02\n"

RULE = "plan-isatap-metric"


def with_route(metric: str, own: str = ", metric: 256") -> str:
    command = f"netsh interface ipv6 add route fd9c:30c:2da4:1::/64 12 nexthop=fd9c:30c:2da4:111::31{metric}"
    return change(BESIDE_ROUTER, OWN, f"{own}}}\n        commands: [{command}]\n      - name: DAV02\n")


@pytest.mark.parametrize("metric", ["", " metric=256", " metric=300"])
def test_a_metric_that_is_not_below_the_servers_own_is_found(metric: str) -> None:
    (finding,) = found(RULE, with_route(metric))
    assert finding.facts["servers"] == ["DAV01"]
    assert finding.confidence is Confidence.HIGH
    assert "metric" in finding.fix[0]


def test_a_lower_metric_is_fine() -> None:
    assert found(RULE, with_route(" metric=200")) == []


def test_without_the_servers_own_metric_the_usual_one_is_taken_with_less_certainty() -> None:
    (finding,) = found(RULE, with_route(" metric=256", own=""))
    assert finding.confidence is Confidence.MEDIUM
    assert found(RULE, with_route(" metric=255", own="")) == []


def test_no_route_and_no_router_are_other_matters() -> None:
    assert found(RULE, BESIDE_ROUTER) == []
    assert found(RULE, ONE_SERVER) == []

"""The choice of a method."""

from __future__ import annotations

import pytest

from tests.support.plans import BALANCED, BESIDE_ROUTER, ONE_SERVER, OWN_PREFIX, plan
from tests.support.site_text import change
from wireproof.directaccess.method.choose import METHODS, REASONS
from wireproof.directaccess.site.model import Method

FAR = change(ONE_SERVER, "network: servers, ipv4: [10.0.0.50]", "network: desks, ipv4: [10.0.7.50]")
NO_ROUTER = change(BALANCED, "native-ipv6", "ipv4-only")


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (ONE_SERVER, Method.NATIVE_AUTOMATIC),
        (OWN_PREFIX, Method.NATIVE_OWN),
        (BALANCED, Method.FORWARDING),
        (change(BESIDE_ROUTER, "method: isatap-router", "method: auto"), Method.ISATAP_ROUTER),
        (FAR, Method.ISATAP),
        (NO_ROUTER, None),
    ],
)
def test_auto_takes_the_method_that_the_topology_allows(text: str, method: Method | None) -> None:
    choice = plan(text).choice
    assert choice.method is method
    assert choice.why


def test_a_method_that_was_asked_for_is_taken_or_refused_but_never_replaced() -> None:
    assert plan(change(ONE_SERVER, "method: auto", "method: isatap")).choice.method is Method.ISATAP
    refused = plan(change(ONE_SERVER, "method: auto", "method: forwarding"))
    assert refused.choice.method is None
    assert refused.machines == []
    assert "no external load balancer" in refused.choice.why


def test_every_objection_to_every_method_cites_a_source() -> None:
    texts = (ONE_SERVER, OWN_PREFIX, BALANCED, BESIDE_ROUTER, FAR, NO_ROUTER)
    for objection in (one for text in texts for one in plan(text).choice.objections):
        assert objection.sources
        assert all(objection.sources)
        assert objection.reason


def test_every_method_has_objections_and_a_reason_for_it() -> None:
    assert set(METHODS) == set(REASONS) == set(Method) - {Method.AUTO}

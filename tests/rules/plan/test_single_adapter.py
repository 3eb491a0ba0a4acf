"""Servers with one adapter."""

from __future__ import annotations

from tests.support.plans import ONE_SERVER, OWN_PREFIX, found
from tests.support.site_text import change
from wireproof.finding import Confidence, Severity

ONE_ADAPTER = change(
    ONE_SERVER, "        external: {name: Internet, index: 13, ipv4: [131.107.0.2, 131.107.0.3]}\n", ""
)

RULE = "plan-single-adapter"


def test_with_the_automatic_prefix_it_is_known_to_fail() -> None:
    (finding,) = found(RULE, change(ONE_ADAPTER, "method: auto", "method: native-automatic"))
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert "Forwarding block filter in single NIC" in finding.summary
    assert any("comments" in source for source in finding.references)


def test_with_other_methods_the_sources_disagree() -> None:
    for text in (ONE_ADAPTER, change(OWN_PREFIX, "        external: {name: Internet, ipv4: [131.107.0.2]}\n", "")):
        (finding,) = found(RULE, text)
        assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LOW)
        assert "disagree" in finding.summary


def test_two_adapters_behind_nat_are_fine() -> None:
    assert found(RULE, change(ONE_SERVER, "131.107.0.2, 131.107.0.3", "192.168.1.2")) == []

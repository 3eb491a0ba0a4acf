"""Expectations on ping alone."""

from __future__ import annotations

import pytest

from tests.support.plans import ONE_SERVER, found
from wireproof.finding import Severity

RULE = "plan-ping-proves-little"


def test_expectations_on_icmp_alone_are_told() -> None:
    (finding,) = found(RULE, ONE_SERVER + "expect: [{from: MGMT1}, {from: MGMT2, port: icmp}]\n")
    assert finding.severity is Severity.INFO
    assert finding.facts["expectations"] == 2


@pytest.mark.parametrize("expect", ["", "expect: [{from: MGMT1}, {from: MGMT2, port: tcp/3389}]\n"])
def test_a_real_port_or_no_expectation_is_fine(expect: str) -> None:
    assert found(RULE, ONE_SERVER + expect) == []

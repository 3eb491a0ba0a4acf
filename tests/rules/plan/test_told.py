"""How rules on sites write down what they found."""

from __future__ import annotations

from tests.support.plans import ONE_SERVER, review
from wireproof.finding import Severity
from wireproof.rules.plan._told import EVIDENCE_MOST, Told, finding


def test_evidence_names_the_line_and_is_bounded() -> None:
    seen = review(ONE_SERVER)
    places = [(("teredo",), f"place {number}") for number in range(50)]
    told = finding(seen, "plan-example", Severity.INFO, Told("Title", "Summary.", ["Fix."], ["A", "B", "A"]), places)
    assert len(told.evidence) == EVIDENCE_MOST
    assert told.evidence[0].line == 4
    assert told.evidence[0].capture == "site.yaml"
    assert told.references == ["A", "B"]

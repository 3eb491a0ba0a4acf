"""Equal prefixes."""

from __future__ import annotations

import pytest

from tests.support.plans import BALANCED, found
from tests.support.site_text import change

RULE = "plan-same-prefix"


@pytest.mark.parametrize(
    ("one", "two"), [("2131:0:0:1000::/64", "2131:0:0:1000::/64"), ("2131:0:0:1000::/59", "2131:0:0:1001::/59")]
)
def test_servers_with_one_prefix_are_told_with_their_lines(one: str, two: str) -> None:
    text = (
        BALANCED.replace("2131:0:0:1000::/64", "ONE")
        .replace("2131:0:0:1001::/64", "TWO")
        .replace("ONE", one)
        .replace("TWO", two)
    )
    (finding,) = found(RULE, text)
    assert finding.facts["servers"] == ["DA1", "DA2"]
    assert [
        one in text.splitlines()[finding.evidence[0].line - 1],
        two in text.splitlines()[finding.evidence[1].line - 1],
    ] == [True, True]


def test_many_servers_with_one_prefix_are_one_finding() -> None:
    more = "".join(
        f"      - {{name: S{n}, internal: {{ipv6: ['2131::{n + 1000}/64']}}, external: {{}}, ip-https-prefix: '2131:0:0:1000::/64'}}\n"
        for n in range(30)
    )
    (finding,) = found(RULE, change(BALANCED, "stations:\n", more + "stations:\n"))
    assert finding.facts["count"] == 31
    assert len(finding.evidence) == 12


def test_members_with_a_64_each_are_fine() -> None:
    assert found(RULE, BALANCED) == []

"""Addresses that mean nothing."""

from __future__ import annotations

from tests.support.plans import BESIDE_ROUTER, found

RULE = "plan-address-invalid"
SLIP = "fd9c:30c:2da4:1:0:5efe:172.168.16.10.25"
OWN = 'isatap: {prefix: "fd9c:30c:2da4:1::/64", metric: 256}'


def test_a_dotted_part_of_five_numbers_is_told() -> None:
    text = BESIDE_ROUTER.replace(OWN, f'isatap: {{address: "{SLIP}"}}', 1)
    (finding,) = found(RULE, text)
    assert "5 numbers" in finding.summary
    assert SLIP in text.splitlines()[finding.evidence[0].line - 1]


def test_one_with_four_is_fine() -> None:
    assert found(RULE, BESIDE_ROUTER.replace(OWN, 'isatap: {address: "fd9c:30c:2da4:1:0:5efe:10.0.0.25"}', 1)) == []

"""What rules forwarding virtual servers out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.plans import BALANCED, OWN_PREFIX, fatal, plan
from tests.support.site_text import change

ROOT = Path(__file__).resolve().parents[3]


def test_nothing_speaks_against_a_balancer_with_distinct_prefixes() -> None:
    assert fatal(BALANCED, "forwarding") == set()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (OWN_PREFIX, "no-balancer"),
        (
            change(
                BALANCED, 'name: inside, network: corporate, ipv6: ["2131::1/64"]', "name: inside, network: corporate"
            ),
            "balancer-without-ipv6",
        ),
        (change(BALANCED, "2131:0:0:1001::/64", "2131:0:0:1000::/64"), "same-prefix"),
        (change(BALANCED, "2131:0:0:1001::/64", "2131:0:0:1000::/59"), "prefix-overlap"),
        (change(BALANCED, "native-ipv6", "ipv4-only"), "no-native-ipv6"),
    ],
)
def test_reasons_that_rule_it_out(text: str, reason: str) -> None:
    assert fatal(text, "forwarding") == {reason}


def test_two_unaligned_59_prefixes_are_one_network() -> None:
    text = change(
        change(BALANCED, "2131:0:0:1000::/64", "2131:0:0:1000::/59"), "2131:0:0:1001::/64", "2131:0:0:1001::/59"
    )
    assert fatal(text, "forwarding") == {"same-prefix"}


def test_teredo_needs_care_but_does_not_rule_it_out() -> None:
    choice = plan(change(BALANCED, "teredo: false", "teredo: true")).choice
    assert choice.method is not None
    assert [one.key for one in choice.against(choice.method)] == ["teredo"]


def test_many_entry_points_without_a_balancer_are_one_reason() -> None:
    choice = plan((ROOT / "examples/plan/multisite.yaml").read_text()).choice
    (objection,) = [one for one in choice.objections if one.key == "no-balancer"]
    assert objection.reason == "Berlin, Lyon have no external load balancer"

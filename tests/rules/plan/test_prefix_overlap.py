"""Prefixes that share addresses."""

from __future__ import annotations

from ipaddress import IPv6Network

from tests.support.plans import BALANCED, found
from tests.support.site_text import change
from wireproof.rules.plan.prefix_overlap import Claim, overlaps

RULE = "plan-prefix-overlap"
TWO_59 = BALANCED.replace("1000::/64", "1000::/59").replace("1001::/64", "1001::/59")


def claim(text: str, owner: str, family: str = "clients") -> Claim:
    """What one owner claims."""
    return Claim(IPv6Network(text), owner, text, (), family)


def test_two_slash_59_of_one_network_are_told_with_both_lines() -> None:
    (finding,) = found(RULE, TWO_59)
    lines = [TWO_59.splitlines()[one.line - 1] for one in finding.evidence]
    assert ["1001::/59" in lines[0], "1000::/59" in lines[1]] == [True, True]


def test_a_member_inside_another_members_prefix_is_told() -> None:
    (finding,) = found(RULE, change(BALANCED, "1000::/64", "1000::/59"))
    assert "lies inside" in finding.summary


def test_client_prefixes_inside_a_network_of_the_intranet_are_one_cause() -> None:
    one, other = found(RULE, change(BALANCED, '"2131::/64"', '"2131::/32"'))
    assert "network corporate" in one.title
    assert one.cause == other.cause


def test_one_slash_64_for_each_member_of_the_cluster_is_fine() -> None:
    text = change(
        BALANCED, "    balancing: external\n", "    balancing: external\n    ip-https-prefix: 2131:0:0:1000::/59\n"
    )
    assert found(RULE, text) == []


def test_neighbours_and_equal_texts_do_not_overlap() -> None:
    apart = [claim("2001:db8:0:1::/64", "a"), claim("2001:db8:0:2::/64", "b"), claim("2001:db8::/64", "c")]
    assert list(overlaps(apart)) == []
    assert list(overlaps([claim("2001:db8::/64", "a"), claim("2001:db8::/64", "b")])) == []
    assert len(list(overlaps([claim("2001:db8::/64", "a"), claim("2001:db8::/64", "b", "other")]))) == 1

"""path-header-rewritten: what changes on the way, meant or not."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d6_lync_signin, d16_sql_wan
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Talk
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Severity


def changed(finding: object) -> set[str]:
    return {change["what"] for change in finding.facts["changes"]}  # type: ignore[attr-defined]


def test_nat_and_a_clamped_mss_are_remarks(tmp_path: Path) -> None:
    finding = only(open_case(d16_sql_wan.build(tmp_path)), "path-header-rewritten")
    assert finding.severity is Severity.INFO
    assert {"mss", "source_address", "destination_address"} <= changed(finding)
    assert "1380" in finding.summary
    assert finding.talk is not None
    assert dict(finding.talk.seen_as)["server"] == ("172.16.5.14:63584", "192.168.200.148:1433")


def test_an_ack_number_in_a_syn_that_carried_none_is_a_warning(tmp_path: Path) -> None:
    finding = only(open_case(d6_lync_signin.build(tmp_path)), "path-header-rewritten")
    assert finding.severity is Severity.WARNING
    assert "2948578651" in finding.summary


def test_a_router_that_lowers_the_ttl_is_not_worth_a_word(tmp_path: Path) -> None:
    world = World([Point("client", at="client"), Link(5, hops=4), Point("server", at="server")])
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 300), Send("server", 900), Close("client")])
    assert judge(make_case(tmp_path, world.captures()), "path-header-rewritten").findings == []

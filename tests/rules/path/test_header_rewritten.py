"""path-header-rewritten: what changes on the way, meant or not."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d6_lync_signin, d16_sql_wan
from tests.support.alignments import Scene, align, questions, short_path
from tests.support.middleboxes import ClampMss, SourceNat
from tests.support.path import Link, Part, Point, World
from tests.support.talk import Close, Host, Send, Stack, Talk
from tests.support.trouble import Remark, Renumber, StripOptions
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Finding, Severity


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


def rewritten(folder: Path, *between: Part, **options: object) -> Finding:
    return only(align(folder, Scene(short_path(*between), **options), [questions(2)]), "path-header-rewritten")  # type: ignore[arg-type]


def test_every_stripped_option_is_named_and_is_a_warning(tmp_path: Path) -> None:
    finding = rewritten(tmp_path, StripOptions((3, 4, 8)), stack=Stack(timestamps=True))
    assert finding.severity is Severity.WARNING
    assert (
        "TCP options of the SYN toward the server: SACK permitted removed, timestamps removed, window scale 8 removed."
        in finding.summary
    )
    assert len([change for change in finding.facts["changes"] if change["what"] == "options"]) == 3
    assert any("SACK" in fix for fix in finding.fix)


def test_translated_addresses_are_told_from_the_ends_point_of_view(tmp_path: Path) -> None:
    finding = rewritten(tmp_path, SourceNat("198.51.100.7"))
    assert finding.summary == "The client is 10.1.1.9:50001 at client and 198.51.100.7:40001 at server."
    assert finding.title == "Addresses changed between client and server"
    assert finding.severity is Severity.INFO


def test_new_numbers_and_another_class_are_remarks(tmp_path: Path) -> None:
    finding = rewritten(tmp_path, Renumber(client=1000), Remark(46 << 2))
    assert finding.severity is Severity.INFO
    assert "Sequence numbers are shifted toward the server, here by +1000" in finding.summary
    assert "DSCP 0 arrives as 46 in both directions." in finding.summary


def test_congestion_marks_are_not_worth_a_word(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(Remark(3))), [questions(2)])
    assert judge(case, "path-header-rewritten").findings == []


def test_it_says_how_many_conversations_show_it(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(ClampMss(1300))), [questions(1, f"topic {turn}") for turn in range(5)])
    finding = only(case, "path-header-rewritten")
    assert "MSS 1460 arrives as 1300 in both directions (5 of 5 conversations)." in finding.summary
    assert finding.facts["conversations_compared"] == 5

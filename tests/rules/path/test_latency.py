"""path-latency: many round trips over a long path, and delays that belong to a host."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d16_sql_wan
from tests.support.alignments import Scene, align, client_point, server_point
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Step, Talk
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case


def chat(folder: Path, each_way_ms: float, think_ms: float, turns: int = 20) -> Case:
    world = World([Point("client", at="client"), Link(each_way_ms), Point("server", at="server", offset_s=-7200.0)])
    steps: list[Step] = [one for _ in range(turns) for one in (Send("client", 90, 2), Send("server", 700, think_ms))]
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [*steps, Close("client")])
    return make_case(folder, world.captures())


def test_each_end_blames_the_other_and_the_path_is_named(tmp_path: Path) -> None:
    finding = only(open_case(d16_sql_wan.build(tmp_path)), "path-latency")
    assert 85 <= finding.facts["round_trip_ms"] <= 93
    assert finding.facts["round_trips"] >= 10
    assert finding.where == "between client and server"


def test_the_round_trip_needs_no_common_clock(tmp_path: Path) -> None:
    finding = only(chat(tmp_path, 40, 1), "path-latency")
    assert 79 <= finding.facts["round_trip_ms"] <= 84


def test_a_short_path_is_not_named(tmp_path: Path) -> None:
    assert judge(chat(tmp_path, 5, 1), "path-latency").findings == []


def test_a_slow_server_on_a_long_path_is_not_the_paths_fault(tmp_path: Path) -> None:
    assert judge(chat(tmp_path, 25, 900), "path-latency").findings == []


def test_with_a_point_between_the_whole_round_trip_counts_and_its_parts_are_told(tmp_path: Path) -> None:
    steps: list[Step] = [one for _ in range(20) for one in (Send("client", 90, 2), Send("server", 700, 1))]
    parts = [client_point(), Link(10), Point("middle", offset_s=-55.0), Link(20), server_point(offset_s=999.0)]
    finding = only(align(tmp_path, Scene(parts), [[*steps, Close("client")]]), "path-latency")
    assert finding.where == "between client and server"
    assert 59 <= finding.facts["round_trip_ms"] <= 62
    assert [round(part) for part in finding.facts["hops_ms"]] == [20, 40]
    assert "20 ms between client and middle and 40 ms between middle and server" in finding.summary
    assert {piece.capture for piece in finding.evidence} == {"client", "server"}


def test_a_person_who_thinks_between_questions_is_not_the_paths_fault(tmp_path: Path) -> None:
    steps: list[Step] = [one for _ in range(12) for one in (Send("client", 90, 4000), Send("server", 700, 1))]
    case = align(tmp_path, Scene([client_point(), Link(40), server_point()]), [[*steps, Close("client")]])
    assert judge(case, "path-latency").findings == []


def test_a_download_over_a_long_path_takes_no_turns(tmp_path: Path) -> None:
    case = align(
        tmp_path,
        Scene([client_point(), Link(60), server_point()]),
        [[Send("client", 90), Send("server", 600_000), Close("client")]],
    )
    assert judge(case, "path-latency").findings == []

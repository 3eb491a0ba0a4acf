"""Packets followed from point to point: where each was seen, where it ended, and which are worth showing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cases import d1_sccm
from tests.support import judged
from tests.support.middleboxes import Narrow
from tests.support.path import Link
from tests.support.path import Point as CapturePoint
from tests.support.talk import Close, Send
from wireproof.case import Case
from wireproof.finding import Evidence
from wireproof.report.passages import MOST_PASSAGES, Course, Passage, find_course, find_passages, locate_evidence


def course_of(case: Case, *evidence: Evidence) -> Course:
    course = find_course(case, judged.plain_finding(case, evidence))
    assert course is not None
    return course


def passages_of(case: Case, *evidence: Evidence) -> list[Passage]:
    finding = judged.plain_finding(case, evidence)
    course = find_course(case, finding)
    assert course is not None
    return find_passages(course, locate_evidence(case, finding))[0]


def frames(passage: Passage) -> list[int]:
    return [row + 1 for _, row in passage.stops]


def test_a_lost_segment_and_its_repeats_end_at_the_client(sccm: Case) -> None:
    lost = [passage for passage in passages_of(sccm, Evidence("client", 1921)) if passage.end == "lost"]
    assert [frames(passage) for passage in lost] == [[number] for number in d1_sccm.LOST_FRAMES]
    assert all(passage.to_server and passage.start == "sent" for passage in lost)


def test_what_arrived_is_one_passage_with_both_frames(sccm: Case) -> None:
    found = {tuple(frames(passage)): passage for passage in passages_of(sccm, Evidence("client", 1921))}
    assert found[1922, 13611].end == "arrived"
    assert not found[13612, 1925].to_server
    assert found[30509, 4392].end == "arrived"


def test_passages_are_in_order_of_time(sccm: Case) -> None:
    times = [passage.time_ns for passage in passages_of(sccm, Evidence("client", 1921))]
    assert times == sorted(times)


def test_a_forged_reset_starts_between_the_points(lync: Case) -> None:
    found = passages_of(lync, Evidence("edge", 631))
    forged = [frames(passage) for passage in found if passage.start == "inserted"]
    assert forged == [[233], [967], [2005]]
    assert [frames(passage) for passage in found if passage.end == "lost"] == [[232], [953], [2004]]


def test_lanes_run_from_client_to_server_over_all_points(routed: Case) -> None:
    course = course_of(routed, Evidence("server", 1))
    assert [routed.points[point].name for point, _ in course.lanes] == ["client", "wan", "server"]
    handshake = find_passages(course, [])[0][0]
    assert [lane for lane, _ in handshake.stops] == [0, 1, 2]


def test_joined_segments_are_cut_otherwise_and_never_lost(routed: Case) -> None:
    found = passages_of(routed, Evidence("client", 1))
    ends = [passage.end for passage in found if passage.to_server and frames(passage)[0] > 3]
    assert ends.count("lost") == 2
    assert "recut" in ends
    assert any(passage.start == "recut" for passage in found)


def test_a_conversation_that_one_point_shows_has_one_lane(lync: Case) -> None:
    assert len(course_of(lync, Evidence("client", 4333)).lanes) == 1


def test_an_icmp_error_comes_from_a_device_on_the_way(tmp_path: Path, keep: Callable[[Case], Case]) -> None:
    path = [CapturePoint("client", at="client"), Link(5), Narrow(1400, "192.0.2.1", True), Link(5)]
    case = keep(judged.simulated_case(tmp_path, path, [Send("client", 5000), Send("server", 100), Close("client")]))
    errors = [passage for passage in passages_of(case, Evidence("client", 1)) if passage.start == "router"]
    assert errors
    assert not any(passage.to_server for passage in errors)


@pytest.fixture(scope="module")
def long_case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    steps = [Send("server", 400_000, 10), Close("client", 50)]
    path = [CapturePoint("client", at="client"), Link(5)]
    with judged.closing(judged.simulated_case(tmp_path_factory.mktemp("long"), path, steps)) as case:
        yield case


def test_a_long_conversation_is_shown_around_its_evidence(long_case: Case) -> None:
    finding = judged.plain_finding(long_case, [Evidence("client", 200)])
    course = course_of(long_case, Evidence("client", 200))
    found, more = find_passages(course, locate_evidence(long_case, finding))
    numbers = [frames(passage)[0] for passage in found]
    total = len(long_case.points[0].packets)
    assert numbers == [1, 2, 3, 4, *range(197, 204), total - 1, total]
    assert [passage.skipped for passage in found if passage.skipped] == [192, total - 205]
    assert more == 0


def test_passages_are_bounded(long_case: Case) -> None:
    course = course_of(long_case, Evidence("client", 200))
    found, more = find_passages(course, [(0, row) for row in range(len(long_case.points[0].packets))])
    assert len(found) == MOST_PASSAGES
    assert len(found) + sum(passage.skipped for passage in found) + more == len(long_case.points[0].packets)
    assert len(find_passages(course, [], 10)[0]) == 10


def test_the_conversation_with_most_evidence_is_followed(sccm: Case) -> None:
    other = Evidence("client", 1)
    course = course_of(sccm, other, Evidence("client", 1921), Evidence("client", 1975))
    assert course.lanes[0] == judged_member(sccm, 1921)


def judged_member(case: Case, frame: int) -> tuple[int, int]:
    return 0, judged.conversation(case, "client", frame)[1]


def test_evidence_that_no_capture_holds_is_left_out(sccm: Case) -> None:
    items = [Evidence("client", 10**6), Evidence("nowhere", 1), Evidence("log.txt", line=3)]
    finding = judged.plain_finding(sccm, [Evidence("client", 1921)], conversations=[])
    finding.evidence = items
    assert locate_evidence(sccm, finding) == {}
    assert find_course(sccm, finding) is None

"""Names over the lanes, and the words that say how far times can be trusted."""

from __future__ import annotations

from tests.support import judged
from wireproof.case import Case
from wireproof.finding import Evidence, Finding
from wireproof.report.lanes import name_lanes, write_caption
from wireproof.report.passages import Course, find_course


def course_and_finding(case: Case, *evidence: Evidence) -> tuple[Course, Finding]:
    finding = judged.plain_finding(case, evidence)
    course = find_course(case, finding)
    assert course is not None
    return course, finding


def test_lanes_are_named_for_their_points_with_the_ends_addresses(sccm: Case) -> None:
    course, _ = course_and_finding(sccm, Evidence("client", 1921))
    assert name_lanes(course) == [("client", "10.1.1.1:1099"), ("server", "172.16.1.1:80")]


def test_a_point_behind_nat_shows_the_address_it_sees(routed: Case) -> None:
    course, finding = course_and_finding(routed, Evidence("client", 1))
    assert name_lanes(course) == [
        ("client", "10.20.0.11:50001"), ("wan", "203.0.113.9:40001"), ("server", "198.51.100.7:9000"),
    ]  # fmt: skip
    assert "At server the client is 203.0.113.9:40001." in write_caption(course, finding)


def test_a_conversation_of_one_point_is_drawn_between_two_hosts_and_says_so(lync: Case) -> None:
    course, finding = course_and_finding(lync, Evidence("client", 4333))
    assert name_lanes(course) == [("client", "10.1.1.1:62973"), ("server", "172.16.1.1:443")]
    assert "Only client shows this conversation: arrows are what was seen there, not what arrived." in write_caption(
        course, finding
    )


def test_the_point_that_lacks_a_conversation_stands_on_the_side_of_its_host(sccm: Case) -> None:
    member = (0, judged.conversation(sccm, "client", 1921)[1])
    assert [name for name, _ in name_lanes(Course(sccm, [member], far=(1, "server")))] == ["client", "server"]
    assert [name for name, _ in name_lanes(Course(sccm, [member], far=(1, "client")))] == ["server", "client"]


def test_a_moved_clock_is_told_with_its_bound(sccm: Case) -> None:
    caption = write_caption(*course_and_finding(sccm, Evidence("client", 1921)))
    assert "first frame of client" in caption
    assert "Times of server are moved by +0.000000 s, known to ± 15.6 ms." in caption


def test_a_clock_known_from_one_direction_is_called_approximate(lync: Case) -> None:
    caption = write_caption(*course_and_finding(lync, Evidence("edge", 631)))
    assert "Frames of frontend match in one direction only" in caption
    assert "Times of edge are moved" not in caption


def test_several_conversations_are_counted_once_each(sccm: Case) -> None:
    course, finding = course_and_finding(sccm, Evidence("client", 1921), Evidence("server", 13611))
    assert "conversations drawn" not in write_caption(course, finding)
    finding.conversations += [("client", 1), ("client", 2)]
    assert "One of 3 conversations drawn." in write_caption(course, finding)

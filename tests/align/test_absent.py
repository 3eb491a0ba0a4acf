"""Conversations that set out at one point and never show at another which they had to pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.packets import TCP, UDP
from tests.support.alignments import Scene, client_point, questions, server_point, short_path
from tests.support.files import Frame
from tests.support.middleboxes import ForgeReset, Lose, SourceNat, TargetNat
from tests.support.path import EPOCH_NS, Link, Packet, Part, Point, World
from tests.support.talk import Ask, Close, Host, Send, Stack, Talk
from tests.support.verdicts import make_case
from wireproof.align.absent import own_hosts
from wireproof.case import Case

CLIENT, SERVER = Host("10.1.1.9", Stack(syn_retries=2)), Host("10.1.2.8")


def to_port(port: int) -> Lose:
    return Lose(lambda packet, upward, _seen: upward and isinstance(packet.upper, TCP) and packet.upper.target == port)


def captures(parts: list[Part], target: str = "", until_s: float = 12.0) -> dict[str, list[Frame]]:
    """A blocked port tried at two seconds, and healthy conversations before and after."""
    world = World(parts)
    for turn in range(int(until_s) // 2):
        Talk(world, CLIENT, SERVER, questions(2, f"topic {turn}"), (52000 + turn, 8081), 2.0 * turn, target=target)
    Talk(world, CLIENT, SERVER, [Send("client", 20)], (50001, 443), 2.1, target=target)
    return world.captures()


def told(case: Case) -> list[tuple[str, str, str, int]]:
    """(seen at, missing at, server, packets) of every absent conversation."""
    return [
        (
            case.points[one.point].name,
            case.points[one.missing_at].name,
            case.points[one.point].talk(one.conversation).server_endpoint,
            len(one.rows),
        )
        for one in case.alignment.absent
    ]


@pytest.mark.parametrize("reverse", [False, True])
def test_attempts_that_vanish_between_two_points_are_absent_at_the_second(tmp_path: Path, reverse: bool) -> None:
    found = captures(short_path(to_port(443), offset_s=-400.0))
    case = make_case(tmp_path, dict(reversed(found.items())) if reverse else found)
    assert told(case) == [("client", "server", "10.1.2.8:443", 3)]


def test_translated_addresses_are_followed(tmp_path: Path) -> None:
    parts = short_path(to_port(443), SourceNat("198.51.100.7"), TargetNat("203.0.113.8", "10.1.2.8"))
    case = make_case(tmp_path, captures(parts, "203.0.113.8"))
    assert told(case) == [("client", "server", "203.0.113.8:443", 3)]


def test_of_three_points_the_next_one_lacks_it(tmp_path: Path) -> None:
    before = [client_point(), Link(1), Point("middle"), to_port(443), Link(1), server_point()]
    assert told(make_case(tmp_path, captures(before))) == [("middle", "server", "10.1.2.8:443", 3)]
    after = [client_point(), Link(1), to_port(443), Point("middle"), Link(1), server_point()]
    assert told(make_case(tmp_path, captures(after))) == [("client", "middle", "10.1.2.8:443", 3)]


def test_a_host_that_nothing_reaches_is_known_by_its_own_capture(tmp_path: Path) -> None:
    found = captures(short_path(to_port(443)))
    other = World([server_point()])
    for turn in range(8):
        Talk(other, Host(f"192.0.2.{turn}", ttl=53), SERVER, questions(1, f"topic {turn}"), (52000, 8081), 1.5 * turn)
    alone = [frame for frame in found["client"] if b"\x01\xbb" in frame.data[34:38]]
    others = World([client_point()])
    for turn in range(8):
        Talk(
            others,
            CLIENT,
            Host(f"192.0.2.{100 + turn}", ttl=53),
            questions(1, f"news {turn}"),
            (52000 + turn, 8081),
            1.5 * turn,
        )
    own = sorted([*alone, *others.captures()["client"]], key=lambda frame: frame.time_ns)
    case = make_case(tmp_path, {"client": own, "server": other.captures()["server"]})
    assert told(case) == [("client", "server", "10.1.2.8:443", 3)]
    assert case.alignment.journeys == []


def test_answered_conversations_are_hidden_by_a_filter_and_not_lost(tmp_path: Path) -> None:
    found = captures(short_path())
    found["server"] = [frame for frame in found["server"] if b"\x1f\x91" in frame.data[34:38]]
    assert told(make_case(tmp_path, found)) == []


def test_attempts_before_and_after_the_other_capture_are_not_told(tmp_path: Path) -> None:
    assert told(make_case(tmp_path, captures(short_path(to_port(443), from_s=9.5)))) == []
    assert told(make_case(tmp_path, captures(short_path(to_port(443), to_s=1.9)))) == []
    partly = told(make_case(tmp_path, captures(short_path(to_port(443), from_s=3.9))))
    assert partly == [("client", "server", "10.1.2.8:443", 1)]


def test_what_a_host_beyond_the_other_point_is_sent_need_not_pass_it(tmp_path: Path) -> None:
    world = World(short_path())
    Talk(world, CLIENT, SERVER, questions(30), (52000, 8081))
    found = world.captures()
    elsewhere = World([client_point()])
    Talk(elsewhere, CLIENT, Host("192.0.2.77"), [Send("client", 5)], (50002, 443), 0.1)
    elsewhere.parts = [client_point(), Lose(lambda *_: True)]
    found["client"] = sorted([*found["client"], *elsewhere.captures()["client"]], key=lambda frame: frame.time_ns)
    assert told(make_case(tmp_path, found)) == []


def test_an_attempt_refused_in_the_hosts_name_is_told(tmp_path: Path) -> None:
    class Refuse:
        def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[object]:
            from dataclasses import replace

            from tests.support.path import Onward

            del now_ns
            segment = packet.upper
            if upward and isinstance(segment, TCP) and segment.target == 443:
                reset = TCP(443, segment.source, 0, segment.seq + 1, "RA", 0)
                return [
                    Onward(replace(packet, source=packet.target, target=packet.source, upper=reset, ttl=254), False)
                ]
            return [Onward(packet, upward)]

    case = make_case(tmp_path, captures(short_path(Refuse())))  # type: ignore[arg-type]
    assert told(case) == [("client", "server", "10.1.2.8:443", 1)]


def test_a_forged_reset_leaves_nothing_absent(tmp_path: Path) -> None:
    assert told(make_case(tmp_path, captures(short_path(ForgeReset(port=443))))) == []


@pytest.mark.parametrize(("others", "expected"), [(True, 1), (False, 0)])
def test_an_unanswered_datagram_counts_only_where_others_of_its_kind_arrive(
    tmp_path: Path, others: bool, expected: int
) -> None:
    lost = Lose(lambda packet, upward, _seen: upward and isinstance(packet.upper, UDP) and packet.upper.source == 51003)
    world = World(short_path(lost))
    Talk(world, CLIENT, SERVER, questions(60), (52000, 8081))
    for turn in range(6):
        if others or turn == 3:
            Ask(
                world,
                CLIENT,
                SERVER,
                (51000 + turn, 53),
                (f"question {turn}".encode(), f"answer {turn}".encode()),
                0.1 * turn,
            )
    assert len(make_case(tmp_path, world.captures(EPOCH_NS)).alignment.absent) == expected


@pytest.mark.parametrize(("name", "expected"), [("client", {"10.1.1.9"}), ("server", {"10.1.2.8"}), ("middle", set())])
def test_a_capture_tells_its_own_host_by_fresh_ttls(tmp_path: Path, name: str, expected: set[str]) -> None:
    parts = [client_point(), Link(1, hops=2), Point("middle"), Link(1, hops=2), server_point()]
    case = make_case(tmp_path, Scene(parts).captures([questions(1), [Send("client", 3), Close("client")]]))
    assert {".".join(map(str, raw[12:])) for raw in own_hosts(case.point(name).tables)} == expected

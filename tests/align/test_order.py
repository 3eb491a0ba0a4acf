"""Which point is nearer to the client."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.packets import TCP
from tests.support.alignments import Scene, client_point, questions, server_point
from tests.support.files import Frame
from tests.support.path import Link, Packet, World
from tests.support.talk import Host, Talk
from tests.support.trouble import LeakyPoint
from tests.support.verdicts import make_case
from wireproof.case import Case


def members(case: Case) -> list[list[str]]:
    return [[case.points[point].name for point, _ in journey.members] for journey in case.alignment.journeys]


def turned(captures: dict[str, list[Frame]]) -> dict[str, list[Frame]]:
    return dict(reversed(captures.items()))


@pytest.mark.parametrize("hops", [0, 1, 9])
def test_neither_names_nor_argument_order_decide(tmp_path: Path, hops: int) -> None:
    parts = [client_point(), Link(3, hops=hops), server_point(offset_s=-900.0)]
    captures = turned(Scene(parts).captures([questions(3)] * 2))
    case = make_case(tmp_path, captures)
    assert members(case) == [["client", "server"]] * 2
    assert [case.points[point].name for point in case.alignment.order] == ["client", "server"]


def test_each_host_is_client_of_some_and_server_of_others(tmp_path: Path) -> None:
    parts = [client_point(), Link(3), server_point()]
    there = Scene(parts).captures([questions(3)] * 2)
    back_parts = [server_point(), Link(3), client_point()]
    back_parts[0].at, back_parts[2].at = "client", "server"  # type: ignore[union-attr]
    world = World(back_parts)
    Talk(world, Host("10.1.2.8"), Host("10.1.1.9"), questions(3, "football"), (50001, 7000), 0.1)
    back = world.captures()
    case = make_case(
        tmp_path, {name: sorted([*there[name], *back[name]], key=lambda frame: frame.time_ns) for name in there}
    )
    clients = {
        case.points[j.members[0][0]].talk(j.members[0][1]).client_endpoint.split(":")[0]: j
        for j in case.alignment.journeys
    }
    assert case.points[clients["10.1.1.9"].members[0][0]].name == "client"
    assert case.points[clients["10.1.2.8"].members[0][0]].name == "server"


def test_a_conversation_that_tells_nothing_follows_others_of_its_hosts(tmp_path: Path) -> None:
    from tests.support.packets import UDP
    from tests.support.path import EPOCH_NS

    world = World([client_point(), Link(3, hops=0), server_point()])
    client, server = Host("10.1.1.9"), Host("10.1.2.8")
    Talk(world, client, server, questions(3))
    for turn in range(4):
        packet = server.wrap(client.address, UDP(6000, 7000, f"telling {turn}, unasked".encode()))
        world.at(turn * 10**8, lambda packet=packet: world.send(packet, upward=False))
    case = make_case(tmp_path, turned(world.captures(EPOCH_NS)))
    by_protocol = {
        case.points[j.members[0][0]].talk(j.members[0][1]).protocol: names
        for j, names in zip(case.alignment.journeys, members(case), strict=True)
    }
    assert by_protocol == {"tcp": ["client", "server"], "udp": ["server", "client"]}


def test_where_nothing_tells_the_user_does(tmp_path: Path) -> None:
    captures = Scene([client_point(), Link(0, hops=0), server_point()]).captures([questions(2)])
    same = {"one": captures["client"], "other": captures["client"]}
    assert members(make_case(tmp_path, same)) == [["one", "other"]]
    case = make_case(tmp_path, same)
    case.path_order = ["other", "one"]
    assert members(case) == [["other", "one"]]


@pytest.mark.parametrize("turn", [False, True])
def test_conversations_of_two_hosts_are_heard_together_where_packets_are_missing(tmp_path: Path, turn: bool) -> None:
    """One conversation's quick answers are missing at the server, so that its round trips look longer there than at the client."""

    def quick(packet: Packet, upward: bool, _seen: int) -> bool:
        segment = packet.upper
        return (
            not upward
            and isinstance(segment, TCP)
            and segment.target == 50002
            and ("S" in segment.flags or not segment.payload)
        )

    missing = LeakyPoint("server", at="server", choose=quick)
    parts = [client_point(), Link(3, hops=0), missing]
    captures = Scene(parts).captures([questions(3, f"topic {number}") for number in range(3)])
    case = make_case(tmp_path, turned(captures) if turn else captures)
    assert members(case) == [["client", "server"]] * 3
    assert len(missing.dropped) >= 3

"""Conversations told by their payloads where numbers and addresses tell nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from examples.packets import echo
from tests.support.alignments import Scene, align, client_point, numbers, questions, server_point, short_path
from tests.support.files import Frame
from tests.support.icmp_nat import IcmpNat
from tests.support.middleboxes import Lose, SourceNat, data_numbers
from tests.support.path import EPOCH_NS, Link, Packet, World
from tests.support.talk import Ask, Host
from tests.support.trouble import Renumber
from tests.support.verdicts import make_case
from wireproof.align.contents import pair_by_content, shared_bytes
from wireproof.align.pairs import ONE_CONTENT, SAME_CONTENT, pair_conversations


def test_nat_and_new_numbers_together_are_seen_through_by_payload(tmp_path: Path) -> None:
    between = (Renumber(1234567, 2**32 - 9), SourceNat("198.51.100.7"), Lose(data_numbers(False, 7)))
    scene = Scene(short_path(*between))
    case = align(tmp_path, scene, [questions(), questions(5, "football")])
    assert [journey.because for journey in case.alignment.journeys] == ["the same payloads"] * 2
    assert numbers(case, "server") == scene.truth("server")


@pytest.mark.parametrize("between", [[SourceNat("198.51.100.7")], [Renumber(5, 7_777_777)]])
def test_captures_from_the_midst_of_a_conversation_are_paired(tmp_path: Path, between: list[object]) -> None:
    scene = Scene(
        [client_point(from_s=0.1), Link(5), *between, Lose(data_numbers(False, 20)), Link(5), server_point(from_s=0.15)]
    )  # type: ignore[list-item]
    case = align(tmp_path, scene, [questions(20)])
    assert len(case.alignment.journeys) == 1
    assert numbers(case, "server") == scene.truth("server") != []


def test_one_question_and_its_answer_are_a_pair(tmp_path: Path) -> None:
    world = World(short_path(SourceNat("198.51.100.7")))
    for turn in range(4):
        Ask(
            world,
            Host("10.1.1.9"),
            Host("10.1.2.8"),
            (51000 + turn, 53),
            (f"question {turn}".encode(), f"answer {turn}".encode()),
            turn,
        )
    case = make_case(tmp_path, world.captures())
    one, other = (point.tables for point in case.points)
    pairs, free = pair_conversations(one, other)
    assert len(pairs) == 0
    found = pair_by_content(one, other, free)
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(turn, turn) for turn in range(4)]
    assert set(found.how.tolist()) == {SAME_CONTENT}


def test_conversations_that_say_the_same_are_not_told_apart(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(Renumber(5, 6), SourceNat("198.51.100.7"))), [questions(3)] * 2)
    one, other = (point.tables for point in case.points)
    assert len(pair_by_content(one, other, pair_conversations(one, other)[1])) == 0


def test_an_unanswered_question_is_the_weaker_sign(tmp_path: Path) -> None:
    world = World(short_path(SourceNat("198.51.100.7")))
    Ask(world, Host("10.1.1.9"), Host("10.1.2.8"), (51000, 53), (b"is there anybody", b"no"), answer_to=0)
    case = make_case(tmp_path, world.captures())
    one, other = (point.tables for point in case.points)
    assert pair_by_content(one, other, pair_conversations(one, other)[1]).how.tolist() == [ONE_CONTENT]


def test_payloads_are_compared_as_far_as_the_shorter_capture_holds_them(tmp_path: Path) -> None:
    world = World([client_point(), Link(5), SourceNat("198.51.100.7"), Link(5), server_point(snap_length=70)])
    for turn in range(3):
        texts = (
            f"question number {turn}, with many words".encode() * 3,
            f"answer number {turn}, with many words".encode() * 3,
        )
        Ask(world, Host("10.1.1.9"), Host("10.1.2.8"), (51000 + turn, 53), texts, turn)
    case = make_case(tmp_path, world.captures())
    assert shared_bytes(*(point.tables for point in case.points)) == 28
    assert len(case.alignment.journeys) == 3
    assert numbers(case, "client") == numbers(case, "server") == []


def test_the_same_ports_with_other_words_are_no_pair(tmp_path: Path) -> None:
    from tests.support.talk import Close, Send

    other = [
        step
        for turn in range(8)
        for step in (
            Send("client", f"request {turn:5} ".encode() * 20),
            Send("server", f"reply {turn:5} ".encode() * 90),
        )
    ]
    one = Scene(short_path()).captures([questions(8)])["client"]
    two = Scene(short_path(Renumber(1, 1))).captures([[*other, Close("client")]])["server"]
    case = make_case(tmp_path, {"client": one, "server": two})
    assert case.alignment.journeys == []


def pinging(hosts: dict[str, int], lose: Lose, nat: IcmpNat, count: int = 6) -> dict[str, list[Frame]]:
    """Hosts that ping the server behind an address translation: each from another sequence number, all with one payload."""
    world = World([client_point(), Link(5), lose, nat, Link(5), server_point(offset_s=3.0)])
    server = Host("10.1.2.8")

    def answer(packet: Packet, upward: bool) -> bool:
        if upward:
            back = server.wrap(packet.source, replace(packet.upper, kind=0))  # type: ignore[type-var]
            world.at(world.now_ns + 10**6, lambda: world.send(back, upward=False))
        return True

    world.listeners.append(answer)
    for place, (address, first) in enumerate(hosts.items()):
        for turn in range(count):
            ping = Host(address).wrap(server.address, echo(7, first + turn, b"abcdefghijklmnopqrstuvwabcdefghi"))
            world.at(10**9 * turn + 10**8 * place, lambda ping=ping: world.send(ping, upward=True))  # type: ignore[misc]
    return world.captures(EPOCH_NS)


def test_echoes_are_paired_although_address_and_identifier_are_translated(tmp_path: Path) -> None:
    lose = Lose(lambda _packet, upward, seen: upward and seen == 9)
    case = make_case(tmp_path, pinging({"10.1.1.9": 1, "10.1.1.10": 100}, lose, IcmpNat("198.51.100.9")))
    clients = [case.points[0].talk(journey.members[0][1]).client_endpoint for journey in case.alignment.journeys]
    assert sorted(clients) == ["10.1.1.10", "10.1.1.9"]
    assert len(numbers(case, "client")) == len(lose.dropped) == 1
    assert numbers(case, "server") == numbers(case, "client", "inserted") == numbers(case, "server", "inserted") == []


def test_echoes_that_nothing_tells_apart_are_not_paired(tmp_path: Path) -> None:
    none = Lose(lambda _packet, _upward, _seen: False)
    case = make_case(tmp_path, pinging({"10.1.1.9": 1, "10.1.1.10": 1}, none, IcmpNat("198.51.100.9")))
    assert case.alignment.journeys == []

"""Address translation that the user states: certain knowledge of addresses, and no proof by itself."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path

import numpy as np
import pytest

from tests.support.alignments import Scene, align, client_point, numbers, questions, server_point, short_path
from tests.support.files import Frame
from tests.support.middleboxes import Lose, SourceNat, TargetNat, data_numbers
from tests.support.path import EPOCH_NS, Link, Part, Point, World
from tests.support.talk import Ask, Host, Send
from tests.support.trouble import Renumber
from tests.support.verdicts import make_case
from wireproof.align.translation import Nat, Translation
from wireproof.case import Case

DAY_NS = 86_400 * 10**9
OUTSIDE = "198.51.100.9"


def nat(inside: str, outside: str = OUTSIDE, **ports: tuple[int, int]) -> Nat:
    return Nat(ip_network(inside), ip_address(outside), **ports)


def told(case: Case, *stated: Nat) -> list[tuple[str, str, str]]:
    """Client as the first and as the last point show it, and why they are one, with what the user states."""
    case.nat = list(stated)
    found = []
    for journey in case.alignment.journeys:
        ends = [case.points[point].talk(number) for point, number in (journey.members[0], journey.members[-1])]
        found.append((ends[0].client_endpoint, ends[1].client_endpoint, journey.because))
    return sorted(found)


def asking(clients: list[str], payloads: list[tuple[bytes, bytes]], apart_ns: int = 0) -> dict[str, list[Frame]]:
    """Each client asks its question in one datagram, behind one address translation; the server's clock may be off."""
    world = World([client_point(), Link(5), SourceNat(OUTSIDE), Link(5), server_point(offset_s=apart_ns / 1e9)])
    for turn, (client, payload) in enumerate(zip(clients, payloads, strict=True)):
        Ask(world, Host(client), Host("10.1.2.8"), (5000, 9000 + turn), payload, start_s=0.1 * turn)
    return world.captures(EPOCH_NS)


QUESTION = (b"what is the weather like today", b"it is going to rain all day long")
STATED = "the address translation that case.toml states"


def test_a_stated_translation_needs_no_other_conversation_that_tells_the_clock(tmp_path: Path) -> None:
    captures = asking(["10.1.1.9"], [QUESTION], 3 * DAY_NS)
    assert told(make_case(tmp_path, captures)) == []
    assert told(make_case(tmp_path, captures), nat("10.1.1.0/24")) == [("10.1.1.9:5000", f"{OUTSIDE}:40001", STATED)]


@pytest.mark.parametrize("stated", [nat("10.1.1.9", "198.51.100.77"), nat("10.1.1.9", outside_ports=(50000, 50099))])
def test_what_is_stated_otherwise_is_no_pair(tmp_path: Path, stated: Nat) -> None:
    captures = asking(["10.1.1.9"], [QUESTION])
    assert len(told(make_case(tmp_path, captures))) == 1
    assert told(make_case(tmp_path, captures), stated) == []


def test_a_stated_translation_makes_no_pair_of_what_says_different_things(tmp_path: Path) -> None:
    captures = asking(["10.1.1.9"], [QUESTION])
    other = asking(["10.1.1.9"], [(b"quite another question than that", b"and quite another answer to it")])
    assert told(make_case(tmp_path, {"client": captures["client"], "server": other["server"]}), nat("10.1.1.9")) == []


def test_hosts_that_say_the_same_are_told_apart_by_what_is_stated(tmp_path: Path) -> None:
    other = Scene([client_point(), Link(5), SourceNat("198.51.100.10"), Link(5), server_point()])
    captures = asking(["10.1.1.9"], [QUESTION])
    world = World(other.parts)
    Ask(world, Host("10.1.1.10"), Host("10.1.2.8"), (5000, 9000), QUESTION, start_s=0.5)
    for name, frames in world.captures(EPOCH_NS).items():
        captures[name] += frames
    assert told(make_case(tmp_path, captures)) == []
    stated = nat("10.1.1.9"), nat("10.1.1.10", "198.51.100.10")
    assert told(make_case(tmp_path, captures), *stated) == [
        ("10.1.1.10:5000", "198.51.100.10:40001", STATED),
        ("10.1.1.9:5000", f"{OUTSIDE}:40001", STATED),
    ]


@pytest.mark.parametrize("shift", [0, 0x12345678])
def test_losses_are_found_where_translations_follow_one_another(tmp_path: Path, shift: int) -> None:
    lose = Lose(data_numbers(True, 3, 9))
    numbered: list[Part] = [Renumber(shift, shift // 3)] if shift else []
    parts = [
        client_point(), Link(1), lose, Link(1), SourceNat("172.16.0.9", 30001), SourceNat(OUTSIDE), *numbered,
        TargetNat("203.0.113.8", "10.1.2.8"), Link(5), server_point(offset_s=-7000.0),
    ]  # fmt: skip
    scene = Scene(parts, target="203.0.113.8")
    case = align(tmp_path, scene, [questions(12)])
    stated = nat("10.1.1.9", "172.16.0.9"), nat("172.16.0.0/24"), nat("10.1.2.8", "203.0.113.8")
    assert told(case, *stated) == [("10.1.1.9:50001", f"{OUTSIDE}:40001", STATED)]
    assert numbers(case, "client") == scene.truth("client") != []


@pytest.mark.parametrize("stated", [(), (nat("10.1.1.0/24"),)])
@pytest.mark.parametrize("given", [("client", "one", "two", "server"), ("two", "server", "client", "one")])
def test_pairs_on_either_side_of_a_translation_become_one_journey(
    tmp_path: Path, stated: tuple[Nat, ...], given: tuple[str, ...]
) -> None:
    parts = [
        client_point(), Link(1), Point("one", offset_s=3), Link(2), SourceNat(OUTSIDE), Renumber(0x777),
        Point("two", offset_s=-9), Link(5), server_point(),
    ]  # fmt: skip
    captures = Scene(parts).captures([questions(6), questions(5, "football")])
    for points in (given, given[1:]):
        case = make_case(tmp_path, {name: captures[name] for name in points})
        case.nat = list(stated)
        expected = [name for name in ("client", "one", "two", "server") if name in points]
        found = [[case.points[point].name for point, _ in journey.members] for journey in case.alignment.journeys]
        assert found == [expected] * 2
        assert not any(
            len(flow.lost) for journey in case.alignment.journeys for hop in journey.hops for flow in hop.flows
        )


def test_a_statement_about_other_hosts_changes_nothing(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(SourceNat(OUTSIDE))), [questions(3)])
    assert (
        told(case, nat("10.9.0.0/16", "198.51.100.77"))[0][2]
        == "same initial sequence numbers of both sides, through NAT"
    )


def test_a_capture_on_the_inside_is_paired_as_ever(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path()), [questions(3)])
    assert told(case, nat("10.1.1.0/24"))[0][2] == "same addresses, ports and initial sequence number"


def test_ports_and_networks_bound_what_is_explained(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(SourceNat(OUTSIDE))), [[Send("client", 300)]])
    one, other = (point.tables for point in case.points)
    ends = np.array([0]), np.array([0])

    def verdict(*stated: Nat) -> tuple[bool, bool]:
        translation = Translation(stated)
        return (
            bool(translation.agrees(one, ends[0], other, ends[1])[0]),
            bool(translation.contradicts(one, ends[0], other, ends[1])[0]),
        )

    assert verdict(nat("10.1.0.0/16")) == (True, False)
    assert verdict(nat("10.1.0.0/16"), nat("10.1.1.9", "198.51.100.77")) == (True, False)
    assert verdict(nat("10.1.1.9", inside_ports=(50001, 50001), outside_ports=(40001, 40010))) == (True, False)
    assert verdict(nat("10.1.1.9", outside_ports=(40002, 40010))) == (False, True)
    assert verdict(nat("10.1.1.9", inside_ports=(1, 50000))) == (False, False)
    assert verdict(nat("10.1.1.8")) == (False, False)
    assert verdict(nat("::/0")) == (False, False)
    assert not Translation()

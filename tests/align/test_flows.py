"""What became of each packet of one direction: arrived, merged, lost, missed, outside, inserted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples.packets import TCP
from tests.support.alignments import (
    GIGABIT,
    Scene,
    align,
    client_point,
    flows,
    numbers,
    questions,
    server_point,
    short_path,
)
from tests.support.middleboxes import ForgeReset, Lose, Narrow, data_numbers
from tests.support.path import EPOCH_NS, Link, Onward, Packet, World, with_tcp
from tests.support.streams import DELIVERED, LOST, UNSEEN, Played, Segment, play
from tests.support.talk import Close, KeepAlive, Reset, Send, Stack, Talk
from tests.support.trouble import LeakyPoint, RejectBoth, every
from tests.support.verdicts import close_cases, make_case
from wireproof.align.journeys import HopFlow

KINDS = ("sent", "merged", "lost", "missed", "outside", "twins", "lost_acks")
UPLOAD = [Send("client", 400_000), Send("server", 500), Close("client", 500)]
DOWNLOAD = [Send("client", 400), Send("server", 300_000), Close("client", 500)]
OFFLOADING = Stack(coalesce_ms=0.1)


def partition(flow: HopFlow) -> list[int]:
    return sorted(int(row) for kind in KINDS for row in getattr(flow, kind))


@pytest.mark.parametrize("lost", [(3, 40, 41, 90), tuple(range(10, 140, 9)), (1, 2, 3)])
@pytest.mark.parametrize(("steps", "upward", "sender"), [(UPLOAD, True, "client"), (DOWNLOAD, False, "server")])
def test_of_offloaded_segments_exactly_the_lost_parts_are_told(
    tmp_path: Path, lost: tuple[int, ...], steps: list[Send], upward: bool, sender: str
) -> None:
    lose = Lose(data_numbers(upward, *lost))
    merging = (
        client_point(merge_sent=upward, merge_received=not upward),
        server_point(merge_sent=not upward, merge_received=upward),
    )
    scene = Scene([merging[0], Link(1, megabit=GIGABIT), lose, Link(1, megabit=GIGABIT), merging[1]], OFFLOADING)
    case = align(tmp_path, scene, [steps])
    assert numbers(case, sender) == scene.truth(sender)
    assert sum(int(flow.lost_bytes.sum()) for flow in flows(case)) == sum(
        len(packet.upper.payload) for _, packet in lose.dropped
    )  # type: ignore[union-attr]
    assert any(len(flow.merged) for flow in flows(case))
    assert not any(len(flow.never) for flow in flows(case))


@pytest.mark.parametrize("merged", [False, True])
def test_what_the_host_acknowledged_its_capture_only_missed(tmp_path: Path, merged: bool) -> None:
    leaky = LeakyPoint("client", at="client", merge_received=merged, choose=every(17))
    parts = [leaky, Link(5, megabit=GIGABIT), Link(5, megabit=GIGABIT), server_point(merge_sent=merged)]
    case = align(tmp_path, Scene(parts, OFFLOADING if merged else None), [questions(), DOWNLOAD])
    assert numbers(case, "server") == numbers(case, "client") == []
    assert len(numbers(case, "server", "missed")) > 5


def test_a_capture_that_shows_one_direction_only_loses_nothing(tmp_path: Path) -> None:
    leaky = LeakyPoint("client", at="client", choose=lambda _packet, upward, _seen: not upward)
    case = align(tmp_path, Scene([leaky, Link(5), server_point()]), [questions(150)])
    assert numbers(case, "server") == []
    assert len(numbers(case, "server", "missed")) > 10


def at_the_end(packets: int, total: list[int]) -> Callable[[Packet, bool, int], bool]:
    """A choice of the last packets of the first conversation, whose packets are counted in a first run."""

    def choose(packet: Packet, _upward: bool, _seen: int) -> bool:
        segment = packet.upper
        if not isinstance(segment, TCP) or 50001 not in {segment.source, segment.target}:
            return False
        total[0] += 1
        return packets > 0 and total[0] > total[1] - packets

    return choose


@pytest.mark.parametrize("missed", [2, 3, 5])
def test_what_the_sender_saw_acknowledged_at_the_end_the_other_capture_only_missed(tmp_path: Path, missed: int) -> None:
    steps = [*questions(6)[:-1], Send("client", 700), Send("server", 900), Send("client", 500)]
    counted = [0, 0]
    for part in (0, missed):
        leaky = LeakyPoint("server", at="server", choose=at_the_end(part, counted))
        case = align(tmp_path, Scene([client_point(), Link(5), leaky]), [steps, questions(20, "football")])
        counted[:] = [0, counted[0]]
    assert len(leaky.dropped) == missed
    assert numbers(case, "client") == numbers(case, "server") == []
    assert len(numbers(case, "client", "missed")) >= 1


class Pretend:
    """A device that acknowledges the server's data to it in the client's name, and loses the last of them."""

    def __init__(self, first: int, ttl: int) -> None:
        self.first, self.ttl, self.count = first, ttl, 0
        self.lost: list[Packet] = []

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        del now_ns
        segment = packet.upper
        if upward or not isinstance(segment, TCP) or not segment.payload or segment.target != 50001:
            return [Onward(packet, upward)]
        self.count += 1
        if self.count < self.first:
            return [Onward(packet, upward)]
        self.lost += [] if packet in self.lost else [packet]
        forged = TCP(segment.target, segment.source, segment.ack, segment.seq + len(segment.payload), "A", 900)
        back = replace(packet, source=packet.target, target=packet.source, upper=forged, ttl=self.ttl)
        return [Onward(back, not upward)]


@pytest.mark.parametrize("kept", [0, 1])
def test_an_acknowledgment_that_a_device_made_proves_no_arrival(tmp_path: Path, kept: int) -> None:
    """The device keeps the hosts' TTL or has its own: in the first case the client goes on to talk, without the bytes."""
    device = Pretend(8, 126 if kept else 255)
    steps = [*questions(7, give=500)[:-1], Send("client", 300), Send("server", 900), Close("server", 5)]
    talking = [KeepAlive("client", 300.0)] if kept else []
    scene = Scene([client_point(), Link(5), device, Link(5), server_point()])
    case = align(tmp_path, scene, [[*steps[:-1], *talking], questions(20, "football")])
    assert len(device.lost) == 1
    lost = [int(case.point("server").packets.seq[number - 1]) for number in numbers(case, "server")]
    assert lost == [packet.upper.seq for packet in device.lost]  # type: ignore[union-attr]


def test_what_lies_before_or_after_the_other_capture_is_outside(tmp_path: Path) -> None:
    scene = Scene(short_path(Lose(data_numbers(False, 3, 20)), from_s=0.1, to_s=0.6))
    case = align(tmp_path, scene, [questions(30)])
    assert len(numbers(case, "client", "outside")) > 10
    assert numbers(case, "client") == []
    assert set(numbers(case, "server")) <= set(scene.truth("server"))
    ended = align(tmp_path, Scene([client_point(to_s=0.5), Link(5), server_point()]), [questions(30)])
    assert numbers(ended, "server") == []
    assert len(numbers(ended, "server", "outside")) > 10


def test_never_means_that_no_copy_arrived(tmp_path: Path) -> None:
    case = align(
        tmp_path,
        Scene(short_path(Narrow(1000, "10.9.9.9", tells=False))),
        [[Send("client", 300), Send("server", 5000)]],
    )
    flow = next(flow for flow in flows(case) if flow.toward == "client")
    assert len(flow.lost) == len(flow.never) > 3
    repaired = align(tmp_path, Scene(short_path(Lose(data_numbers(False, 4)))))
    assert [len(flow.never) for flow in flows(repaired)] == [0, 0]


def test_resets_that_nobody_sent_are_inserted_and_own_ones_are_not(tmp_path: Path) -> None:
    world = World(short_path(ForgeReset(port=9000)))
    hosts = Scene(world.parts).hosts()
    Talk(world, *hosts, [Send("client", 300)], (50001, 9000), 1.0)
    Talk(world, *hosts, [Send("client", 300), Send("server", 20), Reset("client")], (50002, 9001), 0.0)
    Talk(world, *hosts, [Send("client", 300), Close("client")], (50003, 9001), 40.0)
    case = make_case(tmp_path, world.captures(EPOCH_NS))
    inserted = numbers(case, "server", "inserted")
    packets = case.point("server").packets
    assert len(inserted) > 1
    assert {int(packets.flags[number - 1]) for number in inserted} == {0x14}
    assert {
        case.point("server").talk(int(packets.conversation[number - 1])).client_endpoint for number in inserted
    } == {"10.1.1.9:50001"}
    assert numbers(case, "client", "inserted") == []


def test_a_firewall_that_resets_both_ends_is_seen_at_both(tmp_path: Path) -> None:
    world = World(short_path(RejectBoth(7)))
    hosts = Scene(world.parts).hosts()
    Talk(world, *hosts, questions(20))
    captures = world.captures()
    later = Scene(short_path()).captures([questions(20, "football")] * 4)
    case = make_case(
        tmp_path,
        {name: sorted([*captures[name], *later[name][20:]], key=lambda frame: frame.time_ns) for name in captures},
    )
    assert len(numbers(case, "client", "inserted")) == len(numbers(case, "server", "inserted")) == 1


def test_a_reset_that_a_device_rewrites_is_neither_lost_nor_inserted(tmp_path: Path) -> None:
    class Rewrite:
        def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
            del now_ns
            segment = packet.upper
            if isinstance(segment, TCP) and "R" in segment.flags:
                packet = with_tcp(packet, replace(segment, seq=segment.seq + 77, ack=0))
            return [Onward(packet, upward)]

    steps = [Send("client", 300), Send("server", 20), Reset("client")]
    case = align(tmp_path, Scene(short_path(Rewrite())), [steps, questions(8), questions(8, "football")])
    assert numbers(case, "client") == numbers(case, "server", "inserted") == []


def judged(folder: Path, plan: list[Segment]) -> tuple[Played, HopFlow]:
    played = play(plan)
    close_cases()
    case = make_case(folder, played.frames)
    flow = next(flow for flow in flows(case) if flow.toward == "server")
    own = case.points[0].conversations.rows_of_side(0, case.points[0].talk(0).client_side)
    assert partition(flow) == own.tolist()
    return played, flow


delivered_at_last = st.lists(st.just(LOST), max_size=2).map(lambda lost: (*lost, DELIVERED))
with_repeats = st.tuples(delivered_at_last, st.lists(st.sampled_from([DELIVERED, LOST]), max_size=1)).map(
    lambda pair: (*pair[0], *pair[1])
)
given_up = st.integers(1, 3).map(lambda count: (LOST,) * count)
sizes = st.sampled_from([1, 100, 1460])
known_fates = st.lists(
    st.builds(Segment, sizes, with_repeats | given_up, st.booleans(), st.booleans()), min_size=1, max_size=14
)
fates = st.lists(st.sampled_from([DELIVERED, LOST, UNSEEN]), min_size=1, max_size=3).map(tuple)
any_fates = st.lists(st.builds(Segment, sizes, fates, st.booleans(), st.booleans()), min_size=1, max_size=14)
thorough = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


@thorough
@given(known_fates)
def test_exactly_what_did_not_arrive_is_lost_to_the_byte(tmp_path: Path, plan: list[Segment]) -> None:
    played, flow = judged(tmp_path, plan)
    told = dict(zip((flow.lost + 1).tolist(), flow.lost_bytes.tolist(), strict=True))
    assert told == {number: row.lost_bytes for number, row in played.rows.items() if row.holds(LOST)}
    gone = {index for index, segment in enumerate(plan) if DELIVERED not in segment.fates}
    never = {
        number
        for number, row in played.rows.items()
        if any(index in gone and fate == LOST for index, fate, _ in row.parts)
    }
    assert set((flow.never + 1).tolist()) == never
    assert not len(flow.missed)


@thorough
@given(any_fates)
def test_nothing_that_the_host_surely_received_is_called_lost(tmp_path: Path, plan: list[Segment]) -> None:
    played, flow = judged(tmp_path, plan)
    whole = next((index for index, segment in enumerate(plan) if set(segment.fates) == {LOST}), len(plan))
    for number, row in played.rows.items():
        acknowledged = row.parts[-1][0] < whole
        # Of bytes that the capture shows already, nothing tells whether another copy came.
        shown = any(DELIVERED in plan[index].fates and fate == UNSEEN for index, fate, _ in row.parts)
        if acknowledged and not row.holds(LOST) and not shown:
            assert number - 1 not in flow.lost
    for number in (flow.missed + 1).tolist():
        assert any(UNSEEN in plan[index].fates for index, *_ in played.rows[number].parts)

"""A case: names are unique, facts are computed once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

import wireproof.align.assemble
from tests.capture.etl.logs import TCPIP, Event, Header, make_log, ndis
from tests.support.etl_fields import pack_event_data
from tests.support.files import Frame, write_pcap
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Talk
from tests.support.verdicts import make_case, open_case
from wireproof.case import Case
from wireproof.errors import CaseError


def two_points(folder: Path) -> Case:
    world = World([Point("client", at="client"), Link(5), Point("server", at="server")])
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 300), Send("server", 900), Close("client")])
    return make_case(folder, world.captures())


def test_points_are_found_by_name_and_numbered_in_order(tmp_path: Path) -> None:
    case = two_points(tmp_path)
    assert [point.index for point in case.points] == [0, 1]
    assert case.point("server") is case.points[1]
    with pytest.raises(CaseError, match="middle"):
        case.point("middle")


def test_two_captures_of_one_name_are_refused(tmp_path: Path) -> None:
    case = two_points(tmp_path)
    with pytest.raises(CaseError, match="client"):
        Case([case.points[0], case.points[0]])


def test_the_alignment_is_computed_once(tmp_path: Path) -> None:
    case = two_points(tmp_path)
    assert case.alignment is case.alignment
    assert len(case.alignment.journeys) == 1


def test_frames_are_fetched_again_and_times_count_from_the_first_one(tmp_path: Path) -> None:
    point = two_points(tmp_path).points[0]
    assert len(point.frame(0)) == point.packets.captured[0]
    assert [len(data) for data in point.frames([2, 0])] == point.packets.captured[[2, 0]].tolist()
    assert point.time_s(0) == 0.0
    assert point.time_s(3) > 0.0


def test_points_that_cant_be_compared_stand_apart_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr(wireproof.align.assemble, "align", breaks)
    case = two_points(tmp_path)
    alignment = case.alignment
    assert (alignment.journeys, alignment.absent, [clock.group for clock in alignment.clocks]) == ([], [], [0, 1])
    assert case.alignment is alignment
    assert case.notes == [
        (
            "comparing the captures stopped with ZeroDivisionError: nothing to divide by; please report it. "
            "Each capture was judged by itself"
        )
    ]


def as_etl(capture: Iterable[Frame], apart_ns: int) -> bytes:
    """A capture as an ETL of a host whose clock is so far ahead, with an event of its stack at the time of each packet."""
    told = list(capture)
    first = told[0].time_ns
    header = Header(start_ns=first + apart_ns)
    events = [Event(TCPIP, 1055, bytes(24), frame.time_ns - first) for frame in told]
    return make_log([ndis(frame.data, frame.time_ns - first) for frame in told], events, header=header)


def test_events_of_a_capture_are_a_log_on_its_clock(tmp_path: Path) -> None:
    world = World([Point("client", at="client"), Link(5), Point("server", at="server")])
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 300), Send("server", 900), Close("client")])
    paths = {}
    for name, frames in world.captures().items():
        ahead_ns = 40_000_000_000 if name == "server" else 0
        paths[name] = tmp_path / f"{name}.etl"
        paths[name].write_bytes(as_etl(frames, ahead_ns))
    case = open_case(paths)
    first, second = case.every_log
    assert (first.point, second.point, second.file) == ("client", "server", str(paths["server"]))
    assert case.logs == []
    point = case.points[1]
    clock = case.log_clock(second)
    time_ns = next(second.events()).time_ns
    assert (clock.known, time_ns) == (True, int(point.packets.time_ns[0]))
    assert clock.to_reference(time_ns) == case.reference_ns(point, time_ns)
    assert abs(clock.offset_ns + 40_000_000_000) < 20_000_000
    assert [case.log_clock(log, owner).offset_ns for log, owner in zip((first, second), case.points, strict=True)] == [
        0,
        0,
    ]
    assert case.log_clock(first).offset_ns == 0


def test_events_without_packets_are_set_by_what_frames_show_too(tmp_path: Path) -> None:
    world = World([Point("client", at="client")])
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 300), Close("client")], (50001, 80))
    (frames,) = (list(frames) for frames in world.captures().values())
    ends = {"local": ("10.1.1.9", 50001), "remote": ("10.1.2.8", 80)}
    start_ns = frames[0].time_ns + 3_000_000_000
    told = [
        Event(TCPIP, number, pack_event_data(TCPIP, number, tcb=1, **fields), at_ns)
        for number, fields, at_ns in ((1002, ends, 0), (1004, {}, 0))
    ]
    etl = tmp_path / "events.etl"
    etl.write_bytes(make_log(told, header=Header(start_ns=start_ns)))
    case = open_case({"client": write_pcap(tmp_path / "client.pcap", frames, nanoseconds=True), "events": etl})
    (log,) = case.every_log
    assert (log.of_capture, log.point) == (False, "")
    clock = case.log_clock(log)
    assert (clock.known, clock.matched) == (True, 1)
    assert abs(clock.offset_ns + 3_000_000_000) < 2_000


def test_a_capture_without_events_has_no_log(tmp_path: Path) -> None:
    case = two_points(tmp_path)
    assert [point.events for point in case.points] == [None, None]
    assert case.every_log == []

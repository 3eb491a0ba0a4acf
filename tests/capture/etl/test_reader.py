"""ETL logs as captures: frames in order of time, read again alike; drops, process ids and events; real logs against their oracles."""

from __future__ import annotations

import contextlib
import io
import random
import uuid
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.capture.etl import logs
from tests.capture.etl.logs import (
    START_NS,
    TCPIP,
    Event,
    Header,
    Seen,
    component,
    make_log,
    mixed_logs,
    ndis,
    pack_buffer,
    pack_event,
    pack_lz77,
    pktmon,
    switch,
    wan,
)
from tests.capture.reading import Read, walk
from tools.compare_windows import compare_file, find_files, log_rows, text_rows
from wireproof.capture import open_capture
from wireproof.capture.etl.reader import EtlReader
from wireproof.errors import CaptureFormatError

MS = 1_000_000


def frame(number: int, size: int = 60) -> bytes:
    """An Ethernet frame of no protocol that checks its length."""
    return bytes(12) + b"\x88\xb5" + bytes([number]) * (size - 14)


def open_log(data: bytes) -> EtlReader:
    capture = open_capture(io.BytesIO(data), name="test")
    assert isinstance(capture, EtlReader)
    return capture


def read(data: bytes) -> tuple[EtlReader, Read]:
    """A log read whole; every frame is read again and must be the same."""
    capture = open_log(data)
    with capture:
        found = walk(capture)
        list(capture.etl_events())
        assert capture.read_frames(found.offsets, [len(one) for one in found.data]) == found.data
        assert len(capture.frame_processes) == len(capture.sent) == len(found.frames)
    return capture, found


@pytest.mark.parametrize("pack", [None, pack_lz77])
def test_frames_of_all_buffers_come_in_order_of_time(pack: object) -> None:
    first = [ndis(frame(number), number * MS) for number in (3, 4, 9)]
    second = [ndis(frame(number), number * MS, logs.START | logs.END | logs.RECEIVE) for number in (1, 2, 5, 8)]
    capture, found = read(make_log(first, second, pack=pack))  # type: ignore[arg-type]
    order = [1, 2, 3, 4, 5, 8, 9]
    assert found.frames == [(START_NS + number * MS, frame(number), 60, 0) for number in order]
    assert capture.sent.tolist() == [number in (3, 4, 9) for number in order]
    assert [capture.processes[place].pid for place in capture.frame_processes] == [1234] * 7
    assert capture.link_types.tolist() == [1]
    assert found.notes == []


def test_frames_of_every_provider_are_read() -> None:
    wifi = logs.WIFI | logs.START | logs.END
    events = [
        ndis(frame(1), MS),
        ndis(frame(2), 2 * MS, wifi),
        switch(frame(3), 3 * MS),
        wan(frame(4), 4 * MS),
        pktmon(frame(5), 5 * MS),
    ]
    capture, found = read(make_log(events))
    assert found.data == [frame(number) for number in range(1, 6)]
    assert [one.name for one in capture.interfaces] == [
        "interface 7",
        "interface 7",
        "switch port 5",
        "remote access",
        "component 10",
    ]
    assert capture.link_types.tolist() == [1, 105, 1, 1, 1]


def test_parts_of_a_packet_are_one_frame() -> None:
    events = [
        ndis(b"one,", 1, logs.START),
        ndis(frame(7), 2, index=8),
        ndis(b"two,", 3, 0),
        ndis(b"three", 4, logs.END),
        ndis(b"lost", 5, 0),
    ]
    _, found = read(make_log(events))
    assert found.data == [frame(7), b"one,two,three"]
    assert found.notes == ["1 parts of packets are left out: other parts of the same packet are missing"]


def test_a_cut_frame_has_its_length_on_the_wire() -> None:
    cut = bytes(12) + b"\x08\0" + b"\x45\0\x05\xdc" + bytes(60)
    _, found = read(make_log([ndis(cut), pktmon(cut, 5, Seen(original=1514))]))
    assert [(len(data), original) for _, data, original, _ in found.frames] == [(78, 1514), (78, 1514)]


def test_a_packet_that_pktmon_saw_several_times_is_one_frame() -> None:
    events = [
        pktmon(frame(packet), packet * MS + step, Seen(packet, step, direction, component=10 + step))
        for packet, direction in ((1, 3), (2, 4))
        for step in (1, 2, 3)
    ]
    capture, found = read(make_log([*events, *component(11, "adapter.sys", "A card", index=5)]))
    assert [time_ns - START_NS for time_ns, _, _, _ in found.frames] == [MS, 2 * MS]
    assert [capture.interfaces[interface].name for _, _, _, interface in found.frames] == [
        "adapter.sys",
        "component 13",
    ]
    assert capture.sent.tolist() == [False, True]


def test_drops_name_their_frame_reason_and_component() -> None:
    seen = Seen(1, 1, 3, component=11)
    events = [
        pktmon(frame(9), 0, Seen(5, 1, 3)),
        pktmon(frame(1), MS, seen),
        pktmon(
            frame(1)[14:], 2 * MS, seen._replace(appearance=2, type=3, component=98, reason=907, location=0xE000_4138)
        ),
        pktmon(frame(2), 3 * MS, Seen(2, 1, 4, reason=14)),
        pktmon(frame(3), 3 * MS, Seen(3, 1, 4, type=5, reason=15)),
    ]
    capture, found = read(make_log([*events, *component(98, "tcpip.sys", "TCP/IPv4")]))
    assert found.data == [frame(9), frame(1), frame(2)]
    assert capture.drops.tolist() == [
        (1, START_NS + 2 * MS, 907, 0xE000_4138, 98),
        (2, START_NS + 3 * MS, 14, 0, 10),
        (-1, START_NS + 3 * MS, 15, 0, 10),
    ]
    assert [capture.component_name(number) for number in (98, 10)] == ["tcpip.sys, TCP/IPv4", ""]
    assert found.notes == ["1 packets that PktMon saw above IP only are left out"]


def test_packets_without_an_appearance_are_those_of_one_component() -> None:
    """As Windows 11 24H2 logs them: each appearance has a group of its own, and no number."""
    described = [
        *component(1, "adapter", index=16),
        *component(2, "filter", index=20, adapter=16),
        *component(3, "ip", network=16),
    ]
    packet = b"\x45\0\0\x1c\0\7\0\0\x40\x11\0\0" + bytes(8) + b"\0\x50\0\x50\0\x08\0\0"
    sent = [pktmon(frame(1)[:14] + packet, at, Seen(at, 0, 4, component=number)) for at, number in ((5, 2), (6, 1))]
    dropped = pktmon(packet, 900, Seen(9, 0, 3, 3, component=3, reason=907))
    lost = pktmon(b"\x45" + packet[1:20] + b"else....", 5 * MS, Seen(10, 0, 4, 3, component=3, reason=922))
    capture, found = read(make_log([*described, *sent, dropped, lost]))
    assert [interface for _, _, _, interface in found.frames] == [0, 1]
    assert [one.name for one in capture.interfaces] == ["adapter", "ip"]
    assert capture.drops[["row", "reason"]].tolist() == [(0, 907), (1, 922)]


def test_events_of_other_providers_are_given_as_they_are() -> None:
    later = Event(TCPIP, 1184, b"second", 9 * MS, process=77, thread=88, version=2)
    afd = Event(uuid.UUID("e53c6823-7bb8-44bb-90dc-3f86090d48a6"), 1000, b"first", MS, process=5)
    with open_log(make_log([later, ndis(frame(1))], [afd])) as capture:
        assert [event.data for event in capture.etl_events()] == [b"first", b"second"]
        (found,) = capture.etl_events([TCPIP, logs.OTHER])
        assert found == (START_NS + 9 * MS, TCPIP, 1184, 2, 77, 88, b"second")
        assert walk(capture).data == [frame(1)]
        assert len(list(capture.etl_events())) == 2


def test_events_are_counted_and_chosen_by_kind() -> None:
    events = [Event(TCPIP, 1184, b"x", MS, version=2), Event(TCPIP, 1184, b"y", 2 * MS), Event(TCPIP, 7, b"z", 3 * MS)]
    with open_log(make_log(events * 2, [ndis(frame(1))])) as capture:
        kinds = capture.event_kinds()
        assert kinds == {(TCPIP, 1184, 2): 2, (TCPIP, 1184, 0): 2, (TCPIP, 7, 0): 2}
        wanted = [(TCPIP, 1184, 0), (TCPIP, 7, 0), (logs.OTHER, 7, 0), (TCPIP, 1184, 9)]
        assert [event.data for event in capture.etl_events(kinds=wanted)] == [b"y", b"y", b"z", b"z"]
        assert list(capture.etl_events(kinds=[])) == []
    with open_log(make_log([ndis(frame(1))])) as capture:
        assert capture.event_kinds() == {}


def test_losses_are_told() -> None:
    capture, found = read(make_log([ndis(frame(1))], header=Header(events_lost=7, buffers_lost=2)))
    assert found.notes == ["the trace lost 7 events and 2 buffers, as its header says"]
    assert capture.dropped == 0
    assert read(make_log([ndis(frame(1))] * 3, header=Header(events_lost=7)))[0].dropped == 7
    marked = pack_buffer(pack_event(ndis(frame(1))), flags=0x22)
    assert read(make_log(marked))[1].notes == ["1 buffers say that the trace lost events before them"]


def test_circular_logs_and_logs_of_several_files_are_told() -> None:
    assert "the log is circular" in read(make_log([ndis(frame(1))], header=Header(mode=2)))[1].notes[0]
    assert "one of several files" in read(make_log([ndis(frame(1))], header=Header(mode=8)))[1].notes[0]


def test_a_log_without_packets_says_how_to_capture_them() -> None:
    _, found = read(make_log([Event(TCPIP, 1, b"")]))
    assert found.notes == [
        "the log holds 2 events and no packets; capture with `netsh trace start capture=yes` or pktmon"
    ]


def test_times_out_of_range_are_told() -> None:
    _, found = read(make_log([ndis(frame(1))._replace(ticks=2**62)], header=Header(per_second=1000)))
    assert found.frames[0][0] == 2**62 - 1
    assert found.notes == ["the times of 1 frames are beyond the year 2116 and are given as its limit"]


def test_notes_are_bounded() -> None:
    bad = pack_buffer(pack_event(ndis(frame(1))) + b"\x01" * 16)
    _, found = read(make_log(*[bad] * 50))
    assert len(found.data) == 50
    assert found.notes[-1] == "30 further notes of these kinds are left out"


def test_batches_can_be_walked_once() -> None:
    with open_log(make_log([ndis(frame(1))])) as capture:
        list(capture.batches())
        with pytest.raises(RuntimeError, match="walked once"):
            next(iter(capture.batches()))


def test_frames_asked_for_that_are_none_are_empty() -> None:
    with open_log(make_log([ndis(frame(1))])) as capture:
        assert capture.read_frames([0], [5]) == [b""]
        list(capture.batches())
        assert capture.read_frames([0, 1, 10**12, 0], [5, 5, 5, 0]) == [frame(1)[:5], b"", b"", b""]


def test_progress_ends_with_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "log.etl"
    path.write_bytes(make_log([ndis(frame(1))]))
    seen: list[tuple[int, int]] = []
    with open_capture(path) as capture:
        list(capture.batches(lambda done, total: seen.append((done, total))))
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


# --- any bytes -------------------------------------------------------------------------------------------------------

SEEDS = mixed_logs()


@settings(max_examples=300)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, 2**16),
)
def test_any_bytes_give_frames_or_an_error_of_the_format(seed: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(seed)
    for at, value in changes:
        data[at % len(data)] = value
    if cut % 3 == 0:
        del data[cut % len(data) :]
    with contextlib.suppress(CaptureFormatError):
        read(bytes(data))


def test_damaged_lengths_give_frames_or_an_error_of_the_format() -> None:
    """Numbers that say most: those which place, count or measure something."""
    chance = random.Random(3)
    for _ in range(400):
        data = bytearray(chance.choice(SEEDS))
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(1024, len(data) - 4) & ~1
            data[at : at + 4] = chance.choice((0, 1, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x1_0000)).to_bytes(
                4, "little"
            )
        with contextlib.suppress(CaptureFormatError):
            read(bytes(data))


# --- real logs -------------------------------------------------------------------------------------------------------

EVENTS = {
    "Tx__HTTP_Server.etl": 2042,
    "Tx__KernelNetwork.etl": 8924,
    "Tx__Process.etl": 10344,
    "Wireshark__small-system-misc-ping.etl": 1612,
    "etl-parser__AMSITrace.etl": 21,
    "etl-parser__ShutdownPerfDiagLogger.etl": 17078,
    "etl-parser__lxcore_kernel.etl": 4,
    "perfview__PerfViewData.etl": 71,
    "perfview__SelfDescribingSingleEvent.etl": 23,
    "perfview__primitive-types.etl": 7,
    "sonde__test.etl": 112,
}


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_of_real_logs_is_passed(captures: Path, name: str) -> None:
    with open_capture(captures / "etl" / name) as capture:
        assert isinstance(capture, EtlReader)
        frames = walk(capture).frames
    assert len(frames) == (43 if "ping" in name else 0)
    told = [note.text for note in capture.notes if "hold" in note.text]
    assert told == (
        []
        if frames
        else [
            f"the log holds {EVENTS[name]} events and no packets; capture with `netsh trace start capture=yes` or pktmon"
        ]
    )


def test_a_real_netsh_trace_gives_frames_and_the_events_that_tell_of_them(captures: Path) -> None:
    with open_capture(captures / "etl" / "Wireshark__small-system-misc-ping.etl") as capture:
        assert isinstance(capture, EtlReader)
        found = walk(capture)
        tcpip = list(capture.etl_events([TCPIP]))
    resets = [
        number
        for number, data in enumerate(found.data, 1)
        if data[12:14] == b"\x08\0" and data[23] == 6 and data[47] & 4
    ]
    assert resets == [19, 39, 41]
    assert len(tcpip) == 355
    terminated = [event.time_ns for event in tcpip if event.event_id == 1184]
    assert len(terminated) == 3
    assert all(0 <= at - found.frames[row - 1][0] < MS for at, row in zip(terminated, resets, strict=True))
    assert [event.event_id for event in tcpip].count(1300) == 131


def test_a_real_pktmon_log_equals_the_text_that_pktmon_made_of_it(captures: Path) -> None:
    log, text = captures / "etl" / "PktMon_nathaniel.etl", captures / "keys" / "pktmon" / "PktMon_nathaniel.txt"
    if not log.exists():
        pytest.skip(f"{log.name}, of which pktmon's text is here, is not among the shared captures")
    written = sorted(text_rows(text.read_text(encoding="utf-16")))
    with open_capture(log) as capture:
        assert isinstance(capture, EtlReader)
        assert sorted(log_rows(capture)) == written
        found = walk(capture)
    assert len(written) == 2705
    assert len(found.frames) == len({row[4:6] for row in written})
    assert np.all(np.diff([frame_[0] for frame_ in found.frames]) >= 0)


def test_real_logs_equal_what_is_stated_of_them(captures: Path) -> None:
    index, texts = (captures / "INDEX.md").read_text(encoding="utf-8"), captures / "keys" / "pktmon"
    lines = [compare_file(path, index, texts) for path in find_files(captures / "etl")]
    assert [line.file for line in lines if line.equal == "NO"] == []
    assert {line.file: line.oracle for line in lines}["Wireshark__small-system-misc-ping.etl"] == (
        "1612 events; 43 packets; resets 19,39,41 of 10896, 6980, 6980"
    )

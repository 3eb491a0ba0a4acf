"""Network Monitor captures: every version gives the frames that were written, in the frame table's order, also when it is cut."""

from __future__ import annotations

import gzip
import io
import os
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.reading import Read, read, walk
from tests.support.netmon_files import (
    HEADER,
    NO_PROCESS,
    START_NS,
    Layout,
    Owner,
    Record,
    netmon_bytes,
    pack_record,
)
from tools.compare_windows import ask_tshark
from wireproof.capture import netmon, open_capture
from wireproof.capture.netmon import starts_like_netmon
from wireproof.errors import CaptureFormatError

VERSIONS = [(1, 1), (2, 0), (2, 1), (2, 2), (2, 3)]
OWNERS = (
    Owner(r"C:\Windows\System32\svchost.exe", 968, bytes((10, 0, 0, 5)), 52926, bytes((10, 0, 0, 9)), 443, b"icon"),
    Owner("System", 4, bytes(15) + b"\1", 137),
)
FILTER, ADAPTERS, EVENT, DNS_CACHE = 0xFFFF, 0xFFFB, 0xFFE0, 0xFFFE


def some_records(count: int = 5, size: int = 60) -> list[Record]:
    """Records that differ in time, length and bytes."""
    return [
        Record(bytes([(number + 1) % 251]) * (size + number), 12_000 * number, size + number + 3)
        for number in range(count)
    ]


def expected(records: list[Record]) -> list[tuple[int, bytes, int]]:
    """(time, bytes, original length) as they should be read."""
    return [(START_NS + 1000 * record.after_us, record.data, record.original or len(record.data)) for record in records]


def frames_of(found: Read) -> list[tuple[int, bytes, int]]:
    """The frames without their interface."""
    return [frame[:3] for frame in found.frames]


@pytest.mark.parametrize(("major", "minor"), VERSIONS)
def test_frames_come_out_as_they_were_written(major: int, minor: int) -> None:
    records = some_records()
    data = netmon_bytes(records, Layout(major, minor))
    found = read(data)
    assert frames_of(found) == expected(records)
    assert found.capture.format == "netmon"
    assert [data[at : at + len(frame)] for at, frame in zip(found.offsets, found.data, strict=True)] == found.data
    zone = "times are the local time of the capturing computer, taken as UTC: the file states no time zone"
    assert found.notes == ([] if minor == 3 else [zone])


def test_times_before_the_start_are_read() -> None:
    """Network Monitor counts from when it opened the file, which may be after the first frame."""
    found = read(netmon_bytes([Record(b"early", -264_969_047)], Layout(minor=1)))
    assert found.frames[0][0] == START_NS - 264_969_047_000


def test_frames_come_in_the_order_of_the_table_over_holes() -> None:
    records = some_records()
    found = read(netmon_bytes(records, Layout(hole=7, order=[3, 0, 4, 1])))
    assert frames_of(found) == [expected(records)[number] for number in (3, 0, 4, 1)]
    assert found.notes == []


def test_a_capture_without_frames_is_read() -> None:
    found = read(netmon_bytes([]))
    assert (found.frames, found.notes) == ([], [])


def test_each_media_type_is_an_interface_of_its_own() -> None:
    media = [1, 9, 0xE071, 1, 2, 5]
    found = read(netmon_bytes([Record(b"x" * 60, media=kind) for kind in media]))
    link_types = [int(found.capture.link_types[interface]) for *_, interface in found.frames]
    assert link_types == [1, 101, 113, 1, 6, 0xFFFF]
    assert found.notes == ["1 frames of media type 5 are not decoded"]


def test_own_frames_and_events_have_numbers_and_a_note_says_so() -> None:
    media = [FILTER, ADAPTERS, 1, EVENT, 1]
    found = read(netmon_bytes([Record(bytes([number]) * 60, media=kind) for number, kind in enumerate(media)]))
    assert [frame[0] for frame in found.data] == [0, 1, 2, 3, 4]
    assert found.notes == [
        "2 frames are Network Monitor's own (capture filter, network information): they have numbers and hold no packet",
        "1 frames are ETW events, which are not decoded",
    ]


def test_own_frames_that_wireshark_does_not_number_are_left_out() -> None:
    records = [Record(b"a" * 60), Record(b"b" * 60, media=DNS_CACHE, process=0), Record(b"c" * 60, process=1)]
    found = read(netmon_bytes(records, Layout(owners=OWNERS, comments=[(2, "why", "")])))
    assert [frame[:1] for frame in found.data] == [b"a", b"c"]
    assert found.capture.comments == {2: ["why"]}
    assert found.capture.frame_processes.tolist() == [-1, 1]
    assert "1 frames of Network Monitor's own (DNS cache) are left out" in found.notes[0]


def test_a_radio_header_is_no_part_of_the_frame() -> None:
    radio = b"\2\x20\0" + bytes(29)
    found = read(netmon_bytes([Record(radio + b"\x08\x01frame", original=50, media=6), Record(b"\2", media=6)]))
    assert found.data == [b"\x08\x01frame", b"\2"]
    assert [frame[2] for frame in found.frames] == [18, 1]
    assert found.capture.link_types.tolist() == [105]


# --- owners and comments ---------------------------------------------------------------------------------------------


def test_frames_name_the_process_that_owns_them() -> None:
    owners = [1, NO_PROCESS, 0, 7, 0]
    records = [Record(b"x" * 60, process=owner) for owner in owners]
    found = read(netmon_bytes(records, Layout(owners=OWNERS)))
    assert found.capture.frame_processes.tolist() == [1, -1, 0, -1, 0]
    first = found.capture.processes[0]
    assert (first.pid, first.name) == (968, "svchost.exe")
    assert (first.local, first.remote) == (("10.0.0.5", 52926), ("10.0.0.9", 443))
    assert found.capture.processes[1].local == ("::1", 137)


def test_owners_follow_the_frames_over_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netmon, "ROWS", 7)
    records = [Record(b"x", process=number % 3) for number in range(40)]
    found = read(netmon_bytes(records, Layout(owners=OWNERS)))
    assert found.capture.frame_processes.tolist() == [(0, 1, -1)[number % 3] for number in range(40)]


def test_files_without_a_process_table_name_no_owner() -> None:
    assert len(read(netmon_bytes(some_records())).capture.frame_processes) == 0
    assert list(read(netmon_bytes(some_records(), Layout(minor=1))).capture.processes) == []


@pytest.mark.parametrize(
    ("ahead", "expected_s"), [(25_200, -25_200), (-20_700, 20_700), (0, 0), (100, None), (None, None)]
)
def test_the_time_zone_of_the_computer_is_told(ahead: int | None, expected_s: int | None) -> None:
    assert read(netmon_bytes(some_records(), Layout(utc_ahead_s=ahead))).capture.utc_offset_s == expected_s


def test_comments_belong_to_their_frames() -> None:
    comments = [(1, "late", "the answer comes late"), (1, "again", ""), (3, "", r"{\rtf1\ansi here\par}")]
    found = read(netmon_bytes(some_records(), Layout(minor=2, comments=comments)))
    assert found.capture.comments == {2: ["late\nthe answer comes late", "again"], 4: ["here"]}


def test_damaged_tables_cost_no_frame() -> None:
    data = bytearray(netmon_bytes(some_records(), Layout(owners=OWNERS, comments=[(0, "title", "")])))
    at = data.index("title".encode("utf-16-le"))
    data[at - 4 : at] = b"\xff" * 4
    at = data.index(b"icon")
    data[at - 4 : at] = b"\xff" * 4
    found = read(bytes(data))
    assert len(found.frames) == 5
    assert [note.split(" at offset")[0] for note in found.notes] == [
        "the process table is damaged",
        "the comments are damaged",
    ]


# --- damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("major", "minor"), VERSIONS)
@pytest.mark.parametrize("left", [0, 1, 8, 19])
def test_a_cut_frame_table_costs_no_frame(major: int, minor: int, left: int) -> None:
    """Files that are still being written, or whose end is missing: what the table does not name is taken as it stands."""
    records = some_records()
    whole = netmon_bytes(records, Layout(major, minor))
    found = read(whole[: len(whole) - 20 + left])
    assert frames_of(found) == expected(records)
    assert "the frame table at offset" in found.notes[0]


def test_a_cut_record_is_left_out() -> None:
    records = some_records()
    whole = netmon_bytes(records)
    found = read(whole[: whole.index(records[4].data) + 30])
    assert frames_of(found) == expected(records[:4])
    assert "the last record is cut at offset" in found.notes[1]


def test_records_right_behind_the_header_are_found_without_the_table() -> None:
    records = some_records()
    body = b"".join(pack_record(record, Layout()) for record in records)
    head = netmon_bytes([], Layout())[:24] + struct.pack("<II", 0, 0) + bytes(40)
    assert frames_of(read(head + body)) == expected(records)


def test_damage_between_records_is_skipped_without_the_table() -> None:
    records = some_records(20)
    data = netmon_bytes(records)
    at, behind = (data.index(records[number].data) - 16 for number in (5, 7))
    found = read(data[:at] + b"\xee" * (behind - at) + data[behind:-80])
    assert frames_of(found) == expected(records[:5] + records[7:])
    assert f"damage at offset {at}: {behind - at} bytes skipped to the next record" in found.notes


def test_table_entries_that_lead_nowhere_are_left_out_and_counted() -> None:
    data = bytearray(netmon_bytes(some_records()))
    data[-20:-16] = b"\xff" * 4
    data[-12:-8] = struct.pack("<I", len(data) - 18)
    found = read(bytes(data))
    assert frames_of(found) == [expected(some_records())[number] for number in (1, 3, 4)]
    assert found.notes == ["2 entries of the frame table lead to no record and are left out"]
    assert found.capture.notes[0].offset == 0xFFFF_FFFF


def test_a_table_that_leads_nowhere_is_not_believed() -> None:
    data = bytearray(netmon_bytes(some_records()))
    data[-20:-4] = b"\xff" * 16
    assert frames_of(read(bytes(data))) == expected(some_records())


def test_a_record_that_claims_to_be_longer_than_the_file_is_left_out() -> None:
    records = some_records()
    data = bytearray(netmon_bytes(records))
    at = data.index(records[2].data)
    data[at - 4 : at] = struct.pack("<I", 100_000_000)
    found = read(bytes(data))
    assert frames_of(found) == [row for row in expected(records) if row[1] != records[2].data]
    assert "1 entries of the frame table" in found.notes[0]


def test_a_start_that_is_no_date_is_told() -> None:
    data = bytearray(netmon_bytes(some_records(), Layout(minor=2)))
    data[8:24] = bytes(16)
    found = read(bytes(data))
    assert [frame[0] for frame in found.frames] == [12_000_000 * number for number in range(5)]
    assert "the file states no start that is a date" in found.notes[0]


@pytest.mark.parametrize("cut", [4, 30, 71])
def test_a_file_cut_inside_its_header_is_refused(cut: int) -> None:
    with pytest.raises(CaptureFormatError, match="cut inside its Network Monitor file header"):
        read(netmon_bytes(some_records())[:cut])


def test_an_unknown_version_is_refused_by_its_number() -> None:
    with pytest.raises(CaptureFormatError, match=r"of version 3\.1, which is not known"):
        read(netmon_bytes(some_records(), Layout(3, 1)))


def test_only_the_magic_numbers_are_recognised() -> None:
    assert starts_like_netmon(b"GMBU\3\2")
    assert starts_like_netmon(b"RTSS\1\1")
    assert not starts_like_netmon(b"GMB")


def test_a_table_that_names_the_same_bytes_again_and_again_ends_reading() -> None:
    found = read(netmon_bytes([Record(b"x" * 4000)], Layout(order=[0] * 5000)))
    assert len(found.frames) < 5000
    assert "names the same bytes again and again" in found.notes[0]


# --- windows and sources ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large() -> list[Record]:
    """Records that fill several windows, one of them larger than a window."""
    records = some_records(9000, 1000)
    records[4000] = Record(b"L" * (5 << 20), 1)
    return records


@pytest.mark.parametrize("order", ["forward", "backward", "cut"])
def test_frames_are_read_over_windows(tmp_path: Path, large: list[Record], order: str) -> None:
    numbers = list(range(len(large)))[:: -1 if order == "backward" else 1]
    data = netmon_bytes(large, Layout(order=numbers))
    path = tmp_path / "a.cap"
    path.write_bytes(data[:-9] if order == "cut" else data)
    with open_capture(path) as capture:
        found = walk(capture)
        again = capture.read_frames(found.offsets[::500], [len(frame) for frame in found.data[::500]])
    assert [frame[1:3] for frame in found.frames] == [row[1:] for row in expected([large[n] for n in numbers])]
    assert again == found.data[::500]


def test_a_table_that_leads_to_and_fro_ends_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netmon, "MAX_JUMPS", 5)
    records = [Record(b"s" * (6 << 20)), Record(b"small"), Record(b"s" * (6 << 20))]
    data = netmon_bytes(records, Layout(order=[1, 0, 2, 1] + [1, 2] * 5))
    path = tmp_path / "a.cap"
    path.write_bytes(data + bytes(1 << 20))
    assert any("leads to and fro" in note or "again and again" in note for note in read(str(path)).notes)


@pytest.mark.parametrize("kind", ["gzip", "zip", "stream"])
def test_packed_and_piped_captures_are_read(tmp_path: Path, large: list[Record], kind: str) -> None:
    """The table at the end is at hand before the first frame."""
    data = netmon_bytes(large[:3000], Layout(owners=OWNERS))
    path = tmp_path / "a"
    if kind == "gzip":
        path.write_bytes(gzip.compress(data, 1))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.cap", data)
    with open_capture(io.BytesIO(data) if kind == "stream" else path) as capture:
        found = walk(capture)
        assert frames_of(found) == expected(large[:3000])
        assert capture.read_frames(found.offsets[-1:], [len(found.data[-1])]) == found.data[-1:]


def test_a_cut_gzip_file_gives_the_frames_that_could_be_unpacked(tmp_path: Path) -> None:
    records = [Record(os.urandom(200)) for _ in range(2000)]
    packed = gzip.compress(netmon_bytes(records))
    path = tmp_path / "cut.gz"
    path.write_bytes(packed[: len(packed) * 3 // 4])
    found = read(str(path))
    assert 1000 < len(found.frames) < 2000
    assert "the gzip data end before their end mark; the file is cut or still growing" in found.notes


@pytest.mark.parametrize("packed", [False, True])
def test_progress_ends_with_the_size_of_the_file(tmp_path: Path, large: list[Record], packed: bool) -> None:
    path = tmp_path / "a.cap"
    data = netmon_bytes(large)
    path.write_bytes(gzip.compress(data, 1) if packed else data)
    calls: list[tuple[int, int]] = []
    with open_capture(path) as capture:
        for _ in capture.batches(lambda done, total: calls.append((done, total))):
            pass
    assert calls == sorted(calls)
    assert calls[-1] == (path.stat().st_size, path.stat().st_size)


def test_a_file_that_grows_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    records = some_records(10)
    whole = netmon_bytes(records)
    path = tmp_path / "growing.cap"
    path.write_bytes(whole[:300])
    with open_capture(path) as capture:
        with path.open("ab") as file:
            file.write(whole[300:-5])
        assert len(walk(capture).frames) == 10


def test_the_batches_are_walked_once() -> None:
    with open_capture(io.BytesIO(netmon_bytes(some_records()))) as capture:
        walk(capture)
        with pytest.raises(RuntimeError, match="once"):
            next(capture.batches())


# --- any bytes -------------------------------------------------------------------------------------------------------

SMALL = (
    *(netmon_bytes(some_records(4), Layout(*version, owners=OWNERS, hole=3)) for version in VERSIONS),
    netmon_bytes(
        [Record(bytes(40), media=media, process=media % 3) for media in (1, 6, FILTER, DNS_CACHE, EVENT)],
        Layout(owners=OWNERS, comments=[(1, "a", "b"), (2, "c", "d")], order=[4, 2, 0, 1, 3]),
    ),
)
CHANGE = st.tuples(st.integers(0, 700), st.integers(0, 9), st.binary(max_size=9))
FIELD = st.tuples(st.integers(6, 17), st.integers(0, 0xFFFF_FFFF) | st.integers(0, 600))


@given(st.sampled_from(SMALL), st.lists(CHANGE, max_size=4), st.lists(FIELD, max_size=2), st.integers(0, 2100))
def test_any_change_gives_frames_or_a_format_error(
    whole: bytes, changes: list[tuple[int, int, bytes]], fields: list[tuple[int, int]], kept: int
) -> None:
    data = whole[:kept] if kept % 3 == 0 else whole
    for at, removed, put in changes:
        data = data[:at] + put + data[at + removed :]
    for number, value in fields:
        data = data[: 4 * number] + struct.pack("<I", value) + data[4 * number + 4 :]
    try:
        found = read(data)
    except CaptureFormatError:
        return
    assert len(found.frames) <= len(data) // 8
    assert all(data[at : at + len(frame)] == frame for at, frame in zip(found.offsets, found.data, strict=True))
    assert len(found.capture.frame_processes) in (0, len(found.frames))


@given(st.binary(max_size=400), st.sampled_from(SMALL), st.sampled_from([24, 72, HEADER]))
def test_any_bytes_behind_a_header_give_frames_or_a_format_error(data: bytes, whole: bytes, kept: int) -> None:
    found = read(whole[:kept] + bytes(max(0, 72 - kept)) + data)
    assert len(found.frames) <= len(data) // 8 + 20


# --- the oracle ------------------------------------------------------------------------------------------------------


def real_captures(folder: Path) -> list[Path]:
    """Every Network Monitor file among the shared captures, by content."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            if starts_like_netmon(file.read(4)):
                found.append(path)
    return found


def as_tshark_tells(found: Read) -> list[tuple[int, bytes, int, int]]:
    """The frames with link types for interfaces."""
    link_types = found.capture.link_types
    return [(*frame[:3], int(link_types[frame[3]])) for frame in found.frames]


def test_real_captures_are_read_as_tshark_reads_them(captures: Path, program: Callable[[str], str]) -> None:
    tshark = program("tshark")
    paths = real_captures(captures)
    differing = [path.name for path in paths if as_tshark_tells(read(str(path))) != ask_tshark(tshark, path)]
    assert differing == []
    assert len(paths) >= 16


@pytest.mark.parametrize(("major", "minor"), VERSIONS)
def test_made_captures_are_read_as_tshark_reads_them(
    tmp_path: Path, program: Callable[[str], str], major: int, minor: int
) -> None:
    """Holes, records out of order, times before the start, media types, and frames that Wireshark does not number."""
    random_ = random.Random(minor)
    media = [1, 9, 2, 0xE071, FILTER, ADAPTERS, DNS_CACHE, EVENT, 0]
    early = 0 if major == 1 else -10_000_000
    records = [
        Record(random_.randbytes(60 + number), random_.randrange(early, 9_000_000), 100 + number, media[number % 9])
        for number in range(40)
    ]
    order = random_.sample(range(40), 30)
    path = tmp_path / "made.cap"
    path.write_bytes(netmon_bytes(records, Layout(major, minor, hole=5, order=order, owners=OWNERS)))
    assert as_tshark_tells(read(str(path))) == ask_tshark(program("tshark"), path)


def test_owners_of_a_real_capture_fit_the_frames_they_own(captures: Path) -> None:
    """Of 866 frames with an owner each has its ports and addresses; a socket without a peer states its own end only."""
    found = read(str(captures / "tls-keys" / "wiki_ws-credssp_win2k19-joined.cap"))
    owned = np.flatnonzero(found.capture.frame_processes >= 0).tolist()
    assert len(owned) == 866
    for row in owned:
        process = found.capture.processes[found.capture.frame_processes[row]]
        data = found.data[row]
        ends = {
            (".".join(map(str, data[26 + 4 * n : 30 + 4 * n])), int.from_bytes(data[34 + 2 * n : 36 + 2 * n]))
            for n in (0, 1)
        }
        stated = {process.local, process.remote} - {("0.0.0.0", 0)}
        assert stated <= ends
    assert found.capture.utc_offset_s == -7 * 3600
    names = {(process.pid, process.name) for process in found.capture.processes}
    assert {(4, "System"), (716, "lsass.exe"), (3484, "dns.exe"), (7800, "smartscreen.exe")} <= names

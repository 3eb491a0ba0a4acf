"""Classic pcap: every variant gives the frames that were written, and damage costs no more than the damaged records."""

from __future__ import annotations

import struct

import pytest

from tests.capture.reading import SECOND, START, read, rows, some_frames
from tests.support.files import Frame, pcap_bytes
from wireproof.capture.pcap import starts_like_pcap
from wireproof.errors import CaptureFormatError

FILE_HEADER = 24
HEADER = 16


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_frames_come_out_as_they_were_written(order: str, nanoseconds: bool) -> None:
    frames = some_frames()
    found = read(pcap_bytes(frames, nanoseconds=nanoseconds, order=order, link_type=113))
    assert found.frames == rows(frames)
    assert found.capture.link_types.tolist() == [113]
    assert found.capture.interfaces[0].ticks_per_second == (SECOND if nanoseconds else 1_000_000)
    assert found.notes == []


def test_nanoseconds_are_kept() -> None:
    assert (
        read(pcap_bytes([Frame(START + 987_654_321, b"x" * 20)], nanoseconds=True)).frames[0][0] == START + 987_654_321
    )


def test_snap_cut_frames_keep_their_length_on_the_wire() -> None:
    found = read(pcap_bytes(some_frames(size=200), snap_length=68))
    assert [(len(data), original) for _, data, original, _ in found.frames] == [
        (68, 200 + number) for number in range(5)
    ]
    assert found.capture.interfaces[0].snap_length == 68


def test_records_of_the_patched_libpcap_have_eight_bytes_more() -> None:
    frames = some_frames(3)
    parts = [struct.pack("<IHHiIII", 0xA1B2CD34, 2, 4, 0, 0, 65535, 1)]
    for frame in frames:
        seconds, rest = divmod(frame.time_ns, SECOND)
        sizes = (len(frame.data), frame.wire_length)
        parts.append(struct.pack("<IIIIIHBB", seconds, rest // 1000, *sizes, 2, 0x0800, 0, 0) + frame.data)
    assert read(b"".join(parts)).frames == rows(frames)


@pytest.mark.parametrize(("minor", "swaps"), [(2, True), (3, True), (3, False), (4, False)])
def test_lengths_of_early_versions_stand_in_the_other_order(minor: int, swaps: bool) -> None:
    whole = Frame(START, b"y" * 90, 400)
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, minor, 0, 0, 65535, 1)
    sizes = (400, 90) if swaps else (90, 400)
    record = struct.pack("<IIII", START // SECOND, 0, *sizes) + whole.data
    assert read(header + record * 3).frames == rows([whole] * 3)


def test_upper_bits_of_the_link_type_state_the_check_sequence() -> None:
    data = bytearray(pcap_bytes(some_frames(1)))
    data[20:24] = struct.pack("<I", 0x2400_0000 | 1)
    found = read(bytes(data))
    assert found.capture.link_types.tolist() == [1]
    assert found.capture.interfaces[0].fcs_bytes == 4


@pytest.mark.parametrize("cut_by", [1, 30, 60, 64, 75])
def test_a_cut_last_record_costs_only_itself(cut_by: int) -> None:
    frames = some_frames()
    whole = pcap_bytes(frames)
    start = len(whole) - len(frames[-1].data) - HEADER
    found = read(whole[:-cut_by])
    assert found.frames == rows(frames[:-1])
    assert found.notes == [f"the last record is cut at offset {start}; the file may still be growing"]
    assert found.capture.notes[0].offset == start


def test_a_file_that_ends_with_its_header_is_empty_and_sound() -> None:
    found = read(pcap_bytes([]))
    assert (found.frames, found.notes) == ([], [])


def test_a_file_cut_inside_its_header_is_refused() -> None:
    with pytest.raises(CaptureFormatError, match="cut inside its pcap file header"):
        read(pcap_bytes([])[:20])


def record_starts(frames: list[Frame]) -> list[int]:
    """The file offset of each record's header."""
    starts = [FILE_HEADER]
    for frame in frames:
        starts.append(starts[-1] + HEADER + len(frame.data))
    return starts


@pytest.mark.parametrize("length", [0xFFFF_FFFF, 0x8000_0000, 300_000, 250_000, 500])
def test_a_damaged_length_costs_one_frame(length: int) -> None:
    frames = some_frames(20)
    data = bytearray(pcap_bytes(frames))
    at = record_starts(frames)[7]
    data[at + 8 : at + 12] = struct.pack("<I", length)
    found = read(bytes(data))
    assert found.frames == rows(frames[:7] + frames[8:])
    skipped = HEADER + len(frames[7].data)
    assert found.notes == [f"damage at offset {at}: {skipped} bytes skipped to the next record"]


def test_overwritten_records_cost_only_themselves() -> None:
    frames = some_frames(30)
    data = bytearray(pcap_bytes(frames))
    starts = record_starts(frames)
    data[starts[10] + 3 : starts[14] - 5] = b"\xee" * (starts[14] - starts[10] - 8)
    found = read(bytes(data))
    assert found.frames == rows(frames[:10] + frames[14:])
    assert found.capture.notes[0].offset == starts[10]


def test_bytes_missing_in_the_middle_cost_two_frames_at_most() -> None:
    frames = some_frames(30)
    data = pcap_bytes(frames)
    at = record_starts(frames)[10] + 30
    found = read(data[:at] + data[at + 37 :])
    assert found.data[:10] == [frame.data for frame in frames[:10]]
    assert found.data[-18:] == [frame.data for frame in frames[12:]]
    assert len(found.notes) == 1


def test_zeros_at_the_end_are_no_frames() -> None:
    frames = some_frames()
    found = read(pcap_bytes(frames) + bytes(4096))
    assert found.frames == rows(frames)
    assert "no record found in the 4096 bytes" in found.notes[0]


def test_damage_is_passed_over_a_window_end() -> None:
    """A search that has to read on gives the same frames as one inside a window."""
    frames = some_frames(1500, size=1000)
    data = bytearray(pcap_bytes(frames))
    starts = record_starts(frames)
    first = next(number for number, start in enumerate(starts) if start > (1 << 20) - 3000)
    data[starts[first] : starts[first + 5]] = b"\xee" * (starts[first + 5] - starts[first])
    assert read(bytes(data)).frames == rows(frames[:first] + frames[first + 5 :])


def test_a_writer_whose_every_record_is_odd_is_believed() -> None:
    """Captured longer than original, as some writers have it: the records chain, so they are no damage."""
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 113)
    record = struct.pack("<IIII", 1, 2, 92, 76) + bytes(range(92))
    found = read(header + record * 40)
    assert found.data == [bytes(range(92))] * 40
    assert found.notes == []


def test_frames_longer_than_the_window_are_read() -> None:
    frames = [Frame(START, b"a" * 100), Frame(START, bytes(3 << 20)), Frame(START, b"b" * 100)]
    data = bytearray(pcap_bytes(frames))
    data[16:20] = struct.pack("<I", 8 << 20)
    assert read(bytes(data)).frames == rows(frames)


def test_both_byte_orders_of_every_magic_number_are_recognised() -> None:
    magics = (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34)
    assert all(starts_like_pcap(struct.pack(order + "I", magic)) for magic in magics for order in "<>")
    assert not starts_like_pcap(b"\xa1\xb2\xc3")
    assert not starts_like_pcap(b"\x0a\x0d\x0d\x0a")

"""pcapng: sections, interfaces, clocks and every packet block give the frames that were written; the rest is kept."""

from __future__ import annotations

import struct

import pytest

from examples.files import enhanced_packet, section_header
from tests.capture.reading import SECOND, START, read, rows, some_frames
from tests.support.files import (
    Frame,
    Interface,
    block,
    decryption_secrets,
    interface_statistics,
    name_resolution,
    option,
    pcapng_bytes,
    simple_packet,
)
from wireproof.capture import pcapng
from wireproof.capture.pcapng import starts_like_pcapng
from wireproof.errors import CaptureFormatError

ORDERS = pytest.mark.parametrize("order", ["<", ">"])


def old_packet(frame: Frame, ticks: int, drops: int = 0xFFFF, order: str = "<") -> bytes:
    """An obsolete packet block."""
    sizes = (len(frame.data), frame.wire_length)
    fixed = struct.pack(order + "HHIIII", frame.interface, drops, ticks >> 32, ticks & 0xFFFF_FFFF, *sizes)
    return block(2, fixed + frame.data + bytes(-len(frame.data) % 4), order)


@ORDERS
def test_frames_come_out_as_they_were_written(order: str) -> None:
    frames = some_frames()
    found = read(pcapng_bytes(frames, order=order))
    assert found.frames == rows(frames)
    assert found.notes == []


@ORDERS
@pytest.mark.parametrize("resolution", [0, 3, 6, 9, 0x80 | 10, 0x80 | 20, 0x80 | 33])
@pytest.mark.parametrize("offset_s", [0, 1_600_000_000, -5])
def test_any_clock_gives_the_time_to_the_length_of_its_tick(order: str, resolution: int, offset_s: int) -> None:
    time_ns = START + 123_456_789
    found = read(
        pcapng_bytes([Frame(time_ns, b"z" * 40)], [Interface(resolution=resolution, offset_s=offset_s)], order)
    )
    tick = SECOND // 2 ** (resolution & 0x7F) + 2 if resolution & 0x80 else SECOND // 10**resolution
    assert 0 <= time_ns - found.frames[0][0] < tick
    assert found.capture.interfaces[0].offset_s == offset_s


@pytest.mark.parametrize(
    ("resolution", "ticks", "time_ns"),
    [
        (12, 1_500_000_000_123, 1_500_000_000),
        (27, 5 * 10**18, 5),
        (28, 2**64 - 1, 0),
        (29, 2**64 - 1, 0),
        (127, 2**64 - 1, 0),
        (0x80 | 40, 3 << 39, 1_500_000_000),
        (0x80 | 63, 3 << 62, 1_500_000_000),
        (0x80 | 64, 2**64 - 1, 999_999_999),
        (0x80 | 127, 2**64 - 1, 0),
        (0x80, 7, 7 * SECOND),
    ],
)
def test_ticks_finer_than_nanoseconds_are_cut(resolution: int, ticks: int, time_ns: int) -> None:
    data = section_header() + Interface(resolution=resolution).pack("<") + enhanced_packet(Frame(0, b"q" * 8), ticks)
    assert read(data).frames[0][0] == time_ns


def test_times_beyond_the_range_are_given_as_its_limit_and_noted() -> None:
    data = section_header() + Interface(resolution=6).pack("<") + enhanced_packet(Frame(0, b"q" * 8), 2**63)
    found = read(data)
    assert found.frames[0][0] == 2**62 - 1
    assert found.notes == ["the times of 1 frames are beyond the year 2116 and are given as its limit"]


def test_sections_keep_their_own_byte_order_and_interfaces() -> None:
    first = pcapng_bytes([Frame(START, b"one!")], [Interface(1, name="eth0"), Interface(101)], "<")
    second = pcapng_bytes([Frame(START + 5, b"two!", 0, 1)], [Interface(228), Interface(113, resolution=6)], ">")
    third = pcapng_bytes([Frame(START + 7000, b"three", 0, 0)], [Interface(276)], "<")
    found = read(first + second + third)
    assert [(data, interface) for _, data, _, interface in found.frames] == [(b"one!", 0), (b"two!", 3), (b"three", 4)]
    assert found.capture.link_types.tolist() == [1, 101, 228, 113, 276]
    assert [interface.section for interface in found.capture.interfaces] == [0, 0, 1, 1, 2]
    assert found.capture.interfaces[0].name == "eth0"
    assert len(found.capture.section_options) == 3


@ORDERS
def test_old_and_simple_packet_blocks_are_frames(order: str) -> None:
    frame = Frame(START, b"0123456789")
    parts = [section_header(order=order), Interface(resolution=9, snap_length=6).pack(order)]
    parts += [
        old_packet(frame, START, order=order),
        simple_packet(frame, 6, order),
        old_packet(frame, START + 1, 3, order),
    ]
    found = read(b"".join(parts))
    assert found.frames == [(START, frame.data, 10, 0), (0, b"012345", 10, 0), (START + 1, frame.data, 10, 0)]
    assert found.notes == ["1 frames in simple packet blocks carry no time and are given time 0"]
    assert found.capture.dropped == 3


@ORDERS
def test_comments_are_kept_by_frame_number(order: str) -> None:
    data = pcapng_bytes([Frame(START, b"a"), Frame(START, b"b", 0, 0, "see here"), Frame(START, b"c")], order=order)
    two = (
        option(1, b"first", order)
        + option(4, struct.pack(order + "Q", 7), order)
        + option(1, "zweit\u00e9".encode(), order)
    )
    body = struct.pack(order + "IIIII", 0, 0, 9, 4, 4) + b"data" + two + option(0, b"", order)
    head = section_header(option(1, b"whole file", order), order)
    found = read(head + data[28:] + block(6, body, order))
    assert found.capture.comments == {0: ["whole file"], 2: ["see here"], 4: ["first", "zweit\u00e9"]}
    assert found.capture.dropped == 7
    assert len(found.frames) == 4


def test_comments_of_a_later_batch_have_the_right_number() -> None:
    frames = [Frame(START, b"x" * 1000) for _ in range(3000)]
    frames[2500] = frames[2500]._replace(comment="far")
    assert read(pcapng_bytes(frames)).capture.comments == {2501: ["far"]}


@ORDERS
def test_names_secrets_and_statistics_are_kept(order: str) -> None:
    last = name_resolution(bytes([10, 1, 1, 1]), "client", order) + name_resolution(bytes(15) + b"\1", "self", order)
    last += decryption_secrets(b"CLIENT_RANDOM 00 11\n", order) + interface_statistics(0, 500, 20, order)
    capture = read(pcapng_bytes(some_frames(), order=order, last=last)).capture
    assert capture.names == [("10.1.1.1", "client"), ("::1", "self")]
    assert capture.secrets == [(0x544C534B, b"CLIENT_RANDOM 00 11\n")]
    assert (capture.interfaces[0].received, capture.interfaces[0].dropped, capture.dropped) == (500, 20, 20)


def test_unknown_blocks_are_skipped() -> None:
    frames = some_frames(2)
    data = pcapng_bytes(frames[:1], last=block(0x7777, b"whatever") + block(0x8000_0001, b""))
    found = read(data + enhanced_packet(frames[1], frames[1].time_ns))
    assert (found.frames, found.notes) == (rows(frames), [])


def test_blocks_that_wireshark_numbers_are_noted() -> None:
    found = read(pcapng_bytes(some_frames(2), last=block(0xBAD, b"\0\0\0\1data") + block(9, b"MESSAGE=")))
    assert len(found.frames) == 2
    assert found.notes == ["2 custom or journal blocks are no packets and not counted; Wireshark numbers them"]


def test_lengths_that_leave_out_the_padding_are_understood() -> None:
    """As the first pcapng writers (ntar) had it: the block is padded, its stated length is not."""
    data = b"0123456789"
    body = struct.pack("<HHIIII", 0, 0xFFFF, 0, 7, len(data), len(data)) + data
    stated = struct.pack("<I", len(body) + 12)
    odd = struct.pack("<I", 2) + stated + body + b"\0\0" + stated
    body = struct.pack("<IIIII", 0, 0, 8, len(data), len(data)) + data
    odd += struct.pack("<I", 6) + stated + body + b"\0\0" + stated
    found = read(section_header() + Interface().pack("<") + odd * 2)
    assert [frame[:2] for frame in found.frames] == [(7, data), (8, data)] * 2
    assert found.notes == []


@pytest.mark.parametrize("cut_by", [1, 4, 30, 61])
def test_a_cut_last_block_costs_only_itself(cut_by: int) -> None:
    frames = some_frames(3)
    whole = pcapng_bytes(frames)
    start = len(whole) - len(enhanced_packet(frames[-1], 0))
    found = read(whole[:-cut_by])
    assert found.frames == rows(frames[:-1])
    assert found.notes == [f"the last record is cut at offset {start}; the file may still be growing"]


@ORDERS
@pytest.mark.parametrize("length", [0, 8, 13, 80, 5000, 0x0FFF_FFFC, 0xFFFF_FFFF])
def test_a_damaged_leading_length_costs_one_frame(length: int, order: str) -> None:
    frames = some_frames(10)
    head = pcapng_bytes(frames[:4], order=order)
    data = bytearray(pcapng_bytes(frames, order=order))
    data[len(head) + 4 : len(head) + 8] = struct.pack(order + "I", length)
    found = read(bytes(data))
    assert found.frames == rows(frames[:4] + frames[5:])
    skipped = len(enhanced_packet(frames[4], 0))
    assert found.notes == [f"damage at offset {len(head)}: {skipped} bytes skipped to the next record"]


def test_a_damaged_trailing_length_costs_nothing() -> None:
    frames = some_frames(10)
    head = pcapng_bytes(frames[:5])
    data = bytearray(pcapng_bytes(frames))
    data[len(head) - 4 : len(head)] = b"\xee" * 4
    found = read(bytes(data))
    assert found.frames == rows(frames)
    assert "states two different lengths" in found.notes[0]


def test_bytes_missing_in_the_middle_cost_one_frame() -> None:
    frames = some_frames(10)
    at = len(pcapng_bytes(frames[:4])) + 30
    data = pcapng_bytes(frames)
    found = read(data[:at] + data[at + 13 :])
    assert found.frames == rows(frames[:4] + frames[5:])


def test_a_damaged_section_header_does_not_hide_the_next_one() -> None:
    first, second = pcapng_bytes(some_frames(2)), pcapng_bytes(some_frames(3), order=">")
    data = bytearray(first + second + second)
    data[len(first) + 8 : len(first) + 12] = b"????"
    found = read(bytes(data))
    assert found.data[:2] == [frame.data for frame in some_frames(2)]
    assert found.frames[-3:] == [(time_ns, data, size, 1) for time_ns, data, size, _ in rows(some_frames(3))]


def test_frames_of_an_undescribed_interface_are_left_out_with_a_note() -> None:
    found = read(pcapng_bytes(some_frames(2), last=enhanced_packet(Frame(0, b"lost", 0, 5), 0)))
    assert len(found.frames) == 2
    assert found.notes == ["frame of interface 5, which the section does not describe, left out"]


def test_a_frame_longer_than_its_block_is_left_out_with_a_note() -> None:
    packet = bytearray(enhanced_packet(Frame(0, b"long"), 0))
    packet[20:24] = struct.pack("<I", 4000)
    found = read(pcapng_bytes(some_frames(1), last=bytes(packet)) + enhanced_packet(some_frames(1)[0], START))
    assert found.frames == rows(some_frames(1)) * 2
    assert found.notes == ["frame longer than its block left out: 4000 bytes stated"]


def test_a_simple_packet_before_any_interface_is_left_out_with_a_note() -> None:
    found = read(section_header() + simple_packet(Frame(0, b"early")))
    assert found.frames == []
    assert found.notes == ["simple packet block before any interface description left out"]


def test_a_stated_section_length_does_not_matter() -> None:
    data = bytearray(pcapng_bytes(some_frames()))
    data[16:24] = struct.pack("<q", 12)
    assert read(bytes(data)).frames == rows(some_frames())


def test_blocks_larger_than_the_window_are_read_and_the_window_shrinks_again() -> None:
    frames = [Frame(START, b"a" * 100), Frame(START, bytes(3 << 20)), *some_frames(3000, size=1000)]
    assert read(pcapng_bytes(frames)).frames == rows(frames)


def test_what_is_kept_in_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcapng, "MAX_KEPT", 5000)
    found = read(pcapng_bytes([Frame(START, b"x", 0, 0, "comment " * 20) for _ in range(100)]))
    assert len(found.frames) == 100
    assert 1 < len(found.capture.comments) < 20
    assert found.notes == ["comments, names and options beyond 64 MiB are left out"]


def test_interfaces_beyond_the_limit_are_left_out_with_their_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcapng, "MAX_INTERFACES", 3)
    frames = [Frame(START, b"kept", 0, 2), Frame(START, b"lost", 0, 3)]
    found = read(pcapng_bytes(frames, [Interface()] * 4))
    assert found.data == [b"kept"]
    assert [text.split(",")[0] for text in found.notes] == ["interfaces beyond 3 are left out", "frame of interface 3"]


def test_a_file_cut_inside_its_section_header_is_refused() -> None:
    with pytest.raises(CaptureFormatError, match="cut inside its pcapng section header"):
        read(section_header()[:20])


def test_only_a_section_header_is_recognised() -> None:
    assert starts_like_pcapng(section_header())
    assert starts_like_pcapng(section_header(order=">"))
    assert not starts_like_pcapng(b"\x0a\x0d\x0d\x0a" + bytes(24))
    assert not starts_like_pcapng(struct.pack("<I", 0xA1B2C3D4))

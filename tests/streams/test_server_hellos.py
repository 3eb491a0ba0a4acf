"""Suites of ServerHellos, read from one packet each: where that does not tell, nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.files import Frame, write_pcap
from tests.support.packets import TCP, IPv4
from wireproof.conversations import read_capture
from wireproof.streams.server_hellos import suites_told

RAW_IP = 101
BEHIND = b"\0\0\0"
FAR = 4_000_000_000


def hello(session: bytes, suite: int, more: bytes = BEHIND) -> bytes:
    """A record with a ServerHello of TLS 1.2."""
    body = b"\x03\x03" + bytes(range(32)) + bytes([len(session)]) + session + suite.to_bytes(2, "big") + more
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message


def suites_of(folder: Path, *segments: list[tuple[int, bytes, int]]) -> list[int]:
    """What is told of conversations whose servers sent these segments (offset, bytes, bytes captured of it)."""
    frames = []
    for place, sent in enumerate(segments):
        syn = bytes(IPv4("10.1.0.2", "10.1.0.1", TCP(443, 2000 + place, seq=FAR, flags="SA")))
        frames.append(Frame(len(frames), syn))
        for offset, data, captured in sent:
            packet = bytes(IPv4("10.1.0.2", "10.1.0.1", TCP(443, 2000 + place, seq=FAR + 1 + offset, payload=data)))
            frames.append(Frame(len(frames), packet[: len(packet) - len(data) + captured], len(packet)))
    tables = read_capture(write_pcap(folder / "t.pcap", frames, link_type=RAW_IP))
    numbers = np.arange(len(tables.conversations))
    part = numbers, np.zeros_like(numbers)
    told = suites_told(tables, part, tables.conversations.side_facts("opening")[part])
    tables.capture.close()
    return told.tolist()


def whole(data: bytes) -> list[tuple[int, bytes, int]]:
    return [(0, data, len(data))]


def test_each_suite_stands_behind_its_session_id(tmp_path: Path) -> None:
    hellos = [hello(bytes(size), 0x0100 + size, BEHIND * 9) for size in (0, 1, 32, 255)]
    assert suites_of(tmp_path, *map(whole, hellos)) == [0x0100, 0x0101, 0x0120, 0x01FF]
    assert suites_of(tmp_path, whole(hello(b"", 0xC02F, b""))) == [0xC02F]


@pytest.mark.parametrize("missing", [1, 2, 3, 20, 40])
def test_a_hello_that_is_cut_does_not_tell(tmp_path: Path, missing: int) -> None:
    data = hello(bytes(32), 0x0002, b"")
    cut = len(data) - missing
    in_two = [(0, data[:cut], cut), (cut, data[cut:], missing)]
    assert suites_of(tmp_path, in_two, [(0, data, cut)], whole(data)) == [-1, -1, 2]


def test_a_segment_that_came_before_the_hello_does_not_tell(tmp_path: Path) -> None:
    first, later = hello(b"", 0x0002), hello(b"", 0x0003).replace(b"\x02\0\0", b"\x0b\0\0", 1)
    turned = [(len(first), later, len(later)), (0, first, len(first))]
    assert suites_of(tmp_path, turned, whole(first)) == [-1, 2]


def test_a_file_that_became_shorter_tells_nothing(tmp_path: Path) -> None:
    path = write_pcap(
        tmp_path / "t.pcap", [Frame(0, bytes(IPv4("10.1.0.2", "10.1.0.1", TCP(443, 2000, payload=hello(b"", 2)))))], link_type=RAW_IP
    )  # fmt: skip
    tables = read_capture(path)
    path.write_bytes(path.read_bytes()[:-9])
    part = np.zeros(1, np.int64), np.zeros(1, np.int64)
    assert suites_told(tables, part, tables.conversations.side_facts("opening")[part]).tolist() == [-1]
    tables.capture.close()

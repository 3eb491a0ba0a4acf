"""Written pcapng files: what goes in comes out, here and in tshark."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.capture.reading import START, read
from wireproof.capture.write import LONGEST_OPTION, PcapngWriter, WrittenFrame, write_pcapng

FRAMES = [
    WrittenFrame(0, START + 1, b"\xff" * 60, 60, "never arrives"),
    WrittenFrame(1, START + 123_456_789, b"\xee" * 41, 1500),
    WrittenFrame(0, START + 999_999_999, b"", 0, "über"),
]


def test_frames_comments_and_interfaces_come_back(tmp_path: Path) -> None:
    path = tmp_path / "evidence.pcapng"
    assert write_pcapng(path, [(1, "client"), (113, "")], FRAMES) == 3
    found = read(str(path))
    assert found.frames == [(frame.time_ns, frame.data, frame.original_length, frame.interface) for frame in FRAMES]
    assert found.capture.comments == {1: ["never arrives"], 3: ["über"]}
    assert [(interface.link_type, interface.name) for interface in found.capture.interfaces] == [
        (1, "client"),
        (113, ""),
    ]
    assert found.capture.section_options == [[(4, b"wireproof")]]
    assert found.notes == []


def test_a_comment_on_the_file_comes_back() -> None:
    file = io.BytesIO()
    PcapngWriter(file, comment="of case 7").add_interface(1, snap_length=96)
    found = read(file.getvalue())
    assert found.capture.comments == {0: ["of case 7"]}
    assert found.capture.interfaces[0].snap_length == 96


def test_what_cannot_be_written_is_cut_or_refused() -> None:
    file = io.BytesIO()
    writer = PcapngWriter(file)
    with pytest.raises(ValueError, match="interface 0 was not added"):
        writer.add_frame(0, 0, b"", 0)
    writer.add_interface(1)
    writer.add_frame(0, -5, b"x", 1, "ü" * LONGEST_OPTION)
    found = read(file.getvalue())
    assert found.frames == [(0, b"x", 1, 0)]
    assert found.capture.comments == {1: ["ü" * (LONGEST_OPTION // 2)]}


def test_tshark_shows_frames_and_comments(tmp_path: Path, program: Callable[[str], str]) -> None:
    path = tmp_path / "evidence.pcapng"
    write_pcapng(path, [(1, "client"), (1, "server")], FRAMES)
    fields = ["frame.time_epoch", "frame.cap_len", "frame.len", "frame.interface_name", "frame.comment"]
    command = [
        program("tshark"),
        "-n",
        "-r",
        str(path),
        "-T",
        "fields",
        *(part for name in fields for part in ("-e", name)),
    ]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split("\t") for line in shown] == [
        ["1700000000.000000001", "60", "60", "client", "never arrives"],
        ["1700000000.123456789", "41", "1500", "server", ""],
        ["1700000000.999999999", "0", "0", "client", "über"],
    ]

"""Written pcapng files: what goes in comes out, here and in tshark."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.capture.reading import START, read
from wireproof.capture.write import (
    LONGEST_OPTION,
    ROW,
    Parts,
    PcapngWriter,
    PcapWriter,
    write_whole,
)


class WrittenFrame(NamedTuple):
    """The arguments of `PcapngWriter.add_frame`."""

    interface: int
    time_ns: int
    data: bytes
    original_length: int
    comment: str = ""


FRAMES = [
    WrittenFrame(0, START + 1, b"\xff" * 60, 60, "never arrives"),
    WrittenFrame(1, START + 123_456_789, b"\xee" * 41, 1500),
    WrittenFrame(0, START + 999_999_999, b"", 0, "über"),
]


def write_frames(path: Path, interfaces: Iterable[tuple[int, str]], frames: Iterable[WrittenFrame]) -> None:
    """A whole file, `interfaces` as (link type, name)."""
    with path.open("wb") as file:
        writer = PcapngWriter(file)
        for link_type, name in interfaces:
            writer.add_interface(link_type, name)
        for frame in frames:
            writer.add_frame(*frame)


def test_frames_comments_and_interfaces_come_back(tmp_path: Path) -> None:
    path = tmp_path / "evidence.pcapng"
    write_frames(path, [(1, "client"), (113, "")], FRAMES)
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
    write_frames(path, [(1, "client"), (1, "server")], FRAMES)
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


def laid(frames: Sequence[WrittenFrame]) -> tuple[NDArray[Any], Parts]:
    """Frames as rows, the first byte of each as its head."""
    rows = np.zeros(len(frames), ROW)
    heads = bodies = texts = b""
    for row, frame in zip(rows, frames, strict=True):
        head, body, text = frame.data[:1], frame.data[1:], frame.comment.encode()
        row["time_ns"], row["original"] = frame.time_ns, frame.original_length
        for name, at, part in (("head", heads, head), ("body", bodies, body), ("text", texts, text)):
            row[f"{name}_at"], row[f"{name}_size"] = len(at), len(part)
        heads, bodies, texts = heads + head, bodies + body, texts + text
    return rows, Parts(heads, bodies, texts)


def test_many_frames_at_once_are_those_of_one_by_one() -> None:
    one, many = io.BytesIO(), io.BytesIO()
    frames = [*FRAMES, WrittenFrame(0, -5, b"early", 5)]
    writer = PcapngWriter(one)
    writer.add_interface(1)
    for frame in frames:
        writer.add_frame(0, frame.time_ns, frame.data, frame.original_length, frame.comment)
    writer = PcapngWriter(many)
    writer.add_interface(1)
    writer.add_rows(0, *laid(frames[:2]), {})
    writer.add_rows(0, *laid(frames[2:]), {})
    assert many.getvalue() == one.getvalue()
    with pytest.raises(ValueError, match="interface 1 was not added"):
        writer.add_rows(1, *laid([]), {})


def test_a_frame_may_have_several_comments() -> None:
    file = io.BytesIO()
    writer = PcapngWriter(file)
    writer.add_interface(1)
    frames = [WrittenFrame(0, START, b"x", 1, "one"), WrittenFrame(0, START, b"y", 1)]
    writer.add_rows(0, *laid(frames), {0: ["", "two"], 1: ["ü" * LONGEST_OPTION]})
    assert read(file.getvalue()).capture.comments == {1: ["one", "two"], 2: ["ü" * (LONGEST_OPTION // 2)]}


def test_classic_pcap_keeps_nanoseconds_and_the_times_it_can_hold() -> None:
    file = io.BytesIO()
    writer = PcapWriter(file, 1)
    frames = [
        WrittenFrame(0, START + 123, b"abc", 3),
        WrittenFrame(0, -5, b"", 0),
        WrittenFrame(0, 1 << 62, b"d", 1500),
    ]
    writer.add_rows(*laid(frames))
    found = read(file.getvalue())
    assert found.frames == [(START + 123, b"abc", 3, 0), (0, b"", 0, 0), ((1 << 32) * 10**9 - 1, b"d", 1500, 0)]
    assert found.capture.interfaces[0].link_type == 1


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "whole.pcap"
    path.write_bytes(b"before")

    def fail() -> None:
        with write_whole(path) as file:
            file.write(b"half")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("whole.pcap", b"before")]
    with write_whole(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("whole.pcap", b"after")]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_link_is_followed_and_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    real, link, pipe = tmp_path / "real.pcap", tmp_path / "link.pcap", tmp_path / "pipe"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with write_whole(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with write_whole(pipe) as file:
            file.write(b"through")
        assert os.read(reader, 99) == b"through"
    finally:
        os.close(reader)
    assert pipe.is_fifo()

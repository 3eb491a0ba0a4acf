"""What lies in a folder twice: equal files, cut copies, excerpts and conversions of a capture; and what only resembles them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.capture.etl.logs import START_NS, make_log, ndis
from tests.cases import d4_smtp_mss
from tests.support.files import Frame, pcap_bytes, pcapng_bytes
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Talk
from wireproof.analyse.copies import find_parts, find_same
from wireproof.conversations import read_capture

FRAMES = d4_smtp_mss.frames()


def played(offset_s: float = 0.0) -> dict[str, list[Frame]]:
    """Three conversations at two points, with the server's clock so far ahead."""
    world = World([Point("client", at="client"), Link(5), Point("server", at="server", offset_s=offset_s)])
    for turn in range(3):
        script = [Send("client", 300), Send("server", 9000), Close("client")]
        Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), script, (50001 + turn, 9000), turn * 0.5)
    return world.captures()


def parts(folder: Path, *files: bytes | Iterable[Frame]) -> dict[int, int]:
    tables = []
    for turn, content in enumerate(files):
        path = folder / str(turn)
        path.write_bytes(content if isinstance(content, bytes) else pcapng_bytes(content))
        tables.append(read_capture(path))
    try:
        return find_parts(tables)
    finally:
        for one in tables:
            one.capture.close()


def test_equal_files_are_found_by_their_bytes(tmp_path: Path) -> None:
    for name, data in {"a": b"one", "b": b"two", "c": b"one", "d": b"", "e": b"", "f": b"one"}.items():
        (tmp_path / name).write_bytes(data)
    files = [*sorted(tmp_path.iterdir()), tmp_path / "gone"]
    assert {copy.name: first.name for copy, first in find_same(files).items()} == {"c": "a", "f": "a"}


@pytest.mark.parametrize("places", [slice(0, 9), slice(3, 9), slice(-5, None), slice(None)], ids=str)
def test_a_run_of_anothers_frames_is_a_part_of_it(tmp_path: Path, places: slice) -> None:
    assert parts(tmp_path, FRAMES[places], FRAMES) == ({1: 0} if places == slice(None) else {0: 1})


def test_a_conversion_that_keeps_microseconds_is_a_part_and_the_etl_is_kept(tmp_path: Path) -> None:
    moved = [frame._replace(time_ns=START_NS + turn * 1_000_700) for turn, frame in enumerate(FRAMES)]
    log = make_log([ndis(frame.data, frame.time_ns - START_NS) for frame in moved])
    assert parts(tmp_path, pcap_bytes(moved), log) == {0: 1}


def test_conversations_that_were_exported_are_a_part(tmp_path: Path) -> None:
    frames = played()["client"]
    second = [frame for frame in frames if frame.data[34:38] in {b"\xc3\x52\x23\x28", b"\x23\x28\xc3\x52"}]
    assert 5 < len(second) < len(frames)
    assert parts(tmp_path, frames, second) == {1: 0}


def test_another_point_is_no_part_with_equal_clocks_either(tmp_path: Path) -> None:
    for offset_s in (0.0, 3.0):
        at = played(offset_s)
        assert parts(tmp_path, at["client"], at["server"]) == {}


def test_points_of_a_merged_capture_are_no_parts_of_it(tmp_path: Path) -> None:
    at = played()
    assert parts(tmp_path, sorted([*at["client"], *at["server"]]), at["client"], at["server"]) == {}


def test_frames_that_differ_in_one_field_are_no_part(tmp_path: Path) -> None:
    changed = [FRAMES[0], FRAMES[1]._replace(data=FRAMES[1].data + b"!"), *FRAMES[2:9]]
    assert parts(tmp_path, changed, FRAMES) == {}


def test_a_capture_without_frames_is_left_alone(tmp_path: Path) -> None:
    assert parts(tmp_path, [], FRAMES, []) == {}

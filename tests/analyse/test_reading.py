"""Captures are read side by side, their progress is added up, and what breaks one does not stop the others."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.cases import d4_smtp_mss
from tests.support.files import write_bytes, write_capture
from tests.support.iphttps import talk_inner, tunnel
from wireproof.analyse.inputs import close_inputs, open_inputs
from wireproof.analyse.reading import read_points
from wireproof.errors import CaptureFormatError

FRAMES = d4_smtp_mss.frames()


def captures(folder: Path, count: int) -> list[str]:
    return [str(write_capture(folder / f"point{turn}.pcapng", FRAMES)) for turn in range(count)]


def test_points_keep_the_order_of_the_inputs(tmp_path: Path) -> None:
    found = open_inputs(captures(tmp_path, 5))
    points = read_points(found)
    assert [point.name for point in points] == [f"point{turn}" for turn in range(5)]
    assert {point.packets.frames for point in points} == {18}
    close_inputs(found)


def test_progress_counts_the_bytes_of_all_captures(tmp_path: Path) -> None:
    paths = captures(tmp_path, 3)
    told: list[tuple[int, int]] = []
    found = open_inputs(paths)
    read_points(found, lambda done, whole: told.append((done, whole)))
    close_inputs(found)
    size = sum(Path(path).stat().st_size for path in paths)
    assert told[-1] == (size, size)
    assert all(done <= whole == size for done, whole in told)


def test_packets_inside_a_tunnel_are_read_with_the_capture(tmp_path: Path) -> None:
    found = open_inputs([str(write_capture(tmp_path / "tunnel.pcapng", tunnel(talk_inner())))])
    [point] = read_points(found)
    close_inputs(found)
    assert point.packets.count == point.packets.frames + len(talk_inner())


def test_a_defect_inside_a_tunnel_costs_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("wireproof.analyse.reading.unpack_inside", broken)
    found = open_inputs(captures(tmp_path, 1))
    [point] = read_points(found)
    close_inputs(found)
    assert point.packets.frames == 18
    assert any("looking inside the tunnels" in note for note in found.notes)


def test_notes_name_file_and_offset(tmp_path: Path) -> None:
    whole = write_capture(tmp_path / "whole.pcapng", FRAMES).read_bytes()
    cut = write_bytes(tmp_path / "cut.pcapng", whole[:-30])
    found = open_inputs([str(cut)])
    points = read_points(found)
    assert points[0].packets.frames == 17
    assert any(note.startswith(f"{cut}, byte ") for note in found.notes)
    close_inputs(found)


def test_when_no_capture_can_be_read_every_reason_is_told(tmp_path: Path) -> None:
    head = write_capture(tmp_path / "x.pcapng", FRAMES).read_bytes()[:4]
    bad = [str(write_bytes(tmp_path / f"bad{turn}.pcapng", head + b"\xff" * 30)) for turn in range(2)]
    with pytest.raises(CaptureFormatError) as error:
        read_points(open_inputs(bad))
    assert "bad0.pcapng" in str(error.value)
    assert "bad1.pcapng" in str(error.value)


def test_an_interrupted_run_does_not_read_on(tmp_path: Path) -> None:
    found = open_inputs(captures(tmp_path, 4))

    def interrupt(done: int, whole: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_points(found, interrupt)
    close_inputs(found)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("wireproof-read")]

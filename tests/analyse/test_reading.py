"""Captures are read side by side, their progress is added up, and what breaks one does not stop the others."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.cases import d4_smtp_mss
from tests.support.files import SECOND, decryption_secrets, pcapng_bytes, write_bytes, write_capture
from tests.support.iphttps import talk_inner, tunnel
from tests.support.opened import ring_of
from tests.support.tls_captures import frames_of, write_sessions
from tests.support.tls_lab import Session, Setup, lab, play_resumed
from wireproof.analyse.inputs import Inputs, close_inputs, open_inputs
from wireproof.analyse.reading import read_points
from wireproof.case import Point
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Status
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


def test_a_copy_and_a_cut_copy_that_lie_in_a_folder_are_no_points(tmp_path: Path) -> None:
    (path,) = captures(tmp_path, 1)
    data = Path(path).read_bytes()
    (tmp_path / "a.pcapng").write_bytes(data)
    (tmp_path / "b.pcapng").write_bytes(data[: len(data) // 2])
    found = open_inputs([str(tmp_path)])
    assert [point.name for point in read_points(found)] == ["a"]
    close_inputs(found)
    told = f"are in {tmp_path / 'a.pcapng'} too, so that it is no point of its own"
    assert [note for note in found.notes if "left aside" in note] == [
        f"{tmp_path / 'b.pcapng'} is left aside: its 11 frames {told}",
        f"{path} is left aside: its 18 frames {told}",
    ]


def test_a_capture_without_packets_comes_last(tmp_path: Path) -> None:
    captures(tmp_path, 1)
    write_capture(tmp_path / "empty.pcapng", [])
    found = open_inputs([str(tmp_path)])
    assert [point.name for point in read_points(found)] == ["point0", "empty"]
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


# --- TLS sessions ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def session() -> Session:
    """A session under RSA key exchange."""
    with lab(Setup(suite="AES128-SHA")) as opened:
        return opened.play()


def read_with(ring: KeyRing | None, *paths: Path) -> tuple[list[Point], Inputs]:
    found = open_inputs([str(path) for path in paths])
    found.ring = ring
    points = read_points(found)
    close_inputs(found)
    return points, found


def test_sessions_are_opened_with_the_keys_of_the_ring(tmp_path: Path, session: Session) -> None:
    ring = ring_of(session.private_key)
    [point], found = read_with(ring, write_sessions(tmp_path / "a.pcapng", [session]).path)
    assert point.clear is not None
    assert [outcome.status for outcome in point.clear.outcomes] == [Status.DECRYPTED]
    assert ring.sources[0].used == 1
    assert found.notes == []


def test_secrets_inside_one_capture_open_sessions_in_another(tmp_path: Path, session: Session) -> None:
    plain = write_sessions(tmp_path / "a.pcapng", [session]).path
    sealed = write_bytes(tmp_path / "b.pcapng", plain.read_bytes() + decryption_secrets(session.key_log))
    points, found = read_with(None, plain, sealed)
    assert [bool(point.clear) for point in points] == [True, True]
    assert found.ring
    assert [(source.name, source.used) for source in found.ring.sources] == [(f"{sealed} (embedded)", 2)]


def test_without_keys_nothing_is_opened(tmp_path: Path, session: Session) -> None:
    [point], found = read_with(None, write_sessions(tmp_path / "a.pcapng", [session]).path)
    assert point.clear is None
    assert (found.notes, found.ring) == ([], None)


def test_suites_that_encrypt_nothing_are_opened_without_keys(tmp_path: Path) -> None:
    with lab(Setup(suite="NULL-SHA")) as opened:
        path = write_sessions(tmp_path / "a.pcapng", [opened.play()]).path
    [point], _ = read_with(None, path)
    assert point.clear


def test_a_defect_in_opening_sessions_costs_nothing_else(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_tables: object, _ring: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("wireproof.decrypt.build.open_tls", broken)
    [point], found = read_with(ring_of(session.private_key), write_sessions(tmp_path / "a.pcapng", [session]).path)
    assert point.packets.frames
    assert point.clear is None
    assert len(found.notes) == 1
    assert "opening the TLS sessions" in found.notes[0]


@pytest.mark.parametrize("later_first", [False, True])
def test_a_session_goes_on_from_one_in_an_earlier_capture_whichever_is_named_first(
    tmp_path: Path, later_first: bool
) -> None:
    full, resumed = play_resumed(Setup(suite="AES128-SHA"))
    frames = frames_of([full, resumed], apart_s=60)
    begun = next(place for place, frame in enumerate(frames) if frame.time_ns - frames[0].time_ns > 30 * SECOND)
    paths = [
        write_bytes(tmp_path / name, pcapng_bytes(part))
        for name, part in (("full.pcapng", frames[:begun]), ("resumed.pcapng", frames[begun:]))
    ]
    points, _ = read_with(ring_of(full.private_key), *(reversed(paths) if later_first else paths))
    assert [point.name for point in points] == (["resumed", "full"] if later_first else ["full", "resumed"])
    assert [outcome.status for point in points for outcome in point.clear.outcomes] == 2 * [Status.DECRYPTED]  # type: ignore[union-attr]

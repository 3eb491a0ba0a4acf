"""Short sessions are opened in one go, and nothing else comes out than the long way gives; what is not usual goes the long way."""

from __future__ import annotations

import dataclasses
import ssl
from pathlib import Path

import pytest

from tests.decrypt.test_session import script, talk
from tests.support import tls_lab
from tests.support.opened import log_of, pieces_of, private_keys_of, ring_of
from tests.support.talk import Send
from tests.support.tls_captures import Written, write_sessions
from tests.support.tls_handshakes import TLS12, TLS13
from tests.support.tls_lab import TLS10, Session, Setup
from wireproof.conversations import CaptureTables, read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.clear import Clear
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.short import hellos, way
from wireproof.limits import LIMITS
from wireproof.streams import streams

USUAL = {
    "TLS 1.3": Setup(version=TLS13),
    "GCM": Setup(version=TLS12, suite="ECDHE-RSA-AES128-GCM-SHA256", options=ssl.OP_NO_TICKET),
    "ChaCha20": Setup(version=TLS12, suite="ECDHE-RSA-CHACHA20-POLY1305"),
    "CBC": Setup(version=TLS12, suite="AES128-SHA"),
    "TLS 1.0": Setup(version=TLS10, suite="AES256-SHA"),
}
LARGE: tls_lab.Writes = (("client", b"GET /"), ("server", bytes(range(256)) * 400))
"""More than a group of streams has in memory of each."""


@pytest.fixture
def short_ways(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each session that was tried, whether it was opened in one go."""
    tried: list[bool] = []
    real = way.ShortGroup.open

    def watched(group: way.ShortGroup, place: int) -> way.Found | None:
        found = real(group, place)
        tried.append(found is not None)
        return found

    monkeypatch.setattr(way.ShortGroup, "open", watched)
    return tried


def told(tables: CaptureTables, clear: Clear, ring: KeyRing) -> list[object]:
    """All that came out, in a form that compares."""
    found: list[object] = [dataclasses.asdict(one) for one in clear.outcomes]
    found += [(source.name, source.used) for source in ring.sources]
    for number, one in clear.talks.items():
        found.append((number, one.client_side, one.opened, one.inside, one.begins, one.ends, one.outcome))
        for stream in one.streams:
            found += [pieces_of(stream), stream.starts.tolist(), stream.ends.tolist(), stream.piece_rows.tolist()]
    return found


def open_now(written: Written, keys: tuple[bytes, ...]) -> list[object]:
    tables, ring = read_capture(written.path), ring_of(*keys)
    with tables.capture:
        return told(tables, open_tls(tables, ring), ring)


def both_ways(folder: Path, sessions: list[Session], keys: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways give the same."""
    written = write_sessions(folder / "sessions.pcapng", sessions)
    found = open_now(written, keys)
    with monkeypatch.context() as patch:
        patch.setattr(hellos, "SHORT", -1)
        assert found == open_now(written, keys)


@pytest.mark.parametrize("name", USUAL)
def test_a_usual_session_is_opened_in_one_go_and_as_the_long_way_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_ways: list[bool], name: str
) -> None:
    session = tls_lab.play(USUAL[name])
    both_ways(tmp_path, [session], (session.key_log,), monkeypatch)
    assert short_ways == [True, False]


def test_private_keys_and_later_sessions_work_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_ways: list[bool]
) -> None:
    sessions = list(tls_lab.play_resumed(Setup(version=TLS12, suite="AES128-GCM-SHA256")))
    both_ways(tmp_path, sessions, tuple(private_keys_of(sessions)), monkeypatch)
    assert short_ways == [True, True, False, False]


def test_keys_of_another_session_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_ways: list[bool]
) -> None:
    sessions = [tls_lab.play(setup) for setup in USUAL.values()]
    mixed = b"\n".join(line[:-4] + b"0000" for line in log_of(sessions).split(b"\n") if line)
    both_ways(tmp_path, sessions, (mixed,), monkeypatch)
    both_ways(tmp_path, sessions, (tls_lab.play(Setup()).key_log,), monkeypatch)
    assert not any(short_ways)


def test_what_is_not_usual_goes_the_long_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_ways: list[bool]
) -> None:
    updated = talk(script(version=0x0304, suite=0x1301).finish_13(), 1)
    updated.update("client")
    scripts = [
        talk(updated, 1),
        talk(script(compression=1).finish()),
        talk(script(suite=0x0002).finish()),
        talk(script(in_old_form=True, version=0x0301, suite=0x0005).finish()),
    ]
    sessions = [one.session() for one in scripts]
    both_ways(tmp_path, sessions, (log_of(sessions),), monkeypatch)
    assert not any(short_ways)


def test_a_changed_byte_and_a_cut_end_are_told_as_the_long_way_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_ways: list[bool]
) -> None:
    made = talk(script().finish())
    whole = made.session()
    last = whole.steps[-1]
    assert isinstance(last, Send)
    assert isinstance(last.data, bytes)
    data = last.data
    for name, changed in {"changed": data[:-1] + bytes([data[-1] ^ 1]), "cut": data[:-9]}.items():
        session = dataclasses.replace(whole, steps=(*whole.steps[:-1], dataclasses.replace(last, data=changed)))
        folder = tmp_path / name
        folder.mkdir()
        both_ways(folder, [session], (whole.key_log,), monkeypatch)
    assert not any(short_ways)


def test_without_room_nothing_is_taken_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_ways: list[bool]
) -> None:
    session = tls_lab.play(Setup())
    written = write_sessions(tmp_path / "one.pcapng", [session])
    usual = open_now(written, (session.key_log,))
    monkeypatch.setattr(LIMITS["decrypt.kept_bytes"], "value", 10)
    assert open_now(written, (session.key_log,)) == usual
    assert short_ways == [True, False]


def test_sessions_of_all_kinds_side_by_side_are_opened_as_the_long_way_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_ways: list[bool]
) -> None:
    unusual = talk(script(compression=1).finish()).session()
    usual = [tls_lab.play(setup, LARGE if name == "GCM" else tls_lab.WEB) for name, setup in USUAL.items()]
    sessions = [usual[0], unusual, *usual[1:], *tls_lab.play_resumed(Setup(version=TLS12, suite="AES128-GCM-SHA256"))]
    for group in (1, 3, 512):
        monkeypatch.setattr(streams, "GROUP", group)
        folder = tmp_path / str(group)
        folder.mkdir()
        both_ways(folder, sessions, (log_of(sessions),), monkeypatch)
        assert short_ways == [True, False, *[True] * (len(sessions) - 2)] + [False] * len(sessions)
        short_ways.clear()


def test_of_a_session_whose_later_records_do_not_open_nothing_stays_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_ways: list[bool]
) -> None:
    good = [tls_lab.play(USUAL["TLS 1.3"]) for _ in range(3)]
    lines = [line for line in good[1].key_log.split(b"\n") if line]
    wrong = b"\n".join(line[:-4] + b"0000" if b"SERVER_TRAFFIC" in line else line for line in lines)
    both_ways(tmp_path, good, (good[0].key_log, wrong, good[2].key_log), monkeypatch)
    assert short_ways[:3] == [True, False, True]

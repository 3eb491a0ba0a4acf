"""Sessions whose capture is not as it should be: segments in disorder are put right, damage is named, and the rest is read."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support import tls_lab, tls_lab_tlslite
from tests.support.opened import Opened, open_written, private_keys_of, ring_of
from tests.support.talk import text_of
from tests.support.tls_captures import Segment, Written, cut_up, write_segments, write_sessions
from tests.support.tls_handshakes import issue, rsa_key
from tests.support.tls_lab import TLS10, TLS12, TLS13, WEB, Session, Setup
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Reason, Status

LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + text_of(60_000)
LONG = (*WEB, ("client", tls_lab.REQUEST), ("server", LARGE), *WEB, *WEB)
"""Small exchanges, one answer of four records, and small ones again."""

SETUPS = {
    "AES-GCM": Setup(suite="AES128-GCM-SHA256"),
    "ChaCha20": Setup(suite="ECDHE-RSA-CHACHA20-POLY1305"),
    "AES-CBC": Setup(suite="AES128-SHA256"),
    "AES-CBC of TLS 1.0": Setup(version=TLS10, suite="AES128-SHA"),
    "NULL": Setup(suite="NULL-SHA256"),
    "TLS 1.3": Setup(version=TLS13),
}


@functools.cache
def session_of(kind: str) -> Session:
    """One long session of a kind, always the same."""
    if kind != "RC4":
        return tls_lab.play(SETUPS[kind], LONG)
    if not tls_lab_tlslite.has_tlslite():
        pytest.skip("tlslite-ng, which speaks RC4, is not installed")
    return tls_lab_tlslite.play(tls_lab_tlslite.Setup(cipher="rc4"), LONG)[0]


KINDS = [*SETUPS, "RC4"]


def write(folder: Path, session: Session, segments: Sequence[Segment], **form: object) -> Written:
    return write_segments(folder / "session.pcapng", session, segments, **form)  # type: ignore[arg-type]


def open_one(folder: Path, session: Session, segments: Sequence[Segment], **form: object) -> Opened:
    return open_written(write(folder, session, segments, **form))[0]


# --- disorder that costs nothing -----------------------------------------------------------------------------------------


def as_they_are(segments: list[Segment]) -> list[Segment]:
    return segments


def pairs_swapped(segments: list[Segment]) -> list[Segment]:
    found = list(segments)
    for place in range(0, len(found) - 1, 2):
        if found[place].by == found[place + 1].by:
            found[place : place + 2] = found[place + 1], found[place]
    return found


def runs_reversed(segments: list[Segment]) -> list[Segment]:
    found: list[Segment] = []
    run: list[Segment] = []
    for one in segments:
        if run and (run[-1].by != one.by or len(run) == 6):
            found, run = found + run[::-1], []
        run.append(one)
    return found + run[::-1]


def every_third_sent_again(segments: list[Segment]) -> list[Segment]:
    found: list[Segment] = []
    for place, one in enumerate(segments):
        found.append(one)
        if place % 3 == 2:
            found.append(segments[place - 2])
    return found


def overlapping(segments: list[Segment]) -> list[Segment]:
    """Each segment brings up to 50 bytes again that its side sent before."""
    held = {"client": b"", "server": b""}
    found = []
    for one in segments:
        again = held[one.by][-50:]
        held[one.by] += one.data
        found.append(one._replace(start=one.start - len(again), data=again + one.data))
    return found


def shuffled(segments: list[Segment]) -> list[Segment]:
    """Every segment up to five places from where it was; which one, a fixed seed says."""
    random_ = random.Random(7)
    return [one for _, one in sorted(enumerate(segments), key=lambda item: item[0] + random_.random() * 5)]


DISORDER = (as_they_are, pairs_swapped, runs_reversed, every_third_sent_again, overlapping, shuffled)


@pytest.mark.parametrize("disorder", DISORDER)
@pytest.mark.parametrize("size", [97, 1460, 40_000])
@pytest.mark.parametrize("kind", ["AES-GCM", "AES-CBC of TLS 1.0", "TLS 1.3", "RC4"])
def test_segments_in_disorder_are_put_in_order(
    tmp_path: Path, kind: str, size: int, disorder: Callable[[list[Segment]], list[Segment]]
) -> None:
    session = session_of(kind)
    opened = open_one(tmp_path, session, disorder(cut_up(session, size)))
    assert opened.whole, opened.told()


def test_segments_of_a_few_bytes_make_whole_records(tmp_path: Path) -> None:
    session = tls_lab.play(SETUPS["AES-GCM"])
    for size in (1, 4, 6):
        opened = open_one(tmp_path, session, cut_up(session, size))
        assert opened.whole, opened.told()


# --- damage that is named ---------------------------------------------------------------------------------------------


def place_of_large(session: Session, segments: Sequence[Segment]) -> int:
    """The segment in the middle of the large answer."""
    wire = session.wire("server")
    return next(
        place for place, one in enumerate(segments) if one.by == "server" and one.start > len(wire) // 3 and len(one.data) == 1460
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_is_named_and_costs_its_record(tmp_path: Path, kind: str) -> None:
    session = session_of(kind)
    segments = cut_up(session, 1460)
    place = place_of_large(session, segments)
    data = bytearray(segments[place].data)
    data[700] ^= 0x10
    segments[place] = segments[place]._replace(data=bytes(data))
    opened = open_one(tmp_path, session, segments)
    assert (opened.outcome.status, opened.outcome.reason) == (Status.PARTLY, Reason.TAMPERED), opened.told()
    # An IV that goes on from a bad record is covered by no MAC that is behind the encryption: the next one can't be vouched for.
    assert opened.outcome.unread == (2 if kind == "AES-CBC of TLS 1.0" else 1)
    assert opened.outcome.reason_row >= 0
    assert opened.said[0] == session.said[0]
    assert 0 < len(session.said[1]) - len(opened.said[1]) <= 2 * 16_384
    assert opened.said[1].endswith(session.said[1][-12_000:])


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_segment_is_named_and_costs_what_it_held(tmp_path: Path, kind: str) -> None:
    session = session_of(kind)
    segments = cut_up(session, 1460)
    del segments[place_of_large(session, segments)]
    opened = open_one(tmp_path, session, segments)
    assert (opened.outcome.status, opened.outcome.reason) == (Status.PARTLY, Reason.MISSING_BYTES), opened.told()
    assert opened.outcome.text
    assert opened.outcome.advice
    assert opened.said[0] == session.said[0]
    assert 0 < len(session.said[1]) - len(opened.said[1]) <= 2 * 16_384, opened.told()
    assert opened.said[1].endswith(session.said[1][-8_000:]), opened.told()


@pytest.mark.parametrize("kind", ["AES-GCM", "AES-CBC", "TLS 1.3"])
def test_lost_segments_all_over_leave_what_they_did_not_touch(tmp_path: Path, kind: str) -> None:
    session = session_of(kind)
    whole = cut_up(session, 400)
    handshake = sum(one.start < 5_000 for one in whole)
    for seed in range(5):
        random_ = random.Random(seed)
        kept = [one for place, one in enumerate(whole) if place < handshake or random_.random() > 0.02]
        opened = open_one(tmp_path, session, kept)
        assert opened.outcome.reason is Reason.MISSING_BYTES, opened.told()
        read = "".join(data.decode("latin-1") for data in opened.said)
        assert all(
            data.decode("latin-1") in "".join(map(bytes.decode, session.said)) for _, data in opened.pieces[0]
        ), read[:100]
        assert len(opened.said[1]) > 5_000, opened.told()


@pytest.mark.parametrize("kind", ["AES-GCM", "AES-CBC", "TLS 1.3"])
def test_a_file_cut_within_a_record_gives_what_came_before(tmp_path: Path, kind: str) -> None:
    session = session_of(kind)
    written = write(tmp_path, session, cut_up(session, 1460))
    data = written.path.read_bytes()
    written.path.write_bytes(data[: len(data) // 2 + 100])
    opened = open_written(written)[0]
    assert all(said.startswith(read) for said, read in zip(session.said, opened.said, strict=True)), opened.told()
    assert len(opened.said[1]) > len(session.said[1]) // 4
    assert opened.outcome.reason is Reason.MISSING_BYTES, opened.told()
    assert opened.outcome.unread == 1


@pytest.mark.parametrize("kind", ["AES-GCM", "TLS 1.3"])
def test_frames_cut_by_the_capturer_are_named(tmp_path: Path, kind: str) -> None:
    session = session_of(kind)
    opened = open_one(tmp_path, session, cut_up(session, 1460), snap_length=96)
    assert opened.outcome.status is Status.CLOSED, opened.told()
    assert opened.outcome.reason in {Reason.MISSING_BYTES, Reason.NO_HANDSHAKE}, opened.told()
    assert opened.outcome.text
    assert opened.outcome.advice


@pytest.mark.parametrize("kind", ["AES-GCM", "TLS 1.3"])
def test_a_capture_that_begins_too_late_is_named(tmp_path: Path, kind: str) -> None:
    session = session_of(kind)
    segments = [one for one in cut_up(session, 100_000) if one.by == "server" or one.start > 3_000]
    assert any(one.by == "client" and one.data.startswith(b"\x17\x03\x03") for one in segments)
    segments = segments[next(place for place, one in enumerate(segments) if one.by == "client") :]
    opened = open_one(tmp_path, session, segments, start=False)
    assert (opened.outcome.status, opened.outcome.reason) == (Status.CLOSED, Reason.NO_HANDSHAKE), opened.told()


def test_a_handshake_that_was_not_finished_is_named(tmp_path: Path) -> None:
    session = session_of("AES-GCM")
    opened = open_one(tmp_path, session, cut_up(session, 1460)[:2])
    assert (opened.outcome.status, opened.outcome.reason) == (Status.CLOSED, Reason.NOT_FINISHED), opened.told()


# --- keys that do not fit ----------------------------------------------------------------------------------------------


def wrong_log(session: Session) -> bytes:
    """The session's key log with other secrets."""
    lines = [line.split() for line in session.key_log.splitlines() if not line.startswith(b"#")]
    return b"".join(b" ".join((label, name, secret[::-1])) + b"\n" for label, name, secret in lines)


@pytest.mark.parametrize(
    ("kind", "keys", "reason"),
    [
        ("AES-GCM", "none of it", Reason.NO_KEY),
        ("AES-GCM", "another private key", Reason.OTHER_KEY),
        ("AES-GCM", "another session's log", Reason.NO_KEY),
        ("AES-GCM", "wrong secrets", Reason.WRONG_SECRET),
        ("TLS 1.3", "wrong secrets", Reason.WRONG_SECRET),
        ("TLS 1.3", "another private key", Reason.FORWARD_SECRECY),
        ("TLS 1.3", "its private key", Reason.FORWARD_SECRECY),
        ("TLS 1.3", "another session's log", Reason.FORWARD_SECRECY),
        ("ChaCha20", "its private key", Reason.FORWARD_SECRECY),
        ("ChaCha20", "wrong secrets", Reason.WRONG_SECRET),
        ("AES-CBC of TLS 1.0", "wrong secrets", Reason.WRONG_SECRET),
        ("RC4", "wrong secrets", Reason.WRONG_SECRET),
    ],
)
def test_a_key_that_does_not_fit_is_named(tmp_path: Path, kind: str, keys: str, reason: Reason) -> None:
    session = session_of(kind)
    files = {
        "none of it": session_of("TLS 1.3").key_log,
        "another private key": issue("other", key=rsa_key(2048, 9)).key_pem(),
        "another session's log": session_of("AES-CBC").key_log,
        "wrong secrets": wrong_log(session),
        "its private key": session.private_key,
    }
    opened = open_written(write(tmp_path, session, cut_up(session, 1460)), ring_of(files[keys]))[0]
    assert (opened.outcome.status, opened.outcome.reason) == (Status.CLOSED, reason), opened.told()
    assert not any(opened.said)
    assert opened.outcome.text
    assert opened.outcome.advice


def test_one_right_key_among_wrong_ones_opens_a_session(tmp_path: Path) -> None:
    session = session_of("AES-GCM")
    other = issue("other", key=rsa_key(2048, 9)).key_pem()
    ring = ring_of(other, session_of("TLS 1.3").key_log, session.private_key, wrong_log(session_of("AES-CBC")))
    opened = open_written(write(tmp_path, session, cut_up(session, 1460)), ring)[0]
    assert opened.whole, opened.told()


def test_a_session_resumed_from_outside_the_capture_is_named(tmp_path: Path) -> None:
    full, resumed = tls_lab.play_resumed(Setup(version=TLS12, suite="AES128-SHA"))
    path = tmp_path / "resumed.pcapng"
    opened = open_written(write_sessions(path, [resumed]), ring_of(*private_keys_of([full])))[0]
    assert (opened.outcome.status, opened.outcome.reason) == (Status.CLOSED, Reason.RESUMED), opened.told()
    both = open_written(write_sessions(path, [full, resumed]), ring_of(*private_keys_of([full])))
    assert [one.whole for one in both] == [True, True]
    assert [one.outcome.resumed for one in both] == [False, True]


def test_a_session_that_stays_closed_takes_nothing_from_the_others(tmp_path: Path) -> None:
    sessions = [session_of(kind) for kind in SETUPS]
    logs = [session.key_log for session in sessions if session is not sessions[2]]
    opened = open_written(write_sessions(tmp_path / "all.pcapng", sessions), ring_of(*logs))
    assert [one.whole for one in opened] == [True, True, False, True, True, True]
    assert opened[2].outcome.reason is Reason.NO_KEY


def test_without_keys_nothing_is_claimed(tmp_path: Path) -> None:
    written = write(tmp_path, session_of("AES-GCM"), cut_up(session_of("AES-GCM"), 1460))
    tables = read_capture(written.path)
    with tables.capture:
        assert not open_tls(tables, KeyRing()).talks

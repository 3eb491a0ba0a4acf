"""Directions of sessions whose keys or records are not all there: what can be read is, and the rest is counted."""

from __future__ import annotations

from pathlib import Path

from tests.support import tls_lab
from tests.support.opened import Opened, open_written, ring_of
from tests.support.tls_captures import cut_up, write_segments, write_sessions
from tests.support.tls_lab import TLS13, Setup
from tests.support.tls_scripts import Script
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.outcome import Reason, Status
from wireproof.limits import LIMITS, override
from wireproof.wire.tls import ALERT, HANDSHAKE


def only(log: bytes, *labels: bytes) -> bytes:
    """The lines of a key log with these labels."""
    return b"".join(line for line in log.splitlines(keepends=True) if line.split()[0] in labels)


def opened(folder: Path, session: tls_lab.Session, log: bytes) -> Opened:
    return open_written(write_sessions(folder / "one.pcapng", [session]), ring_of(log))[0]


def test_secrets_of_the_data_alone_are_enough_in_tls_1_3(tmp_path: Path) -> None:
    session = tls_lab.play(Setup(version=TLS13))
    found = opened(tmp_path, session, only(session.key_log, b"CLIENT_TRAFFIC_SECRET_0", b"SERVER_TRAFFIC_SECRET_0"))
    assert found.said == session.said, found.told()


def test_secrets_of_one_side_open_that_side(tmp_path: Path) -> None:
    session = tls_lab.play(Setup(version=TLS13))
    found = opened(
        tmp_path, session, only(session.key_log, b"SERVER_HANDSHAKE_TRAFFIC_SECRET", b"SERVER_TRAFFIC_SECRET_0")
    )
    assert found.said == (b"", session.said[1])
    assert (found.outcome.status, found.outcome.reason) == (Status.PARTLY, Reason.FORWARD_SECRECY), found.told()
    assert found.outcome.unread


def test_secrets_of_the_handshake_alone_open_no_data(tmp_path: Path) -> None:
    session = tls_lab.play(Setup(version=TLS13))
    found = opened(
        tmp_path, session, only(session.key_log, b"SERVER_HANDSHAKE_TRAFFIC_SECRET", b"CLIENT_HANDSHAKE_TRAFFIC_SECRET")
    )
    assert found.said == (b"", b"")
    assert (found.outcome.status, found.outcome.reason) == (Status.PARTLY, Reason.FORWARD_SECRECY), found.told()


def test_other_encrypted_records_are_kept_by_their_place(tmp_path: Path) -> None:
    session = tls_lab.play(Setup(version=TLS13))
    tables = read_capture(write_sessions(tmp_path / "one.pcapng", [session]).path)
    with tables.capture:
        (talk,) = open_tls(tables, ring_of(session.key_log)).talks.values()
    wire = session.wire("server")
    kinds = [one.kind for _, one in sorted(talk.opened[1 - talk.client_side].items())]
    assert kinds[:2] == [HANDSHAKE, HANDSHAKE]
    assert kinds[-1] == ALERT
    for start, one in talk.opened[1 - talk.client_side].items():
        assert wire[start] == 23
        assert one.start == start
        assert one.end == start + 5 + int.from_bytes(wire[start + 3 : start + 5], "big")


def test_a_side_that_stays_closed_is_counted_up_to_a_limit(tmp_path: Path) -> None:
    script = Script()
    script.hellos()
    script.finish()
    for _ in range(50):
        script.say("server", bytes(1000))
    written = write_sessions(tmp_path / "closed.pcapng", [script.session()])
    other = ring_of(b"CLIENT_RANDOM " + b"77" * 32 + b" " + b"01" * 48 + b"\n")
    assert open_written(written, other)[0].outcome.unread == 50
    override("decrypt.counted_bytes", 20_000)
    try:
        assert 15 < open_written(written, other)[0].outcome.unread < 25
    finally:
        override("decrypt.counted_bytes", LIMITS["decrypt.counted_bytes"].default)


def test_keys_that_open_nothing_are_given_up(tmp_path: Path) -> None:
    script = Script(version=0x0304, suite=0x1301)
    script.hellos()
    script.finish_13()
    for _ in range(200):
        script.say("server", bytes(100))
    wrong = script.key_log.replace(b" 73", b" 00").replace(b" 63", b" 01")
    session = script.session()
    found = open_written(write_segments(tmp_path / "wrong.pcapng", session, cut_up(session, 1460)), ring_of(wrong))[0]
    assert (found.outcome.status, found.outcome.reason) == (Status.CLOSED, Reason.WRONG_SECRET), found.told()
    assert found.outcome.unread > 190

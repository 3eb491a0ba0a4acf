"""A handshake that came to no end is told by its last message and frame, and by who ended it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.files import Frame, pcapng_bytes, write_bytes
from tests.support.opened import ring_of
from tests.support.talk import Close, Reset, Send
from tests.support.tls_captures import Segment, cut_up, frames_of, segment_frames
from tests.support.tls_lab import TLS12, TLS13, Session, Setup, play
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.decrypt.unfinished import message_name


@pytest.fixture(scope="module")
def sessions() -> dict[str, Session]:
    return {
        "RSA": play(Setup(suite="AES128-SHA")),
        "ECDHE": play(Setup(version=TLS12)),
        "1.3": play(Setup(version=TLS13)),
    }


def outcome_of(folder: Path, frames: Sequence[Frame], *keys: bytes) -> Outcome:
    tables = read_capture(write_bytes(folder / "a.pcapng", pcapng_bytes(frames)))
    with tables.capture:
        (outcome,) = open_tls(tables, ring_of(*keys), every=True).outcomes
    return outcome


def flights(session: Session, count: int) -> list[Segment]:
    """The first flights of a handshake, each in one segment."""
    return cut_up(session, 100_000)[:count]


def open_end(frames: list[Frame]) -> list[Frame]:
    """The frames without the closes at their end."""
    return frames[:-3]


@pytest.mark.parametrize(
    ("kind", "count", "last"),
    [
        ("RSA", 1, "ClientHello at frame 4"),
        ("RSA", 2, "ServerHelloDone at frame 5"),
        ("RSA", 3, "the client's Finished at frame 6"),
        ("ECDHE", 2, "ServerHelloDone at frame 5"),
        ("ECDHE", 3, "the client's Finished at frame 6"),
        ("1.3", 1, "ClientHello at frame 4"),
    ],
)
@pytest.mark.parametrize("with_keys", [True, False], ids=["keys", "no keys"])
def test_the_last_message_and_its_frame_are_told(
    tmp_path: Path, sessions: dict[str, Session], kind: str, count: int, last: str, with_keys: bool
) -> None:
    session = sessions[kind]
    frames = open_end(segment_frames(flights(session, count)))
    found = outcome_of(tmp_path, frames, *((session.key_log, session.private_key) if with_keys else ()))
    assert found.reason is Reason.NOT_FINISHED
    assert found.text == f"The handshake ended after {last}, and nothing more of it is in the capture."
    assert found.advice.startswith("Let the capture run on")
    assert found.reason_row == 3 + count - 1


def test_what_the_server_said_encrypted_is_named_as_far_as_it_is_read(
    tmp_path: Path, sessions: dict[str, Session]
) -> None:
    session = sessions["1.3"]
    frames = open_end(segment_frames(flights(session, 2)))
    known = outcome_of(tmp_path, frames, session.key_log)
    assert known.status is Status.DECRYPTED
    assert known.text.startswith("The handshake ended after the server's Finished at frame 5,")
    closed = outcome_of(tmp_path, frames)
    assert closed.status is Status.CLOSED
    assert closed.text.startswith("The handshake ended after the server's encrypted messages at frame 5,")


def test_a_server_that_asks_the_client_to_try_again_is_no_server_hello(tmp_path: Path) -> None:
    session = play(Setup(version=TLS13, curve="secp521r1"))
    found = outcome_of(tmp_path, open_end(segment_frames(flights(session, 2))))
    assert "ended after HelloRetryRequest at frame 5," in found.text


def test_who_closed_or_reset_the_connection_is_told(tmp_path: Path, sessions: dict[str, Session]) -> None:
    begun = sessions["RSA"].steps[:2]
    by_close = outcome_of(tmp_path, segment_frames(flights(sessions["RSA"], 2)))
    assert by_close.text.endswith("ServerHelloDone at frame 5: the client closed the connection at frame 6.")
    assert "wireproof check" in by_close.advice
    reset = Session("reset", (*begun, Reset("server")), (b"", b""), b"")
    by_reset = outcome_of(tmp_path, frames_of([reset]))
    assert ": the server reset the connection at frame " in by_reset.text


def test_an_alert_is_told_with_its_sender(tmp_path: Path, sessions: dict[str, Session]) -> None:
    hello = sessions["ECDHE"].steps[0]
    refused = Session("refused", (hello, Send("server", b"\x15\x03\x03\0\2\2\x28"), Close("server")), (b"", b""), b"")
    found = outcome_of(tmp_path, frames_of([refused]))
    assert found.text.endswith("ClientHello at frame 4: the server sent the alert handshake_failure.")
    alone = Session("alone", (Send("client", b"\x15\x03\x01\0\2\2\x50"),), (b"", b""), b"")
    found = outcome_of(tmp_path, frames_of([alone]))
    assert found.text == "The handshake ended before anything was encrypted: the client sent the alert internal_error."


def test_a_message_that_is_cut_is_told(tmp_path: Path, sessions: dict[str, Session]) -> None:
    segments = cut_up(sessions["RSA"], 400)
    begun = outcome_of(tmp_path, open_end(segment_frames([one for one in segments if one.by == "server"][:1])))
    assert "ServerHello and a part of what follows it at frame 4" in begun.text
    hello = [one._replace(data=one.data[:60]) for one in segments[:1]]
    assert "a part of ClientHello at frame 4" in outcome_of(tmp_path, open_end(segment_frames(hello))).text


def test_bytes_that_are_missing_are_no_end(tmp_path: Path, sessions: dict[str, Session]) -> None:
    segments = cut_up(sessions["RSA"], 200)
    server = [one for one in segments if one.by == "server"]
    found = outcome_of(tmp_path, open_end(segment_frames([segments[0], server[0], server[2]])))
    assert found.reason is Reason.NO_HANDSHAKE
    assert "lacks bytes of the handshake behind" in found.text


@pytest.mark.parametrize("kind", ["RSA", "ECDHE", "1.3"])
@pytest.mark.parametrize("side", ["client", "server"])
def test_a_capture_of_one_side_is_no_handshake_without_an_end(
    tmp_path: Path, sessions: dict[str, Session], kind: str, side: str
) -> None:
    segments = [one for one in cut_up(sessions[kind], 1460) if one.by == side]
    assert outcome_of(tmp_path, segment_frames(segments)).reason is not Reason.NOT_FINISHED


@pytest.mark.parametrize("kind", ["RSA", "ECDHE", "1.3"])
def test_a_whole_handshake_without_data_needs_no_word(tmp_path: Path, kind: str) -> None:
    setup = {"RSA": Setup(suite="AES128-SHA"), "ECDHE": Setup(), "1.3": Setup(version=TLS13)}[kind]
    session = play(setup, ())
    found = outcome_of(tmp_path, frames_of([session]), session.key_log)
    assert (found.status, found.reason) == (Status.DECRYPTED, Reason.NONE)
    tables = read_capture(tmp_path / "a.pcapng")
    with tables.capture:
        (closed,) = open_tls(tables, KeyRing(), every=True).outcomes
    assert closed.reason is not Reason.NOT_FINISHED


def test_messages_are_named_as_rfcs_do() -> None:
    assert [message_name(kind, 1) for kind in (2, 20, 11, 99)] == [
        "ServerHello", "the server's Finished", "the server's Certificate", "the server's Message 99",
    ]  # fmt: skip

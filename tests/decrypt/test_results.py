"""Outcomes tell of a session what its packets show, and clear streams stand where the conversation's sides do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import tls_lab
from tests.support.opened import open_written, ring_of
from tests.support.talk import Send
from tests.support.tls_captures import cut_up, segment_frames, write_segments, write_sessions
from tests.support.tls_lab import TLS13, WEB, Session, Setup
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.outcome import Outcome, Reason, Status


def outcome_of(folder: Path, session: Session, log: bytes | None = None) -> Outcome:
    written = write_sessions(folder / "one.pcapng", [session])
    return open_written(written, ring_of(session.key_log if log is None else log))[0].outcome


@pytest.mark.parametrize(("setup", "suite"), [(Setup(), 0xC02F), (Setup(version=TLS13), 0x1302)])
def test_version_suite_name_key_and_counts_are_told(tmp_path: Path, setup: Setup, suite: int) -> None:
    session = tls_lab.play(setup)
    found = outcome_of(tmp_path, session)
    assert (found.status, found.reason, found.text, found.advice) == (Status.DECRYPTED, Reason.NONE, "", "")
    assert (found.version, found.suite, found.server_name) == (session.version, suite, tls_lab.NAME)
    assert (found.key, found.resumed, found.handshakes, found.unread) == ("keys0", False, 1, 0)
    assert (found.records, found.octets) == (len(WEB), sum(len(data) for _, data in WEB))
    # Behind SYN, SYN and ACK.
    assert (found.row, found.reason_row) == (3, -1)


def test_the_first_packet_that_stays_closed_is_named(tmp_path: Path) -> None:
    session = tls_lab.play(Setup())
    found = outcome_of(tmp_path, session, b"CLIENT_RANDOM " + b"77" * 32 + b" " + b"01" * 48 + b"\n")
    assert (found.status, found.reason, found.records) == (Status.CLOSED, Reason.FORWARD_SECRECY, 0)
    assert found.reason_row > found.row


def test_the_packet_behind_which_bytes_are_missing_is_named(tmp_path: Path) -> None:
    session = tls_lab.play(Setup(), (*WEB, ("server", tls_lab.text_of(60_000))))
    segments = cut_up(session, 1460)
    place = next(n for n, one in enumerate(segments) if one.by == "server" and one.start > 30_000)
    del segments[place]
    found = open_written(write_segments(tmp_path / "gap.pcapng", session, segments))[0].outcome
    assert found.status is Status.PARTLY
    assert abs(found.reason_row - (3 + place)) <= 12


def test_clear_streams_belong_to_the_sides_of_the_conversation(tmp_path: Path) -> None:
    session = tls_lab.play(Setup())
    segments = cut_up(session, 1460)
    turned = [one._replace(by="server" if one.by == "client" else "client") for one in segments]
    for form, client in ((segments, 0), (turned, 1)):
        path = tmp_path / f"{client}.pcapng"
        tables = read_capture(write_segments(path, session, form).path)
        with tables.capture:
            (talk,) = open_tls(tables, ring_of(session.key_log)).talks.values()
        assert talk.client_side == client
        assert talk.streams[client].read(0, 3) == b"GET"
        assert [stream.side for stream in talk.streams] == [0, 1]
        assert talk.talk().client.read(0, 3) == b"GET"


@pytest.mark.parametrize(
    ("before", "inside"),
    [
        ((("server", b"220 mail ready\r\n"), ("client", b"STARTTLS\r\n"), ("server", b"220 go\r\n")), "starttls"),
        (
            (("client", b"CONNECT www.example.com:443 HTTP/1.1\r\n\r\n"), ("server", b"HTTP/1.1 200 OK\r\n\r\n")),
            "http-connect",
        ),
    ],
)
def test_tls_within_another_protocol_begins_behind_it(
    tmp_path: Path, before: tuple[tuple[str, bytes], ...], inside: str
) -> None:
    session = tls_lab.play(Setup())
    steps = (*(Send(by, data) for by, data in before), *session.steps)
    wrapped = Session("wrapped", steps, session.said, session.key_log)
    written = write_sessions(tmp_path / "inside.pcapng", [wrapped], port=8080)
    found = open_written(written)[0]
    assert found.whole, found.told()
    assert found.outcome.inside == inside
    tables = read_capture(written.path)
    with tables.capture:
        (talk,) = open_tls(tables, ring_of(session.key_log)).talks.values()
    sizes = {by: sum(len(data) for one, data in before if one == by) for by in ("client", "server")}
    assert talk.begins == (sizes["client"], sizes["server"])
    assert talk.ends == (-1, -1)


def test_the_capture_helper_puts_three_packets_before_the_first_segment() -> None:
    assert len(segment_frames(cut_up(tls_lab.play(Setup()), 1460)[:1])) == 3 + 1 + 3

"""TLS inside TLS: the session that goes through a proxy reached over TLS is read too, and told by itself where it can't be."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.opened import pieces_of, ring_of
from tests.support.tls_captures import write_sessions
from tests.support.tls_handshakes import TLS12, TLS13
from tests.support.tls_lab import WEB, Session, Setup, play
from tests.support.tls_nested import ASKED, GRANTED, through_proxy
from wireproof.case import Point
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.clear import Clear
from wireproof.decrypt.outcome import Reason, Status


def opened(folder: Path, session: Session, *keys: bytes) -> Clear:
    tables = read_capture(write_sessions(folder / "nested.pcapng", [session], port=8443).path)
    with tables.capture:
        clear = open_tls(tables, ring_of(*keys))
        for talk in clear.nested.values():
            for stream in talk.streams:
                stream.read(0, 1)
    return clear


@pytest.mark.parametrize("outer", [TLS12, TLS13], ids=str)
@pytest.mark.parametrize("inner", [TLS12, TLS13], ids=str)
@pytest.mark.parametrize("asked", [(ASKED, GRANTED), (b"", b"")], ids=["CONNECT", "at once"])
def test_both_sessions_are_read(
    tmp_path: Path, outer: ssl.TLSVersion, inner: ssl.TLSVersion, asked: tuple[bytes, bytes]
) -> None:
    within = play(Setup(version=inner))
    session = through_proxy(within, Setup(version=outer), *asked)
    clear = opened(tmp_path, session, session.key_log, within.key_log)
    assert [(one.status, one.inside) for one in clear.outcomes] == [(Status.DECRYPTED, ""), (Status.DECRYPTED, "tls")]
    (talk,) = clear.nested.values()
    client, server = talk.streams[talk.client_side], talk.streams[1 - talk.client_side]
    assert (pieces_of(client)[0][1], pieces_of(server)[0][1]) == within.said
    assert (talk.begins[talk.client_side], talk.begins[1 - talk.client_side]) == (len(asked[0]), len(asked[1]))


def test_a_session_inside_that_stays_closed_is_told_with_its_reason(tmp_path: Path) -> None:
    session = through_proxy(play(Setup(version=TLS13)), Setup())
    clear = opened(tmp_path, session, session.key_log)
    assert [(one.status, one.reason) for one in clear.outcomes] == [
        (Status.DECRYPTED, Reason.NONE),
        (Status.CLOSED, Reason.FORWARD_SECRECY),
    ]
    assert not clear.nested


def test_what_is_said_inside_is_read_as_messages(tmp_path: Path) -> None:
    within = play(Setup(version=TLS13), WEB)
    session = through_proxy(within, Setup())
    tables = read_capture(write_sessions(tmp_path / "nested.pcapng", [session], port=8443).path)
    with tables.capture:
        clear = open_tls(tables, ring_of(session.key_log, within.key_log))
        point = Point("client", "nested.pcapng", tables, clear=clear)
        methods = [message.method for message in point.said.http if message.kind == "request"]
    assert methods == ["CONNECT", "GET", "POST"]


def test_plain_http_inside_is_no_session(tmp_path: Path) -> None:
    session = play(Setup(), WEB)
    assert len(opened(tmp_path, replace(session), session.key_log).outcomes) == 1

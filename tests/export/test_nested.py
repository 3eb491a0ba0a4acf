"""A session inside another one is written behind what the outer one says before it, and names the frames that carried it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.export.clearing import read_capture, said
from tests.export.test_carriers import numbers_of
from tests.support.files import pcapng_bytes, write_bytes
from tests.support.opened import ring_of
from tests.support.tls_captures import frames_of
from tests.support.tls_handshakes import TLS13
from tests.support.tls_lab import WEB, Session, Setup, play
from tests.support.tls_nested import ASKED, GRANTED, through_proxy
from wireproof.conversations import CaptureTables
from wireproof.decrypt.build import open_tls
from wireproof.export import ExportOptions, export_clear


def written(folder: Path, session: Session, log: bytes, **options: bool) -> CaptureTables:
    tables = read_capture(write_bytes(folder / "a.pcapng", pcapng_bytes(frames_of([session], port=8443))))
    clear = open_tls(tables, ring_of(log))
    export_clear(tables, clear, folder / "clear.pcapng", ExportOptions(**options))
    return read_capture(folder / "clear.pcapng")


@pytest.mark.parametrize("asked", [(ASKED, GRANTED), (b"", b"")], ids=["CONNECT", "at once"])
def test_what_both_sessions_say_is_written(tmp_path: Path, asked: tuple[bytes, bytes]) -> None:
    within = play(Setup(version=TLS13), WEB)
    session = through_proxy(within, Setup(), *asked)
    made = written(tmp_path, session, session.key_log + within.key_log)
    client, server = said(made)
    assert (client[0][1], server[0][1]) == (asked[0] + within.said[0], asked[1] + within.said[1])
    comments = [text for texts in made.capture.comments.values() for text in texts]
    assert sum(text.startswith("inside it another session, which was TLS 1.3") for text in comments) == 1
    # The answer of 4 KB came in several frames.
    assert max(len(numbers_of(text)) for text in comments if text.startswith("frame")) > 2


def test_a_session_inside_that_stays_closed_is_written_as_it_came(tmp_path: Path) -> None:
    within = play(Setup(version=TLS13), WEB)
    session = through_proxy(within, Setup())
    client, _ = said(written(tmp_path, session, session.key_log))
    assert client[0][1] == ASKED + within.wire("client")


def test_credentials_inside_are_blanked(tmp_path: Path) -> None:
    within = play(Setup(version=TLS13), (("client", b"GET / HTTP/1.1\r\nCookie: a=hunter2\r\n\r\n"),))
    asked = ASKED.replace(b"\r\n\r\n", b"\r\nProxy-Authorization: Basic hunter2hunter2\r\n\r\n")
    session = through_proxy(within, Setup(), asked)
    written(tmp_path, session, session.key_log + within.key_log, redact=True)
    data = (tmp_path / "clear.pcapng").read_bytes()
    assert b"hunter2" not in data
    assert b"Proxy-Authorization: Basic" in data
    assert b"GET /" in data

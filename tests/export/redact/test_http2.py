"""HTTP/2: heads and data go, the frames around them stay."""

from __future__ import annotations

from pathlib import Path

from tests.export.clearing import clear_of, handshake, read_made, segment
from tests.export.redact.secrets import SETTINGS, frame
from wireproof.export.redact.http2 import hide_frames, is_http2
from wireproof.streams.stream import TalkStreams
from wireproof.wire.http import PREFACE

CLIENT = PREFACE + SETTINGS + frame(1, b"heads") + frame(0, b"data") + frame(8, b"\0\0\0\1", 0, 0)


def talk_of(folder: Path, client: bytes, server: bytes, opened: bool = True) -> TalkStreams:
    """Both streams of a conversation."""
    shakes = handshake() if opened else []
    tables = read_made(folder, [*shakes, segment(True, "A", 0, 0, client), segment(False, "A", 0, len(client), server)])
    return clear_of(tables).talks[0].talk()


def hidden(talk: TalkStreams, client: bool = True) -> bytes:
    """What is left of one side."""
    stream = talk.client if client else talk.server
    return hide_frames(stream).hide(stream.read(0, 1 << 16), 0)


def test_frames_keep_their_headers_and_what_steers(tmp_path: Path) -> None:
    talk = talk_of(tmp_path, CLIENT, SETTINGS)
    assert is_http2(talk)
    assert hidden(talk) == CLIENT.replace(b"heads", b"\0\1*\1*").replace(b"data", b"****")
    assert hidden(talk, client=False) == SETTINGS


def test_padding_priority_and_promises_keep_their_fixed_part(tmp_path: Path) -> None:
    server = (
        SETTINGS
        + frame(1, b"\x02\0\0\0\1\x10headpp", 0x28)
        + frame(5, b"\x01\0\0\0\2headp", 0x08)
        + frame(7, bytes(8) + b"why", 0, 0)
    )
    assert hidden(talk_of(tmp_path, CLIENT, server), client=False) == server.replace(b"headpp", b"\0\x01*\0**").replace(
        b"headp", b"\0\x01*\0*"
    ).replace(b"why", b"***")


def test_the_middle_of_a_connection_is_recognised_and_blanked(tmp_path: Path) -> None:
    middle = frame(0, b"abc") + frame(8, b"\0\0\0\1", 0, 0) + frame(0, b"def")
    talk = talk_of(tmp_path, b"abcdefghijk", middle, opened=False)
    assert is_http2(talk)
    assert hidden(talk, client=False) == b"*" * len(middle)
    assert not is_http2(talk_of(tmp_path, b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", opened=False))


def test_behind_a_gap_nothing_stays(tmp_path: Path) -> None:
    frames = [*handshake(), segment(True, "A", 0, 0, CLIENT[:40]), segment(True, "A", 44, 0, CLIENT[44:])]
    talk = clear_of(read_made(tmp_path, frames)).talks[0].talk()
    spans = hide_frames(talk.client)
    assert spans.hide(CLIENT, 0)[44:] == b"*" * (len(CLIENT) - 44)

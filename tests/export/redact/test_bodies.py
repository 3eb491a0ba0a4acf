"""Bodies that do not stand in the stream as they are."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.export.clearing import clear_of, handshake, read_made, segment
from tests.export.redact.secrets import JSON, OK, chunked, http
from tests.support.iphttps import OK as TUNNEL_OK
from tests.support.iphttps import POST
from wireproof.export.redact.bodies import UNPACKED, Bodies, Joined, find_body_spans
from wireproof.export.redact.spans import Spans

PLAIN = b'{"nothing": "here"}' * 20


def bodies(folder: Path, client: bytes, server: bytes = OK) -> Bodies | None:
    """What is found in a conversation."""
    frames = [*handshake(), segment(True, "A", 0, 0, client), segment(False, "A", 0, len(client), server)]
    return find_body_spans(clear_of(read_made(folder, frames)).talks[0].talk())


def blanked(folder: Path, client: bytes) -> int:
    """Bytes of the client's side that are blanked."""
    found = bodies(folder, client)
    assert found is not None
    spans = Spans(found.spans[0])
    return int((spans.ends - spans.starts).sum())


def test_a_compressed_body_goes_only_with_a_secret_in_it(tmp_path: Path) -> None:
    secret, harmless = gzip.compress(JSON.encode()), gzip.compress(PLAIN)
    assert blanked(tmp_path, http("Content-Encoding: gzip", body=secret)) == len(secret)
    assert blanked(tmp_path, http("Content-Encoding: gzip", body=harmless)) == 0
    assert blanked(tmp_path, http("Content-Encoding: gzip", "Content-Type: image/png", body=secret)) == 0


def test_a_compressed_body_that_cannot_be_read_goes(tmp_path: Path) -> None:
    for coding, body in (
        ("gzip", b"no gzip at all"),
        ("br", b"\x0b\x01\x02"),
        ("gzip, gzip", gzip.compress(PLAIN)),
        ("gzip", gzip.compress(PLAIN)[:-12]),
    ):
        assert blanked(tmp_path, http(f"Content-Encoding: {coding}", body=body)) == len(body)


def test_a_bomb_goes_without_being_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UNPACKED, "value", 1 << 20)
    body = gzip.compress(bytes(1 << 22))
    assert blanked(tmp_path, http("Content-Encoding: gzip", body=body)) == len(body)


def test_only_what_is_secret_goes_of_chunks(tmp_path: Path) -> None:
    assert blanked(tmp_path, chunked(JSON.encode(), 5)) == 24
    assert blanked(tmp_path, chunked(PLAIN, 5)) == 0


def test_what_follows_another_protocol_goes_on_both_sides(tmp_path: Path) -> None:
    first = http() + b"GET /ws HTTP/1.1\r\nUpgrade: x\r\n\r\n"
    found = bodies(tmp_path, first + b"more", OK + b"HTTP/1.1 101 Switching\r\n\r\nother")
    assert found is not None
    assert found.switched
    assert Spans(found.spans[0]).within(0, 1000) == [(len(first), len(first) + 4)]


def test_what_is_no_http_is_left_to_others(tmp_path: Path) -> None:
    assert bodies(tmp_path, b"\x30\x05\x02\x01", b"\0") is None
    found = bodies(tmp_path, b"CONNECT a:1 HTTP/1.1\r\n\r\n\x16\x03\x01", b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x01")
    assert found is not None
    assert found.spans == ([], [])


def test_stretches_joined_read_as_one(tmp_path: Path) -> None:
    talk = clear_of(read_made(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"abcdefghij")])).talks[0].talk()
    joined = Joined(talk.client, [(1, 3), (3, 3), (5, 8)])
    assert joined.read(0, 99) == b"bcfgh"
    assert joined.read(1, 2) == b"cf"
    assert (joined.end, joined.next_after(4), joined.next_after(5)) == (5, 4, None)
    assert list(joined.outside((1, 4))) == [(2, 3), (5, 7)]
    assert list(joined.pieces()) == [b"bcfgh"]


def test_packets_in_a_tunnel_go_whole(tmp_path: Path) -> None:
    found = bodies(tmp_path, POST + b"\x60" + bytes(60), TUNNEL_OK + b"\x60" + bytes(50))
    assert found is not None
    assert found.switched
    assert Spans(found.spans[0]).within(0, 1000) == [(len(POST), len(POST) + 61)]
    assert Spans(found.spans[1]).within(0, 1000) == [(len(TUNNEL_OK), len(TUNNEL_OK) + 51)]

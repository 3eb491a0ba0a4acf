"""Streams by protocol: those in clear, and those inside sessions that were opened."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support.said_over import opened, said
from wireproof.streams import Protocols, TalkStreams, find_protocols, open_streams

REQUEST = b"GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LDAP = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"
HELLO = b"\x16\x03\x01\x00\xf0\x01\x00\x00\xec\x03\x03" + bytes(240)


def streams_of(tables: object, number: int) -> TalkStreams:
    return next(open_streams(tables, [number]))  # type: ignore[arg-type]


def frames(*talks: bytes) -> list[bytes]:
    return [
        frame for place, data in enumerate(talks) for frame in said([("client", data)], ports=(50001 + place, 9000))
    ]


def test_each_protocol_has_the_streams_of_its_conversations(tmp_path: Path) -> None:
    with opened(tmp_path, frames(REQUEST, LDAP, REQUEST)) as tables:
        protocols = find_protocols(tables.conversations)
        assert [talk.conversation for talk in protocols.streams(tables, "http")] == [0, 2]
        assert [talk.client.read(0, 99) for talk in protocols.streams(tables, "ldap")] == [LDAP]
        assert list(protocols.streams(tables, "sip")) == []
        assert [talk.conversation for talk in protocols.streams(tables, "http", "ldap")] == [0, 1, 2]


def test_what_is_said_inside_an_opened_session_stands_behind_what_is_said_in_clear(tmp_path: Path) -> None:
    # The second conversation's bytes stand for what a key found inside the first, which is TLS.
    with opened(tmp_path, frames(HELLO, REQUEST)) as tables:
        inside = streams_of(tables, 1)
        shown = TalkStreams(0, inside.sides, inside.client_side)
        protocols = find_protocols(tables.conversations, [shown])
        assert [(talk.conversation, talk.client.read(0, 3)) for talk in protocols.streams(tables, "http")] == [
            (1, b"GET"),
            (0, b"GET"),
        ]
        assert protocols.of(0) == ["tls", "http"]
        assert protocols.has("http")
        assert not protocols.has("sip")


def test_what_an_opened_session_holds_is_never_taken_for_tls_again(tmp_path: Path) -> None:
    with opened(tmp_path, frames(HELLO)) as tables:
        protocols = find_protocols(tables.conversations, [streams_of(tables, 0)])
        assert [talk.conversation for talk in protocols.streams(tables, "tls")] == [0]


def test_an_opened_session_that_fits_two_protocols_is_read_once_for_both(tmp_path: Path) -> None:
    with opened(tmp_path, frames(REQUEST)) as tables:
        talk = streams_of(tables, 0)
        protocols = Protocols(opened={"http": [talk], "sip": [talk]})
        assert len(list(protocols.streams(tables, "http", "sip"))) == 1


def test_no_conversation_has_no_protocol(tmp_path: Path) -> None:
    with opened(tmp_path, []) as tables:
        protocols = find_protocols(tables.conversations)
        assert all(np.size(numbers) == 0 for numbers in protocols.tcp.values())
        assert not protocols.has("http", "tls")

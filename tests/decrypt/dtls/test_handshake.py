"""Handshake messages of DTLS put together."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from wireproof.decrypt.dtls.handshake import MESSAGES_MOST, Flight, build_handshake
from wireproof.wire.dtls import Fragment

BODY = bytes(range(250)) * 4
CLIENT_HELLO = bytes.fromhex("fefd") + bytes(range(32)) + b"\0\x02ab" + bytes.fromhex("0002002f0100")
SERVER_HELLO = bytes.fromhex("fefd") + bytes(32) + b"\0\0\x2f\0"


def cut(body: bytes, size: int, message: int = 3, kind: int = 11) -> list[Fragment]:
    """A message in fragments of some size."""
    return [Fragment(kind, len(body), message, at, body[at : at + size]) for at in range(0, len(body), size)]


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 1000))
def test_fragments_of_two_sizes_in_any_order_make_one_message(one: int, other: int, seed: int) -> None:
    pieces = cut(BODY, one) + cut(BODY, other)
    random.Random(seed).shuffle(pieces)
    flight = Flight()
    assert sum(flight.add(piece) for piece in pieces) == 1
    assert list(flight.messages()) == [(3, 11, BODY)]


def test_a_missing_fragment_or_message_is_told() -> None:
    flight = Flight()
    flight.add(Fragment(2, 1, 1, 0, b"x"))
    assert not flight.lacks()
    for piece in cut(BODY, 400)[:-1]:
        flight.add(piece)
    assert flight.lacks()
    apart = Flight()
    apart.add(Fragment(2, 1, 1, 0, b"x"))
    apart.add(Fragment(14, 0, 3, 0, b""))
    assert apart.lacks()


def test_no_more_is_held_than_a_handshake_has() -> None:
    flight = Flight()
    for number in range(10_000):
        flight.add(Fragment(11, 100, number, 0, b"x"))
    assert not any(True for _ in flight.messages())
    assert flight.add(Fragment(1, 1 << 23, 0, 0, b"x")) is False
    assert flight.add(Fragment(11, 1, MESSAGES_MOST + 1, 0, b"x")) is False


def test_an_empty_message_is_whole_at_once() -> None:
    flight = Flight()
    assert flight.add(Fragment(14, 0, 4, 0, b""))
    assert not flight.add(Fragment(14, 0, 4, 0, b""))


def test_what_is_hashed_has_the_headers_of_dtls_and_neither_cookie_nor_first_hello() -> None:
    client, server = Flight(), Flight()
    client.add(Fragment(1, len(CLIENT_HELLO) - 2, 0, 0, CLIENT_HELLO[:36] + CLIENT_HELLO[38:]))
    client.add(Fragment(1, len(CLIENT_HELLO), 1, 0, CLIENT_HELLO))
    client.add(Fragment(16, 2, 2, 0, b"ke"))
    server.add(Fragment(3, 3, 0, 0, b"hvr"))
    server.add(Fragment(2, len(SERVER_HELLO), 1, 0, SERVER_HELLO))
    server.add(Fragment(14, 0, 2, 0, b""))
    made = build_handshake((client, server))
    assert (made.version, made.wire_version, made.suite, made.key_exchange) == (0x0303, 0xFEFD, 0x002F, b"ke")
    assert made.client_random == bytes(range(32))

    def framed(kind: int, number: int, body: bytes) -> bytes:
        size = len(body).to_bytes(3, "big")
        return bytes([kind]) + size + number.to_bytes(2, "big") + bytes(3) + size + body

    assert b"".join([*made.said[0], *made.said[1]]) == (
        framed(1, 1, CLIENT_HELLO) + framed(16, 2, b"ke") + framed(2, 1, SERVER_HELLO) + framed(14, 2, b"")
    )
    assert not made.lacks

"""Handshake messages: put together from records, and what keys are made from taken out of them."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tests.support.tls_handshakes import Pair, client_context, issue, rsa_key, server_context
from tests.support.tls_lab import ecdsa_server, rsa_server
from tests.support.tls_scripts import extensions, message, old_hello, vector
from wireproof.decrypt.handshake_parts import (
    MESSAGE_MOST,
    Handshake,
    Messages,
    unpack_client_parts,
    unpack_encrypted_premaster,
    unpack_modulus,
    unpack_old_parts,
    unpack_server_parts,
    unpack_ticket,
)

HELLO = b"\x03\x03" + bytes(32) + b"\x03sid" + vector(b"\0\x9c\0\x2f") + b"\x01\0"
ANSWER = b"\x03\x03" + bytes(32) + b"\x03sid" + b"\0\x9c" + b"\x01"


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6), st.lists(st.integers(1, 30), min_size=1))
def test_messages_come_whole_however_they_are_split(bodies: list[bytes], sizes: list[int]) -> None:
    whole = [message(11, body) for body in bodies]
    data, messages, found, at, turn = b"".join(whole), Messages(), [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        found += messages.add(data[at : at + size])
        at, turn = at + size, turn + 1
    assert found == whole
    assert not messages.waits


def test_a_message_that_is_too_long_is_left_out_and_those_behind_it_are_found() -> None:
    messages = Messages()
    long = message(11, bytes(MESSAGE_MOST + 10))
    found = []
    for at in range(0, len(long), 16_384):
        found += messages.add(long[at : at + 16_384])
    assert found == []
    assert list(messages.add(message(14))) == [message(14)]


def test_what_began_before_missing_bytes_is_forgotten() -> None:
    messages = Messages()
    assert list(messages.add(message(11, bytes(90))[:50])) == []
    assert messages.waits
    messages.forget()
    assert list(messages.add(message(14))) == [message(14)]


def test_extensions_and_compression_are_taken_from_hellos() -> None:
    client = unpack_client_parts(HELLO + extensions((35, b"ticket"), (23, b"")))
    assert client
    assert client.extensions == {35: b"ticket", 23: b""}
    server = unpack_server_parts(ANSWER + extensions((22, b"")))
    assert server
    assert (server.compression, server.extensions) == (1, {22: b""})
    assert unpack_client_parts(b"\x03") is None
    assert unpack_server_parts(b"\x03") is None


def test_a_hello_in_the_old_form_has_its_challenge_as_random() -> None:
    parts = unpack_old_parts(old_hello(0x0300, 0x000A))
    assert parts
    assert parts.hello.random == bytes(range(32))
    assert unpack_old_parts(b"GET / HTTP/1.1") is None


def test_a_ticket_is_found_behind_its_lifetime() -> None:
    assert unpack_ticket(bytes(4) + vector(b"ticket")) == b"ticket"
    assert unpack_ticket(b"") == b""


def test_the_premaster_has_a_length_before_it_but_in_ssl_3_0() -> None:
    assert unpack_encrypted_premaster(vector(bytes(128)), 0x0303) == bytes(128)
    assert unpack_encrypted_premaster(b"\x01" * 128, 0x0300) == b"\x01" * 128
    # Some clients wrote the length in SSL 3.0 too.
    assert unpack_encrypted_premaster(vector(bytes(128)), 0x0300) == bytes(128)
    assert unpack_encrypted_premaster(b"", 0x0301) == b""


def test_the_modulus_of_a_certificate_is_that_of_its_key() -> None:
    assert unpack_modulus(rsa_server().der) == rsa_key(2048).private_numbers().public_numbers.n
    assert unpack_modulus(issue("x", key=rsa_key(1024)).der) == rsa_key(1024).private_numbers().public_numbers.n


@given(st.integers(0, 2000))
def test_other_certificates_and_cut_ones_have_no_modulus(size: int) -> None:
    assert unpack_modulus(ecdsa_server().der[:size]) == 0
    der = rsa_server().der
    assert unpack_modulus(der[:size]) in (0, rsa_key(2048).private_numbers().public_numbers.n)


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    handshake = Handshake()
    for role in (0, 1):
        for kind in (1, 2, 4, 11, 12, 13, 14, 16, 20):
            handshake.take(role, message(kind, data))
    unpack_modulus(data)
    unpack_old_parts(data)
    assert handshake.version >= 0


def test_the_session_hash_covers_the_messages_in_the_order_of_the_protocol() -> None:
    handshake = Handshake()
    client = [message(1, HELLO), message(11, b"\0\0\0"), message(16, b"\0\x01\x2a")]
    server = [message(2, ANSWER), message(11, b"\0\0\0"), message(13, b"\0\0"), message(14)]
    for one in (*client, message(15, b"x"), message(20, bytes(12))):
        handshake.take(0, one)
    for one in (message(0), *server, message(4, bytes(6)), message(20, bytes(12))):
        handshake.take(1, one)
    data = b"".join([client[0], *server, *client[1:]])
    assert handshake.session_hash("sha256") == hashlib.sha256(data).digest()
    assert handshake.is_full


def test_a_real_handshake_gives_randoms_suite_and_modulus() -> None:
    pair = Pair(client_context(), server_context(rsa_server()), "www.example.com")
    assert pair.handshake()
    handshake = Handshake()
    for step in pair.steps:
        messages = Messages()
        data = step.data  # type: ignore[union-attr]
        assert isinstance(data, bytes)
        while data[:1] == b"\x16":
            size = int.from_bytes(data[3:5], "big")
            for one in messages.add(data[5 : 5 + size]):
                handshake.take(step.by == "server", one)  # type: ignore[union-attr]
            data = data[5 + size :]
    assert len(handshake.client_random) == len(handshake.server_random) == 32
    assert handshake.version == 0x0303
    assert handshake.modulus == rsa_key(2048).private_numbers().public_numbers.n
    assert handshake.is_full

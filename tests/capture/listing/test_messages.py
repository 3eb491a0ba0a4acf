"""Bytes of messages that follow from their words."""

from __future__ import annotations

import pytest

from tests.support.listed import packets_of
from wireproof.capture.listing.messages import message_bytes, stated_size


@pytest.mark.parametrize(
    ("line", "payload", "data"),
    [
        ("HTTP GET /1.aspx HTTP/1.1", None, b"GET /1.aspx HTTP/1.1\r\n"),
        ("HTTP HTTP/1.1 200 OK  (text/html)", None, b"HTTP/1.1 200 OK\r\n"),
        ("HTTP Continuation or non-HTTP traffic", None, b""),
        ("SMTP C: DATA", None, b"DATA\r\n"),
        ("SMTP S: 250 OK | 250 Accepted", None, b"250 OK\r\n250 Accepted\r\n"),
        ("SMTP C: Message Body, 536 bytes", None, b""),
        ("SIP Status: 504 Server time-out |", None, b"SIP/2.0 504 Server time-out\r\n"),
        ("TLSv1 Application Data", 105, b"\x17\x03\x01\x00\x64"),
        ("TLSv1.2 Client Hello", 109, b"\x16\x03\x03\x00\x68"),
        ("TLSv1 Server Hello, Certificate", 900, b"\x16\x03\x01"),
        ("TLSv1 Alert (Level: Fatal, Description: Unknown CA)", 7, b"\x15\x03\x01\x00\x02\x02\x30"),
    ],
)
def test_only_what_the_words_tell_byte_by_byte_becomes_bytes(line: str, payload: int | None, data: bytes) -> None:
    (packet,) = packets_of(line)
    packet.payload = payload
    assert message_bytes(packet) == data


def test_a_size_in_words_is_taken() -> None:
    assert stated_size("C: Message Body, 536 bytes") == 536

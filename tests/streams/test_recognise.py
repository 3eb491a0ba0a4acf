"""Protocols are told by what a conversation begins with, and what only looks like one is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.said_over import datagram, handshake, said, segment
from tests.support.tables import decode
from wireproof.streams import find_protocols
from wireproof.streams.recognise import OVER_TCP, OVER_UDP

HELLO = b"\x16\x03\x01\x00\xf0\x01\x00\x00\xec\x03\x03"
BIND = b"\x05\x00\x0b\x03\x10\x00\x00\x00\x48\x00\x00\x00"
STUN = b"\x00\x01\x00\x08\x21\x12\xa4\x42"


def recognised(frames: list[bytes]) -> list[str]:
    """Protocols of the first conversation, apart from those that only may carry TLS further on."""
    _, conversations = decode(frames)
    return [name for name in find_protocols(conversations).of(0) if name != "tls-inside"]


def over_tcp(data: bytes, port: int = 9000, by: str = "client") -> list[str]:
    return recognised(said([(by, data)], ports=(50001, port)))


def over_udp(data: bytes, port: int = 9000) -> list[str]:
    return recognised([datagram("client", data, ports=(50001, port))])


@pytest.mark.parametrize(
    ("data", "port", "name"),
    [
        (HELLO, 9000, "tls"),
        (b"\x15\x03\x03\x00\x02\x02\x28", 9000, "tls"),
        (b"\x16", 9000, "tls"),  # a first segment of one byte
        (b"\x16\x03\x01", 9000, "tls"),
        (b"\x80\x2e\x01\x03\x01\x00\x15", 9000, "tls"),
        (b"GET /a HTTP/1.1\r\n", 9000, "http"),
        (b"POST /IPHTTPS HTTP/1.1\r\n", 9000, "http"),
        (b"CCM_POST /ccm_system/request HTTP/1.1\r\n", 9000, "http"),
        (BIND, 9000, "rpc"),
        (b"\x05", 135, "rpc"),
        (b"\x05\x00\x0b", 9000, "rpc"),
        (b"\x05\x00\x0b\x03\x00\x00\x00\x00\x00\x48", 9000, "rpc"),
        (b"\0\0\0\x85\xffSMB\x72", 9000, "smb"),
        (b"\0\0\0\xaa\xfeSMB\x40", 9000, "smb"),
        (b"\0\0\0\x78\xfcSMB\x20", 9000, "smb"),
        (b"\x81\0\0\x44 CKFDENECFDEFFCFGEFFCCACACACACACA", 139, "smb"),
        (b"\x12\x01\x00\x2f\x00\x00\x01\x00", 9000, "tds"),
        (b"\x10\x01\x00\x90\x00\x00\x01\x00", 9000, "tds"),
        (b"\x03\x09\x00\xb9\x00\x00\x01\x00", 1433, "tds"),
        (b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03", 9000, "ldap"),
        (b"\x30\x84\x00\x00\x00\x5c\x02\x01\x05", 9000, "ldap"),
        (b"\0\0\x05\x84\x6c\x82\x05\x80", 88, "kerberos"),
        (b"REGISTER sip:example.com SIP/2.0\r\n", 9000, "sip"),
        (b"SIP/2.0 200 OK\r\n", 9000, "sip"),
        (STUN, 9000, "stun"),
        (b"\0\x1c" + STUN, 9000, "stun"),  # RFC 4571
        (b"\x02\x00\x00\x1c\x00\x03\x00\x08" + b"t" * 24, 443, "stun"),  # MS-TURN
        (b"\r\n\r\n", 5060, "sip"),
        (b"\0\x1c" + b"\x12\x34\x01\0\0\x01", 53, "dns"),
    ],
)
def test_a_protocol_over_tcp_is_told_by_its_first_bytes(data: bytes, port: int, name: str) -> None:
    assert over_tcp(data, port) == [name]


@pytest.mark.parametrize(
    ("data", "port", "name"),
    [
        (b"INVITE sip:a@example.com SIP/2.0\r\n", 5060, "sip"),
        (STUN, 9000, "stun"),
        (b"\0\x01\0\0abcd", 3478, "stun"),
        (b"hello", 5060, "sip"),  # keep-alives come before the first message
        (b"\0\0\0\0", 5060, "sip"),
        (b"\x01\x01\x06\0\x12\x34\x56\x78", 67, "dhcp"),
        (b"\x01\x12\x34\x56\0\x08\0\x02", 547, "dhcp"),
        (bytes(range(1, 30)), 500, "ike"),
        (b"\xc3\0\0\0\x01\x08abcdefgh", 443, "quic"),
        (b"\x16\xfe\xff" + bytes(8) + b"\x00\x46", 4433, "dtls"),
        (b"\x17\xfe\xfd\0\x01" + bytes(5) + b"\x07\x00\x46", 4433, "dtls"),
        (b"\x16\x01\x00" + bytes(8) + b"\x00\x46", 4433, "dtls"),
        (b"\x6a\x81\xd0\x30\x81\xcd\xa1\x03", 88, "kerberos"),
        (b"\x30\x84\x00\x00\x00\x5c\x02\x01\x05", 389, "ldap"),
        (b"<?xml version", 3702, "discovery"),
        (b"M-SEARCH * HTTP/1.1\r\n", 1900, "http"),
    ],
)
def test_a_protocol_over_udp_is_told_by_its_first_bytes(data: bytes, port: int, name: str) -> None:
    assert over_udp(data, port) == [name]


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"220 mail.example.com ESMTP\r\n",
        b"\x05\x02\x00\x01",  # SOCKS 5: a greeting
        b"\x05\x00\x00\x00\x00\x00\x00\x00",  # SOCKS 5: an answer
        b"\x05\x01\x00\x05\x01\x00\x01\x7f",
        b"\x16\x03\x01\xff\xff\x01\x00\x00",  # a record longer than TLS allows
        b"\x16\x09\x01\x00\x40\x01\x00\x00",
        b"GETTING started",
        bytes(40),
    ],
)
def test_what_is_no_known_protocol_is_left_alone(data: bytes) -> None:
    assert over_tcp(data) == []


def test_snmp_begins_as_ldap_does_and_is_none() -> None:
    assert over_udp(b"\x30\x2c\x02\x01\x00\x04\x06public", 161) == []
    assert over_udp(b"\x30\x82\x00\x38\x02\x01\x01\x04\x06public", 161) == []


def test_sip_and_http_share_methods_and_the_port_tells_them_apart() -> None:
    options = b"OPTIONS sip:a@example.com SIP/2.0\r\n"
    assert over_tcp(options, 5060) == ["sip"]
    assert over_tcp(b"OPTIONS / HTTP/1.1\r\n", 80) == ["http"]


def test_the_side_that_speaks_first_may_be_the_server() -> None:
    assert over_tcp(HELLO, by="server") == ["tls"]


def test_the_first_bytes_are_those_of_the_stream_also_when_they_were_captured_late() -> None:
    frames = [*handshake(), segment("client", 8, b"TTP/1.1\r\n"), segment("client", 0, b"GET /a H")]
    assert recognised(frames) == ["http"]


def test_a_conversation_without_payload_is_nothing() -> None:
    assert recognised(handshake()) == []


@given(st.binary(max_size=12), st.sampled_from([53, 67, 80, 88, 443, 500, 547, 1900, 3478, 3702, 5060]), st.booleans())
def test_any_bytes_are_looked_at_without_harm(data: bytes, port: int, tcp: bool) -> None:
    found = over_tcp(data, port) if tcp else over_udp(data, port)
    assert set(found) <= set(OVER_TCP if tcp else OVER_UDP)


@pytest.mark.parametrize(
    ("by", "data"),
    [
        ("server", b"220 mail.example.com ESMTP\r\n"),
        ("server", b"* OK IMAP4rev1\r\n"),
        ("client", b"CONNECT www.example.com:443 HTTP/1.1\r\n"),
        ("client", b"\x05\x01\x00"),
        ("client", b"\x12\x01\x00\x2f\x00\x00\x01\x00"),
        ("client", b"\0\0\0\x08\x04\xd2\x16\x2f"),
        ("server", b"\x4a\0\0\0\x0a5.7.25\0"),
    ],
    ids=["smtp", "imap", "proxy", "socks", "tds", "postgresql", "mysql"],
)
def test_protocols_in_which_tls_may_begin_are_candidates(by: str, data: bytes) -> None:
    _, conversations = decode(said([(by, data)], ports=(50001, 9000)))
    assert "tls-inside" in find_protocols(conversations).of(0)


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", HELLO, b"\x17\x03\x03\x01\x00", b"hello world"])
def test_protocols_in_which_tls_never_begins_are_none(data: bytes) -> None:
    _, conversations = decode(said([("client", data)], ports=(50001, 9000)))
    assert "tls-inside" not in find_protocols(conversations).of(0)

"""Sessions that begin within another protocol, on any port, over IPv4 and IPv6: each opens byte for byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import tls_lab
from tests.support.opened import open_written
from tests.support.talk import Send, Step
from tests.support.tds_talks import packets, prelogin
from tests.support.tls_captures import write_sessions
from tests.support.tls_lab import TLS12, TLS13, Session, Setup
from wireproof.decrypt.outcome import Status

SETUPS = {"TLS 1.2": Setup(version=TLS12, suite="AES128-GCM-SHA256"), "TLS 1.3": Setup(version=TLS13)}
LDAP_STARTTLS = bytes.fromhex("301d02010177188016312e332e362e312e342e312e313436362e3230303337")
LDAP_ANSWER = bytes.fromhex("300c02010178070a010004000400")
RDP_ASKED = bytes.fromhex("030000130ee000000000000100080003000000")
RDP_TOLD = bytes.fromhex("030000130ed000001234000200080002000000")

PROLOGUES: dict[str, tuple[Step, ...]] = {
    "smtp": (
        Send("server", b"220 mail.example.com\r\n"),
        Send("client", b"EHLO pc7\r\n"),
        Send("server", b"250-mail\r\n250 STARTTLS\r\n"),
        Send("client", b"STARTTLS\r\n"),
        Send("server", b"220 go ahead\r\n"),
    ),
    "imap": (Send("server", b"* OK\r\n"), Send("client", b"a1 STARTTLS\r\n"), Send("server", b"a1 OK\r\n")),
    "xmpp": (
        Send("client", b"<?xml version='1.0'?><stream:stream to='example.com'>"),
        Send("server", b"<?xml version='1.0'?><stream:stream from='example.com'>"),
        Send("client", b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        Send("server", b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    ),
    "ldap": (Send("client", LDAP_STARTTLS), Send("server", LDAP_ANSWER)),
    "rdp": (Send("client", RDP_ASKED), Send("server", RDP_TOLD)),
    "http-connect": (
        Send("client", b"CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n"),
        Send("server", b"HTTP/1.1 200 Connection established\r\n\r\n"),
    ),
    "socks": (
        Send("client", b"\x05\x01\x00"),
        Send("server", b"\x05\x00"),
        Send("client", b"\x05\x01\x00\x01\x0a\x00\x00\x02\x01\xbb"),
        Send("server", b"\x05\x00\x00\x01\x0a\x00\x00\x02\x01\xbb"),
    ),
    "postgresql": (Send("client", b"\0\0\0\x08\x04\xd2\x16\x2f"), Send("server", b"S")),
}
INSIDE = {"smtp": "starttls", "imap": "starttls"}


def behind(session: Session, prologue: tuple[Step, ...]) -> Session:
    return replace(session, steps=(*prologue, *session.steps))


@pytest.mark.parametrize("kind", SETUPS)
@pytest.mark.parametrize("around", PROLOGUES)
def test_a_session_opens_behind(tmp_path: Path, around: str, kind: str) -> None:
    session = behind(tls_lab.play(SETUPS[kind]), PROLOGUES[around])
    opened = open_written(write_sessions(tmp_path / "inside.pcapng", [session], port=9000))[0]
    assert opened.whole, opened.told()
    assert opened.outcome.inside == INSIDE.get(around, around)


def test_a_session_whose_handshake_is_in_packets_of_tds_opens(tmp_path: Path) -> None:
    session = tls_lab.play(SETUPS["TLS 1.2"])
    shaken = 0
    steps: list[Step] = [Send("client", packets(0x12, prelogin(1))), Send("server", packets(0x04, prelogin(1)))]
    for step in session.steps:
        is_handshake = isinstance(step, Send) and isinstance(step.data, bytes) and shaken < 4
        shaken += is_handshake
        steps.append(Send(step.by, packets(0x12, step.data)) if is_handshake else step)  # type: ignore[union-attr, arg-type]
    told = replace(session, steps=tuple(steps))
    opened = open_written(write_sessions(tmp_path / "tds.pcapng", [told], port=1433))[0]
    assert opened.whole, opened.told()
    assert opened.outcome.inside == "tds"


@pytest.mark.parametrize("port", [80, 443, 1433, 3389, 8443, 60_000])
def test_the_port_does_not_matter(tmp_path: Path, port: int) -> None:
    session = tls_lab.play(SETUPS["TLS 1.3"])
    opened = open_written(write_sessions(tmp_path / "port.pcapng", [session], port=port))[0]
    assert opened.whole, opened.told()


def test_small_segments_over_ipv6_open(tmp_path: Path) -> None:
    sessions = [tls_lab.play(setup) for setup in SETUPS.values()]
    form = {"addresses": ("2001:db8::5", "2001:db8:1::2"), "mss": 536}
    opened = open_written(write_sessions(tmp_path / "six.pcapng", sessions, **form))
    assert [one.outcome.status for one in opened] == [Status.DECRYPTED] * 2
    assert all(one.whole for one in opened)

"""SMTP to a peer that announced an MSS of 512: the sender's 536-byte segments are never acknowledged.

All eighteen frames, their numbers and time differences are the printed ones; so are the sums of the bytes acknowledged
(649 and 269), for which spaces are added where names were changed for print.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, Frame, write_capture
from examples.packets import TCP, Ethernet, IPv4, mss, wscale

CLIENT, SERVER = ("10.1.1.1", 28474), ("10.1.1.5", 25)
CLIENT_ISN, SERVER_ISN = 0x2F10C3A9, 0xB7E52011
CLIENT_MAC, SERVER_MAC = "00:21:5a:01:01:01", "00:1d:a1:05:05:05"
START_NS = int(datetime(2010, 4, 20, 13, 18, 42, tzinfo=UTC).timestamp()) * SECOND

BANNER = b"220 mailgateway2.contoso.com ESMTP Tue, 20 Apr 2010 15:18:42 +0200\r\n"
EHLO = b"EHLO Mailgateway.contoso.com\r\n"
FEATURES = (
    b"250-mailgateway2.contoso.com Hello Mailgateway.contoso.com [10.1.1.1]      \r\n"
    b"250-SIZE 26214400\r\n250-PIPELINING\r\n250 HELP\r\n"
)
ENVELOPE = b"MAIL FROM:<postmaster@contoso.com> SIZE=2616 \r\nRCPT TO:<test@test.abc.com>\r\n"
ACCEPTED = b"250 OK\r\n250 Accepted\r\n"
GO_AHEAD = b'354 Enter message, ending with "." on a line by itself\r\n'
MESSAGE = (b"Received: from mail.contoso.com\r\nSubject: test\r\n\r\n" + b"line of the message body\r\n" * 30)[:536]

ROWS: tuple[tuple[float, bool, str, int, int, int, bytes], ...] = (
    (0.0, True, "S", 0, 0, 8192, b""),
    (0.022001, False, "SA", 0, 1, 65535, b""),
    (0.0, True, "A", 1, 1, 65392, b""),
    (0.075005, False, "PA", 1, 1, 65535, BANNER),
    (0.001, True, "PA", 1, 69, 65324, EHLO),
    (0.021001, False, "PA", 69, 31, 65535, FEATURES),
    (0.001, True, "PA", 31, 191, 65202, ENVELOPE),
    (0.183011, False, "PA", 191, 107, 65535, ACCEPTED),
    (0.0, True, "PA", 107, 213, 65180, b"DATA\r\n"),
    (0.022001, False, "PA", 213, 113, 65535, GO_AHEAD),
    (0.294017, True, "A", 113, 269, 65124, MESSAGE),
    (0.600034, True, "A", 113, 269, 65124, MESSAGE),
    (0.190011, False, "PA", 213, 113, 65535, GO_AHEAD),
    (0.0, True, "A", 649, 269, 65124, b""),
    (1.010058, True, "A", 113, 269, 65124, MESSAGE),
    (2.400137, True, "A", 113, 269, 65124, MESSAGE),
    (4.800274, True, "A", 113, 269, 65124, MESSAGE),
    (9.600550, True, "RA", 649, 269, 0, b""),
)
"""Seconds since the row before, whether the client sends, flags, relative numbers, window, payload."""

EXPECT: dict[str, Any] = {
    "rules": ("tcp-mss-exceeded",),
    "announced": 512,
    "sent": 536,
    "evidence": {"capture": (2, 11, 12, 15, 16, 17, 18)},
    "conversation": ("10.1.1.1:28474", "10.1.1.5:25"),
}


def frames() -> list[Frame]:
    """The eighteen frames."""
    found, time_ns, idents = [], START_NS, {True: 4700, False: 51200}
    for delta, upward, flags, seq, ack, window, payload in ROWS:
        time_ns += round(delta * 1e6) * 1000
        idents[upward] += 1
        (source, port), (target, to_port) = (CLIENT, SERVER) if upward else (SERVER, CLIENT)
        own, other = (CLIENT_ISN, SERVER_ISN) if upward else (SERVER_ISN, CLIENT_ISN)
        options = {"S": mss(1460) + wscale(8), "SA": mss(512)}.get(flags, b"")
        segment = TCP(port, to_port, own + seq, other + ack if "A" in flags else 0, flags, window, options, payload)
        packet = IPv4(source, target, segment, ttl=128 if upward else 58, ident=idents[upward])
        macs = (CLIENT_MAC, SERVER_MAC) if upward else (SERVER_MAC, CLIENT_MAC)
        found.append(Frame(time_ns, bytes(Ethernet(*macs, packet, padded=not upward))))
    return found


def build(folder: Path) -> dict[str, Path]:
    """Write `capture.pcapng`, eighteen frames."""
    return {"capture": write_capture(folder / "capture.pcapng", frames())}

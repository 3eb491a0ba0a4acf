"""Lync sign-in that ends in 504, with the SIP messages: the three captures of D6 and one of the Access Edge's SIP in clear.

Requests, responses and times are those of the article's SIP stack log; what that log writes down is here on the wire (TCP 5060,
between the same hosts) as a proxy without TLS would show it. The ms-diagnostics header is the one that such an Edge server sends.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples import lync
from examples.files import SECOND, Frame, write_capture
from tests.support.path import EPOCH_NS
from tests.support.telephony import sip, spoken

DIAGNOSTICS = (
    'ms-diagnostics: 1038;reason="Failed to connect to a peer server";fqdn="fepool01.contoso.com";peer-type="InternalServer";'
    'winsock-code="10060";winsock-info="The peer did not respond to the connection attempt";source="sip.contoso.com"'
)
HEADERS = [
    "From: <sip:username@contoso.com>;tag=eee093290f;epid=927c603558",
    "Call-ID: 20d82282a7d94f4fb66a0a6df0c0377f",
    "CSeq: 1 REGISTER",
]
REGISTER = sip(
    "REGISTER sip:contoso.com SIP/2.0",
    [
        "Via: SIP/2.0/TCP 192.168.2.98:62973",
        "To: <sip:username@contoso.com>",
        *HEADERS,
        "Max-Forwards: 70",
        'Contact: <sip:192.168.2.98:62973;transport=tls;ms-opaque=6b23bb065a>;methods="INVITE, MESSAGE, INFO, OPTIONS, BYE, CANCEL"',
        "User-Agent: UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)",
        "Supported: gruu-10, adhoclist, msrtc-event-categories",
        "Event: registration",
    ],
)
TIMEOUT = sip(
    "SIP/2.0 504 Server time-out",
    [
        "Via: SIP/2.0/TCP 192.168.2.98:62973;received=10.1.1.1;ms-received-port=62973;ms-received-cid=2E6400",
        "To: <sip:username@contoso.com>;tag=586991893A5520DA53F83BE6C4EBF4F9",
        *HEADERS,
        "ms-user-logon-data: RemoteUser",
        "Server: RTC/4.0",
        DIAGNOSTICS,
    ],
)
START_NS = lync.DAY_NS + (9 * 3600 + 18 * 60 + 53) * SECOND + 832_000_000

EXPECT: dict[str, Any] = {
    "rules": ("path-forged-reset", "tcp-syn-unanswered", "sip-server-timeout"),
    "wait_s": 21.013,
    "frames": {"access": (4, 5), "edge": lync.EDGE_NUMBERS},
}


def sip_frames(timeout: bytes = TIMEOUT) -> list[Frame]:
    """REGISTER at 09:18:57.600 and its answer at 09:19:18.613."""
    client, edge = (lync.CLIENT, lync.CLIENT_PORT), (lync.ACCESS_EDGE, 5060)
    frames = spoken(0.0, client, edge, [(3.768, "c", REGISTER), (24.781, "s", timeout)])
    return [frame._replace(time_ns=frame.time_ns - EPOCH_NS + START_NS) for frame in frames]


def build(folder: Path) -> dict[str, Path]:
    """Write the captures of the case and `access.pcapng`."""
    return {**lync.write_case(folder), "access": write_capture(folder / "access.pcapng", sip_frames())}

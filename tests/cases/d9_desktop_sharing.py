"""Lync desktop sharing that fails between two companies: SIP at the client, the refused media port at the Edge server.

The Edge server's frame numbers, times, ports, absolute sequence numbers, windows and lengths are the printed ones, as are the
descriptions' addresses, ports and candidates. The client's capture holds the SIP that the article shows from the client's log (there
under TLS, here in clear over TCP), with the log's times; its frame numbers are chosen. What the article left out is filled in: the
candidates of the answer that are not printed, the TURN messages behind the made-up TLS hello, initial times to live.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, Frame, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import TCP, Ethernet, IPv4, mss, sack_permitted, wscale
from tests.support.telephony import (
    error_code,
    lync_frame,
    lync_stun,
    plain_address,
    pseudo_client_hello,
    pseudo_server_hello,
    sdp,
    sip,
)

CLIENT, FRONT_END = "10.98.2.1", "10.10.10.1"
EDGE_INSIDE, EDGE_OUTSIDE, EDGE_PUBLIC, REMOTE_EDGE = "10.3.0.34", "10.3.0.40", "2.2.2.2", "1.1.1.1"
CLIENT_PORT, SIP_PORT, RELAY_PORT, REMOTE_PORT, TURN_PORT = 51647, 5061, 58138, 50704, 13211
EDGE_ISN, CLIENT_ISN, TURN_ISN = 3074395695, 2226089608, 3794450141
DAY_NS = int(datetime(2012, 12, 10, 10, 43, tzinfo=UTC).timestamp()) * SECOND
CALL_ID = "a622d7b9f6464be3a455e6d98ec700b3"

OFFER = sdp(
    EDGE_PUBLIC,
    f"applicationsharing {RELAY_PORT} TCP/RTP/AVP 127",
    [
        "a=ice-ufrag:PFb1",
        "a=ice-pwd:cLh3H3sBnTHcXbBgxMQmUaQo",
        "a=candidate:1 1 TCP-PASS 2120613887 10.98.2.1 21916 typ host ",
        "a=candidate:1 2 TCP-PASS 2120613374 10.98.2.1 21916 typ host ",
        "a=candidate:2 1 TCP-ACT 2121006591 10.98.2.1 18574 typ host ",
        "a=candidate:2 2 TCP-ACT 2121006078 10.98.2.1 18574 typ host ",
        f"a=candidate:3 1 TCP-PASS 6556159 {EDGE_PUBLIC} {RELAY_PORT} typ relay raddr 10.98.2.1 rport {TURN_PORT} ",
        f"a=candidate:3 2 TCP-PASS 6556158 {EDGE_PUBLIC} {RELAY_PORT} typ relay raddr 10.98.2.1 rport {TURN_PORT} ",
    ],
)
ANSWER = sdp(
    REMOTE_EDGE,
    f"applicationsharing {REMOTE_PORT} TCP/RTP/SAVP 127",
    [
        "a=ice-ufrag:G/Yw",
        "a=ice-pwd:EwhnzgwKgaoRuI2T2gKRRqYz",
        "a=candidate:1 1 TCP-PASS 2120613887 10.26.10.50 50058 typ host ",
        "a=candidate:1 2 TCP-PASS 2120613374 10.26.10.50 50058 typ host ",
        f"a=candidate:3 1 TCP-PASS 6556159 {REMOTE_EDGE} {REMOTE_PORT} typ relay raddr 10.166.24.59 rport 8541 ",
    ],
)
DIAGNOSTICS = (
    '51007;reason="Callee media connectivity diagnosis info";CalleeMediaDebug="application-sharing:ICEWarn=0x0,'
    "LocalSite=10.166.24.59:8541,LocalMR=1.1.1.1:50704,RemoteSite=10.98.2.1:21916,RemoteMR=2.2.2.2:58138,"
    'PortRange=50040:50059,LocalMRTCPPort=50704,RemoteMRTCPPort=58138,LocalLocation=1,RemoteLocation=2,FederationType=1"'
)
HEADERS = [
    f"Via: SIP/2.0/TLS {CLIENT}:{CLIENT_PORT}",
    "Max-Forwards: 70",
    "From: <sip:user1@contoso.com>;tag=2cd64ff7dc;epid=6750f01948",
]
ALLOW = "Allow: INVITE, BYE, ACK, CANCEL, INFO, UPDATE, REFER, NOTIFY, BENOTIFY, OPTIONS"
INVITE = sip(
    "INVITE sip:user2@fabrikam.com SIP/2.0",
    [
        *HEADERS,
        "To: <sip:user2@fabrikam.com>",
        f"Call-ID: {CALL_ID}",
        "CSeq: 1 INVITE",
        "Contact: <sip:user1@contoso.com;opaque=user:epid:lxH-F4F2KFaOdejdehenrlAAA;gruu>",
        "User-Agent: UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)",
        "Ms-Conversation-ID: Ac3Wuri73DV0XRhGRBSO/PHZU2QhhQ==",
        ALLOW,
        "ms-subnet: 10.98.22.0",
        "ms-endpoint-location-data: NetworkScope;ms-media-location-type=Intranet",
    ],
    OFFER,
)
OK = sip(
    "SIP/2.0 200 OK",
    [
        f"{HEADERS[0]};ms-received-port=51647;ms-received-cid=657300",
        'From: "user1 @ contoso.com"<sip:user1@contoso.com>;tag=2cd64ff7dc;epid=6750f01948',
        "To: <sip:user2@fabrikam.com>;epid=c23c88d032;tag=fef0c3e438",
        f"Call-ID: {CALL_ID}",
        "CSeq: 1 INVITE",
        "Contact: <sip:user2@fabrikam.com;opaque=user:epid:wyPrDAU4lVq4GhmnrWqEFgAA;gruu>",
        "Session-Expires: 720;refresher=uac",
        f"ms-client-diagnostics: {DIAGNOSTICS}",
        "ms-endpoint-location-data: NetworkScope;ms-media-location-type=Internet",
    ],
    ANSWER,
)
ACK = sip(
    "ACK sip:user2@fabrikam.com SIP/2.0",
    [*HEADERS, "To: <sip:user2@fabrikam.com>;epid=c23c88d032;tag=fef0c3e438", f"Call-ID: {CALL_ID}", "CSeq: 1 ACK"],
)

ASKED, DENIED, ASKED_AGAIN, GIVEN, WANTED = (
    lync_frame(lync_stun(0x0003, [(0x8008, b"\0\0\0\1"), (0x0006, b"user")], "a", 120)),
    lync_frame(lync_stun(0x0113, [(0x8008, b"\0\0\0\1"), error_code(401, "Unauthorized")], "a", 131)),
    lync_frame(lync_stun(0x0003, [(0x8008, b"\0\0\0\1"), (0x0006, b"user")], "b", 182)),
    lync_frame(
        lync_stun(0x0103, [(0x8008, b"\0\0\0\1"), (0x0001, plain_address((EDGE_PUBLIC, RELAY_PORT)))], "b", 120)
    ),
    lync_frame(lync_stun(0x0004, [(0x0011, plain_address((REMOTE_EDGE, REMOTE_PORT)))], "c", 270)),
)
"""Allocate, 401, Allocate with credentials, its answer with the relayed address, and a Send to the other Edge server."""
TURN_SESSION: tuple[tuple[int, str, bool, str, int, bytes], ...] = (
    (344, "49.130", True, "S", 8192, b""),
    (345, "49.130", False, "SA", 8192, b""),
    (346, "49.131", True, "A", 256, b""),
    (347, "49.181", True, "PA", 256, pseudo_client_hello()),
    (348, "49.181", False, "PA", 256, pseudo_server_hello()),
    (349, "49.234", True, "PA", 256, ASKED),
    (350, "49.234", False, "PA", 256, DENIED),
    (354, "49.286", True, "PA", 255, ASKED_AGAIN),
    (355, "49.286", False, "PA", 255, GIVEN),
    (358, "49.480", True, "A", 255, b""),
    (420, "53.067", True, "PA", 255, WANTED),
)
"""Frame number, seconds after 10:43:00, whether the client sends, flags, window field (scaled by 256), payload."""
TRIES = ((1299, 59.456, 1300, 59.499), (1353, 60.002, 1356, 60.044), (1360, 60.548, 1361, 60.590))
"""Number and time of each SYN and of its reset."""

EXPECT: dict[str, Any] = {
    "rules": ("ice-media-blocked", "tcp-connection-refused"),
    "evidence": {"edge": tuple(number for syn, _, rst, _ in TRIES for number in (syn, rst))},
    "conversation": ("10.3.0.40:58138", "1.1.1.1:50704"),
    "agreed": ["2.2.2.2:58138", "1.1.1.1:50704"],
    "tries": 3,
}


def client_frames() -> list[Frame]:
    """INVITE, its answer and the ACK at the client, after a connection to the Front End that stood before."""
    story, nxt, number = [], {True: 70001, False: 90001}, 60
    for second, upward, message in ((6.703, True, INVITE), (10.418, False, OK), (10.470, True, ACK)):
        for start in range(0, len(message), 1460):
            part = message[start : start + 1460]
            ports = (CLIENT_PORT, SIP_PORT) if upward else (SIP_PORT, CLIENT_PORT)
            data = TCP(
                *ports, nxt[upward], nxt[not upward], "PA" if start + 1460 >= len(message) else "A", 256, b"", part
            )
            ends = (CLIENT, FRONT_END) if upward else (FRONT_END, CLIENT)
            macs = ("00:1c:c0:98:00:01", "00:22:90:98:00:fe")
            packet = IPv4(*ends, data, ttl=128 if upward else 125, ident=3000 + number)
            frame = bytes(Ethernet(*(macs if upward else macs[::-1]), packet))
            story.append(Listed(number, DAY_NS + round((second + start * 1e-6) * 1e6) * 1000, frame))
            nxt[upward] += len(part)
            number += 1
        number += 5
    hood = Neighbourhood(Station(CLIENT, "00:1c:c0:98:00:01"), (Station("10.98.2.53", "00:1c:c0:98:00:53"),))
    return number_frames(story, hood, DAY_NS)


def edge_frames() -> list[Frame]:
    """The Edge server's capture of both interfaces: TURN with the client inside, refused SYNs outside."""
    story = [
        Listed(number, _at(float(second)), _turn_frame(row)) for row in _turn_rows() for number, second in [row[:2]]
    ]
    for turn, (syn, syn_s, rst, rst_s) in enumerate(TRIES):
        options = mss(1460) + (wscale(8) if turn < 2 else b"") + sack_permitted()
        asked = TCP(RELAY_PORT, REMOTE_PORT, EDGE_ISN, 0, "S", 8192, options)
        answer = TCP(REMOTE_PORT, RELAY_PORT, 0, EDGE_ISN + 1, "RA", 0)
        macs = ("00:50:56:03:00:40", "00:22:90:03:00:01")
        sent = Ethernet(*macs, IPv4(EDGE_OUTSIDE, REMOTE_EDGE, asked, ttl=128, ident=7000 + turn))
        back = Ethernet(*macs[::-1], IPv4(REMOTE_EDGE, EDGE_OUTSIDE, answer, ttl=52, ident=0), padded=True)
        story += [Listed(syn, _at(syn_s), bytes(sent)), Listed(rst, _at(rst_s), bytes(back))]
    hood = Neighbourhood(Station(EDGE_INSIDE, "00:50:56:03:00:34"), (Station("10.3.0.53", "00:50:56:03:00:53"),))
    return number_frames(story, hood, DAY_NS)


def _at(second: float) -> int:
    return DAY_NS + round(second * 1000) * 1_000_000


def _turn_rows() -> list[tuple[int, str, bool, TCP]]:
    """The session with the Edge server's inside as segments."""
    nxt = {True: CLIENT_ISN, False: TURN_ISN}
    rows = []
    for number, second, upward, flags, window, payload in TURN_SESSION:
        options = mss(1460) + wscale(8) + sack_permitted() if "S" in flags else b""
        ports = (TURN_PORT, 443) if upward else (443, TURN_PORT)
        ack = nxt[not upward] if "A" in flags else 0
        rows.append((number, second, upward, TCP(*ports, nxt[upward], ack, flags, window, options, payload)))
        nxt[upward] += rows[-1][3].length
    return rows


def _turn_frame(row: tuple[int, str, bool, TCP]) -> bytes:
    _, _, upward, tcp = row
    ends = (CLIENT, EDGE_INSIDE) if upward else (EDGE_INSIDE, CLIENT)
    macs = ("00:22:90:03:00:33", "00:50:56:03:00:34")
    packet = IPv4(*ends, tcp, ttl=125 if upward else 128, ident=row[0])
    return bytes(Ethernet(*(macs if upward else macs[::-1]), packet, padded=upward))


def build(folder: Path) -> dict[str, Path]:
    """Write `client.pcapng` and `edge.pcapng`."""
    return {
        "client": write_capture(folder / "client.pcapng", client_frames()),
        "edge": write_capture(folder / "edge.pcapng", edge_frames()),
    }

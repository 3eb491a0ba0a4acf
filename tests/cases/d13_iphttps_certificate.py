"""IP-HTTPS client that is led to 1.1.1.2, where the certificate "Default Web Site" is served: it closes after the handshake.

Frame numbers, times, ports, sequence numbers, identifications, windows and TCP lengths are the printed ones. The handshake is a real one
of OpenSSL: TLS 1.0 with ECDHE and AES-CBC, as the printed lengths have it. The listing leaves frames 2090 and 2091 out.
"""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, Frame, write_capture
from examples.filler import Listed, Neighbourhood, Station, dns_answer, dns_question, number_frames
from examples.packets import OFFLOADED, TCP, UDP, Ethernet, IPv4, mss, sack_permitted, wscale
from tests.support.talk import Send
from tests.support.tls_handshakes import TLS10, Issued, Pair, client_context, issue, rsa_key, server_context

CLIENT, RESOLVER, SERVER = "192.168.99.5", "192.168.99.100", "1.1.1.2"
CLIENT_MAC, GATEWAY_MAC, RESOLVER_MAC = "00:1c:25:99:05:05", "00:1d:a1:99:00:01", "00:1c:25:99:64:64"
NAME, SERVED = "UAGDAServer-FQDN", "Default Web Site"
CLIENT_ISN, SERVER_ISN = 1683802426, 536292141
PORT = 57134
DAY_NS = int(datetime(2012, 5, 10, tzinfo=UTC).timestamp()) * SECOND
"""The article gives no date; its certificates are of April 2012."""
START_NS = DAY_NS + (15 * 3600 + 6 * 60) * SECOND + 354_477_000
"""The listing's 463.087187 s since the start is 15:13:43.441664."""
LENGTHS = (119, 853, 134, 59)
"""Printed TCP lengths: hello, the server's flight, the client's key exchange to Finished, the server's Finished."""

ROWS: tuple[tuple[int, float, bool, str, int, int, int], ...] = (
    (2086, 43.443150, True, "S", 22714, 8192, -1),
    (2087, 43.479192, False, "SA", 25076, 8192, -1),
    (2088, 43.479356, True, "A", 22715, 65536, -1),
    (2089, 43.491000, True, "PA", 22716, 65536, 0),
    (2092, 43.530437, False, "PA", 25077, 65536, 1),
    (2093, 43.569422, True, "PA", 22718, 64768, 2),
    (2094, 43.608227, False, "PA", 25078, 65536, 3),
    (2095, 43.608869, True, "FA", 22719, 64768, -1),
    (2096, 43.645152, False, "RA", 25079, 0, -1),
)
"""Frame number, second of 15:13, whether the client sends, flags, IP identification, window, and which flight it carries."""

EXPECT: dict[str, Any] = {
    "rules": ("tls-name-mismatch", "tls-untrusted", "tls-closed-after-certificate"),
    "evidence": {"client": (2085, 2092, 2095)},
    "wanted": NAME.lower(),
    "served": SERVED,
}


SSLCERT = """\
c:\\> netsh http show sslcert
IP:port : 1.1.1.1:443
Certificate Hash : 8691087835614a5f09b5f11c403d595c461ff603
Application ID : {5d8e2743-ef20-4d38-8751-7e400f200e65}
Certificate Store Name : MY
Verify Client Certificate Revocation : Enabled
Verify Revocation Using Cached Client Certificate Only : Disabled
Usage Check : Enabled
Revocation Freshness Time : 0
URL Retrieval Timeout : 0
Ctl Identifier :
Ctl Store Name :
DS Mapper Usage : Enabled
Negotiate Client Certificate : Disabled
"""
CERTUTIL = """\
c:\\> certutil -store -v my
================ Certificate 2 ================
Serial Number: 5485200900020000015c
Issuer: CN=CA-name, DC=company, DC=com
NotBefore: 18/04/2012 16:49
NotAfter: 18/04/2014 16:49
Subject: CN=UAGDAServer-FQDN
Non-root Certificate
Template: WebServer3, Web Server 3
Cert Hash(sha1): 86 91 08 78 35 61 4a 5f 09 b5 f1 1c 40 3d 59 5c 46 1f f6 03
Key Container = d53d6468acfdb333ca5698ae67f3549e_6dd37665-5fa6-46ec-89de-8857879f2500
Simple container name: le-WebServer3-afc38199-0bb5-4cb9-b043-50851171183d
Provider = Microsoft Base Cryptographic Provider v1.0
Encryption test passed
"""
HTTPSTUNNEL = """\
Interface IPHTTPSInterface (Group Policy) Parameters
------------------------------------------------------------
Role : client
URL : https://UAGDAServer-FQDN:443/IPHTTPS
Last Error Code : 0x800b0109
Interface Status : failed to connect to the IPHTTPS server. Waiting to reconnect
"""
FIREWALL = """\
netsh advfirewall show currentprofile
Public Profile Settings:
----------------------------------------------------------------------
State ON
Firewall Policy BlockInbound,AllowOutbound
LocalFirewallRules N/A (GPO-store only)
LocalConSecRules N/A (GPO-store only)
InboundUserNotification Enable
RemoteManagement Disable
UnicastResponseToMulticast Enable
Logging:
LogAllowedConnections Disable
LogDroppedConnections Disable
FileName C:\\Windows\\System32\\LogFiles\\Firewall\\pfirewall.log
MaxFileSize 4096
Ok.
Categories:
BootTimeRuleCategory Windows Firewall
FirewallRuleCategory Windows Firewall
StealthRuleCategory Windows Firewall
ConSecRuleRuleCategory Windows Firewall
"""
LISTING = """\
2084 15:13:43.441664 463.087187 0.002359 192.168.99.5 192.168.99.100 DNS Standard query A UAGDAServer-FQDN
2085 15:13:43.442251 463.087774 0.000587 192.168.99.100 192.168.99.5 DNS Standard query response A 1.1.1.2
Now client tries to establish the TLS tunnel:
No. Time Time since Delta Source Destination Protocol Identification S-Port D-Port Sequence TCP Len TCP Ack TCP Win Info
2086 15:13:43.443150 463.088673 0.000000 192.168.99.5 1.1.1.2 TCP 0x58ba (22714) 57134 443 1683802426 0 8192 57134 > 443 [SYN] Seq=1683802426 Win=8192 \
[TCP CHECKSUM INCORRECT] Len=0 MSS=1460 WS=256 SACK_PERM=1
2087 15:13:43.479192 463.124715 0.036042 1.1.1.2 192.168.99.5 TCP 0x61f4 (25076) 443 57134 536292141 0 1683802427 8192 443 > 57134 [SYN, ACK] \
Seq=536292141 Ack=1683802427 Win=8192 Len=0 MSS=1460 WS=256 SACK_PERM=1
2088 15:13:43.479356 463.124879 0.000164 192.168.99.5 1.1.1.2 TCP 0x58bb (22715) 57134 443 1683802427 0 536292142 65536 57134 > 443 [ACK] \
Seq=1683802427 Ack=536292142 Win=65536 [TCP CHECKSUM INCORRECT] Len=0
2089 15:13:43.491000 463.136523 0.011644 192.168.99.5 1.1.1.2 TLSv1 0x58bc (22716) 57134 443 1683802427 119 536292142 65536 Client Hello
2092 15:13:43.530437 463.175960 0.039437 1.1.1.2 192.168.99.5 TLSv1 0x61f5 (25077) 443 57134 536292142 853 1683802546 65536 Server Hello, \
Certificate, Server Key Exchange, Server Hello Done
2093 15:13:43.569422 463.214945 0.038985 192.168.99.5 1.1.1.2 TLSv1 0x58be (22718) 57134 443 1683802546 134 536292995 64768 Client Key Exchange, \
Change Cipher Spec, Encrypted Handshake Message
2094 15:13:43.608227 463.253750 0.038805 1.1.1.2 192.168.99.5 TLSv1 0x61f6 (25078) 443 57134 536292995 59 1683802680 65536 Change Cipher Spec, \
Encrypted Handshake Message
2095 15:13:43.608869 463.254392 0.000642 192.168.99.5 1.1.1.2 TCP 0x58bf (22719) 57134 443 1683802680 0 536293054 64768 57134 > 443 [FIN, ACK] \
Seq=1683802680 Ack=536293054 Win=64768 [TCP CHECKSUM INCORRECT] Len=0
2096 15:13:43.645152 463.290675 0.036283 1.1.1.2 192.168.99.5 TCP 0x61f7 (25079) 443 57134 536293054 0 1683802681 0 443 > 57134 [RST, ACK] \
Seq=536293054 Ack=1683802681 Win=0 Len=0
"""
"""The packets as the article prints them, each on one line."""
OUTPUTS = {"server.txt": SSLCERT + CERTUTIL, "client.txt": HTTPSTUNNEL, "firewall.txt": FIREWALL}
"""What the client's and the server's commands printed, as the article shows it."""


def context_of(client: bool, issued: Issued) -> ssl.SSLContext:
    """An end as Windows 7 and 2008 R2 are: TLS 1.0, ECDHE with AES-CBC, no tickets, MAC before encryption."""
    more = "AES256-SHA:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:DHE-RSA-AES128-SHA:" if client else ""
    suites = f"ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA:AES128-SHA:{more}@SECLEVEL=0"
    made = (
        client_context(None, suites=suites, version=TLS10)
        if client
        else server_context(issued, version=TLS10, suites=suites)
    )
    made.options |= ssl.OP_NO_TICKET | 0x80000  # SSL_OP_NO_ENCRYPT_THEN_MAC
    if not client:
        made.set_ecdh_curve("prime256v1")
    return made


def flights() -> list[bytes]:
    """What each end sends, with the printed lengths: a comment fills the certificate up to the size that it had."""
    comment = 200
    for _ in range(4):
        # 2012 lies long before the simulation's day.
        issued = issue(SERVED, valid_days=(-4700, 4700), key=rsa_key(1024), comment=comment)
        pair = Pair(context_of(True, issued), context_of(False, issued), NAME)
        if not pair.handshake():
            raise RuntimeError("the handshake failed")
        data = [step.data for step in pair.steps if isinstance(step, Send) and isinstance(step.data, bytes)]
        if tuple(map(len, data)) == LENGTHS:
            return data
        comment += LENGTHS[1] - len(data[1])
    raise RuntimeError(f"flights of {[len(flight) for flight in data]} bytes")


def frame(outward: bool, packet: IPv4, peer_mac: str = GATEWAY_MAC) -> bytes:
    """A frame as the client's own capture holds it."""
    macs = (CLIENT_MAC, peer_mac) if outward else (peer_mac, CLIENT_MAC)
    return bytes(Ethernet(*macs, packet, padded=not outward))


def at(second: float) -> int:
    """Nanoseconds since 1970 of a second of 15:13."""
    return DAY_NS + (15 * 60 + 13) * 60 * SECOND + round(second * 1e6) * 1000


def lookup() -> list[Listed]:
    """The DNS question and its answer."""
    question = UDP(53211, 53, dns_question(0x2E51, NAME))
    answer = UDP(53, 53211, dns_answer(0x2E51, NAME, SERVER))
    return [
        Listed(2084, at(43.441664), frame(True, IPv4(CLIENT, RESOLVER, question, ttl=128, ident=22713), RESOLVER_MAC)),
        Listed(2085, at(43.442251), frame(False, IPv4(RESOLVER, CLIENT, answer, ttl=128, ident=9120), RESOLVER_MAC)),
    ]


def session() -> list[Listed]:
    """The TCP connection with the handshake."""
    sent, data = {True: CLIENT_ISN, False: SERVER_ISN}, flights()
    story = []
    for number, second, outward, flags, ident, window, flight in ROWS:
        ports = (PORT, 443) if outward else (443, PORT)
        options = mss(1460) + wscale(8) + sack_permitted() if "S" in flags else b""
        payload = data[flight] if flight >= 0 else b""
        shown = window if "S" in flags or not window else window >> 8
        segment = TCP(*ports, sent[outward], sent[not outward] if "A" in flags else 0, flags, shown, options, payload)
        sent[outward] += segment.length
        ends = (CLIENT, SERVER) if outward else (SERVER, CLIENT)
        segment = replace(segment, checksum=OFFLOADED) if outward else segment
        story.append(
            Listed(number, at(second), frame(outward, IPv4(*ends, segment, ttl=128 if outward else 116, ident=ident)))
        )
    return story


def client_frames() -> list[Frame]:
    """The client's capture up to a little behind the reset."""
    peers = (Station(RESOLVER, RESOLVER_MAC), Station("192.168.99.20", "00:1c:25:99:14:14"))
    return number_frames([*lookup(), *session()], Neighbourhood(Station(CLIENT, CLIENT_MAC), peers), START_NS)


def build(folder: Path) -> dict[str, Path]:
    """Write `client.pcapng`."""
    return {"client": write_capture(folder / "client.pcapng", client_frames())}


def build_folder(folder: Path) -> Path:
    """The case folder: the capture and the outputs beside it."""
    build(folder)
    for name, text in OUTPUTS.items():
        (folder / name).write_text(text)
    return folder

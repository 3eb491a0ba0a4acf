"""A DirectAccess client that moves from its office to a home network behind NAT and connects over IP-HTTPS.

Frame numbers, ports, sequence numbers, identifiers and lengths are the printed ones of a Network Monitor trace that records the
Ethernet interface (interface 0) and the tunnel interface (interface 1, bare IPv6). Times and IPv4 addresses of the home network
are not printed. `build` writes that trace; `variant` the same with another transport or system, with one interface only, or cut
off at a stage, in which the client then tries again for a minute and a half.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from examples import tls
from examples.files import (
    ETHERNET,
    SECOND,
    Frame,
    enhanced_packet,
    interface_description,
    option,
    section_header,
    write_bytes,
)
from examples.filler import Listed, Neighbourhood, Station, dns_answer, dns_question, number_frames
from examples.packets import (
    BROADCAST,
    OFFLOADED,
    TCP,
    UDP,
    Ethernet,
    IPv4,
    Upper,
    arp_reply,
    arp_request,
    mss,
    pack_address,
    pack_mac,
    sack_permitted,
    wscale,
)
from tests.support.packets import ICMPv6, IPv6, Raw, six_in_four, teredo

RAW_IP = 101
CLIENT_MAC, GATEWAY_MAC = "00:15:5d:10:0c:3f", "00:15:5d:10:0c:41"
CLIENT, GATEWAY, PUBLIC_CLIENT = "192.168.137.20", "192.168.137.1", "131.107.0.101"
SERVER = "131.107.0.5"
"""836B:0005 of the printed prefix."""
INNER, INNER_SERVER = "2002:836b:5:1000:34cd:1b68:10dc:eaf4", "2002:836b:5::836b:5"
TEREDO, SIX_TO_FOUR = "2001:0:836b:4:34cd:1b68:7c94:ff9a", "2002:836b:65::836b:65"
SECOND_SERVER = "2002:836b:4::836b:4"
LOCATION, ENDPOINT = "directaccess-nls.contoso.com", "gateway1.contoso.com"
"""Names of the printed lengths: a question of 28 characters, a server name of 20."""
WINDOWS_7_SUITES = bytes.fromhex("002f00350005000ac013c014c009c00a0032003800130004")
START_NS = int(datetime(2013, 1, 14, 18, 30, tzinfo=UTC).timestamp()) * SECOND

PORT, ISN, SERVER_ISN = 58449, 2257090545, 273863015
LOCATION_FRAMES, ENDPOINT_FRAMES, HANDSHAKE = (82, 103, 153, 175), (185, 186), (187, 188, 189)
HELLO, SECOND_PROBE, FIRST_INNER, MAIN_MODE, ESP, QUICK_MODE = 190, 201, 226, (270, 283), 284, 305

EXPECT: dict[str, Any] = {
    "rules": (),
    "frames": {
        "network-change": 4,
        "ncsi-probe": 26,
        "location-probe": 82,
        "endpoint-resolved": 185,
        "transport-connected": 187,
        "tls-hello": 190,
        "second-probe": 201,
        "main-mode": 270,
        "quick-mode": 305,
        "esp-traffic": 284,
    },
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What to build. `system` is 8 or 7; `shown` is `both`, `outer` or `tunnel`; `transport` as in a timeline.

    `stop` names the stage whose answer never comes, with `how` saying in which way: `silent`, or one that the stage knows.
    """

    system: int = 8
    shown: str = "both"
    transport: str = "IP-HTTPS"
    stop: str = ""
    how: str = "silent"
    location: str = LOCATION
    no_such_name: bool = False
    """The home network's resolver says that the location server's name does not exist."""
    inside: bool = False
    """The location server answers: the client is in the office and needs no tunnel."""


class Item(NamedTuple):
    """One frame of the story: its number, seconds since the start, interface and bytes."""

    number: int
    time_s: float
    interface: int
    data: bytes


ORDER = ("endpoint-resolved", "transport-connected", "tls-done", "tunnel-up", "main-mode", "quick-mode", "esp-traffic")


# --- the parts of the story -------------------------------------------------------------------------------------------


def up(upper: Upper, ident: int = 0, target: str = SERVER) -> bytes:
    """A packet of the client on Ethernet, its checksum left to the adapter as the printed one shows."""
    if isinstance(upper, TCP):
        upper = replace(upper, checksum=OFFLOADED)
    return bytes(Ethernet(CLIENT_MAC, GATEWAY_MAC, IPv4(CLIENT, target, upper, ttl=128, ident=ident)))


def down(upper: Upper, ident: int = 0, source: str = SERVER) -> bytes:
    """A packet that reaches the client on Ethernet."""
    return bytes(Ethernet(GATEWAY_MAC, CLIENT_MAC, IPv4(source, CLIENT, upper, ttl=116, ident=ident), padded=True))


def dhcp(kind: int, operation: int, address: str, options: bytes = b"") -> bytes:
    """A DHCP message of transaction 0x5d0c3f."""
    head = struct.pack("!4B2I", operation, 1, 6, 0, 0x5D0C3F, 0) + pack_address("0.0.0.0")
    given = pack_address(address if operation == 2 else "0.0.0.0")
    fixed = head + given + b"\0" * 8 + pack_mac(CLIENT_MAC) + b"\0" * 202 + b"\x63\x82\x53\x63"
    return fixed + bytes((53, 1, kind)) + options + b"\xff"


def network() -> Iterator[Item]:
    """Frames 4 to 32: an address by DHCP, the gateway by ARP, and the probe for the internet."""
    asked = bytes((50, 4)) + pack_address(CLIENT)
    gateway = pack_address(GATEWAY)
    given = (
        b"\x36\x04"
        + gateway
        + b"\x01\x04\xff\xff\xff\0\x03\x04"
        + gateway
        + b"\x06\x04"
        + gateway
        + b"\x33\x04\0\0\x0e\x10"
    )
    for number, kind, operation, options in ((4, 1, 1, b""), (5, 2, 2, given), (10, 3, 1, asked), (11, 5, 2, given)):
        message = dhcp(kind, operation, CLIENT, options)
        asks = operation == 1
        packet = (
            IPv4("0.0.0.0", "255.255.255.255", UDP(68, 67, message), ttl=128)
            if asks
            else IPv4(GATEWAY, CLIENT, UDP(67, 68, message), ttl=64)
        )
        macs = (CLIENT_MAC, BROADCAST) if asks else (GATEWAY_MAC, CLIENT_MAC)
        yield Item(number, 0.2 + number * 0.01, 0, bytes(Ethernet(*macs, packet)))
    yield Item(20, 0.6, 0, bytes(arp_request(CLIENT_MAC, CLIENT, GATEWAY)))
    yield Item(21, 0.601, 0, bytes(arp_reply(GATEWAY_MAC, GATEWAY, CLIENT_MAC, CLIENT)))
    yield from probe(26, 1.0, 51200)


def probe(number: int, time_s: float, port: int) -> Iterator[Item]:
    """Seven frames of the Network Connectivity Status Indicator: name, connection, text."""
    name, web = "www.msftncsi.com", "165.254.158.72"
    ask = b"GET /ncsi.txt HTTP/1.1\r\nConnection: Close\r\nUser-Agent: Microsoft NCSI\r\nHost: www.msftncsi.com\r\n\r\n"
    text = b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\nContent-Type: text/plain\r\nServer: Microsoft-IIS/7.5\r\n\r\nMicrosoft NCSI"
    mine, theirs = 1_000_000 + port, 7_000_000 + port
    steps = (
        up(UDP(port, 53, dns_question(port, name)), target=GATEWAY),
        down(UDP(53, port, dns_answer(port, name, web)), source=GATEWAY),
        up(TCP(port, 80, mine, 0, "S", 8192, mss(1460) + wscale(8) + sack_permitted()), target=web),
        down(TCP(80, port, theirs, mine + 1, "SA", 8192, mss(1460) + wscale(8) + sack_permitted()), source=web),
        up(TCP(port, 80, mine + 1, theirs + 1, "A", 513), target=web),
        up(TCP(port, 80, mine + 1, theirs + 1, "PA", 513, payload=ask), target=web),
        down(TCP(80, port, theirs + 1, mine + 1 + len(ask), "FPA", 513, payload=text), source=web),
        up(TCP(port, 80, mine + 1 + len(ask), theirs + 2 + len(text), "FA", 513), target=web),
        down(TCP(80, port, theirs + 2 + len(text), mine + 2 + len(ask), "A", 513), source=web),
    )
    for turn, data in enumerate(steps):
        yield Item(number + turn, time_s + 0.02 * turn, 0, data)


def location(scene: Scene) -> Iterator[Item]:
    """Frames 82 to 175: the location server's name, asked four times and never answered."""
    for number, time_s in zip(LOCATION_FRAMES, (2.0, 3.0, 5.0, 9.0), strict=True):
        ident = {82: 26991}.get(number, 27000 + number)
        question = dns_question(0x4707, scene.location)
        yield Item(number, time_s, 0, up(UDP(51531, 53, question), ident, GATEWAY))
        if scene.inside:
            yield from reached(number, time_s, scene.location)
            return
        if scene.no_such_name:
            refusal = struct.pack("!6H", 0x4707, 0x8183, 1, 0, 0, 0) + question[12:]
            yield Item(number + 1, time_s + 0.03, 0, down(UDP(53, 51531, refusal), source=GATEWAY))
            return


def reached(number: int, time_s: float, name: str) -> Iterator[Item]:
    """The location server's address, and a whole exchange with it over TLS."""
    server, offer = "10.0.0.15", mss(1460) + wscale(8) + sack_permitted()
    yield Item(number + 1, time_s + 0.01, 0, down(UDP(53, 51531, dns_answer(0x4707, name, server)), source=GATEWAY))
    der = certificate(name)
    chain = (len(der) + 3).to_bytes(3, "big") + len(der).to_bytes(3, "big") + der
    chosen = tls.message(2, b"\x03\x01" + tls.noise(32, 21) + b"\0" + b"\0\x2f" + b"\0")
    flight = tls.record(tls.HANDSHAKE, chosen + tls.message(11, chain) + tls.message(14, b""))
    keys = (
        tls.record(tls.HANDSHAKE, tls.message(16, b"\x01\0" + tls.noise(256, 5)))
        + tls.CHANGE
        + tls.protected(53, tls.HANDSHAKE, 6)
    )
    mine, theirs, port = 5_000_000, 9_000_000, 50999
    yield Item(number + 2, time_s + 0.02, 0, up(TCP(port, 443, mine, 0, "S", 8192, offer), target=server))
    yield Item(number + 3, time_s + 0.03, 0, down(TCP(443, port, theirs, mine + 1, "SA", 8192, offer), source=server))
    yield Item(number + 4, time_s + 0.031, 0, up(TCP(port, 443, mine + 1, theirs + 1, "A", 513), target=server))
    mine, theirs = mine + 1, theirs + 1
    talk = ((True, tls.client_hello(161, name)), (False, flight), (True, keys), (False, tls.server_finished()))
    for turn, (upward, data) in enumerate((*talk, (True, tls.protected(197)), (False, tls.protected(421, seed=2)))):
        ports = (port, 443, mine, theirs) if upward else (443, port, theirs, mine)
        segment = TCP(*ports, "PA", 513, payload=data)
        packed = up(segment, target=server) if upward else down(segment, source=server)
        yield Item(number + 5 + turn, time_s + 0.04 + 0.01 * turn, 0, packed)
        mine, theirs = (mine + len(data), theirs) if upward else (mine, theirs + len(data))


def endpoint(scene: Scene) -> Iterator[Item]:
    """Frames 185 and 186: the server's name."""
    question, answer = dns_question(0x5151, ENDPOINT), dns_answer(0x5151, ENDPOINT, SERVER)
    yield Item(185, 13.0, 0, up(UDP(60211, 53, question), target=GATEWAY))
    if scene.stop != "endpoint-resolved":
        yield Item(186, 13.03, 0, down(UDP(53, 60211, answer), source=GATEWAY))
    elif scene.how == "name error":
        refusal = struct.pack("!6H", 0x5151, 0x8183, 1, 0, 0, 0) + question[12:]
        yield Item(186, 13.03, 0, down(UDP(53, 60211, refusal), source=GATEWAY))
    else:
        for turn, after in enumerate((1, 2, 4, 8)):
            yield Item(315 + turn, 13.0 + after, 0, up(UDP(60211, 53, question), target=GATEWAY))


class Stream:
    """Both directions of the TCP connection with the server: gives each record its segment."""

    def __init__(self) -> None:
        self.sent, self.received = ISN + 1, SERVER_ISN + 1
        self.ident = 24159

    def client(self, payload: bytes, flags: str = "PA") -> bytes:
        """A segment of the client."""
        data = up(TCP(PORT, 443, self.sent, self.received, flags, 513, payload=payload), self.ident)
        self.sent, self.ident = self.sent + len(payload) + ("F" in flags), self.ident + 1
        return data

    def server(self, payload: bytes, flags: str = "PA") -> bytes:
        """A segment of the server."""
        data = down(TCP(443, PORT, self.received, self.sent, flags, 513, payload=payload), self.ident)
        self.received += len(payload) + ("F" in flags)
        return data


def connection(scene: Scene) -> Iterator[Item]:
    """Frames 187 to 189: the TCP handshake, or what comes instead."""
    offer = mss(1460) + wscale(8) + sack_permitted()
    syn = TCP(PORT, 443, ISN, 0, "S", 8192, offer)
    yield Item(187, 13.04, 0, up(syn, 24156))
    if scene.stop != "transport-connected":
        yield Item(188, 13.07, 0, down(TCP(443, PORT, SERVER_ISN, ISN + 1, "SA", 8192, offer)))
        yield Item(189, 13.071, 0, up(TCP(PORT, 443, ISN + 1, SERVER_ISN + 1, "A", 513), 24157))
        return
    for turn, after in enumerate((3, 9)):
        yield Item(311 + 2 * turn, 13.04 + after, 0, up(syn, 24160 + turn))
        if scene.how == "refused":
            yield Item(312 + 2 * turn, 13.07 + after, 0, down(TCP(443, PORT, 0, ISN + 1, "RA", 0)))


@functools.cache
def certificate(name: str = ENDPOINT, self_signed: bool = False) -> bytes:
    """A certificate for the server, of the organisation's own authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = subject if self_signed else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "corp-DC1-CA")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(0x5485200900020000015C)
        .not_valid_before(datetime(2012, 9, 1, tzinfo=UTC))
        .not_valid_after(datetime(2017, 9, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


def client_hello(scene: Scene) -> bytes:
    """The printed hello of 92 bytes with two NULL suites; one with Schannel's encrypting suites for Windows 7."""
    host = ENDPOINT.encode()
    entry = b"\0" + len(host).to_bytes(2, "big") + host
    name = b"\0\0" + (len(entry) + 2).to_bytes(2, "big") + len(entry).to_bytes(2, "big") + entry
    extensions = b"\xff\x01\0\x01\0" + name + b"\0\x23\0\0"
    offered = WINDOWS_7_SUITES if scene.system == 7 else b"\0\x02\0\x01"
    body = b"\x03\x01" + tls.noise(32, 190) + b"\0" + len(offered).to_bytes(2, "big") + offered + b"\x01\0"
    return tls.record(tls.HANDSHAKE, tls.message(1, body + len(extensions).to_bytes(2, "big") + extensions))


def server_flight(scene: Scene, name: str = ENDPOINT) -> bytes:
    """ServerHello, Certificate, ServerHelloDone."""
    suite = b"\0\x02" if scene.system == 8 else b"\0\x2f"
    hello = tls.message(2, b"\x03\x01" + tls.noise(32, 191) + b"\x20" + tls.noise(32, 192) + suite + b"\0")
    der = certificate(name)
    chain = (len(der) + 3).to_bytes(3, "big") + len(der).to_bytes(3, "big") + der
    return tls.record(tls.HANDSHAKE, hello + tls.message(11, chain) + tls.message(14, b""))


class Sealed:
    """Application data as the suite protects it: with NULL_SHA the bytes and a code of 20 bytes behind them."""

    def __init__(self, scene: Scene) -> None:
        self.clear, self.turn = scene.system == 8, 0

    def __call__(self, data: bytes, kind: int = tls.APPLICATION_DATA) -> bytes:
        """One record."""
        self.turn += 1
        if self.clear:
            return tls.record(kind, data + tls.noise(20, self.turn))
        return tls.protected(5 + (len(data) + 20) // 16 * 16 + 16, kind, self.turn)


REQUEST = (
    b"POST /IPHTTPS HTTP/1.1\r\nContent-Length: 18446744073709551615\r\nHost: gateway1.contoso.com\r\n"
    b"User-Agent: Microsoft IP-HTTPS Client\r\n\r\n"
)
RESPONSE = b"HTTP/1.1 200 OK\r\nServer: Microsoft-HTTPAPI/2.0\r\nDate: Mon, 14 Jan 2013 18:30:13 GMT\r\n\r\n"


def handshake(scene: Scene, stream: Stream, seal: Sealed) -> Iterator[Item]:
    """Frames 190 to 195: TLS, the request for the tunnel and its response."""
    yield Item(190, 13.08, 0, stream.client(client_hello(scene)))
    if scene.stop == "tls-done" and scene.how != "certificate":
        if scene.how == "reset":
            yield Item(191, 13.12, 0, stream.server(b"", "RA"))
        elif scene.how == "alert":
            yield Item(191, 13.12, 0, stream.server(tls.record(21, b"\x02\x28")))
            yield Item(192, 13.121, 0, stream.server(b"", "FA"))
        return
    name = "Default Web Site" if scene.how == "certificate" else ENDPOINT
    yield Item(191, 13.12, 0, stream.server(server_flight(scene, name)))
    keys = tls.record(tls.HANDSHAKE, tls.message(16, b"\x01\0" + tls.noise(256, 5))) + tls.CHANGE
    yield Item(192, 13.13, 0, stream.client(keys + seal(tls.message(20, tls.noise(12, 9)), tls.HANDSHAKE)))
    yield Item(193, 13.17, 0, stream.server(tls.CHANGE + seal(tls.message(20, tls.noise(12, 8)), tls.HANDSHAKE)))
    if scene.stop == "tls-done":
        yield Item(194, 13.171, 0, stream.client(b"", "FA"))
        yield Item(195, 13.21, 0, stream.server(b"", "RA"))
        return
    yield Item(194, 13.18, 0, stream.client(seal(REQUEST)))
    if scene.stop != "tunnel-up" or scene.how == "no router":
        yield Item(195, 13.24, 0, stream.server(seal(RESPONSE)))
    elif scene.how == "refused":
        yield Item(195, 13.24, 0, stream.server(seal(RESPONSE.replace(b"200 OK", b"503 Service Unavailable"))))
        yield Item(196, 13.25, 0, stream.server(b"", "FA"))


# --- the inside ----------------------------------------------------------------------------------------------------------


def authip(
    exchange: int,
    initiator: bool,
    turn: int = 0,
    *,
    sealed: bool = False,
    error: int = 0,
    version: int = 9,
    tunnel: int = 1,
) -> bytes:
    """An AuthIP message (MS-AIPS 2.2): crypto payload, then vendor ids, a notify of an error, or what is encrypted."""
    cookies = bytes.fromhex(f"a1b2c3d4e5f6070{tunnel}")
    answer = b"\0" * 8 if initiator and turn == 0 and exchange == 0xF3 else bytes.fromhex(f"0f1e2d3c4b5a697{tunnel}")
    vendor = bytes.fromhex("1e2b516905991c7d7c96fcbfb587e461") + version.to_bytes(4, "big")
    if sealed:
        body = b"\x0d\0\0\x14" + tls.noise(16, turn + exchange) + tls.noise(196, turn)
    elif error:
        body = b"\x0b\0\0\x08\0\0\0\0" + b"\0\0\0\x10\0\0\0\x01\x01\0\x9c\x54" + error.to_bytes(4, "big")
    else:
        body = b"\x0d\0\0\x08\0\0\0\0" + b"\0\0\0\x18" + vendor
    head = cookies + answer + bytes((0x85, 0x10, exchange, int(sealed)))
    return head + (exchange == 0xF5).to_bytes(4, "big") + (28 + len(body)).to_bytes(4, "big") + body


@dataclass(frozen=True, slots=True)
class Inner:
    """One packet inside the tunnel: the number of its frame there, when, and by whom."""

    number: int
    time_s: float
    upward: bool
    upper: Upper
    server: str = INNER_SERVER


def ike(number: int, time_s: float, upward: bool, data: bytes, server: str = INNER_SERVER) -> Inner:
    """An AuthIP message in its datagram."""
    return Inner(number, time_s, upward, UDP(500, 500, data), server)


def esp(number: int, time_s: float, upward: bool, sequence: int) -> Inner:
    """A protected packet."""
    spi = 0x1F2E3D4C if upward else 0x5A6B7C8D
    return Inner(number, time_s, upward, Raw(50, struct.pack("!II", spi, sequence) + tls.noise(104, sequence)))


def inside(scene: Scene) -> Iterator[Inner]:
    """What travels in the tunnel, up to the stage at which it stops."""
    solicitation = ICMPv6(133)
    advertised = ICMPv6(
        134,
        0,
        bytes.fromhex("40000708"),
        b"\0" * 8 + bytes.fromhex("030440c0ffffffffffffffff00000000") + pack_address("2002:836b:5:1000::"),
    )
    yield Inner(196, 13.30, True, solicitation, "ff02::2")
    if scene.stop == "tunnel-up":
        yield from (Inner(320 + 2 * turn, 17.3 + 4 * turn, True, solicitation, "ff02::2") for turn in range(3))
        return
    yield Inner(198, 13.35, False, advertised, "fe80::836b:5")
    yield ike(226, 15.0, True, authip(0xF6, True, error=13849))
    stop = ORDER.index(scene.stop) if scene.stop else len(ORDER)
    if stop <= ORDER.index("main-mode"):
        yield from _broken_main_mode(scene)
        return
    for turn, number in enumerate(range(270, 282, 2)):
        yield ike(number, 16.0 + 0.05 * turn, turn % 2 == 0, authip(0xF3, turn % 2 == 0, turn, sealed=turn > 1))
    yield ike(282, 16.4, True, authip(0xF5, True, 1, sealed=True))
    if stop > ORDER.index("quick-mode"):
        for turn in range(10):
            upward = turn % 2 == 0
            if upward or stop > ORDER.index("esp-traffic"):
                yield esp(284 + 2 * turn, 16.5 + 0.03 * turn, upward, 1 + turn // 2)
    yield from _quick_mode(scene, stop)


def _broken_main_mode(scene: Scene) -> Iterator[Inner]:
    """Main mode that gets no answer, or one with an error."""
    for turn, after in enumerate((0, 3, 7, 11, 15)):
        yield ike(270 + 2 * turn, 16.0 + after, True, authip(0xF3, True))
    if scene.how == "error":
        yield ike(280, 31.2, False, authip(0xF3, False, 1, error=13801))


def _quick_mode(scene: Scene, stop: int) -> Iterator[Inner]:
    """Quick mode in frame 305 and its answer."""
    yield ike(305, 17.0, True, authip(0xF4, True, 1, sealed=True))
    if stop == ORDER.index("quick-mode"):
        yield from (ike(325 + 2 * turn, 18.0 + 3 * turn, True, authip(0xF4, True, 1, sealed=True)) for turn in range(4))
        return
    yield ike(307, 17.05, False, authip(0xF4, False, 2, sealed=True))
    if stop > ORDER.index("esp-traffic"):
        yield from (esp(330 + 2 * turn, 18.0 + turn, turn % 2 == 0, 6 + turn // 2) for turn in range(8))
    else:
        yield from (esp(330 + 2 * turn, 18.0 + turn, True, 6 + turn) for turn in range(8))


def addresses(scene: Scene, packet: Inner) -> IPv6:
    """The packet with the addresses that its transport gives the client."""
    own = {"Teredo": TEREDO, "6to4": SIX_TO_FOUR}.get(scene.transport, INNER)
    if isinstance(packet.upper, ICMPv6):
        source, target = ("fe80::34cd:1b68:10dc:eaf4", packet.server) if packet.upward else (packet.server, "ff02::1")
        return IPv6(source, target, packet.upper, ttl=255)
    ends = (own, packet.server) if packet.upward else (packet.server, own)
    return IPv6(*ends, packet.upper, ttl=128)


def carried(scene: Scene, stream: Stream, seal: Sealed) -> Iterator[Item]:
    """Every packet inside on the tunnel's interface, and the frame that carries it on Ethernet right behind or before."""
    for packet in inside(scene):
        bare = addresses(scene, packet)
        data = bytes(bare)
        outer = _outer(scene, packet, bare, stream, seal)
        # What the client sends is seen in the tunnel first, what it receives on Ethernet.
        numbers = (packet.number, packet.number + 1)
        yield Item(numbers[0], packet.time_s, 1, data)
        yield Item(numbers[1], packet.time_s + 0.0002, 0, outer)


def _outer(scene: Scene, packet: Inner, bare: IPv6, stream: Stream, seal: Sealed) -> bytes:
    if scene.transport == "IP-HTTPS":
        return stream.client(seal(bytes(bare))) if packet.upward else stream.server(seal(bytes(bare)))
    if scene.transport == "Teredo":
        return (
            up(teredo(50123, bare), target="131.107.0.4")
            if packet.upward
            else down(_turned(bare), source="131.107.0.4")
        )
    ends = (PUBLIC_CLIENT, SERVER) if packet.upward else (SERVER, PUBLIC_CLIENT)
    macs = (CLIENT_MAC, GATEWAY_MAC) if packet.upward else (GATEWAY_MAC, CLIENT_MAC)
    return bytes(Ethernet(*macs, IPv4(*ends, six_in_four(bare), ttl=128)))


def _turned(bare: IPv6) -> UDP:
    return UDP(3544, 50123, bytes(bare))


# --- all of it -------------------------------------------------------------------------------------------------------------


def story(scene: Scene) -> list[Item]:
    """The frames that belong to the process, as the scene shows them."""
    items = [*network(), *location(scene)]
    stop = ORDER.index(scene.stop) if scene.stop else len(ORDER)
    stream, seal = Stream(), Sealed(scene)
    if scene.inside:
        return items
    if scene.transport == "IP-HTTPS" and scene.how != "not begun":
        items += endpoint(scene)
        items += connection(scene) if stop > ORDER.index("endpoint-resolved") else ()
        items += handshake(scene, stream, seal) if stop > ORDER.index("transport-connected") else ()
    if is_carrying(scene, stop):
        items += carried(scene, stream, seal)
        items += probe(201, 13.6, 51900)
        items.append(Item(214, 14.2, 0, up(UDP(51777, 53, dns_question(0x4811, scene.location)), target=GATEWAY)))
    if scene.shown != "both":
        return [item for item in items if (item.interface == 1) == (scene.shown == "tunnel")]
    return items if scene.transport == "IP-HTTPS" else [item for item in items if item.interface == 0]


def is_carrying(scene: Scene, stop: int) -> bool:
    """Whether packets travel in the tunnel: there is one, or its transport needs none, or only its router is silent."""
    up_at = ORDER.index("tunnel-up")
    return stop > up_at or (stop == up_at and (scene.transport != "IP-HTTPS" or scene.how == "no router"))


def write(path: Path, frames: list[Frame]) -> Path:
    """Write frames of two interfaces: Ethernet and bare IP."""
    times = option(9, b"\x09")
    parts = [section_header(), interface_description(ETHERNET, 0, times), interface_description(RAW_IP, 0, times)]
    parts += [enhanced_packet(frame, frame.time_ns) for frame in frames]
    return write_bytes(path, b"".join(parts))


def frames(scene: Scene, last_s: float = 110.0) -> list[Frame]:
    """All frames of the capture: the story, and healthy traffic around it until `last_s`."""
    items = sorted(story(scene))
    if scene.shown == "tunnel":
        return [Frame(START_NS + round(item.time_s * SECOND), item.data, interface=1) for item in items]
    items.sort(key=lambda item: item.number)
    tunnel = {item.number for item in items if item.interface == 1}
    listed = [Listed(item.number, START_NS + round(item.time_s * SECOND), item.data) for item in items]
    listed.append(Listed(420, START_NS + round(last_s * SECOND), bytes(arp_request(CLIENT_MAC, CLIENT, GATEWAY))))
    listed.append(
        Listed(
            421,
            START_NS + round(last_s * SECOND) + 1_000_000,
            bytes(arp_reply(GATEWAY_MAC, GATEWAY, CLIENT_MAC, CLIENT)),
        )
    )
    hood = Neighbourhood(
        Station(CLIENT, CLIENT_MAC),
        (Station("192.168.137.30", "00:15:5d:10:0c:50"), Station("192.168.137.31", "00:15:5d:10:0c:51")),
    )
    made = number_frames(listed, hood, START_NS, tail=0)
    return [frame._replace(interface=1) if number in tunnel else frame for number, frame in enumerate(made, start=1)]


def variant(folder: Path, **fields: Any) -> dict[str, Path]:
    """Write `client.pcapng` for a scene with these fields."""
    return {"client": write(folder / "client.pcapng", frames(Scene(**fields)))}


def build(folder: Path) -> dict[str, Path]:
    """Write `client.pcapng`, the trace of a connection that comes up."""
    return variant(folder)

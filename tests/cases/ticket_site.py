"""The site that tickets come from: a laptop outside, a Lync Edge server, a Front End that also has a web service, and a DirectAccess server.

Every session is a real one of OpenSSL over a simulated path. `Site` plays one day's two minutes; what goes wrong, a `Fault` says. The laptop's
clock is right, that of the Edge server 4.2 s behind, that of the Front End 9.8 s ahead; the Edge server's log has its local time.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from examples.filler import dns_answer, dns_question
from examples.packets import TCP
from tests.support.files import SECOND, Frame
from tests.support.machines import DROPS, STATE, Told, connected, connecting, given_up
from tests.support.path import EPOCH_NS, Link, Onward, Packet, Part, Point, World
from tests.support.talk import Ask, Close, Host, Stack, Step, Talk
from tests.support.telephony import sip
from tests.support.tls_handshakes import TLS12, Issued, Pair, client_context, issue, rsa_key, server_context

LAPTOP, RESOLVER, EDGE_OUTSIDE, EDGE = "203.0.113.25", "203.0.113.1", "198.51.100.20", "192.168.1.1"
FRONT_END, DA_SERVER, DA_OTHER = "192.168.3.10", "198.51.100.44", "198.51.100.45"
SIP_NAME, DA_NAME, POOL = "sip.contoso.com", "da.contoso.com", "fepool01.contoso.com"
SIP_PORT, WEB_PORT = 5061, 8443
LAPTOP_MAC, FRONT_END_MAC = "00:1c:25:10:25:01", "00:15:5d:03:10:01"
EDGE_MACS = ("00:50:56:44:10:01", "00:50:56:44:11:01")
GATEWAY_MAC = "00:0f:8f:44:55:66"
EDGE_BEHIND_S, FRONT_END_AHEAD_S = -4.2, 9.83
SIGN_IN_S, ASKED_S, FORWARD_S = 7.5, 8.012, 8.31
"""When the laptop connects, when its request arrives at the Edge server, and when that asks the Front End: seconds of true time."""
SIGN_IN_PORT, FORWARD_PORT, STANDING_PORT = 62973, 50357, 50301
EDGE_PID, FRONT_END_PID, WEB_PID = 1504, 2640, 2412
RSA_ONLY, FORWARD_SECRET = "AES128-GCM-SHA256:@SECLEVEL=0", "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"
CALL = "20d82282a7d94f4fb66a0a6df0c0377f"
PATIENT = Stack(initial_rto_ms=3000, syn_retries=2)
"""Windows up to Server 2008 R2."""
ENDLESS = b"Content-Length: 18446744073709551615\r\n\r\n"

SERVED = {
    SIP_NAME: issue(SIP_NAME, (SIP_NAME,), key=rsa_key(2048)),
    POOL: issue(POOL, (POOL,), key=rsa_key(2048, 1)),
    DA_NAME: issue(DA_NAME, (DA_NAME,), key=rsa_key(2048, 2)),
    "Default Web Site": issue("Default Web Site", key=rsa_key(2048, 3)),
}


class Reply(NamedTuple):
    """A response: its first line, further headers, and how many seconds it takes."""

    start: str
    headers: Sequence[str] = ()
    wait_s: float = 0.35


OK = Reply("SIP/2.0 200 OK", ("ms-user-logon-data: RemoteUser",))
PAGE = Reply("HTTP/1.1 200 OK", ("Server: Apache-Coyote/1.1", "Content-Type: application/json"), 0.02)


@dataclass(frozen=True)
class Fault:
    """What goes wrong, all of it at once; nothing as it stands."""

    middle: Callable[[], Sequence[Part]] = tuple
    """What stands between Edge and Front End."""
    outside: Callable[[], Sequence[Part]] = tuple
    """What stands before the DirectAccess server."""
    sign_in: Reply = OK
    """How the Edge answers the request to sign in."""
    pages: Sequence[Reply] = (PAGE,) * 6
    """The answers of the web service in their order."""
    presents: str = DA_NAME
    """For whom the DirectAccess server's certificate is."""
    da_address: str = DA_SERVER
    """Where DNS leads the laptop; "" for no such name."""
    da_error: int = 0
    """What the laptop's IP-HTTPS interface says of it."""
    reaches: bool = True
    """Whether the Edge's connection to the Front End stands."""
    stopped: bool = False
    """Whether the Front End's service has ended, at second 6.9."""
    distrusted: bool = False
    """Whether the Edge refuses the Front End's certificate."""
    traced: str = "edge"
    """The machine of the ETL: `edge`, or `front end`."""
    packets: bool = True
    """Whether that ETL has packets beside the events of the stack."""
    log_tells: bool = True
    """Whether the SIP log has the sign-in; else it has that of another user, a minute before the captures."""
    logs_events: bool = False
    """Whether events of the Front End are brought too."""
    opens: str = SIP_NAME
    """Whose private key is brought; "" for a key log of the web service's sessions."""


@dataclass(slots=True)
class Refuse:
    """A host on which nothing listens on a port any more, from second 7 on: it answers SYNs with resets."""

    port: int
    host: Host = field(default_factory=lambda: Host(FRONT_END, ident=40_000))

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Answer in the host's name."""
        segment = packet.upper
        asks = upward and now_ns > 7 * SECOND and isinstance(segment, TCP) and segment.flags == "S"
        if not asks or not isinstance(segment, TCP) or segment.target != self.port:
            return [Onward(packet, upward)]
        reset = TCP(segment.target, segment.source, 0, segment.seq + 1, "RA", 0)
        back = self.host.wrap(packet.source, reset)
        return [Onward(back, False, 20_000)]


def register(user: str = "username", call: str = CALL) -> bytes:
    """The request to sign in."""
    return sip(
        "REGISTER sip:contoso.com SIP/2.0",
        [f"Via: SIP/2.0/TLS 192.168.2.98:{SIGN_IN_PORT}", *headers(user, call), "Max-Forwards: 70"],
    )


def response(reply: Reply, user: str = "username", call: str = CALL) -> bytes:
    """A response to it."""
    via = f"Via: SIP/2.0/TLS 192.168.2.98:{SIGN_IN_PORT};received={LAPTOP};ms-received-port={SIGN_IN_PORT};ms-received-cid=2E6400"
    return sip(reply.start, [via, *headers(user, call), *reply.headers, "Server: RTC/4.0"])


def headers(user: str, call: str) -> list[str]:
    """What request and response share."""
    return [
        f"From: <sip:{user}@contoso.com>;tag=eee093290f;epid=927c603558",
        f"To: <sip:{user}@contoso.com>",
        f"Call-ID: {call}",
        "CSeq: 1 REGISTER",
    ]


def page(reply: Reply) -> bytes:
    """A response of the web service."""
    body = b'{"state":"ready"}' if " 200 " in reply.start else b'{"error":"ORA-12541: no listener"}'
    return "\r\n".join([reply.start, *reply.headers, f"Content-Length: {len(body)}", "", ""]).encode() + body


class Session:
    """A TLS session of OpenSSL as steps, with the lines of its key log."""

    def __init__(self, name: str, served: Issued, suites: str) -> None:
        asking = client_context(None, suites=suites, version=TLS12)
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "keys"
            asking.keylog_filename = str(log)
            self.pair = Pair(asking, server_context(served, version=TLS12, suites=suites), name)
            if not self.pair.handshake():
                raise RuntimeError("the handshake failed")
            self.key_log = log.read_bytes()

    def say(self, by: str, data: bytes, after_s: float = 0.001) -> None:
        """Application data of one side."""
        one, other = (self.pair.client, self.pair.server) if by == "client" else (self.pair.server, self.pair.client)
        one.write(data)
        self.pair.pump(by, after_s * 1000)
        other.read(65536)

    @property
    def steps(self) -> list[Step]:
        """What each sent so far."""
        return self.pair.steps


@dataclass
class Site:
    """The site with one fault: plays everything at once, and gives frames by machine, in that machine's clock."""

    fault: Fault
    laptop: list[Frame] = field(default_factory=list)
    edge: list[Frame] = field(default_factory=list)
    front_end: list[Frame] = field(default_factory=list)
    key_log: bytes = b""
    told_edge: list[Told] = field(default_factory=list)
    told_front_end: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._look_up()
        self._tunnel()
        self._sign_in()
        self._inside()

    def _look_up(self) -> None:
        world = World([self._at_laptop(), Link(0.6)])
        for turn, (name, address) in enumerate({DA_NAME: self.fault.da_address, SIP_NAME: EDGE_OUTSIDE}.items()):
            question = dns_question(0x4707 + turn, name)
            texts = (question, dns_answer(0x4707 + turn, name, address) if address else no_such_name(question))
            Ask(world, Host(LAPTOP), Host(RESOLVER, ttl=64), (53211 + turn, 53), texts, 1.0 + turn * 0.5, think_ms=4)
        self.laptop += world.captures()["laptop"]

    def _tunnel(self) -> None:
        if not self.fault.da_address:
            return
        session = Session(DA_NAME, SERVED[self.fault.presents], FORWARD_SECRET)
        if self.fault.da_error:
            steps = [*session.steps, Close("client", 0.6)]
        else:
            session.say("client", b"POST /IPHTTPS HTTP/1.1\r\nHost: da.contoso.com:443\r\n" + ENDLESS)
            session.say("server", b"HTTP/1.1 200 OK\r\nServer: Microsoft-HTTPAPI/2.0\r\n" + ENDLESS)
            for turn in range(8):
                session.say("client", bytes(90 + turn), 0.8)
                session.say("server", bytes(240 + turn), 0.03)
            steps = session.steps
        world = World([self._at_laptop(), *self.fault.outside(), Link(23, hops=11)])
        Talk(world, Host(LAPTOP, PATIENT), Host(self.fault.da_address), steps, (49801, 443), 2.0)
        self.laptop += world.captures()["laptop"]

    def _sign_in(self) -> None:
        session = Session(SIP_NAME, SERVED[SIP_NAME], RSA_ONLY)
        session.say("client", register(), 0.38)
        session.say("server", response(self.fault.sign_in), self.fault.sign_in.wait_s)
        session.pair.close()
        world = World([self._at_laptop(), Link(18, hops=9), self._at_edge(EDGE_MACS[0], "server", "outside")])
        Talk(world, Host(LAPTOP), Host(EDGE_OUTSIDE), session.steps, (SIGN_IN_PORT, 443), SIGN_IN_S)
        captures = world.captures()
        self.laptop += captures["laptop"]
        self.edge += captures["outside"]

    def _inside(self) -> None:
        refuse = Refuse(SIP_PORT) if self.fault.stopped else Refuse(0)
        front_end = Point("front end", "server", GATEWAY_MAC, FRONT_END_MAC, FRONT_END_AHEAD_S)
        world = World(
            [
                self._at_edge(EDGE_MACS[1], "client", "inside"),
                Link(0.3),
                *self.fault.middle(),
                Link(0.3),
                front_end,
                refuse,
            ]
        )
        for turn, reply in enumerate(self.fault.pages):
            session = Session(POOL, SERVED[POOL], RSA_ONLY if self.fault.opens else FORWARD_SECRET)
            self.key_log += session.key_log
            session.say("client", b"GET /status?node=%d HTTP/1.1\r\nHost: fepool01.contoso.com:8443\r\n\r\n" % turn)
            session.say("server", page(reply), reply.wait_s)
            session.pair.close()
            Talk(world, Host(EDGE, PATIENT), Host(FRONT_END), session.steps, (51001 + turn, WEB_PORT), 3.0 + turn * 6)
        if self.fault.reaches:
            # A connection of earlier users.
            talk = Talk(world, Host(EDGE, PATIENT), Host(FRONT_END), chat(12), (STANDING_PORT, SIP_PORT), 0.5)
            if self.fault.stopped:
                talk.reset_at("server", 6.9)
        steps = refused_certificate() if self.fault.distrusted else chat(4)
        Talk(world, Host(EDGE, PATIENT), Host(FRONT_END), steps, (FORWARD_PORT, SIP_PORT), FORWARD_S)
        captures = world.captures()
        self.edge += captures["inside"]
        self.front_end += captures["front end"]
        self.told_edge += self._told()

    def _told(self) -> list[Told]:
        remote = (FRONT_END, SIP_PORT)
        at_ns = edge_clock(FORWARD_S)
        if self.fault.stopped:
            arrived_ns = EPOCH_NS + round((FORWARD_S + FRONT_END_AHEAD_S) * SECOND) + 600_000
            self.told_front_end.append(Told(arrived_ns, 1214, DROPS, remote, (EDGE, FORWARD_PORT)))
            refused = Told(at_ns + 1_400_000, 1183, STATE, (EDGE, FORWARD_PORT), remote, EDGE_PID)
            return [*connecting((EDGE, FORWARD_PORT), remote, EDGE_PID, at_ns), refused]
        stands = self.fault.reaches or self.fault.distrusted
        told = connecting((EDGE, FORWARD_PORT), remote, EDGE_PID, at_ns)
        told += (connected if stands else given_up)((EDGE, FORWARD_PORT), remote, EDGE_PID, at_ns)
        if self.fault.reaches:
            told += connecting((EDGE, STANDING_PORT), remote, EDGE_PID, edge_clock(0.5))
            told += connected((EDGE, STANDING_PORT), remote, EDGE_PID, edge_clock(0.5))
        return told

    def _at_laptop(self) -> Point:
        return Point("laptop", "client", LAPTOP_MAC, GATEWAY_MAC)

    @staticmethod
    def _at_edge(mac: str, at: str, name: str) -> Point:
        macs = (GATEWAY_MAC, mac) if at == "server" else (mac, GATEWAY_MAC)
        return Point(name, at, *macs, EDGE_BEHIND_S)


def refused_certificate() -> list[Step]:
    """A handshake between two servers that the client ends, since it knows no issuer of the certificate."""
    other = issue("Contoso Issuing CA 2", ca=True)
    asking = client_context([other], suites=FORWARD_SECRET, version=TLS12)
    pair = Pair(asking, server_context(SERVED[POOL], version=TLS12, suites=FORWARD_SECRET), POOL)
    if pair.handshake():
        raise RuntimeError("the certificate was taken")
    return [*pair.steps, Close("client")]


def no_such_name(question: bytes) -> bytes:
    """The answer NXDOMAIN."""
    return question[:2] + b"\x85\x83" + question[4:]


@functools.cache
def chat(turns: int) -> list[Step]:
    """A session between two servers whose key is not at hand."""
    session = Session(POOL, SERVED[POOL], FORWARD_SECRET)
    for turn in range(turns):
        session.say("client", b"OPTIONS " + bytes(400 + turn), 0.4)
        session.say("server", b"SIP/2.0 200" + bytes(300 + turn), 0.02)
    return session.steps


def edge_clock(second: float) -> int:
    """A true second as the Edge server's clock shows it."""
    return EPOCH_NS + round((second + EDGE_BEHIND_S) * SECOND)

"""Tickets: folders of eight kinds of files from the site, each with one root cause in some of them; the others are real and innocent.

Captures of the laptop (pcapng) and of the Front End (Network Monitor), an ETL and a SIPStack log of the Edge server, netstat and tasklist of the
Front End, httpstunnel of the laptop, and a private key or a key log. Names say nothing, encodings differ, and so do clocks and zones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.cases import ticket_site as site
from tests.cases.ticket_site import Fault, Reply, Site
from tests.support.files import SECOND, pcapng_bytes
from tests.support.machines import Process, etl_bytes, netmon_of, netstat, tasklist
from tests.support.middleboxes import ForgeReset, Lose

LOG_ZONE_S = 2 * 3600
DIAGNOSTICS = (
    'ms-diagnostics: 1038;reason="Failed to connect to a peer server";fqdn="fepool01.contoso.com";peer-type="InternalServer";'
    'winsock-code="10060";winsock-info="The peer did not respond to the connection attempt";source="sip.contoso.com"'
)
TIMED_OUT = Reply("SIP/2.0 504 Server time-out", (DIAGNOSTICS,), 21.32)
REFUSED = Reply(
    "SIP/2.0 504 Server time-out",
    (DIAGNOSTICS.replace("10060", "10061").replace("did not respond to", "actively refused"),),
    1.02,
)
UNTRUSTED = Reply(
    "SIP/2.0 504 Server time-out",
    (
        'ms-diagnostics: 1010;reason="Certificate trust with another server could not be established";source="sip.contoso.com"',
    ),
    0.33,
)
FORBIDDEN = Reply(
    "SIP/2.0 403 Forbidden",
    ('ms-diagnostics: 4003;reason="User is not allowed to use remote access";source="sip.contoso.com"',),
    0.41,
)
BROKEN = Reply("HTTP/1.1 500 Internal Server Error", site.PAGE.headers, 0.05)


@dataclass(frozen=True)
class Expected:
    """What is to be found: the first finding's rule, the rules under it, further ones, the kinds of files that the first one's evidence names."""

    first: str = ""
    under: frozenset[str] = frozenset()
    besides: frozenset[str] = frozenset()
    evidence: frozenset[str] = frozenset()
    said: str = ""
    """What its title and summary say between them."""


def lost_before_front_end() -> Lose:
    """Loses what goes to the Front End's SIP port."""
    return Lose(lambda packet, upward, _: upward and getattr(packet.upper, "target", 0) == site.SIP_PORT)


UNANSWERED = frozenset(("tcp-syn-unanswered", "windows-connect-timeout", "sip-server-timeout"))
REFUSING = frozenset(("tcp-connection-refused", "sip-server-timeout"))
BY_NETSTAT = frozenset(("netmon", "netstat", "sip"))
FAULTS: dict[str, tuple[Fault, Expected]] = {
    "forged reset": (
        Fault(middle=lambda: [ForgeReset(port=site.SIP_PORT)], sign_in=TIMED_OUT, reaches=False),
        Expected(
            "path-forged-reset",
            UNANSWERED | {"path-loss"},
            frozenset(("path-header-rewritten",)),
            frozenset(("etl", "netmon", "netstat", "tasklist", "sip")),
            "3 resets in the name of 192.168.1.1:50357",
        ),
    ),
    "forged reset, says the stack": (
        Fault(middle=lambda: [ForgeReset(port=site.SIP_PORT)], sign_in=TIMED_OUT, reaches=False, packets=False),
        Expected(
            "path-forged-reset",
            frozenset(("windows-connect-timeout", "sip-server-timeout")),
            evidence=frozenset(("etl", "netmon", "netstat", "tasklist", "sip")),
            said="its stack took no SYN/ACK and reset nothing",
        ),
    ),
    "lost SYNs": (
        Fault(middle=lambda: [lost_before_front_end()], sign_in=TIMED_OUT, reaches=False),
        Expected(
            "path-loss",
            UNANSWERED,
            evidence=frozenset(("etl", "netstat", "tasklist", "sip")),
            said="3 packets of 1 conversation left",
        ),
    ),
    "service stopped": (
        Fault(sign_in=REFUSED, stopped=True, logs_events=True),
        Expected(
            "windows-service-stopped",
            REFUSING | {"windows-no-listener"},
            evidence=BY_NETSTAT | {"events"},
            said="Lync Server Front-End terminated unexpectedly",
        ),
    ),
    "nothing listens": (
        Fault(sign_in=REFUSED, stopped=True),
        Expected("windows-no-listener", REFUSING, evidence=BY_NETSTAT, said="lists 5 listening ports, and not 5061"),
    ),
    "nothing listens, says the stack": (
        Fault(sign_in=REFUSED, stopped=True, traced="front end"),
        Expected(
            "windows-no-listener",
            REFUSING,
            evidence=frozenset(("etl", "netstat", "sip")),
            said="Transport endpoint was not found",
        ),
    ),
    "wrong certificate": (
        Fault(presents="Default Web Site", da_address=site.DA_OTHER, da_error=0x800B0109),
        Expected(
            "tls-name-mismatch",
            frozenset(("tls-untrusted", "directaccess-stopped", "tls-closed-after-certificate")),
            evidence=frozenset(("laptop", "httpstunnel")),
            said="198.51.100.45:443 serves a certificate for Default Web Site instead of da.contoso.com",
        ),
    ),
    "IP-HTTPS filtered": (
        Fault(da_error=0x274C, outside=lambda: [Lose(lambda packet, upward, _: upward)]),
        Expected(
            "tcp-syn-unanswered",
            frozenset(("directaccess-stopped",)),
            evidence=frozenset(("laptop", "httpstunnel")),
            said="198.51.100.44:443 does not answer",
        ),
    ),
    "no such name": (
        Fault(da_address="", da_error=0x2AF9),
        Expected(
            "directaccess-stopped",
            evidence=frozenset(("laptop", "httpstunnel")),
            said="203.0.113.1 says that da.contoso.com does not exist",
        ),
    ),
    "distrust between servers": (
        Fault(sign_in=UNTRUSTED, reaches=False, distrusted=True),
        Expected(
            "tls-untrusted",
            frozenset(("tls-alert", "sip-server-timeout")),
            evidence=frozenset(("etl", "netstat", "tasklist", "sip")),
            said="The client answered with the alert unknown_ca",
        ),
    ),
    "forbidden inside TLS": (
        Fault(sign_in=FORBIDDEN, log_tells=False),
        Expected("sip-error", evidence=frozenset(("laptop",)), said="User is not allowed to use remote access"),
    ),
    "error inside TLS": (
        Fault(pages=(site.PAGE, BROKEN, BROKEN, BROKEN, site.PAGE, BROKEN), opens=site.POOL),
        Expected(
            "http-error",
            evidence=frozenset(("etl", "netstat", "tasklist")),
            said="500 Internal Server Error to 4 requests",
        ),
    ),
    "hanging process": (
        Fault(pages=[Reply(*site.PAGE[:2], wait_s) for wait_s in (0.02, 4.1, 5.2, 3.7, 0.02, 4.6)], opens=""),
        Expected(
            "app-slow-response",
            evidence=frozenset(("netmon", "netstat", "tasklist")),
            said="The slowest request was `HTTP GET fepool01.contoso.com:8443/status?node=2`",
        ),
    ),
    "healthy": (Fault(), Expected()),
}
"""What goes wrong, and what is to be found."""


@dataclass(frozen=True)
class Names:
    """What the files of a ticket are called."""

    laptop: str = "0003.dat"
    netmon: str = "b"
    etl: str = "2024.tmp"
    sip: str = "new 2.txt"
    netstat: str = "out1.txt"
    tasklist: str = "out2.txt"
    httpstunnel: str = "out3.txt"
    key: str = "x.bin"
    events: str = "2.log"


NAMES = Names()


def build(folder: Path, fault: Fault, names: Names = NAMES) -> dict[str, Path]:
    """Write the files; their paths by kind."""
    played = Site(fault)
    key = site.SERVED[fault.opens].key_pem() if fault.opens else played.key_log
    made = {**captures(played), **texts(fault), "key": key}
    paths = {kind: folder / getattr(names, kind) for kind in made}
    for kind, data in made.items():
        paths[kind].write_bytes(data)
    return paths


def captures(played: Site) -> Mapping[str, bytes]:
    """The captures of the three machines: the ETL is the Edge server's or, where that is what is traced, the Front End's."""
    edge, front_end = processes_of_edge(played.fault), processes_of_front_end(played.fault)
    laptop = pcapng_bytes(sorted(played.laptop))
    if played.fault.traced == "front end":
        return {
            "laptop": laptop,
            "netmon": netmon_of(played.edge, edge),
            "etl": etl_bytes(played.front_end, [site.FRONT_END_MAC], played.told_front_end, 4),
        }
    return {
        "laptop": laptop,
        "netmon": netmon_of(played.front_end, front_end),
        "etl": etl_bytes(played.edge if played.fault.packets else [], site.EDGE_MACS, played.told_edge, site.EDGE_PID),
    }


def texts(fault: Fault) -> Mapping[str, bytes]:
    """The logs and outputs, each in another encoding."""
    own = processes_of_front_end(fault)
    made = {
        "sip": sip_log(fault).encode("utf-16-le"),
        "netstat": netstat(own).encode("utf-16"),
        "tasklist": tasklist(own).encode("utf-8-sig"),
        "httpstunnel": httpstunnel(fault.da_error).encode("cp1252"),
    }
    return {**made, "events": EVENTS.encode("utf-8")} if fault.logs_events else made


def processes_of_front_end(fault: Fault) -> list[Process]:
    """What runs on the Front End."""
    web = [((site.FRONT_END, site.WEB_PORT), (site.EDGE, 51001 + turn)) for turn in range(len(fault.pages))]
    standing = [((site.FRONT_END, site.SIP_PORT), (site.EDGE, site.STANDING_PORT))] if fault.reaches else []
    own = [
        Process("System", 4, (), (445, 5985)),
        Process("svchost.exe", 920, ("RpcEptMapper", "RpcSs"), (135,)),
        Process("lsass.exe", 636, ("KeyIso", "Netlogon", "SamSs"), (49155,)),
        Process("tomcat7.exe", site.WEB_PID, ("Tomcat7",), (site.WEB_PORT,), web),
    ]
    if not fault.stopped:
        own.append(Process("RTCSrv.exe", site.FRONT_END_PID, ("RtcSrv",), (site.SIP_PORT,), standing))
    return own


def processes_of_edge(fault: Fault) -> list[Process]:
    """What runs on the Edge server and has connections."""
    web = [((site.EDGE, 51001 + turn), (site.FRONT_END, site.WEB_PORT)) for turn in range(len(fault.pages))]
    sip = [((site.EDGE, port), (site.FRONT_END, site.SIP_PORT)) for port in (site.STANDING_PORT, site.FORWARD_PORT)]
    signed_in = ((site.EDGE_OUTSIDE, 443), (site.LAPTOP, site.SIGN_IN_PORT))
    return [Process("RTCSrv.exe", site.EDGE_PID, ("RtcSrv",), (443, 5061), [*web, *sip, signed_in])]


def httpstunnel(error: int) -> str:
    """`netsh interface httpstunnel show interface` of the laptop."""
    status = "failed to connect to the IPHTTPS server. Waiting to reconnect" if error else "IPHTTPS interface active"
    lines = (
        "",
        "Interface IPHTTPSInterface (Group Policy)  Parameters",
        "-" * 60,
        "Role                       : client",
        f"URL                        : https://{site.DA_NAME}:443/IPHTTPS",
        f"Last Error Code            : 0x{error:x}",
        f"Interface Status           : {status}",
        "",
    )
    return "\r\n".join(lines)


def stamp(second: float, turn: int) -> str:
    """A time of the Edge server's log, in its local time."""
    time_ns = site.edge_clock(second) + LOG_ZONE_S * SECOND
    at = datetime.fromtimestamp(time_ns // SECOND, UTC)
    return f"{at:%m/%d/%Y-%H:%M:%S}.{time_ns % SECOND // 1_000_000:03}.02e{turn:05x}"


def sip_log(fault: Fault) -> str:
    """The Edge server's SIPStack log: the sign-in, or (where it does not tell) another user's a minute before the captures."""
    user, call, port, at_s, reply = "username", site.CALL, site.SIGN_IN_PORT, site.ASKED_S, fault.sign_in
    if not fault.log_tells:
        user, call, port, at_s, reply = "other", "77" * 16, 61002, -60.0, site.OK
    records = [record("TF_PROTOCOL", at_s, asked(user, call, port))]
    if reply.wait_s > 20:
        records.append(record("TF_CONNECTION", at_s + reply.wait_s - 0.002, FAILED, "ERROR"))
    records.append(record("TF_PROTOCOL", at_s + reply.wait_s, answered(reply, user, call, port)))
    return "".join(records)


def record(flag: str, second: float, lines: Sequence[str], level: str = "INFO") -> str:
    """One record."""
    head = f"TL_{level}({flag}) [0]05E0.0AAC::{stamp(second, len(lines))} (SIPStack,SIPAdminLog::TraceProtocolRecord:SIPAdminLog.cpp(125))"
    return "\r\n".join([head + "$$begin_record", *lines, "$$end_record", "", ""])


def asked(user: str, call: str, port: int) -> list[str]:
    """The request as the log writes it."""
    return [
        "Trace-Correlation-Id: 3490147474",
        "Instance-Id: 000AE0DB",
        'Direction: incoming;source="external edge";destination="internal edge"',
        f"Peer: {site.LAPTOP}:{port}",
        "Message-Type: request",
        "Start-Line: REGISTER sip:contoso.com SIP/2.0",
        *site.headers(user, call),
        f"Via: SIP/2.0/TLS 192.168.2.98:{port}",
        "Max-Forwards: 70",
        "Content-Length: 0",
        "Message-Body:",
    ]


def answered(reply: Reply, user: str, call: str, port: int) -> list[str]:
    """The response as the log writes it."""
    return [
        "Instance-Id: 000AE0E9",
        'Direction: outgoing;source="local";destination="external edge"',
        "Message-Type: response",
        f"Start-Line: {reply.start}",
        *site.headers(user, call),
        f"Via: SIP/2.0/TLS 192.168.2.98:{port};received={site.LAPTOP};ms-received-port={port};ms-received-cid=2E6400",
        *reply.headers,
        "Server: RTC/4.0",
        "Content-Length: 0",
        "Message-Body:",
    ]


EVENTS = """\
Information\t3/5/2024 11:00:12 AM\tService Control Manager\t7036\tNone
The WinHTTP Web Proxy Auto-Discovery Service service entered the running state.
Error\t3/5/2024 11:00:16 AM\tService Control Manager\t7034\tNone
The Lync Server Front-End service terminated unexpectedly.  It has done this 1 time(s).
"""
FAILED = (
    "LogType: connection",
    "Text: Failed to complete outbound connection",
    f"Peer-IP: {site.FRONT_END}:{site.SIP_PORT}",
    f"Peer-FQDN: {site.POOL}",
    "Connection-ID: 0x2E6603",
    "Transport: TLS",
    "Result-Code: 0x8007274c WSAETIMEDOUT",
    f'Data: fqdn="{site.POOL}";peer-type="InternalServer";winsock-code="10060"',
)

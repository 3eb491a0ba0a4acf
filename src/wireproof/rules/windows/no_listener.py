"""A host refuses connections because nothing listens on the port: its netstat, or its TCP/IP trace, says so.

## What is seen
SYNs to a server endpoint are answered with a reset, or datagrams with ICMP's port unreachable. The server's own `netstat` lists what it
listens on, and this port is not among it; or a trace of its stack (or pktmon) says for these segments "Transport endpoint was not found".
Where it listens on the port, but on another address only or on the other IP version only, the rule says which.

## Why it matters
The reset alone leaves open whether a program is missing, a filter rejects, or a device on the way answers in the server's name. Either of
these sources settles it: the packets arrived, and the host had nobody to give them to.

## Fix
Start the service that should own the port and find out why it does not run: event log, Service Control Manager 7031, 7034, 7036. Where it
listens on another address, change what it is bound to, or the address that clients use.

## Looks alike but is not
A port on which netstat shows a listening socket for this address: a filter rejects, or the service came back (`tcp-connection-refused`).
A netstat without the listening sockets (no `-a`), or filtered for something else. A netstat of another host. A single late segment of a
closed connection, for which the stack says the same.

## References
RFC 9293 section 3.10.7.1 (a SYN for which no connection exists); RFC 1122 section 4.1.3.1 (port unreachable). Trace event
TcpipTransportPacketDrops of Microsoft-Windows-TCPIP.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.endpoints import Group
from wireproof.rules.evidence import count, joined, label, log_line, server_filter, stored
from wireproof.rules.windows._clock import in_time, span_of
from wireproof.rules.windows._netstats import outputs_of
from wireproof.rules.windows._refusals import datagram_refusals, refusals, server_of
from wireproof.rules.windows._traces import Trace, end_text, traces

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.logs.netstat import NetstatLog, Output, Socket
    from wireproof.logs.tcpip_trace import TraceEvent

RULE = "windows-no-listener"
SEVERITY = Severity.ERROR
NOT_FOUND = "transport endpoint was not found"
ATTEMPTS = 2
"""Ends of clients without which a trace alone proves no refusal: one late segment of a closed connection is told alike."""
DYNAMIC = 49152
"""The first port that Windows gives to clients: what arrives for a closed one means nothing."""
SHOWN = 4
REFERENCES = {"tcp": "RFC 9293 3.10.7.1", "udp": "RFC 1122 4.1.3.1"}
Endpoint = tuple[str, int]


@dataclass(slots=True)
class Absence:
    """What sources say of one endpoint. `elsewhere` are sockets that listen on the port and can't take what comes to this address.

    `is_untimed` tells that it rests on a trace whose clock nothing sets beside the captures.
    """

    server: Endpoint
    protocol: str = "tcp"
    is_sure: bool = False
    says: list[str] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    elsewhere: list[Socket] = field(default_factory=list)
    listening: bool = False
    dropped: int = 0
    is_untimed: bool = False


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint that a source shows without a listener."""
    if not case.logs and not traces(case):
        return
    found = refusals(case)
    for protocol, groups in (("tcp", found), ("udp", datagram_refusals(case))):
        for group in groups:
            absence = _ask(case, group, protocol)
            if absence.says and not absence.listening:
                yield _finding(absence, group)
    known = {server_of(group) for group in found}
    for trace in traces(case):
        yield from _unseen(trace, known)


def _ask(case: Case, group: Group, protocol: str) -> Absence:
    """What netstat and traces say of a port; drops of another time than that of the refusals are of other attempts."""
    server = server_of(group)
    absence = Absence(server, protocol)
    for log, output, is_sure in outputs_of(case, server[0]):
        _ask_netstat(absence, log, output, is_sure=is_sure)
    for trace in traces(case):
        found = [one for one in _not_found(trace, protocol) if server in (one.local, one.remote)]
        told = [(one, in_time(case, trace.log, one.time_ns, group.point, span_of(group))) for one in found]
        drops = [one for one, fits in told if fits] or [one for one, fits in told if fits is None]
        if drops:
            absence.is_sure |= any(fits for _, fits in told)
            absence.is_untimed = not absence.is_sure
            absence.listening = False
            absence.dropped += len(drops)
            absence.says.append(
                f'{trace.name} says "Transport endpoint was not found" for {count(len(drops), "segment")}'
            )
            absence.evidence += [
                piece
                for one in drops[:SHOWN]
                for piece in trace.evidence(one, "the stack finds nobody for this segment")
            ]
    return absence


def _ask_netstat(absence: Absence, log: NetstatLog, output: Output, *, is_sure: bool) -> None:
    address, port = absence.server
    waiting = [one for one in output.sockets if one.protocol == absence.protocol and one.is_listening]
    listening = [one for one in waiting if one.local[1] == port]
    file = log.file.replace("\\", "/").rpartition("/")[2]
    if any(one.listens_on(address, port) for one in listening):
        # A later run may show the service back; one that lacks it decides.
        absence.listening = not absence.says
    elif listening and (is_sure or output.lists_listeners):
        absence.elsewhere += listening
        absence.is_sure |= is_sure
        absence.says.append(f"netstat ({file}) lists port {port} on {_named(listening)} only")
        absence.evidence += [
            log_line(log, one.line, f"listens on {end_text(one.local)}, not on {address}") for one in listening[:SHOWN]
        ]
    elif not listening and output.leaves_out(port, absence.protocol):
        absence.is_sure |= is_sure
        absence.listening = False
        waits = {one.local[1] for one in waiting}
        shows = (
            f"lists {count(len(waits), 'listening port')}, and not {port}"
            if waits
            else f"was asked for {port} and lists none"
        )
        absence.says.append(f"netstat ({file}) {shows}")
        line = next((one.line for one in output.sockets), 1)
        absence.evidence.append(log_line(log, line, f"first row of a list without a socket that listens on {port}"))


def _named(sockets: list[Socket]) -> str:
    return joined(dict.fromkeys(end_text(one.local) for one in sockets))


def _not_found(trace: Trace, protocol: str = "tcp") -> list[TraceEvent]:
    drops = trace.of("transport-drop", "pktmon-drop")
    return [one for one in drops if one.protocol == protocol and NOT_FOUND in one.reason.lower()]


def _finding(absence: Absence, group: Group) -> Finding:
    """The finding on an endpoint whose refusals are captured."""
    server = end_text(absence.server)
    talk = group.first
    hint = (
        ""
        if absence.is_sure
        else f" This holds if the listing was taken on {absence.server[0]}: no address in it tells."
    )
    if absence.is_untimed:
        hint = " This holds if the trace is of the same time: nothing tells how its clock lies to the capture's."
    refused = count(len(group), "connection" if absence.protocol == "tcp" else "conversation")
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH if absence.is_sure else Confidence.MEDIUM,
        _title(absence),
        f"{server} refused {refused}, and {'; '.join(absence.says)}. {_meaning(absence)}{hint}",
        [*absence.evidence, *_frames(absence, group)],
        where=f"at {absence.server[0]}",
        toward="server",
        talk=label(talk),
        facts={
            "port": absence.server[1],
            "connections": len(group),
            "count": len(group),
            "drops": absence.dropped,
            "listens_on": sorted({end_text(one.local) for one in absence.elsewhere}),
        },
        fix=_fix(absence),
        references=[REFERENCES[absence.protocol]],
        filters={group.point.name: server_filter(talk)},
        cause=(server, absence.protocol, "no listener"),
        conversations=group.named(),
    )


def _frames(absence: Absence, group: Group) -> list[Evidence]:
    """The first attempts, and how each was refused."""
    found = []
    facts = group.point.conversations.facts[group.numbers[:2]]
    for turn, (client, server) in enumerate(zip(group.client_facts[:2], group.server_facts[:2], strict=True)):
        if absence.protocol == "tcp":
            found += stored(group.point, int(client["syn_row"]), "SYN")
            found += stored(group.point, int(server["rst_row"]), "refused: RST that acknowledges the SYN")
        else:
            found += stored(group.point, int(client["first_row"]), "datagram")
            found += stored(group.point, int(facts["icmp_row"][turn]), "refused: ICMP says that the port is closed")
    return found


def _title(absence: Absence) -> str:
    address, port = absence.server
    if not absence.elsewhere:
        return f"Nothing listens on {'port' if absence.protocol == 'tcp' else 'UDP port'} {port} of {address}"
    return f"{'Port' if absence.protocol == 'tcp' else 'UDP port'} {port} of {address} is listened on at {_named(absence.elsewhere)} only"


def _meaning(absence: Absence) -> str:
    address, port = absence.server
    if not absence.elsewhere:
        return "The host itself refuses: no program has this port open. It is no filter and no device on the way."
    if all((":" in one.local[0]) != (":" in address) for one in absence.elsewhere):
        family = "IPv6" if ":" not in address else "IPv4"
        return f"The program that owns the port takes {family} only, so that the host refuses what comes to {address}."
    return f"The program that owns the port {port} is bound to another address, so that the host refuses what comes to {address}."


def _fix(absence: Absence) -> list[str]:
    address, port = absence.server
    if absence.elsewhere:
        owners = sorted({one.pid for one in absence.elsewhere if one.pid > 0})
        who = f"process {joined(owners)}" if owners else "the program"
        return [
            f"Bind {who} to {address} or to all addresses, or let clients use an address that it listens on.",
            "For http.sys see `netsh http show iplisten` and the bindings of the site.",
        ]
    return [
        f"On {address}: start the service that should own port {port}, then look for its row in `netstat -ano | findstr :{port}`.",
        "Look into the System event log (Service Control Manager 7031, 7034, 7036) for when and why it stopped.",
    ]


def _unseen(trace: Trace, known: set[Endpoint]) -> Iterator[Finding]:
    """Endpoints that only a trace shows: several clients, or ports of one, that found nobody."""
    groups: dict[Endpoint, list[TraceEvent]] = defaultdict(list)
    for one in _not_found(trace):
        if one.local and one.remote:
            server, client = (one.local, one.remote) if one.kind == "transport-drop" else (one.remote, one.local)
            if server not in known and client not in known and 0 < server[1] < DYNAMIC:
                groups[server].append(one)
    for server, drops in groups.items():
        clients = {one.remote if one.kind == "transport-drop" else one.local for one in drops}
        evidence = [
            piece for one in drops[:SHOWN] for piece in trace.evidence(one, "the stack finds nobody for this segment")
        ]
        if len(clients) < ATTEMPTS or not evidence:
            continue
        absence = Absence(server, dropped=len(drops))
        yield Finding(
            RULE,
            Severity.WARNING,
            Confidence.MEDIUM,
            _title(absence),
            f'{trace.name} says "Transport endpoint was not found" for {count(len(drops), "segment")} to {end_text(server)} from '
            f"{count(len(clients), 'client end')}; no capture shows these connections.",
            evidence,
            where=f"at {server[0]}",
            facts={"port": server[1], "drops": len(drops), "count": len(drops), "clients": len(clients)},
            fix=_fix(absence),
            references=["RFC 9293 3.10.7.1"],
            cause=(end_text(server), "no listener"),
        )

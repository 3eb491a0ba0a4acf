"""An RPC answer names a port, and connections to that port do not get through.

## What is seen
A client asks port 135 where a service listens: it maps an endpoint, activates a DCOM object, or resolves one. The answer names a
TCP port. Then the client's connections to that port get no answer, a reset, an ICMP error, or are reset before the server says
anything. Where the answer came from the same address, the host is up and the way to it works.

## Why it matters
The services behind port 135 listen on ports that are chosen when they start. A firewall that lets 135 through and not those ports
breaks WMI, DCOM, Outlook, domain joins and replication, although each test of port 135 succeeds. The application waits for its
connection timeout and says "The RPC server is unavailable" (error 1722, 0x800706BA).

## Fix
Open the server's dynamic port range toward the clients on every firewall between, or let a firewall that reads RPC open them on
demand; or pin the service to one port and open that one. A refused port may also be stale: the service has gone since.

## Looks alike but is not
A failed connection to a port that no answer named, whatever it was. Failures on one of several addresses after which the client gets
through on another (a warning). A capture at the server, which shows that nothing arrives but not whether anybody tried: that is a
question, not a finding.

## References
C706 appendix O (endpoint mapper); [MS-DCOM] 2.2.18, 2.2.19 (OXID bindings); KB 929851 (dynamic port range); KB 154596 (RPC and
firewalls); KB 897571 (a static endpoint for WMI); KB 224196 (Active Directory on fixed ports).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame, joined, label, seconds, server_filter
from wireproof.rules.resets import doubts
from wireproof.rules.rpc._attempts import HOW, Attempt, find_attempts
from wireproof.rules.rpc._blocked import Blocked, asked_port, named_service
from wireproof.rules.rpc._services import GENERAL_PIN, PIPED, port_range
from wireproof.rules.rpc._silence import unseen_attempts
from wireproof.rules.rpc._success import pipe_after_s, reached_elsewhere, reached_same, reached_unnamed

if TYPE_CHECKING:
    from wireproof.case import Case

RULE = "rpc-port-blocked"
SEVERITY = Severity.ERROR
MANY = limit(
    "rpc-port-blocked.servers",
    3,
    "a client whose connections to this many hosts fail alike has one firewall, not many faults",
)
SHOWN = 10


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a host whose named ports fail alike, or a client to which this happens with many hosts."""
    failed = [attempt for attempt in find_attempts(case) if stands(attempt)]
    for blocked in _grouped(case, failed):
        yield _finding(blocked)
    yield from unseen_attempts(case)


def stands(attempt: Attempt) -> bool:
    """Whether an attempt shows that the port is closed: the client did not get through to it later, nor before a lone SYN."""
    if attempt.offer.hidden and reached_unnamed(attempt):
        return False
    before, later = reached_same(attempt)
    return not later and not (before and int(attempt.point.talk(attempt.number).client["syns"]) < 2)


def _grouped(case: Case, attempts: list[Attempt]) -> Iterator[Blocked]:
    clients: dict[tuple[int, str, str], list[Attempt]] = {}
    for attempt in attempts:
        clients.setdefault((attempt.point.index, attempt.client, attempt.kind), []).append(attempt)
    hosts: dict[tuple[int, str, str], list[Attempt]] = {}
    for same in clients.values():
        if len({attempt.offer.server for attempt in same}) >= MANY.value:
            yield Blocked(case, same)
            continue
        for attempt in same:
            hosts.setdefault((attempt.point.index, attempt.offer.server, attempt.kind), []).append(attempt)
    yield from (Blocked(case, same) for same in hosts.values())


def _finding(blocked: Blocked) -> Finding:
    first, offer = blocked.first, blocked.first.offer
    talk = first.point.talk(first.number)
    ways_out = _ways_out(blocked)
    certain = not offer.hidden and first.server in (offer.server, *offer.addresses)
    bounds, origin = port_range(first.port)
    return Finding(
        RULE,
        Severity.WARNING if ways_out else SEVERITY,
        Confidence.HIGH if certain else Confidence.MEDIUM,
        _title(blocked),
        _summary(blocked) + ways_out,
        _evidence(blocked),
        where=_where(blocked),
        toward="server",
        talk=label(talk),
        facts={
            "port": first.port,
            "ports": blocked.ports[:20],
            "service": blocked.service.name,
            "services": list(dict.fromkeys(named_service(each).name for each in blocked.attempts))[:20],
            "outcome": first.kind,
            "count": len(blocked.attempts),
            "attempts": len(blocked.attempts),
            "syns": blocked.syns,
            "servers": blocked.servers[:20],
            "asked": offer.server,
            "bindings": [place.text for place in offer.places][:20],
            "port_range": bounds,
            "port_range_of": origin,
        },
        fix=_fixes(blocked),
        references=list(dict.fromkeys(["KB 929851", "KB 154596", *blocked.service.references])),
        filters={first.point.name: server_filter(talk)},
        cause=(offer.client, first.kind, "many") if _is_many(blocked) else (offer.server, first.kind, ""),
        conversations=[(attempt.point.name, attempt.number) for attempt in blocked.attempts],
    )


def _is_many(blocked: Blocked) -> bool:
    return blocked.asked >= MANY.value


def _title(blocked: Blocked) -> str:
    first, service = blocked.first, blocked.service.name
    if _is_many(blocked):
        return f"{first.client} does not get through to the RPC ports of {count(blocked.asked, 'host')}"
    ports = f"TCP port{'s' if len(blocked.ports) > 1 else ''} {joined(blocked.ports)}"
    if first.offer.hidden:
        return f"{ports} of {first.server}, tried after an encrypted RPC answer, can't be reached"
    return f"{ports} of {first.server}, named for {service} by port {asked_port(first)}, can't be reached"


def _ways_out(blocked: Blocked) -> str:
    """What else the capture shows of the client and this service, by which no host stopped it for good; "" for nothing."""
    first = blocked.first
    pipe_s = pipe_after_s(first) if first.offer.message.service_name in PIPED else None
    if pipe_s is not None and any(pipe_after_s(each) is None for each in blocked.hosts[1:]):
        pipe_s = None
    if all(reached_elsewhere(each) for each in blocked.hosts):
        return " The client got through on another address or port that the answer names."
    if pipe_s is not None:
        return f" {seconds(pipe_s)} later the client went on with this host over SMB, where {blocked.service.name} is served by a named pipe."
    before = all(reached_same(each)[0] for each in blocked.hosts)
    return " Before that the client had got through to this port." if before else ""


def _summary(blocked: Blocked) -> str:
    first, offer = blocked.first, blocked.first.offer
    message, source = offer.message, offer.source
    asked = message.operation or "a call"
    number = source.packets.number(message.last_row)
    answer = f"Frame {number} of {source.name}" if len(blocked.case.points) > 1 else f"Frame {number}"
    named = joined(dict.fromkeys(f"{p.address or offer.server}[{p.port}]" for p in offer.places))
    content = "is encrypted, so the port that it names can't be read" if offer.hidden else f"names {named}"
    text = f"{offer.client} asked {offer.server} on port {asked_port(first)} for {blocked.service.name} ({asked}). {answer}, the answer, {content}. "
    text += f"The connection to {first.point.talk(first.number).server_endpoint} that followed {HOW[first.kind]}"
    text += f" ({count(blocked.syns, 'SYN')} in {count(len(blocked.attempts), 'attempt')}). "
    if len(blocked.attempts) > 1 and len(blocked.servers) + len(blocked.ports) > 2:
        others = f" of {joined(blocked.servers[1:20])}" if len(blocked.servers) > 1 else ""
        ports = blocked.ports if others and len(blocked.ports) == 1 else blocked.ports[1:]
        text += f"The same happened with TCP {joined(ports)}{others}. "
    return text + _lost_where(blocked) + _reset_sender(first)


def _lost_where(blocked: Blocked) -> str:
    """What the frames show of the place where the attempts end."""
    first = blocked.first
    if blocked.missing_at:
        ends = (
            "a device before it answers in its name"
            if first.kind == "refused"
            else "they are turned away on the way there"
        )
        ends = "they are dropped on the way there" if first.kind == "silent" else ends
        passes = f", while port {asked_port(first)} gets through" if first.server == first.offer.server else ""
        return f"The SYNs are in no frame of {blocked.missing_at}: {ends}{passes}."
    if first.kind == "silent" and blocked.arrives_at:
        return f"The SYNs do arrive at {blocked.arrives_at}, so the host's own firewall or its way back is at fault."
    if first.kind == "silent" and blocked.is_at_host:
        return f"The capture was taken at {first.server} itself, where they do arrive: that host's own firewall drops them, or its answers get lost."
    return {
        "silent": _silence(blocked),
        "refused": "A filter rejects this port, or the service has ended since and the port that was named is stale.",
        "unreachable": _reporter(blocked),
        "reset": "Something on the way accepts the connection and then cuts it, or the service turns this client away.",
    }[first.kind]


def _silence(blocked: Blocked) -> str:
    """What an answer of the mapper says about a silent port: much when both have one address, else nothing."""
    port = asked_port(blocked.first)
    other = next((attempt for attempt in blocked.hosts if attempt.server != attempt.offer.server), None)
    if other:
        return (
            f"Port {port} answered at {other.offer.server}, another address, which does not show that {other.server} is up: a filter drops the SYNs, "
            f"no route leads there, or {other.server} is down."
        )
    if _is_many(blocked):
        return f"Port {port} of these hosts answers, so they are up: a filter drops these ports, on the way or at the hosts."
    return f"Port {port} of that host answers, so it is up: a filter drops this port, on the way or at the host."


def _reporter(blocked: Blocked) -> str:
    """Who turns a port away by ICMP, and with what words."""
    devices, said = on_the_way(blocked), blocked.first.complaint[2]
    if devices:
        return f"{joined(devices)}, on the way, sent that error: {said}."
    if blocked.reporters:
        return f"{joined(blocked.reporters)} itself sent that error: {said}."
    return "A filter or router on the way, or the host itself, turns this port away."


def on_the_way(blocked: Blocked) -> list[str]:
    """Senders of ICMP errors that are none of the hosts tried."""
    return [reporter for reporter in blocked.reporters if reporter not in blocked.servers]


def _reset_sender(attempt: Attempt) -> str:
    """What speaks for a device on the way as sender of a reset; "" where nothing does."""
    if attempt.kind not in ("refused", "reset"):
        return ""
    row = int(attempt.point.talk(attempt.number).server["rst_row"]) - 1
    reasons = doubts(attempt.point, row)
    return f" The reset may not come from that host: {'; '.join(reasons)}." if reasons else ""


def _where(blocked: Blocked) -> str:
    first = blocked.first
    if blocked.missing_at:
        return f"between {first.point.name} and {blocked.missing_at}"
    if blocked.arrives_at or (first.kind == "silent" and blocked.is_at_host):
        return f"at {first.server}"
    if first.kind == "unreachable" and blocked.reporters:
        devices = on_the_way(blocked)
        return f"at {joined(devices)}, on the way to {first.server}" if devices else f"at {joined(blocked.reporters)}"
    return f"on the way to {first.server}, or at that host" + (" and others" if _is_many(blocked) else "")


def _evidence(blocked: Blocked) -> list[Evidence]:
    """The request and the answer that name the port, then what came of the attempts."""
    offer = blocked.first.offer
    message, rows = offer.message, []
    if message.request_row >= 0:
        rows.append(frame(offer.source, message.request_row, f"{message.operation} for {blocked.service.name}"))
    named = joined(sorted(offer.ports)) or "a port, encrypted"
    rows.append(frame(offer.source, message.last_row, f"the answer names {named}"))
    for attempt in blocked.attempts:
        rows += _attempt_rows(attempt)[: max(0, SHOWN + 2 - len(rows))]
    return rows


def _attempt_rows(attempt: Attempt) -> list[Evidence]:
    point, packets = attempt.point, attempt.point.packets
    talk = point.talk(attempt.number)
    found: list[Evidence] = []
    last_ns = 0
    for row in talk.rows[:6].tolist():
        if int(packets.protocol[row]) != 6:
            found.append(frame(point, row, "ICMP error about the SYN"))
        elif int(packets.direction[row]) != talk.client_side:
            found.append(frame(point, row, "reset" if int(packets.flags[row]) & 4 else "from the server"))
        elif int(packets.flags[row]) & 2:
            after = f"SYN again after {seconds((int(packets.time_ns[row]) - last_ns) / 1e9)}" if last_ns else "SYN"
            last_ns = int(packets.time_ns[row])
            found.append(
                frame(point, row, f"{after} to port {attempt.port}", "lost" if attempt.kind == "silent" else "")
            )
    return found


def _fixes(blocked: Blocked) -> list[str]:
    first, service = blocked.first, blocked.service
    bounds, origin = port_range(first.port)
    # Windows up to XP and Server 2003 has no such command.
    tell = "" if bounds.endswith("-5000") else " `netsh int ipv4 show dynamicport tcp` on that host tells its range."
    to = "these hosts" if _is_many(blocked) else first.server
    toward = to if on_the_way(blocked) else "them" if _is_many(blocked) else "it"
    found = [
        (
            f"{_firewalls(blocked, to)}, open TCP {bounds} ({origin}) toward {toward} in addition "
            f"to TCP {asked_port(first)}, or let a firewall that reads RPC open the ports on demand.{tell}"
        ),
        service.pin or GENERAL_PIN,
    ]
    if first.kind in ("refused", "reset") and not blocked.missing_at:
        found.insert(
            0,
            (
                f"See whether the service still runs on {first.server} (`netstat -ano | findstr :{first.port}`): a mapper may name the port of a process "
                "that has ended. When it does listen, a filter rejects."
            ),
        )
    if not (blocked.missing_at or blocked.arrives_at or blocked.is_at_host or blocked.reporters):
        found.append(
            f"Capture at {first.server} at the same time: when the SYNs do not arrive there, the filter is on the way."
        )
    return found


def _firewalls(blocked: Blocked, to: str) -> str:
    """Where to open the ports, first of all at who is known to turn them away."""
    client, devices = blocked.first.client, on_the_way(blocked)
    if devices:
        return (
            f"On {joined(devices)}, which sent the ICMP errors, and on every other firewall between {client} and {to}"
        )
    if blocked.reporters:
        return f"In the firewall of {joined(blocked.reporters)} itself, which sent the ICMP errors"
    own = "their" if _is_many(blocked) else "that host's"
    return f"On every firewall between {client} and {to}, and in {own} own"

"""What logs claim of sockets: this end of this connection, or this port, belongs to that process.

Takes logs; gives claims. A port of any address becomes one of each address that the log shows to be its host's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.logs.endpoint_text import ANY, Endpoint
from wireproof.logs.etl_log import EtlLog
from wireproof.logs.kernel_csv import KernelCsvLog
from wireproof.logs.netstat import NetstatLog
from wireproof.logs.pfirewall import FirewallLog
from wireproof.logs.tcpip_trace import TcpipTraceLog, TraceEvent

if TYPE_CHECKING:
    from wireproof.logs import Log

NAMED_BY_EVENT = frozenset(("shutdown", "connect-completed", "rundown", "connect-failed", "close", "abort"))
"""Events of connections that name the process themselves, or are its own call."""
DAY_NS = 86_400_000_000_000
OWN_CALLS = frozenset(("connect-requested", "syn-sent", "connect-proceeding"))
"""Events that are logged in the context of the process that calls."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement: `local` (and the connection to `remote`, None for whatever arrives there) is the process' with this id.

    `file` is where it stands, `source` what that is in words. `is_weak` claims say less: that it sent, not that it owns. `of_capture` says
    that the file is a capture, which need not be of the host that logs beside it are of. `time_ns` is when, by the log's clock, 0 where it is
    not told.
    """

    protocol: str
    local: Endpoint
    remote: Endpoint | None
    pid: int
    source: str
    file: str = ""
    line: int = 0
    name: str = ""
    services: tuple[str, ...] = ()
    is_weak: bool = False
    of_capture: bool = False
    time_ns: int = 0


def claims_of_logs(logs: Iterable[Log]) -> list[Claim]:
    """All claims, each once a day, in the order of the logs."""
    found: dict[tuple[object, ...], Claim] = {}
    every = list(logs)
    for log in every:
        for claim in _claims(log, every):
            day = claim.time_ns // DAY_NS
            found.setdefault((claim.file, claim.protocol, claim.local, claim.remote, claim.pid, day), claim)
    return list(found.values())


def _claims(log: Log, every: list[Log]) -> Iterator[Claim]:
    if isinstance(log, NetstatLog):
        yield from _of_netstat(log, hosts(log, every))
    elif isinstance(log, TcpipTraceLog):
        yield from _of_trace(log)
    elif isinstance(log, EtlLog):
        for (protocol, local, remote), (pid, number) in log.owners.items():
            yield Claim(protocol, local, remote, pid, log.title, log.file, number, of_capture=True)
    elif isinstance(log, KernelCsvLog):
        for row in log.rows:
            ends = (row.local, row.remote)
            yield Claim(row.protocol, *ends, row.pid, log.title, log.file, row.line, time_ns=row.time_ns)
    elif isinstance(log, FirewallLog):
        for entry in log.entries:
            if entry.pid and entry.path in {"SEND", "RECEIVE"}:
                ends = (entry.source, entry.destination)
                local, remote = ends if entry.path == "SEND" else ends[::-1]
                yield Claim(
                    entry.protocol, local, remote, entry.pid, log.title, log.file, entry.line, time_ns=entry.time_ns
                )


def hosts(log: NetstatLog, every: Iterable[Log]) -> set[str]:
    """Addresses of the host that a netstat was taken on: those that it shows, and those of other runs at the same capture point."""
    found = log.addresses()
    for other in every:
        if isinstance(other, NetstatLog) and log.point and other.point == log.point:
            found |= other.addresses()
    return found


def _of_netstat(log: NetstatLog, own: set[str]) -> Iterator[Claim]:
    for socket in log.sockets:
        if socket.pid <= 0 or socket.state.upper().startswith("BOUND"):
            continue
        services = (socket.service,) if socket.service else ()
        claim = Claim(
            socket.protocol,
            socket.local,
            socket.remote,
            socket.pid,
            log.title,
            log.file,
            socket.line,
            socket.program,
            services,
        )
        if socket.local[0] not in ANY:
            yield claim
            continue
        for address in sorted(own):
            if (":" in address) == (":" in socket.local[0]):
                yield Claim(
                    claim.protocol,
                    (address, socket.local[1]),
                    None,
                    claim.pid,
                    claim.source,
                    claim.file,
                    claim.line,
                    claim.name,
                    services,
                )


def _of_trace(log: TcpipTraceLog) -> Iterator[Claim]:
    """Connections of which an event names the process, and sockets that AFD binds and connects for one."""
    ends: dict[str, TraceEvent] = {}
    for one in log.records:
        if one.pid and one.local and one.remote and one.kind in NAMED_BY_EVENT | OWN_CALLS:
            yield _traced(log, one, one.local, one.remote)
        elif one.kind == "afd-bind" and one.local and one.local[1]:
            ends[one.tie] = one
        elif one.kind == "afd-connect" and one.remote and one.pid and one.tie in ends:
            local = ends[one.tie].local
            if local and local[0] not in ANY:
                yield _traced(log, one, local, one.remote)


def _traced(log: TcpipTraceLog, one: TraceEvent, local: Endpoint, remote: Endpoint) -> Claim:
    return Claim("tcp", local, remote, one.pid, log.title, log.file, one.line, one.process, time_ns=one.time_ns)

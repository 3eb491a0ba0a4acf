"""A service stopped at the moment of a server's first reset: the event log names it, and it owned the port.

## What is seen
The System event log holds a stop of a service (Service Control Manager 7034, 7031, 7023, 7024, or 7036 "entered the stopped state"). At
that time the server resets its connections on the port of this service, or starts to refuse new ones. That the port is the service's is
known from netstat with `tasklist /svc`, or from the ports that Windows services have by default.

## Why it matters
It is the first link of the chain: the service ended, so its sockets were closed, so open connections were reset and every new one is
refused. Clients and network are not at fault.

## Fix
Start the service and let it recover by itself (`sc failure`). Find out why it ended: the event before this one, Windows Error Reporting
(Application log, 1000 and 1001), a crash dump, the latest update.

## Looks alike but is not
A stop hours before or after the resets, or one of a service that has nothing to do with the port. Where the log's time zone is not
known, whole half hours are allowed for, and the finding says so. Refusals on two hosts at once while the log does not say which it is from.

## References
Windows event log: Service Control Manager 7023, 7024, 7031, 7034, 7036.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.endpoints import Group, by_server
from wireproof.rules.evidence import count, frame, joined, label, log_line, seconds, server_filter
from wireproof.rules.subjects import first_sight, sides
from wireproof.rules.windows._clock import Apart, apart, is_clock_known
from wireproof.rules.windows._refusals import is_named_for, server_of
from wireproof.rules.windows._services import ports_of, short_name
from wireproof.rules.windows._stops import Stop, starts, stops
from wireproof.rules.windows._traces import end_text

if TYPE_CHECKING:
    from wireproof.case import Case

RULE = "windows-service-stopped"
SEVERITY = Severity.ERROR
APART = limit(
    "windows-service-stopped.apart_s",
    90.0,
    "clocks of capture and server differ by seconds, and by a minute in the published case; services do not stop every few minutes",
)
BURST = limit(
    "windows-service-stopped.burst_s",
    300.0,
    "clients that try a stopped service again do so within minutes; what comes later has a cause of its own",
)
GUESSED = 3
"""Outages of one endpoint that are compared where the log's zone is a guess: with more, one of them fits by chance."""
MOST_STOPS = limit(
    "windows-service-stopped.events", 300, "a log of a month holds fewer stops of services that own ports"
)


@dataclass(frozen=True, slots=True)
class Match:
    """A stop beside the resets of one server endpoint. `row` is the first reset's."""

    stop: Stop
    group: Group
    row: int
    apart: Apart


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a service and server endpoint."""
    told = set[tuple[str, str]]()
    for stop, matches in _all_matches(case):
        addresses = {server_of(match.group)[0] for match in matches}
        if len(addresses) > 1:
            yield _which(stop, addresses)
            continue
        by_server_end: dict[str, list[Match]] = {}
        for match in matches:
            by_server_end.setdefault(end_text(server_of(match.group)), []).append(match)
        for server, same in by_server_end.items():
            if (short_name(stop.service), server) not in told:
                told.add((short_name(stop.service), server))
                yield _finding(case, same)


def _all_matches(case: Case) -> list[tuple[Stop, list[Match]]]:
    """Stops that fit resets, those nearest to them first: a service may stop several times."""
    groups: list[Group] | None = None
    found = []
    for stop in stops(case)[: int(MOST_STOPS.value)]:
        ports = {*ports_of(stop.service), *_owned(case, stop)}
        if not ports:
            continue
        groups = _resets(case) if groups is None else groups
        matches = [match for group in groups if server_of(group)[1] in ports for match in _match(case, stop, group)]
        if matches:
            found.append((stop, matches))
    return sorted(found, key=lambda pair: min(abs(match.apart.seconds) for match in pair[1]))


def _owned(case: Case, stop: Stop) -> set[int]:
    """Ports of the process in which a listing shows the service."""
    from wireproof.logs.netstat import NetstatLog
    from wireproof.logs.tasklist import TasklistLog

    wanted = {short_name(stop.service), stop.service.strip().lower()}
    pids = {
        task.pid
        for log in case.logs_of(TasklistLog)
        for task in log.tasks
        if wanted & {short_name(service) for service in task.services}
    }
    return {
        socket.local[1]
        for log in case.logs_of(NetstatLog)
        for socket in log.sockets
        if socket.is_listening and (socket.pid in pids or (socket.service and short_name(socket.service) in wanted))
    }


def _resets(case: Case) -> list[Group]:
    """TCP conversations that their server reset, by server endpoint."""
    found: list[Group] = []
    for point in case.points:
        talks = point.conversations
        rows = sides(point, "rst_row")
        client = talks.facts["client"].astype(np.int64)
        by_its_server = talks.is_tcp & (rows[np.arange(len(talks)), 1 - client] > 0)
        found += by_server(point, first_sight(case, point, np.flatnonzero(by_its_server), near_client=False))
    return found


def _match(case: Case, stop: Stop, group: Group) -> Iterator[Match]:
    """The stop and the endpoint's resets, where they began together."""
    if not is_named_for(stop.log, case, server_of(group)[0]):
        return
    rows = np.sort(group.server_facts["rst_row"].astype(np.int64) - 1)
    times = group.point.packets.time_ns[rows]
    pause = np.int64(BURST.value * 1e9)
    begins = np.flatnonzero(np.diff(times, prepend=times[:1] - 2 * pause) > pause)
    if not is_clock_known(case, stop.log):
        begins = begins[:GUESSED]
    gaps = [(apart(case, stop.log, stop.time_ns, group.point, int(times[begin])), begin) for begin in begins.tolist()]
    gap, begin = min(gaps, key=lambda pair: abs(pair[0].seconds), default=(None, 0))
    if gap is not None and abs(gap.seconds) <= APART.value:
        end = next((later for later in begins.tolist() if later > begin), len(rows))
        numbers = np.unique(group.point.packets.conversation[rows[begin:end]]).astype(np.int64)
        yield Match(stop, Group(group.point, numbers), int(rows[begin]), gap)


def _finding(case: Case, matches: list[Match]) -> Finding:
    """The finding on one endpoint, told by the point that shows most of its connections."""
    match = max(matches, key=lambda one: (len(one.group), one.group.point.packets.count))
    stop, group, gap = match.stop, match.group, match.apart
    server = end_text(server_of(group))
    talk = group.point.talk(int(group.point.packets.conversation[match.row]))
    refused = sum(int((one.group.server_facts["packets"] == one.group.server_facts["rsts"]).sum()) for one in matches)
    reset = sum(len(one.group) for one in matches) - refused
    parts = [f"reset {count(reset, 'open connection')}"] * bool(reset) + [
        f"refused {count(refused, 'new one')}"
    ] * bool(refused)
    way = "after" if gap.seconds >= 0 else "before"
    doubt = f" ({gap.words})" if gap.words else ""
    return Finding(
        RULE,
        SEVERITY,
        Confidence.MEDIUM if gap.words else Confidence.HIGH,
        f"the service {stop.service} stopped, and {server} resets its connections",
        f"The event log says that {stop.service} {stop.how} {seconds(abs(gap.seconds))} {way} the first reset from {server}{doubt}. "
        f"The server then {joined(parts)} on the port of this service: its sockets were closed with it.{_back(case, stop)}",
        [
            *_rows(match),
            *[piece for one in matches if one is not match for piece in _rows(one)],
            log_line(stop.log, stop.line, f"{stop.service} {stop.how}"),
        ],
        where=f"at {server_of(group)[0]}",
        toward="server",
        talk=label(talk),
        facts={
            "service": stop.service,
            "event_id": stop.event_id,
            "apart_s": round(gap.seconds, 3),
            "zone_s": gap.zone_s,
            "reset": reset,
            "refused": refused,
            "port": server_of(group)[1],
        },
        fix=[
            f"Start the service on {server_of(group)[0]} (`sc query`, `sc start`), and let it restart by itself: `sc failure`.",
            "Find out why it ended: events right before it, Application log 1000 and 1001 (crash), the updates of that day.",
        ],
        references=[f"Service Control Manager {stop.event_id}"],
        filters={group.point.name: f"{server_filter(talk)} && tcp.flags.reset==1"},
        cause=(server, short_name(stop.service)),
        conversations=[named for one in matches for named in one.group.named()],
    )


def _back(case: Case, stop: Stop) -> str:
    """When the service ran again, as far as the same log says."""
    after = [
        one.time_ns
        for one in starts(case)
        if one.log is stop.log and one.time_ns >= stop.time_ns and short_name(one.service) == short_name(stop.service)
    ]
    return f" The log has it running again {seconds((min(after) - stop.time_ns) / 1e9)} later." if after else ""


def _rows(match: Match) -> list[Evidence]:
    """The first resets."""
    point, rows = match.group.point, match.group.server_facts["rst_row"].astype(np.int64) - 1
    ordered = [match.row, *(row for row in np.sort(rows).tolist() if row != match.row)]
    notes = ["first reset from the server", "reset from the server", "reset from the server"]
    return [frame(point, row, note) for row, note in zip(ordered, notes, strict=False)]


def _which(stop: Stop, addresses: set[str]) -> Undecided:
    return Undecided(
        RULE,
        f"on which host {stop.service} {stop.how}: {joined(sorted(addresses))} all began to reset connections on its port then",
        "name the capture point of the event log in case.toml, or add a `netstat -ano` of its host",
    )

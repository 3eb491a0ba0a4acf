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
A stop on another host: the computer that the event names is compared with the names of the server (`ipconfig`, DNS, certificates); where nothing
tells whose the event is, the finding says that.

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
from wireproof.messages.vantage import link_types
from wireproof.rules.endpoints import Group, by_server
from wireproof.rules.evidence import count, frame, joined, label, log_line, seconds, server_filter
from wireproof.rules.subjects import first_sight, sides
from wireproof.rules.windows._clock import Apart, apart, is_clock_known
from wireproof.rules.windows._hosts import Bond, Whose, addresses_beside, bond, is_same_name
from wireproof.rules.windows._refusals import is_named_for, server_of
from wireproof.rules.windows._services import ports_of, short_name
from wireproof.rules.windows._stops import Stop, starts, stops
from wireproof.rules.windows._traces import end_text

if TYPE_CHECKING:
    from wireproof.case import Case, Point

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
    """A stop beside the resets of one server endpoint. `row` is the first reset's, `bond` what is known of both being of one host."""

    stop: Stop
    group: Group
    row: int
    apart: Apart
    bond: Bond


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a service and server endpoint."""
    told = set[tuple[str, str]]()
    for stop, fitting in _all_matches(case):
        # A log that is known to be of one of the servers is not of the others.
        matches = [match for match in fitting if match.bond.whose is Whose.SAME] or fitting
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
                yield _of_whom(same[0]) if same[0].bond.whose is Whose.CALLED else _finding(case, same)


def _all_matches(case: Case) -> list[tuple[Stop, list[Match]]]:
    """Stops that fit resets, those nearest to them first: a service may stop several times."""
    groups: list[Group] | None = None
    found = []
    for stop in stops(case)[: int(MOST_STOPS.value)]:
        usual, owned = ports_of(stop.service), _owned(case, stop)
        if not usual and not owned:
            continue
        groups = _resets(case) if groups is None else groups
        matches = [
            match
            for group in groups
            if server_of(group)[1] in usual or any(_is_owned(group, one) for one in owned)
            for match in _match(case, stop, group)
        ]
        if matches:
            found.append((stop, matches))
    return sorted(found, key=lambda pair: min(abs(match.apart.seconds) for match in pair[1]))


def _owned(case: Case, stop: Stop) -> list[tuple[int, set[str]]]:
    """Ports of the process in which a listing shows the service, each with the addresses of the host on which it is so; none where nothing tells."""
    from wireproof.logs.netstat import NetstatLog
    from wireproof.logs.tasklist import TasklistLog

    wanted = {short_name(stop.service), stop.service.strip().lower()}
    tasks = [(log, task) for log in case.logs_of(TasklistLog) for task in log.tasks]
    pids = [
        (task.pid, addresses_beside(case, log))
        for log, task in tasks
        if wanted & {short_name(service) for service in task.services}
    ]
    found = []
    for log in case.logs_of(NetstatLog):
        own = addresses_beside(case, log)
        mine = {pid for pid, others in pids if not own or not others or own & others}
        found += [
            (socket.local[1], own)
            for socket in log.sockets
            if socket.is_listening and (socket.pid in mine or (socket.service and short_name(socket.service) in wanted))
        ]
    return found


def _is_owned(group: Group, owned: tuple[int, set[str]]) -> bool:
    address, port = server_of(group)
    return port == owned[0] and (not owned[1] or address in owned[1])


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
    """The stop and the endpoint's resets, where they began together, and nothing says that they are of two hosts."""
    tie = bond(case, stop.log, stop.host, server_of(group)[0])
    if tie.whose is Whose.OTHER or not is_named_for(stop.log, case, server_of(group)[0]):
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
        tie = _at_its_point(stop, group.point, int(rows[begin]), tie)
        if tie.whose is not Whose.OTHER:
            yield Match(stop, Group(group.point, numbers), int(rows[begin]), gap, tie)


def _at_its_point(stop: Stop, point: Point, row: int, tie: Bond) -> Bond:
    """The same, where the log is stated to be of the point that shows the reset: whether the host that captured there sent it."""
    if tie.whose is Whose.SAME or stop.log.point != point.name or row >= point.packets.frames:
        return tie
    sent = point.vantage.sent(point.frame(row), int(link_types(point.tables, np.array([row]))[0]))
    return tie if sent is None else Bond(Whose.SAME if sent else Whose.OTHER)


def _finding(case: Case, matches: list[Match]) -> Finding:
    """The finding on one endpoint, told by the point that shows most of its connections."""
    match = max(matches, key=lambda one: (len(one.group), one.group.point.packets.count))
    stop, group, gap = match.stop, match.group, match.apart
    server = end_text(server_of(group))
    talk = group.point.talk(int(group.point.packets.conversation[match.row]))
    refused = sum(int((one.group.server_facts["packets"] == one.group.server_facts["rsts"]).sum()) for one in matches)
    reset = sum(len(one.group) for one in matches) - refused
    parts = [f"reset {count(reset, 'open connection')}"] * bool(reset)
    parts += [f"refused {count(refused, 'new one' if reset else 'new connection')}"] * bool(refused)
    again_s = _back(case, stop)
    back = "" if again_s is None else f" The log has it running again {seconds(again_s)} later."
    way = "after" if gap.seconds >= 0 else "before"
    doubt = f" ({gap.words})" if gap.words else ""
    whose = f" Whose event it is, is taken from its time and port: {match.bond.words}." if match.bond.words else ""
    return Finding(
        RULE,
        SEVERITY,
        Confidence.MEDIUM if gap.words or whose else Confidence.HIGH,
        f"The service {stop.service} stopped, and {server} {'resets its' if reset else 'refuses new'} connections",
        f"The event log says that {stop.service} {stop.how} {seconds(abs(gap.seconds))} {way} the first reset from {server}{doubt}. "
        f"The server then {joined(parts)} on the port of this service: its sockets were closed with it.{whose}{back}",
        [
            *_rows(match),
            *[piece for one in matches if one is not match for piece in _rows(one)],
            log_line(stop.log, stop.line, f"{stop.service} {stop.how}", text=stop.quoted),
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
            _start(server_of(group)[0], is_back=again_s is not None),
            "Find out why it ended: events right before it, Application log 1000 and 1001 (crash), the updates of that day.",
        ],
        references=[f"Service Control Manager {stop.event_id}"],
        filters={group.point.name: f"{server_filter(talk)} && tcp.flags.reset==1"},
        cause=(server, short_name(stop.service)),
        conversations=[named for one in matches for named in one.group.named()],
    )


def _start(host: str, *, is_back: bool) -> str:
    """What to do about the service itself; one that the log has running again need not be started."""
    if is_back:
        return f"See that the service still runs on {host} (`sc query`), and let it restart by itself at once: `sc failure`."
    return f"Start the service on {host} (`sc query`, `sc start`), and let it restart by itself: `sc failure`."


def _back(case: Case, stop: Stop) -> float | None:
    """How many seconds later the service ran again; None where the same log does not say so."""
    after = [
        one.time_ns
        for one in starts(case)
        if one.log is stop.log
        and one.time_ns >= stop.time_ns
        and short_name(one.service) == short_name(stop.service)
        and (one.host == stop.host or is_same_name(one.host, stop.host))
    ]
    return (min(after) - stop.time_ns) / 1e9 if after else None


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


def _of_whom(match: Match) -> Undecided:
    stop, server = match.stop, end_text(server_of(match.group))
    return Undecided(
        RULE,
        f"whether {server} resets its connections because {stop.service} {stop.how} then: {match.bond.words}",
        f"add an `ipconfig /all` of {server_of(match.group)[0]}, which tells its name, and the System event log of that host",
    )

"""A server endpoint receives SYNs by the hundred that nobody completes: a SYN flood.

## What is seen
Within a few seconds one server endpoint gets hundreds of SYNs from different addresses or ports, and next to none of these handshakes
is finished: the clients never acknowledge the SYN/ACK and hardly ever repeat their SYN, as hosts that want a connection would.

## Why it matters
Each half-open connection takes a place in the server's backlog. Once it is full, or the stack has entered its attack state, the
server drops the SYNs of real clients too, and nothing is written to a log on Windows Vista and later.

## Fix
Filter the sources upstream, or put a SYN proxy before the server. On Linux make sure that `net.ipv4.tcp_syncookies` is 1. Windows
Vista / Server 2008 and later protect themselves without any setting; a trace with the provider Microsoft-Windows-TCPIP that was
started before the flood shows when the stack entered attack state.

## Looks alike but is not
A port scan: SYNs to many ports of a host, few to each. An outage: few clients that repeat their SYNs (`tcp-syn-unanswered`). A busy
server, whose handshakes are completed. A capture that holds only one direction of the traffic.

## References
RFC 4987 (SYN flooding attacks and mitigations); RFC 9293 section 3.5. Windows 2000 and 2003: registry values SynAttackProtect,
TcpMaxHalfOpen, TcpMaxHalfOpenRetried, TcpMaxPortsExhausted; no settings since Windows Vista.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.endpoints import Group, by_server, same_server
from wireproof.rules.evidence import count, frame, label, seconds, server_filter
from wireproof.rules.subjects import first_sight, sides

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "tcp-syn-flood"
SEVERITY = Severity.ERROR
HALF_OPEN = limit(
    "tcp-syn-flood.half_open",
    200,
    "the default backlog of many servers; a few dozen clients in an outage do not reach it",
)
WITHIN = limit(
    "tcp-syn-flood.within_s", 10.0, "a half-open connection leaves the backlog after some ten seconds at the earliest"
)
COMPLETED = limit("tcp-syn-flood.completed_share", 0.2, "a busy server completes nearly all of its handshakes")
SINGLE = limit(
    "tcp-syn-flood.single_syn_share",
    0.8,
    "clients that want a connection repeat an unanswered SYN after one to three seconds",
)


@dataclass(frozen=True, slots=True)
class Flood:
    """Half-open connections of one endpoint while they came thick: `completed` counts the finished handshakes of that time."""

    group: Group
    completed: int
    peak_per_s: int
    span_s: float


def judge(case: Case) -> Iterator[Finding]:
    """One finding a flooded endpoint."""
    for point in case.points:
        for group in by_server(point, first_sight(case, point, half_open(point), near_client=False)):
            if len(group) < HALF_OPEN.value:
                break
            flood = dense_part(group)
            if flood and is_flood(flood):
                yield finding(flood)


def half_open(point: Point) -> NDArray[np.int64]:
    """Conversations whose client sent SYNs and nothing else but resets, and that the server did not refuse."""
    syns = sides(point, "syns")
    only_syns = (syns > 0) & (sides(point, "packets") == syns + sides(point, "rsts"))
    numbers, client = np.nonzero(only_syns & point.conversations.is_tcp[:, None])
    server = point.conversations.facts["sides"][numbers, 1 - client]
    kept = (server["rsts"] == 0) & (server["packets"] == server["syn_acks"])
    return np.asarray(numbers[kept], dtype=np.int64)


def dense_part(group: Group) -> Flood | None:
    """The part of the group in which at least `half_open` came within `within_s`; None when there is none."""
    times = np.sort(group.client_facts["first_ns"])
    step = int(HALF_OPEN.value) - 1
    dense = np.flatnonzero(times[step:] - times[: len(times) - step] <= WITHIN.value * 1e9)
    if not len(dense):
        return None
    begin, end = times[dense[0]], times[dense[-1] + step]
    started = group.client_facts["first_ns"]
    part = Group(group.point, group.numbers[(started >= begin) & (started <= end)])
    every = same_server(group)
    during = (every.client_facts["first_ns"] >= begin) & (every.client_facts["first_ns"] <= end)
    finished = (every.client_facts["packets"] > every.client_facts["syns"]) & (every.server_facts["packets"] > 0)
    per_second = np.bincount(((times[(times >= begin) & (times <= end)] - begin) // 1_000_000_000).astype(np.int64))
    return Flood(part, int((during & finished).sum()), int(per_second.max()), float(end - begin) / 1e9)


def is_flood(flood: Flood) -> bool:
    """Few handshakes completed, and clients that do not behave as if they wanted one."""
    opened, answered = flood.group.client_facts, flood.group.server_facts
    single = float((opened["syns"] == 1).mean())
    ignored = float((answered["syn_acks"] > 0).mean())
    wanted_nothing = single >= SINGLE.value or ignored >= 0.5
    return wanted_nothing and flood.completed <= COMPLETED.value * len(flood.group)


def finding(flood: Flood) -> Finding:
    """The finding on one flooded endpoint."""
    group, talk = flood.group, flood.group.first
    server, sources, total = talk.server_endpoint, group.clients, len(group)
    answered = int((group.server_facts["syn_acks"] > 0).sum())
    summary = (
        f"{server} received {total:,} SYNs in {seconds(flood.span_s)} from {count(sources, 'address', 'addresses')} "
        f"(at most {flood.peak_per_s:,} in one second), and none of these handshakes was finished; "
        f"{count(flood.completed, 'other handshake')} of that time {'was' if flood.completed == 1 else 'were'}. "
        f"The server answered {answered:,} of them with SYN/ACK, which nobody acknowledged."
    )
    if answered < total / 2:
        summary += " Most SYNs got no answer: the backlog is full, or the stack drops them in attack state."
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH if answered else Confidence.MEDIUM,
        f"SYN flood on {server}: {total:,} half-open connections in {seconds(flood.span_s)}",
        summary,
        rows(group),
        where=f"toward {server}",
        toward="server",
        talk=label(talk),
        facts=figures(flood, answered),
        fix=[
            "Filter or rate-limit the sources upstream, or let a firewall or load balancer complete handshakes in the server's place.",
            "Linux: `sysctl net.ipv4.tcp_syncookies=1 net.ipv4.tcp_max_syn_backlog=4096`.",
            (
                "Windows Vista / Server 2008 and later: protection is always on and has no settings; to see the attack state start "
                "`netsh trace start capture=yes provider=Microsoft-Windows-TCPIP level=0x05 tracefile=tcpip.etl` before it happens."
            ),
        ],
        references=["RFC 4987"],
        filters={group.point.name: f"{server_filter(talk)} && tcp.flags.syn==1"},
        cause=(server, "flood"),
        conversations=group.named(),
    )


def figures(flood: Flood, answered: int) -> dict[str, Any]:
    """Figures of one flood."""
    return {
        "count": len(flood.group),
        "half_open": len(flood.group),
        "sources": flood.group.clients,
        "answered": answered,
        "completed": flood.completed,
        "peak_per_s": flood.peak_per_s,
        "span_s": round(flood.span_s, 3),
    }


def rows(group: Group) -> list[Evidence]:
    """The first SYNs, with the SYN/ACK that nobody acknowledged where there is one."""
    found: list[Evidence] = []
    pairs = zip(group.client_facts[:6]["syn_row"].tolist(), group.server_facts[:6]["syn_row"].tolist(), strict=True)
    for syn, answer in pairs:
        found.append(frame(group.point, syn - 1, "SYN that its sender never follows up"))
        if answer:
            found.append(frame(group.point, answer - 1, "SYN/ACK, never acknowledged"))
    return found

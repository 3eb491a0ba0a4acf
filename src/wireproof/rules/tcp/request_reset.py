"""A request was answered with a reset instead of an answer.

## What is seen
The connection stood, the client sent data, and the next thing from the server is RST: no answer, no FIN. One finding a server endpoint,
with how often it happened and after how long.

## Why it matters
The server's side ended the connection on purpose, and the client's program reports "connection reset by peer". The time between the
request and the reset tells the kind: at once means refused by policy or a crash while reading it, a round number of seconds means a timeout.

## Fix
Look into the server's log at that second: the application, its worker process, and the load balancer or proxy in front of it. Look at
what the request was (protocol mismatch, TLS on a plain port, too large, not allowed). Compare with a connection that works.

## Looks alike but is not
A refused connection attempt (`tcp-connection-refused`). A reset after a long idle time (`tcp-idle-reset`). A client that aborts while it
receives, as browsers do all day. A server that resets after it has answered or after FIN was exchanged, to free its port.
A reset that the server never sent (`path-forged-reset`; needs a capture at the server).

## References
RFC 9293 section 3.10.7.4 (processing of RST) and section 3.6 (closing); RFC 1122 section 4.2.2.13 (abortive close).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.endpoints import Group, by_client, by_server
from wireproof.rules.evidence import client_filter, count, frame, label, seconds, server_filter
from wireproof.rules.subjects import either, first_sight, loose, sides

if TYPE_CHECKING:
    from wireproof.case import Case, Point

SEVERITY = Severity.WARNING
IDLE = limit(
    "tcp-request-reset.idle_s",
    30.0,
    "a reset after a longer silence speaks of an idle timeout, which is tcp-idle-reset's matter",
)
SHARE = limit(
    "tcp-request-reset.share",
    0.2,
    "a server that resets one connection in hundreds is having a bad moment, not a fault",
)
MANY = limit(
    "tcp-request-reset.endpoints",
    5,
    "a client that this many endpoints reset has one problem (or peers that come and go), not many",
)
FAREWELL = limit(
    "tcp-request-reset.farewell_bytes",
    100,
    "LDAP unbind, TLS close_notify, QUIT: short last words that ask for no answer",
)
SHOWN = 3


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint that resets a good part of its connections after a request, or a client that many reset."""
    for point in case.points:
        numbers = first_sight(case, point, _reset_after_request(point), near_client=False)
        for client in by_client(point, numbers):
            groups = [
                group
                for group in by_server(point, client.numbers)
                if len(group) >= SHARE.value * _conversations_of(group)
            ]
            if len(groups) >= MANY.value:
                yield _finding(Group(point, np.sort(np.concatenate([group.numbers for group in groups]))), len(groups))
            else:
                for group in groups:
                    yield _finding(group, 1)


def _reset_after_request(point: Point) -> NDArray[np.int64]:
    """TCP conversations whose last data is the client's and which the server then reset, with no FIN from anybody before."""
    facts = point.conversations.facts
    asked = facts["data_side"] == facts["client"] + 1
    numbers = np.flatnonzero(
        point.conversations.is_tcp & ~loose(point) & (facts["client_known"] > 0) & asked & (facts["reset_row"] > 0)
    )
    facts = facts[numbers]
    places = np.arange(len(facts))
    client, server = facts["sides"][places, facts["client"]], facts["sides"][places, 1 - facts["client"]]
    reset = server["rst_row"]
    by_server_first = (reset > 0) & ((client["rst_row"] == 0) | (client["rst_row"] > reset))
    no_fin = ((client["fin_row"] == 0) | (client["fin_row"] > reset)) & (server["fin_row"] == 0)
    after_data = (client["last_data_row"] > 0) & (client["last_data_row"] < reset)
    stood = (server["syn_acks"] > 0) | (server["data_packets"] > 0)
    last_length = point.packets.length[np.maximum(client["last_data_row"].astype(np.int64) - 1, 0)]
    farewell = (server["data_packets"] > 0) & (last_length <= FAREWELL.value)
    soon = server["last_ns"] - facts["data_ns"] <= IDLE.value * 1e9
    return np.asarray(numbers[by_server_first & no_fin & after_data & stood & soon & ~farewell])


def _conversations_of(group: Group) -> int:
    """How many conversations carried data to the group's server endpoint."""
    port = int(group.first.server["port"])
    return int(either((sides(group.point, "port") == port) & (sides(group.point, "packets") > 0)).sum())


def _finding(group: Group, endpoints: int) -> Finding:
    point, talk = group.point, group.first
    rows = group.server_facts["rst_row"].astype(np.int64) - 1
    waits = (point.packets.time_ns[rows] - point.conversations.facts["data_ns"][group.numbers]) / 1e9
    typical = float(np.median(waits))
    client = talk.address(talk.client_side)
    server = talk.server_endpoint if endpoints == 1 else f"{endpoints:,} endpoints"
    return Finding(
        rule="tcp-request-reset",
        severity=SEVERITY if endpoints == 1 else Severity.INFO,
        confidence=Confidence.MEDIUM,
        title=f"{server} {'resets the connection' if endpoints == 1 else f'reset connections of {client}'} instead of answering ({count(len(group), 'time')})",
        summary=(
            f"{count(len(group), 'connection')} of {client} to {server} ended with a reset from the server's address {seconds(typical)} after "
            f"the client's last data, with no answer to it and no orderly close."
        ),
        evidence=_evidence(group, rows),
        where=f"at {server}, or in front of it" if endpoints == 1 else f"between {client} and the hosts it calls",
        toward="client",
        talk=label(talk),
        facts={
            "count": len(group),
            "endpoints": endpoints,
            "wait_s": round(typical, 6),
            "wait_max_s": round(float(waits.max()), 6),
        },
        fix=[
            f"Read the server's log (application, worker process, proxy in front) for {talk.server_endpoint} at the time of the reset.",
            "Compare the request with one that is answered: protocol, TLS or plain, size, rights.",
            "Capture at the server as well: if the reset is not in that capture, a device in between made it.",
        ],
        references=["RFC 9293 3.6", "RFC 1122 4.2.2.13"],
        filters={point.name: server_filter(talk) if endpoints == 1 else client_filter(talk)},
        cause=(point.name, server, client if endpoints > 1 else ""),
        conversations=group.named(),
    )


def _evidence(group: Group, rows: NDArray[np.int64]) -> list[Evidence]:
    found: list[Evidence] = []
    asked = group.client_facts["last_data_row"].astype(np.int64) - 1
    for request, reset in list(zip(asked.tolist(), rows.tolist(), strict=True))[:SHOWN]:
        found += [frame(group.point, request, "request, not answered"), frame(group.point, reset, "the server resets")]
    return found

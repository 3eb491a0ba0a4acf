"""Requests to a UDP service that always answers got no answer.

## What is seen
A client sends at least three datagrams to a port whose protocol answers every request (NTP, Kerberos, RADIUS, SNMP, STUN …), and nothing comes
back: no datagram, no ICMP error. The capture went on long enough for an answer.

## Why it matters
UDP has no handshake: silence is all that a blocked port, a dead service or a lost answer show. The client's program waits for its own timeout and
often says no more than "failed".

## Fix
Capture at the server at the same time. Requests that do not arrive there were dropped on the way; requests that arrive and get no answer
are the server's matter: is the service running (`netstat -ano -p udp`, `ss -lunp`), does its own firewall let the port in, does it ignore this
client (RADIUS without a shared secret, SNMP with another community, NTP restrictions)?

## Looks alike but is not
Protocols that speak one way by design: syslog, SNMP traps, NetFlow, most media. Multicast and broadcast. A closed port answers with ICMP
(`icmp-unreachable`). DNS, STUN and IKE have rules of their own (`dns-unanswered`,
`stun-unanswered`, `ike-failed`).

## References
RFC 5905 (NTP); RFC 4120 section 7.2.1 (Kerberos over UDP); RFC 2865 section 2.5 (RADIUS retransmission); RFC 3416 (SNMP);
RFC 8489 section 6.2.1 (STUN).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.endpoints import Group, by_server, is_one_point
from wireproof.rules.evidence import count, frame, label, seconds, server_filter
from wireproof.rules.subjects import first_sight

if TYPE_CHECKING:
    from wireproof.case import Case, Point

SEVERITY = Severity.ERROR
REQUESTS = limit(
    "udp-unanswered.requests", 3, "one lost datagram is nothing, and clients of these protocols repeat at least twice"
)
WAITED = limit("udp-unanswered.wait_s", 0.5, "an answer may still come after the capture's end")
SERVICES: dict[int, str] = {
    88: "Kerberos",
    123: "NTP",
    161: "SNMP",
    389: "LDAP",
    464: "Kerberos password change",
    1645: "RADIUS",
    1646: "RADIUS accounting",
    1812: "RADIUS",
    1813: "RADIUS accounting",
    3478: "STUN",
}
"""UDP ports whose protocols answer every request (IANA service names)."""


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a server endpoint."""
    silent = False
    for point in case.points:
        numbers = first_sight(case, point, _unanswered(point), near_client=True)
        for group in by_server(point, numbers):
            silent = True
            yield _finding(group)
    if silent and is_one_point(case):
        yield Undecided(
            "udp-unanswered",
            "one capture can't show whether the requests were lost on the way or the server did not answer",
            "capture at the server at the same time and give both captures",
        )


def _unanswered(point: Point) -> NDArray[np.int64]:
    """UDP conversations to a service's port with requests only, and no ICMP error about them."""
    facts = point.conversations.facts
    numbers = np.flatnonzero((facts["protocol"] == 17) & (facts["icmp_errors"] == 0))
    if not len(numbers):
        return numbers
    facts, places = facts[numbers], np.arange(len(numbers))
    ports, packets = facts["sides"]["port"], facts["sides"]["packets"]
    known = np.isin(ports, list(SERVICES))
    server = np.where(known[:, 1], 1, 0)
    asked, answered = packets[places, 1 - server], packets[places, server]
    chosen = known.any(axis=1) & (asked >= REQUESTS.value) & (answered == 0) & ~_to_group(facts["addresses"], server)
    last = facts["sides"]["last_ns"][places, 1 - server]
    chosen &= point.packets.time_ns.max() - facts["sides"]["first_ns"][places, 1 - server] >= WAITED.value * 1e9
    chosen &= last > 0
    found = numbers[chosen]
    # What is STUN by its bytes has a rule of its own (`stun-unanswered`).
    return np.setdiff1d(found, point.said.protocols.udp["stun"]) if len(found) else found


def _to_group(addresses: NDArray[np.void], server: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the server's address is multicast or broadcast."""
    raw = np.frombuffer(addresses.tobytes(), np.uint8).reshape(-1, 2, 16)
    ends = raw[np.arange(len(raw)), server]
    mapped = (ends[:, 10] == 0xFF) & (ends[:, 11] == 0xFF) & (ends[:, 0] == 0)
    group4 = mapped & ((ends[:, 12] >= 224) | (ends[:, 15] == 255))
    return np.asarray(group4 | (~mapped & (ends[:, 0] == 0xFF)))


def _finding(group: Group) -> Finding:
    point, talk = group.point, group.first
    port = int(talk.server["port"]) if int(talk.server["port"]) in SERVICES else int(talk.client["port"])
    rows = point.conversations.rows(int(group.numbers[0]))
    asked = sum(len(point.conversations.rows(int(number))) for number in group.numbers[:1000])
    span = float(point.packets.time_ns[rows[-1]] - point.packets.time_ns[rows[0]]) / 1e9
    return Finding(
        rule="udp-unanswered",
        severity=SEVERITY,
        confidence=Confidence.MEDIUM,
        title=f"{talk.server_endpoint} does not answer {SERVICES[port]} requests ({count(asked, 'datagram')})",
        summary=(
            f"{talk.client_endpoint} sent {count(len(rows), 'datagram')} to {talk.server_endpoint} within {seconds(span)}, and nothing came back, "
            f"not even an ICMP error. {SERVICES[port]} answers every request that it accepts."
        ),
        evidence=[frame(point, row, "no answer") for row in rows[:6].tolist()],
        where=f"beyond {point.name}, toward {talk.server_endpoint}",
        toward="server",
        talk=label(talk),
        facts={"requests": asked, "conversations": len(group), "service": SERVICES[port]},
        fix=[
            f"Capture at {talk.address(1 - talk.client_side)}: do the requests arrive there?",
            f"If they do: is the service bound to UDP {port} (`ss -lunp`, `netstat -ano -p udp`), and does it accept this client?",
            "If they do not: look for the filter on the way; UDP is often let out but its answers are not let in.",
        ],
        references=["RFC 5905", "RFC 2865 2.5", "RFC 8489 6.2.1"],
        filters={point.name: server_filter(talk)},
        cause=(point.name, talk.server_endpoint),
        conversations=group.named(),
    )

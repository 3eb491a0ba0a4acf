"""Connection attempts were refused: the server's address answered SYN with a reset.

## What is seen
A SYN is answered with RST,ACK whose acknowledgment number fits the SYN. Each such pair is an attempt, also where one connection sends
its SYN again. Attempts to one server endpoint are one finding. A client that many endpoints refuse is one finding of severity info:
that is a scan, or a program that tries peers. Where the reset's time to live, IP identification or delay does not fit the server's
other packets, the rule says so and leaves open who sent it.

## Why it matters
Either no program listens on that port (service stopped, other port, bound to another address), or a firewall or the host's
filter rejects the connection. The difference to silence: the way to the sender of the reset works.

## Fix
On the server, see whether something listens on the port and on this address: `netstat -ano` on Windows, `ss -ltnp` on Linux. When
nothing does, look at the service and its event log. When something does, a filter rejects: capture at the server itself; resets that
its own capture lacks come from a device on the way. Where a netstat of the server lies beside the captures, the finding says who listens
by it, and what tells a service that was away from a filter.

## Looks alike but is not
No answer at all (`tcp-syn-unanswered`). A reset after the connection stood. A reset that does not acknowledge the SYN, which the
client has to ignore. A port scan. A pair of ICE candidates beside one that works. A client that resets a handshake because it only
wanted to know whether the port is open.

## References
RFC 9293 section 3.5.2 (reset generation) and section 3.10.7.1 (a SYN for which no connection exists). Windows repeats a refused SYN
twice at half a second (not taken from a standard).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.endpoints import Group, by_client, by_server, same_server
from wireproof.rules.evidence import client_filter, count, frame, label, seconds, server_filter
from wireproof.rules.resets import doubts
from wireproof.rules.spares import without_spares
from wireproof.rules.subjects import Subject, first_sight, members, sides
from wireproof.rules.tcp._waiting import Waiting, find_waiting

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "tcp-connection-refused"
SEVERITY = Severity.ERROR
SCAN = limit(
    "tcp-connection-refused.endpoints",
    10,
    "a client refused by this many endpoints tries addresses or ports, it does not use a service",
)
SLOWEST_OWN = limit(
    "tcp-connection-refused.own_answer_s", 0.005, "below 5 ms the spread of a LAN says nothing about who answered"
)
LOOKED_AT = 50
SHOWN = 6
SYN, RST = 0x02, 0x04


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a server endpoint or scanning client; questions where a reset's sender is in doubt."""
    for point in case.points:
        numbers = without_spares(case, point, first_sight(case, point, refused(point), near_client=False))
        scans = [
            group for group in by_client(point, numbers) if len(group) >= SCAN.value and group.servers >= SCAN.value
        ]
        rest = np.setdiff1d(numbers, np.concatenate([scan.numbers for scan in scans])) if scans else numbers
        for scan in scans:
            yield scan_finding(scan)
        for turn, group in enumerate(by_server(point, rest)):
            reasons = reset_doubts(group) if turn < LOOKED_AT else []
            waiting = find_waiting(case, group) if turn < LOOKED_AT else None
            yield server_finding(group, reasons, waiting)
            if reasons:
                yield who_refused(group, reasons)
            elif waiting:
                yield waiting.question
        yield from contradictions(case, point)


def refused(point: Point) -> NDArray[np.int64]:
    """Conversations in which the server sent nothing but resets that acknowledge the client's SYN."""
    syns, rsts, packets = (sides(point, name) for name in ("syns", "rsts", "packets"))
    answered = (syns > 0) & (rsts > 0)[:, ::-1] & (packets == rsts)[:, ::-1] & (sides(point, "data_packets") == 0)
    numbers, client = np.nonzero(answered & point.conversations.is_tcp[:, None])
    facts = point.conversations.facts["sides"]
    rst_rows = facts["rst_row"][numbers, 1 - client].astype(np.int64) - 1
    fits = point.packets.ack[rst_rows] == facts["isn"][numbers, client] + np.uint32(1)
    return np.asarray(numbers[fits], dtype=np.int64)


def answer_s(group: Group) -> list[float]:
    """Seconds from a client's SYN to the first reset, a conversation each."""
    times = group.point.packets.time_ns
    rst_rows = group.server_facts["rst_row"].astype(np.int64) - 1
    syn_rows = group.client_facts["syn_row"].astype(np.int64) - 1
    return [float(value) / 1e9 for value in times[rst_rows] - times[syn_rows]]


def reset_doubts(group: Group) -> list[str]:
    """What speaks against the server as sender of the first reset."""
    found = doubts(group.point, int(group.server_facts["rst_row"][0]) - 1)
    own = own_answers_s(group)
    quickest = min(answer_s(group))
    if len(own) and min(own) >= SLOWEST_OWN.value and quickest < min(own) / 2:
        found.append(
            f"it comes {seconds(quickest)} after the SYN, while this host's SYN/ACKs take {seconds(min(own))} at least"
        )
    return found


def own_answers_s(group: Group) -> list[float]:
    """Seconds from SYN to SYN/ACK in other conversations with the same server endpoint."""
    every = same_server(group)
    client, server = every.client_facts, every.server_facts
    shaken = (server["syn_acks"] > 0) & (client["syns"] > 0)
    spans = server["syn_ns"][shaken] - client["syn_ns"][shaken]
    return [float(span) / 1e9 for span in spans if span > 0]


def accepted_around(group: Group) -> tuple[int, int]:
    """How many attempts to the endpoint were accepted before the first refusal and after the last one."""
    every = same_server(group)
    started = every.client_facts["first_ns"]
    taken = every.server_facts["syn_acks"] > 0
    refusals = group.client_facts["first_ns"]
    return int((taken & (started < refusals.min())).sum()), int((taken & (started > refusals.max())).sum())


def pairs(group: Group) -> int:
    """How many SYNs were answered with a reset: Windows sends a refused SYN again with the same ports and sequence number."""
    return int(np.minimum(group.client_facts["syns"], group.server_facts["rsts"]).sum())


def pair_rows(group: Group) -> list[Evidence]:
    """The first SYNs with the reset that answered each."""
    found: list[tuple[int, int]] = []
    for number in group.numbers[:SHOWN].tolist():
        found += answered_syns(Subject(group.point, number, int(group.point.conversations.facts["client"][number])))
    return [
        evidence
        for syn, rst in found[:SHOWN]
        for evidence in (
            frame(group.point, rst, "refused: RST that acknowledges the SYN"),
            frame(group.point, syn, "SYN"),
        )
    ]


def answered_syns(subject: Subject) -> list[tuple[int, int]]:
    """Rows of the client's SYNs, each with the row of the first reset after it and before the next SYN; SYNs without one are left out."""
    packets, rows = subject.point.packets, subject.segments
    found: list[tuple[int, int]] = []
    syn = -1
    for row, flags, side in zip(
        rows.tolist(), packets.flags[rows].tolist(), packets.direction[rows].tolist(), strict=True
    ):
        if side == subject.side and flags & SYN:
            syn = row
        elif side != subject.side and flags & RST and syn >= 0:
            found.append((syn, row))
            syn = -1
    return found


def how_often(group: Group) -> str:
    """`once …; the SYN was answered with a reset` in words that fit the number of SYNs, resets and connections."""
    attempts, syns, server = pairs(group), int(group.client_facts["syns"].sum()), group.first.server_endpoint
    text = f"tried {'once' if attempts == 1 else f'{attempts:,} times'} to connect to {server}"
    if len(group) < attempts:
        again = (
            "one connection that sends its SYN again"
            if len(group) == 1
            else f"{len(group):,} connections that send their SYN again"
        )
        text += f" ({again} after a reset)"
    if attempts < syns:
        return (
            f"{text}; {attempts:,} of {count(syns, 'SYN')} {'was' if attempts == 1 else 'were'} answered with a reset"
        )
    return f"{text}; {'the' if attempts == 1 else 'each'} SYN was answered with a reset"


def server_finding(group: Group, reasons: list[str], waiting: Waiting | None = None) -> Finding:
    """The finding on one server endpoint."""
    talk, server, address = group.first, group.first.server_endpoint, group.first.address(1 - group.first.client_side)
    before, after = accepted_around(group)
    port, attempts = int(talk.server["port"]), pairs(group)
    who = talk.address(talk.client_side) if group.clients == 1 else count(group.clients, "client")
    after_s = float(np.median(answer_s(group)))
    # A clock that was set back in between gives no time.
    delay = f" after {seconds(after_s)}" if after_s >= 0 else ""
    summary = f"{who} {how_often(group)}{delay}. "
    summary += {
        (False, False): waiting.told
        if waiting
        else "Nothing listens on that port and address, or a filter rejects the connection.",
        (
            True,
            False,
        ): f"{count(before, 'earlier attempt')} had been accepted: the service stopped, or a filter changed, in between.",
        (False, True): f"{count(after, 'later attempt')} was accepted: the service was not ready yet.",
        (True, True): "Attempts before and after were accepted: the service was away for a while, or had no room left.",
    }[bool(before), bool(after)]
    if reasons:
        summary += f" But the reset may not come from that host: {'; '.join(reasons)}."
    return Finding(
        RULE,
        Severity.WARNING if before and after else SEVERITY,
        Confidence.MEDIUM if reasons else Confidence.HIGH,
        f"{server} refuses connections ({count(attempts, 'attempt')})",
        summary,
        [*pair_rows(group), *([waiting.evidence] if waiting else ())],
        where=f"at {server}" if not reasons else f"at {server}, or at a device before it",
        toward="server",
        talk=label(talk),
        facts=refusal_facts(group, (before, after), reasons),
        fix=waiting.fix if waiting else _fix(address, port),
        references=["RFC 9293 3.5.2", "RFC 9293 3.10.7.1"],
        filters={group.point.name: server_filter(talk)},
        cause=(server, "refused"),
        conversations=group.named(),
    )


def _fix(address: str, port: int) -> list[str]:
    return [
        (
            f"On {address}: see whether something listens (Windows: `netstat -ano | findstr :{port}`, Linux: `ss -ltnp 'sport = :{port}'`) "
            "and on which address."
        ),
        (
            "If nothing listens: start the service, and look into its log (Windows: System event log, Service Control Manager 7031, 7034) "
            "for why it stopped."
        ),
        (
            "If something listens: look for a filter that rejects (Windows: `netsh wfp show state`; Linux: REJECT rules), and for the "
            "reset in a capture at the server itself."
        ),
    ]


def refusal_facts(group: Group, accepted: tuple[int, int], reasons: list[str]) -> dict[str, Any]:
    """Figures of one endpoint's refusals."""
    return {
        "attempts": pairs(group),
        "count": pairs(group),
        "connections": len(group),
        "syns": int(group.client_facts["syns"].sum()),
        "clients": group.clients,
        "answer_ms": round(float(np.median(answer_s(group))) * 1e3, 3),
        "accepted_before": accepted[0],
        "accepted_after": accepted[1],
        "doubts": reasons,
    }


def scan_finding(group: Group) -> Finding:
    """The finding on a client that many endpoints refuse."""
    talk, servers = group.first, group.servers
    client = talk.address(talk.client_side)
    ports = len(np.unique(group.server_facts["port"]))
    return Finding(
        RULE,
        Severity.INFO,
        Confidence.HIGH,
        f"{client} was refused by {servers:,} endpoints: a scan, or a program that tries peers",
        f"{client} sent SYNs to {servers:,} different endpoints ({count(ports, 'port')}) that answered with a reset, "
        f"{count(pairs(group), 'attempt')} in all. This is how a port scan or a peer-to-peer program looks, not a broken service.",
        pair_rows(group),
        where=f"at {client}",
        toward="server",
        talk=label(talk),
        facts={
            "attempts": pairs(group),
            "count": pairs(group),
            "connections": len(group),
            "endpoints": servers,
            "ports": ports,
        },
        fix=[f"If nobody scans on purpose: find the program on {client} (Windows: `netstat -anob`, Linux: `ss -tnp`)."],
        references=["RFC 9293 3.10.7.1"],
        filters={group.point.name: f"{client_filter(talk)} && tcp.flags.reset==1"},
        cause=(client, "scan"),
        conversations=group.named(),
    )


def who_refused(group: Group, reasons: list[str]) -> Undecided:
    """What a capture at this point can't tell about the sender of a reset."""
    server = group.first.server_endpoint
    return Undecided(
        RULE,
        f"whether {server} itself sent the resets or a device in its name: {'; '.join(reasons)}",
        f"capture at {group.first.address(1 - group.first.client_side)} during an attempt; a reset that this capture lacks was forged on the way",
    )


def contradictions(case: Case, point: Point) -> Iterator[Undecided]:
    """Clients that reset a handshake right after SYN/ACK and then send the same SYN again: no host does both."""
    odd = (sides(point, "rsts") > 0) & (sides(point, "syns") > 1) & (sides(point, "syn_acks") > 0)[:, ::-1]
    odd &= sides(point, "data_packets") == 0
    if not odd.any():
        return
    from wireproof.rules.path._traced import find_traced  # which asks for traces, and these know this rule

    settled = {one.number for one in find_traced(case) if one.point is point}
    for number, side in np.argwhere(odd & point.conversations.is_tcp[:, None])[:LOOKED_AT].tolist():
        subject = Subject(point, number, side)
        if (point.index, number) in members(case) or number in settled or not repeats_after_reset(subject):
            continue
        row = int(subject.mine["rst_row"]) - 1
        reasons = "".join(f"; {reason}" for reason in doubts(point, row))
        yield Undecided(
            RULE,
            f"who resets the handshakes from {subject.address} to {subject.peer_endpoint}: frame {point.packets.number(row)} resets right "
            f"after SYN/ACK in the client's name, yet the client then sends the same SYN again, as if it had never seen an answer{reasons}",
            f"capture at {subject.address} during an attempt; a reset that this capture lacks was forged on the way",
        )


def repeats_after_reset(subject: Subject) -> bool:
    """Whether this side sent its SYN again after its own reset."""
    packets = subject.point.packets
    rows = subject.segments
    flags, mine = packets.flags[rows], packets.direction[rows] == subject.side
    resets = np.flatnonzero(mine & ((flags & 4) != 0))
    syns = np.flatnonzero(mine & ((flags & 2) != 0))
    return len(resets) > 0 and len(syns) > 0 and bool(syns[-1] > resets[0])

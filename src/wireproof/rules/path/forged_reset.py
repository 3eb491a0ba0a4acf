"""A reset arrived in the name of a host that never sent it.

## What is seen
The capture at one point holds a RST from a host, and the capture nearer to that host, running at the time, holds no such RST. Or the trace
of that host's TCP/IP, or its SIP log, says that the connection timed out, which no connection does that was reset. With one
capture alone there is only suspicion: the RST's TTL, IP identification or MAC does not fit the other packets of its named sender.

## Why it matters
A device on the way ended the connection: a firewall or intrusion prevention system that rejects, a load balancer with a lost or
expired session, a proxy. Both hosts blame each other, and both are innocent; logs of the hosts will never explain it.

## Fix
Find the device between the two points: its session log at the time of the reset, its policy for the port, its session timeouts. The
MAC that the reset came from names the last device before the capture, which is not necessarily the one that made it; the TTL tells
how many hops away that one is. Capture on both sides of each suspect: the reset is in the capture behind the culprit only.

## Looks alike but is not
A reset by the host itself, because nothing listens (`tcp-connection-refused`) or the application closed abruptly. A capture near the
host that misses packets (`capture-incomplete`).

## References
RFC 9293 section 3.5.2 (reset generation); RFC 3360 (inappropriate resets considered harmful).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, frame, joined, label, seconds
from wireproof.rules.path._hops import Way, ways
from wireproof.rules.path._refusals import refusals
from wireproof.rules.path._traced import find_traced, traced_resets
from wireproof.rules.resets import doubts, ttl_note
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.case import Case, Point

SEVERITY = Severity.ERROR
SUSPECTS = limit(
    "path-forged-reset.suspects",
    200,
    "resets looked at closely in one capture; a device that forges does it to all alike",
)
RST, SYN, ACK, TCP = 0x04, 0x02, 0x10, 6
INITIAL_TTLS = (32, 64, 128, 255)
SHOWN = 4
FIX = [
    "Ask who runs the devices between the two points (firewall, IPS, load balancer, virtual switch) for their session log at this time.",
    "Look at their policy for this port, their session timeout, and features that reset connections (IPS, application inspection).",
    "Capture on both sides of each suspect: the reset is only in the capture behind the device that makes it.",
]
REFERENCES = ["RFC 9293 3.5.2", "RFC 3360"]


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """Proof from several points; from one a suspicion."""
    yield from traced_resets(case, FIX, REFERENCES)
    for way in ways(case, uneven=True):
        packets, rows = way.receiver.packets, way.flow.inserted
        resets = rows[(packets.protocol[rows] == TCP) & ((packets.flags[rows] & RST) != 0)]
        if len(resets):
            yield _finding(way, resets)
    if len(case.points) == 1:
        yield from _judge_alone(case.points[0], [one.number for one in find_traced(case)])
    else:
        yield from refusals(case, FIX, REFERENCES)


def _finding(way: Way, resets: NDArray[np.int64]) -> Finding:
    alike = _alike(way, resets)
    return Finding(
        rule="path-forged-reset",
        severity=SEVERITY,
        confidence=_confidence(way, resets),
        title=f"{count(len(resets) + len(alike), 'reset')} in the name of {way.origin_endpoint} made {way.where}",
        summary=_summary(way, resets, alike),
        evidence=_evidence(way, resets, alike),
        where=way.where,
        toward=way.flow.toward,
        talk=way.label(),
        facts=_facts(way, resets, alike),
        fix=FIX,
        references=REFERENCES,
        filters=way.filters(),
        cause=(way.sender.name, way.receiver.name, way.flow.toward, way.talk.server_endpoint.rpartition(":")[2]),
        conversations=way.conversations(),
    )


def _confidence(way: Way, resets: NDArray[np.int64]) -> Confidence:
    """A capture near the named sender that misses packets, or does not show this direction at all, may miss resets too."""
    if way.sender.capture.dropped:
        return Confidence.LOW
    complete = len(way.flow.sent) and len(way.flow.inserted) == len(resets)
    return Confidence.HIGH if complete and way.journey.certain == "high" else Confidence.MEDIUM


def _alike(way: Way, resets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Further resets with the same TTL, from when the capture near the named sender had ended or not begun: they prove nothing alone."""
    if not way.receiver.capture.carries("ttl"):
        return resets[:0]
    point, packets = way.receiver, way.receiver.packets
    rows = point.conversations.rows_of_side(way.flow.receiver[1], int(packets.direction[resets[0]]))
    rows = rows[((packets.flags[rows] & RST) != 0) & np.isin(packets.ttl[rows], packets.ttl[resets])]
    rows = rows[~np.isin(rows, resets) & ~np.isin(rows, way.flow.received)]
    times = way.case.alignment.clocks[point.index].to_reference(packets.time_ns[rows])
    first, last = way.case.alignment.spans[way.sender.index]
    return np.asarray(rows[(times < first) | (times > last)])


def _answered_row(way: Way, reset: int) -> int:
    """The packet of the attacked host right before a reset, which provoked it; -1 when there is none."""
    point = way.receiver
    rows = point.conversations.rows(way.flow.receiver[1])
    before = rows[(rows < reset) & (point.packets.direction[rows] != point.packets.direction[reset])]
    return int(before[-1]) if len(before) else -1


def _summary(way: Way, resets: NDArray[np.int64], alike: NDArray[np.int64]) -> str:
    point, many = way.receiver, len(resets) > 1
    numbers = joined([point.packets.number(row) for row in resets.tolist()])
    text = (
        f"{point.name} {'frames' if many else 'frame'} {numbers} {'are resets' if many else 'is a reset'} from {way.origin_endpoint}; "
        f"the capture {way.sender.name}, nearer to that host and running at the time, has no such reset. "
        f"A device {way.where} made {'them' if many else 'it'}."
    )
    if len(alike):
        later = joined([point.packets.number(row) for row in alike.tolist()])
        text += f" {'Frames' if len(alike) > 1 else 'Frame'} {later} of {point.name} look the same, but {way.sender.name} was not capturing then."
    return text + _provoked(way, int(resets[0])) + _distance(way, resets)


def _provoked(way: Way, reset: int) -> str:
    """What came right before the reset."""
    point, before = way.receiver, _answered_row(way, reset)
    if before < 0:
        return ""
    after = float(point.packets.time_ns[reset] - point.packets.time_ns[before]) / 1e9
    what = "SYN/ACK" if point.packets.flags[before] & (SYN | ACK) == SYN | ACK else "packet"
    fate = f", which never reaches {way.sender.name}" if before in way.opposite.lost else ""
    return f" It came {seconds(after)} after the {what} in frame {point.packets.number(before)}{fate}."


def _distance(way: Way, resets: NDArray[np.int64]) -> str:
    """How far away the device is, by the TTL that it starts with, when that is not the host's own."""
    ttl, own = int(way.receiver.packets.ttl[resets[0]]), way.receiver.packets.ttl[way.flow.received]
    if not way.receiver.capture.carries("ttl") or not len(own) or abs(ttl - int(own[0])) < 2:
        return ""
    away = count(_hops_away(ttl), "hop")
    return (
        f" It arrives with TTL {ttl}, the host's own packets with {int(own[0])}: if the device starts with {ttl + _hops_away(ttl)}, it is "
        f"{away} away from {way.receiver.name}."
    )


def _hops_away(ttl: int) -> int:
    """Hops since the nearest value that stacks start with."""
    return min(start - ttl for start in INITIAL_TTLS if start >= ttl)


def _facts(way: Way, resets: NDArray[np.int64], alike: NDArray[np.int64]) -> dict[str, Any]:
    packets = way.receiver.packets
    facts: dict[str, Any] = {
        "resets": len(resets) + len(alike),
        "resets_proven": len(resets),
        "reset_mac": _source_mac(way.receiver, int(resets[0])),
    }
    if way.receiver.capture.carries("ttl"):
        facts["reset_ttl"] = sorted(set(packets.ttl[resets].tolist()))
        facts["sender_ttl"] = sorted(set(packets.ttl[way.flow.received].tolist()))
        facts["reset_hops_away"] = _hops_away(int(packets.ttl[resets[0]]))
    if way.receiver.capture.carries("ip_id"):
        facts["reset_ip_id"] = packets.ip_id[resets[:SHOWN]].tolist()
    before = _answered_row(way, int(resets[0]))
    if before >= 0:
        facts["delay_ms"] = round(float(packets.time_ns[resets[0]] - packets.time_ns[before]) / 1e6, 3)
    return facts


def _source_mac(point: Point, row: int) -> str:
    if not point.packets.layers[row] & LAYERS["ethernet"]:
        return ""
    mac = point.frame(row)[6:12]
    return mac.hex(":") if any(mac) else ""


def _evidence(way: Way, resets: NDArray[np.int64], alike: NDArray[np.int64]) -> list[Evidence]:
    point = way.receiver
    found: list[Evidence] = []
    mac = _source_mac(point, int(resets[0]))
    for row in resets[:SHOWN].tolist():
        before = _answered_row(way, row)
        if before >= 0:
            lost = before in way.opposite.lost
            found.append(
                frame(point, before, "provokes the reset" + (", never arrives" if lost else ""), "lost" if lost else "")
            )
        note = f"not sent by {way.origin_endpoint}{ttl_note(point, row)}"
        found.append(frame(point, row, note + (f", from MAC {mac}" if mac else ""), "forged"))
    note = f"looks the same; {way.sender.name} was not capturing then"
    found += [frame(point, row, note, "forged") for row in alike[:SHOWN].tolist()]
    return found + way.arrived(way.flow.sent[:1], "the host's own packet")


def _judge_alone(point: Point, proven: list[int]) -> Iterator[Finding | Undecided]:
    """Resets that look as if another device had made them, without the conversations of which that is proven."""
    packets = point.packets
    rows = packets.rows_with("flags", RST)
    talks = packets.conversation[rows]
    rows = rows[(packets.protocol[rows] == 6) & (talks >= 0) & ~np.isin(talks, proven)]
    suspected = 0
    for row in rows[: int(SUSPECTS.value)].tolist():
        reasons = doubts(point, row) if _worth_doubting(point, row) else []
        if len(reasons) > 1:
            suspected += 1
            yield _suspicion(point, row, reasons)
    if suspected:
        yield Undecided(
            "path-forged-reset",
            f"{count(suspected, 'reset')} in {point.name} may come from a device on the way; one capture can't prove it",
            "capture at the host that is said to send the resets: if they are missing there, a device in between makes them",
        )


def _worth_doubting(point: Point, row: int) -> bool:
    """A reset of an established conversation, or one that answers a SYN, from a side with packets to compare."""
    side = int(point.packets.direction[row])
    mine = point.conversations.facts[int(point.packets.conversation[row])]["sides"][side]
    return int(mine["packets"]) > int(mine["rsts"])


def _suspicion(point: Point, row: int, reasons: list[str]) -> Finding:
    talk = point.talk(int(point.packets.conversation[row]))
    side = int(point.packets.direction[row])
    own = point.conversations.rows_of_side(talk.number, side)
    usual = own[(own < row) & (point.packets.flags[own] & RST == 0)][-2:]
    evidence = [frame(point, row, "; ".join(reasons), "forged")]
    evidence += [frame(point, other, f"the same sender{ttl_note(point, other, ': TTL ')}") for other in usual.tolist()]
    return Finding(
        rule="path-forged-reset",
        severity=Severity.WARNING,
        confidence=Confidence.LOW,
        title=f"A reset in the name of {talk.endpoint(side)} does not look like that host's",
        summary=f"{point.name} frame {point.packets.number(row)} resets the connection, but {' and '.join(reasons)}. A device on the way may have sent it.",
        evidence=evidence,
        where=f"seen at {point.name}",
        toward="server" if side == talk.client_side else "client",
        talk=label(talk),
        facts={"doubts": reasons},
        fix=[f"Capture at {talk.address(side)} as well: a reset that is missing there was made in between.", *FIX],
        references=REFERENCES,
        filters={point.name: display_filter(talk)},
        cause=(point.name, talk.server_endpoint),
        conversations=[(point.name, talk.number)],
    )

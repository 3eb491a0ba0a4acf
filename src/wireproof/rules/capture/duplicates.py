"""The capture shows the same packets twice.

## What is seen
Packets come in pairs: same addresses, IP identification, sequence and ack numbers, length and flags, within milliseconds. A host that sends data
again uses a new IP identification and waits; these are one packet that the capture point saw twice.

## Why it matters
Wireshark and every tool that counts retransmissions calls half of such a capture retransmitted, and its duplicate ACKs look like loss. Byte
counts and rates are doubled. wireproof leaves the copies out where it counts repeats, and says so here.

## Fix
Mirror only one direction of each port, or one port of the path, or not both sides of a router. Take duplicates out of this file:
`editcap -d IN OUT` (copies within five packets), `editcap -w 0.01 IN OUT` (within 10 ms).

## Looks alike but is not
Retransmissions (`tcp-retransmission`): later, and with another IP identification. A routing loop: the copies' TTL falls again and again and ICMP
time exceeded follows.

## References
RFC 6864 (the IPv4 identification names a packet for its sender); editcap(1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame, seconds
from wireproof.rules.subjects import sides

if TYPE_CHECKING:
    from wireproof.case import Case, Point

SEVERITY = Severity.INFO
WITHIN = limit(
    "capture-duplicates.within_s",
    0.01,
    "a switch mirrors a packet's second copy within a few milliseconds; no timer is that fast",
)
SHARE = limit("capture-duplicates.share", 0.05, "a few copies are the work of one odd switch port and change no figure")
LEAST = limit("capture-duplicates.pairs", 10, "fewer pairs may be chance, since identifications repeat")
SHOWN = 3


def judge(case: Case) -> Iterator[Finding]:
    """One finding a capture."""
    for point in case.points:
        if not _looks_doubled(point):
            continue
        first, second = _find_pairs(point)
        tcp = int((point.packets.protocol == 6).sum())
        if len(first) >= LEAST.value and len(first) >= SHARE.value * tcp:
            yield _finding(point, first, second, tcp)


def _looks_doubled(point: Point) -> bool:
    """Cheap look at the conversations' sums: copies count as repeats and as duplicate ACKs."""
    repeats = int(sides(point, "retransmissions").sum()) + int(sides(point, "duplicate_acks").sum())
    return repeats >= SHARE.value * int(sides(point, "packets").sum())


def _find_pairs(point: Point) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of first and second copies of the same TCP packet."""
    packets = point.packets
    rows = np.flatnonzero((packets.protocol == 6) & (packets.ip_id > 0) & (packets.conversation >= 0))
    keys: list[NDArray[Any]] = [
        packets.conversation,
        packets.direction,
        packets.ip_id,
        packets.seq,
        packets.ack,
        packets.length,
        packets.flags,
    ]
    order = rows[np.lexsort([packets.time_ns[rows], *(column[rows] for column in reversed(keys))])]
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for column in keys:
        same &= column[order[1:]] == column[order[:-1]]
    same &= packets.time_ns[order[1:]] - packets.time_ns[order[:-1]] <= WITHIN.value * 1e9
    return order[:-1][same], order[1:][same]


def _finding(point: Point, first: NDArray[np.int64], second: NDArray[np.int64], tcp: int) -> Finding:
    packets = point.packets
    gap = float(np.median(packets.time_ns[second] - packets.time_ns[first])) / 1e9
    steps = sorted(set((packets.ttl[first].astype(int) - packets.ttl[second]).tolist()))
    routed = steps not in ([0], [])
    how = (
        "The copies' TTL differs: one was taken before a router and one behind it."
        if routed
        else "Both copies have the same TTL."
    )
    chosen = np.argsort(first, kind="stable")[:SHOWN]
    return Finding(
        rule="capture-duplicates",
        severity=SEVERITY,
        confidence=Confidence.HIGH,
        title=f"{point.name} shows {count(len(first), 'TCP packet')} of {tcp:,} twice",
        summary=(
            f"{len(first):,} TCP packets have a copy with the same IP identification and numbers, typically {seconds(gap)} later. "
            f"{how} They are left out where repeats are counted."
        ),
        evidence=[piece for at in chosen.tolist() for piece in _pair_evidence(point, int(first[at]), int(second[at]))],
        where=f"the capture {point.name} itself",
        facts={"pairs": len(first), "tcp_packets": tcp, "gap_ms": round(gap * 1e3, 3), "ttl_steps": steps[:8]},
        fix=[
            "Mirror only one port of the path, or only one direction of each.",
            "Take the copies out for other tools: `editcap -w 0.01 IN OUT`.",
        ],
        references=["RFC 6864"],
        filters={point.name: "tcp.analysis.retransmission || tcp.analysis.duplicate_ack"},
        cause=(point.name,),
    )


def _pair_evidence(point: Point, first: int, second: int) -> list[Evidence]:
    identification = int(point.packets.ip_id[first])
    return [
        frame(point, first, f"IP identification {identification:#06x}"),
        frame(point, second, f"the same packet again, {identification:#06x}"),
    ]

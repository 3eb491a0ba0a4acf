"""Only segments above a certain size disappear, again and again, while smaller ones of the same conversation pass.

## What is seen
A large segment is sent several times and never arrives; every smaller one does. With captures at both ends the sizes that pass and
those that do not are known exactly. With one capture at the sender it shows as large segments that are repeated and never
acknowledged, while smaller ones sent before or after them are (by ACK or SACK).

## Why it matters
A link on the way takes only smaller packets, and the ICMP message that would say so (type 3 code 4, or ICMPv6 Packet Too Big) does
not reach the sender. Handshake and short requests work, everything long hangs: the pattern that users call "connects, but nothing
loads". It goes wrong for all conversations over that link, and no retransmission can help.

## Fix
Let ICMP "fragmentation needed" (and ICMPv6 Packet Too Big) pass the firewalls of the path. Or clamp the MSS on the router at the
narrow link: `ip tcp adjust-mss` on Cisco, `iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS
--clamp-mss-to-pmtu` on Linux. For a test, lower the MTU on the host: `netsh interface ipv4 set subinterface "NAME" mtu=1400`, or
`ip link set dev NAME mtu 1400`. `ping -f -l 1472 HOST` (Windows) or `ping -M do -s 1472 HOST` (Linux) finds the size that passes.

## Looks alike but is not
Ordinary loss hits all sizes. A sender that exceeds the MSS its peer announced (`tcp-mss-exceeded`) breaks the rules of TCP itself. A
full receiver stops the sender with a zero window (`tcp-zero-window`).

## References
RFC 2923 section 2.1 (black holes); RFC 1191 and RFC 8201 (path MTU discovery); RFC 4821 and RFC 8899 (discovery without ICMP).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, frame, joined, label
from wireproof.rules.path._hops import Way, ways
from wireproof.rules.path._origin import trace_back
from wireproof.rules.path._sizes import Sizes, delivered_sizes
from wireproof.rules.segments import Segments
from wireproof.rules.subjects import Subject, sides, subjects
from wireproof.wire.options import read_sack_edges

if TYPE_CHECKING:
    from wireproof.align.journeys import Hop, HopFlow
    from wireproof.case import Case, Point

SEVERITY = Severity.ERROR
COPIES = limit(
    "path-mtu-blackhole.copies",
    3,
    "two copies of one segment get lost by chance on a bad link, three of only the large ones do not",
)
LEAST_BYTES = limit(
    "path-mtu-blackhole.least_bytes",
    500,
    "no link in use takes less than 576 bytes (RFC 791), so a smaller lost segment has another cause",
)
IPV6_LEAST = 1280
"""Bytes that every IPv6 link takes (RFC 8200 section 5)."""
LOOKED_AT = 2000
"""Conversations of a hop that are asked what sizes they got through."""
FIX = [
    "Let ICMP type 3 code 4 (fragmentation needed) and ICMPv6 type 2 (packet too big) pass every firewall of the path.",
    "Or clamp the MSS at the narrow link: `ip tcp adjust-mss 1360` (Cisco), `... -j TCPMSS --clamp-mss-to-pmtu` (Linux).",
    "Find the size that passes: `ping -f -l 1472 HOST` (Windows) or `ping -M do -s 1472 HOST` (Linux), then smaller.",
]
REFERENCES = ["RFC 2923 2.1", "RFC 1191", "RFC 8201", "RFC 4821"]


@dataclass(frozen=True, slots=True)
class Suspect:
    """One way on which only large segments were lost. `lost` are their rows, `header` the bytes of their IP and TCP headers."""

    way: Way
    lost: NDArray[np.int64]
    sizes: Sizes
    header: int

    @property
    def smallest(self) -> int:
        """Payload of the smallest lost segment."""
        return int(self.way.sender.packets.length[self.lost].min())


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """Between points where there are several, else from the sender's side alone."""
    if len(case.points) == 1:
        yield from _judge_alone(case)
        return
    suspects = [suspect for way in ways(case, uneven=True) if len(way.flow.lost) for suspect in _suspect(way)]
    largest = _largest_by_hosts(case, {_hosts(suspect.way.flow, case) for suspect in suspects})
    for suspect in suspects:
        if suspect.smallest > largest[_hosts(suspect.way.flow, case)]:
            yield _finding(suspect)


def _suspect(way: Way) -> Iterator[Suspect]:
    packets = way.sender.packets
    lost = way.flow.lost[packets.length[way.flow.lost] > 0]
    sizes = delivered_sizes(way)
    if not len(lost) or not sizes.count or way.talk.protocol != "tcp":
        return
    copies = int(np.unique(packets.seq[lost], return_counts=True)[1].max())
    header = int(packets.payload_at[lost[0]]) - int(packets.network_at[lost[0]])
    suspect = Suspect(way, lost, sizes, header)
    if copies >= COPIES.value and _is_size_limit(way, suspect.smallest, sizes.largest, header):
        yield suspect


def _is_size_limit(way: Way, smallest: int, largest: int, header: int) -> bool:
    """Whether sizes that pass and sizes that do not are apart, where a link's MTU may lie between them."""
    least = IPV6_LEAST if way.talk.facts["version"] == 6 else LEAST_BYTES.value + header
    return smallest > largest and smallest + header > least


Hosts = tuple[int, int, bytes]
"""Sending point, receiving point, and both addresses as the sending point shows them, from the sender to the receiver."""


def _hosts(flow: HopFlow, case: Case) -> Hosts:
    facts = case.points[flow.sender[0]].conversations.facts[flow.sender[1]]
    raw = facts["addresses"].tobytes()
    from_first = (int(facts["client"]) == 0) == (flow.toward == "server")
    return flow.sender[0], flow.receiver[0], raw if from_first else raw[16:] + raw[:16]


def _largest_by_hosts(case: Case, wanted: set[Hosts]) -> dict[Hosts, int]:
    """The largest payload that any conversation of the same hosts got over the same hop: what passes one of them passes all."""
    largest = dict.fromkeys(wanted, 0)
    looked_at: Counter[frozenset[int]] = Counter()
    points = {frozenset(hosts[:2]) for hosts in wanted}
    for journey in case.alignment.journeys if wanted else ():
        for hop in journey.hops:
            ends = frozenset((hop.near[0], hop.far[0]))
            if ends in points and looked_at[ends] < LOOKED_AT:
                looked_at[ends] += 1
                _note_largest(case, hop, largest)
    return largest


def _note_largest(case: Case, hop: Hop, largest: dict[Hosts, int]) -> None:
    for flow in hop.flows:
        hosts = _hosts(flow, case)
        if hosts in largest and len(flow.sent):
            lengths = case.points[flow.sender[0]].packets.length[flow.sent]
            largest[hosts] = max(largest[hosts], int(lengths.max()))


def _finding(suspect: Suspect) -> Finding:
    way, lost, sizes, header = suspect.way, suspect.lost, suspect.sizes, suspect.header
    lengths, smallest = way.sender.packets.length[lost], suspect.smallest
    lost_sizes = joined([f"{n:,}" for n in np.unique(lengths).tolist()])
    return Finding(
        rule="path-mtu-blackhole",
        severity=SEVERITY,
        confidence=Confidence.MEDIUM,
        title=f"Only segments of {smallest:,} bytes or more die {way.where}",
        summary=(
            f"{'All' if len(lost) > 1 else 'The'} {count(len(lost), 'lost segment')} carry {lost_sizes} bytes; payloads of {sizes.listing} bytes "
            f"arrived in the same direction. A link on this stretch most likely takes IP packets of {sizes.largest + header:,} but not of "
            f"{smallest + header:,} bytes, and the sender is not told."
        ),
        evidence=_way_evidence(way, lost),
        where=way.where,
        toward=way.flow.toward,
        talk=way.label(),
        facts={
            "lost_packets": len(lost),
            "lost_payload_min_bytes": smallest,
            "delivered_payload_max_bytes": sizes.largest,
            "path_mtu_at_least_bytes": sizes.largest + header,
            "path_mtu_below_bytes": smallest + header,
        },
        fix=FIX,
        references=REFERENCES,
        filters=way.filters(),
        cause=(way.sender.name, way.receiver.name, way.flow.toward),
        conversations=way.conversations(),
    )


def _way_evidence(way: Way, lost: NDArray[np.int64]) -> list[Evidence]:
    lengths = way.sender.packets.length
    found: list[Evidence] = []
    for row in lost[:6].tolist():
        found += [frame(point, before, "left here, then lost", "lost") for point, before in trace_back(way, row)]
        found.append(frame(way.sender, row, f"{int(lengths[row]):,} bytes, lost", "lost"))
    passed = way.flow.sent[lengths[way.flow.sent] > 0]
    largest = passed[np.argsort(-lengths[passed].astype(np.int64), kind="stable")][:2]
    return found + way.arrived(np.sort(largest), "smaller, arrives")


def _suspects(point: Point) -> NDArray[np.bool_]:
    """Sides that repeated data several times, and whose largest segments no ACK named."""
    largest = sides(point, "max_payload")
    unproven = (largest >= LEAST_BYTES.value) & (sides(point, "acked_max") < largest)
    return (sides(point, "retransmissions") >= COPIES.value - 1) & unproven


def _judge_alone(case: Case) -> Iterator[Finding | Undecided]:
    for subject in subjects(case, _suspects, "retransmissions")[:LOOKED_AT]:
        stuck = _stuck_rows(subject)
        if stuck is None:
            continue
        yield _alone_finding(subject, *stuck)
        yield Undecided(
            "path-mtu-blackhole",
            f"one capture can't show whether the large segments of {subject.endpoint} arrive and the answers get lost instead",
            f"capture at {subject.peer_endpoint} at the same time: if the large segments are missing there, the path drops them",
        )


def _stuck_rows(subject: Subject) -> tuple[NDArray[np.int64], int] | None:
    """Rows of large segments that were repeated and never acknowledged, and the largest size that was; None if that is not so."""
    segments = Segments(subject)
    data = segments.mine & segments.data
    acked = int(segments.ack[~segments.mine].max(initial=-1))
    sacked = _sacked_ranges(subject, segments)
    through = (segments.end <= acked) | _inside(segments, sacked)
    passed, stuck = segments.length[data & through], data & ~through
    if not stuck.any() or not len(passed):
        return None
    starts, copies = np.unique(segments.start[stuck], return_counts=True)
    repeated = stuck & np.isin(segments.start, starts[copies >= COPIES.value])
    if not repeated.any():
        return None
    smallest, largest = int(segments.length[stuck].min()), int(passed.max())
    if smallest <= largest or smallest < LEAST_BYTES.value or (smallest > 1800 and subject.mine["mss"] <= 1500):
        return None
    return segments.row[repeated], largest


def _sacked_ranges(subject: Subject, segments: Segments) -> list[tuple[int, int]]:
    """Ranges that the other side reported by SACK, on the scale of this side's numbers."""
    theirs = np.flatnonzero(~segments.mine & (segments.length == 0))[-64:]
    if not len(theirs) or not segments.mine.any():
        return []
    packets = subject.point.packets
    own = segments.row[segments.mine]
    base, start = int(packets.seq[own[0]]), int(segments.start[segments.mine][0])
    ranges = []
    for data, row in zip(
        subject.point.frames(segments.row[theirs].tolist()), segments.row[theirs].tolist(), strict=True
    ):
        for left, right in read_sack_edges(data, int(packets.transport_at[row])):
            ranges.append((start + ((left - base) & 0xFFFFFFFF), start + ((right - base) & 0xFFFFFFFF)))
    return ranges


def _inside(segments: Segments, ranges: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """Which segments lie whole within one of the ranges."""
    inside = np.zeros(len(segments), dtype=bool)
    for left, right in sorted(set(ranges)):
        inside |= (left <= segments.start) & (segments.end <= right)
    return inside


def _alone_finding(subject: Subject, rows: NDArray[np.int64], largest: int) -> Finding:
    packets = subject.point.packets
    smallest = int(packets.length[rows].min())
    return Finding(
        rule="path-mtu-blackhole",
        severity=SEVERITY,
        confidence=Confidence.LOW,
        title=f"Only large segments of {subject.endpoint} stay unacknowledged ({smallest:,} bytes and more)",
        summary=(
            f"{subject.endpoint} sent segments of {smallest:,} bytes {count(len(rows), 'time')} and never got an ACK for them; everything up to "
            f"{largest:,} bytes was acknowledged. That is how a link with a smaller MTU looks from the sender when ICMP is filtered."
        ),
        evidence=[frame(subject.point, row, "never acknowledged", "lost") for row in rows[:8].tolist()],
        where=f"beyond {subject.point.name}, toward {subject.peer_endpoint}",
        toward=subject.peer_role,
        talk=label(subject.talk),
        facts={"lost_packets": len(rows), "lost_payload_min_bytes": smallest, "delivered_payload_max_bytes": largest},
        fix=FIX,
        references=REFERENCES,
        filters={subject.point.name: display_filter(subject.talk)},
        cause=(subject.point.name, subject.endpoint.rpartition(":")[0], str(smallest)),
        conversations=[(subject.point.name, subject.number)],
    )

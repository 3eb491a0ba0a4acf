"""Packets left one capture point and never arrived at the next one.

## What is seen
A packet is in the capture at one point, and no packet of the other point's capture carries its bytes: not as the same segment, and
not as part of a segment cut otherwise by offload. Both captures were running at that time, and the other point's host did
not acknowledge the bytes. Repeats are counted apart: six losses of one segment are one segment that never arrived.
A whole conversation can be missing as well: its packets leave one host, and the capture at the other host shows none of them.

## Why it matters
This is the proof that neither end is to blame: the sender sent, the receiver did not get. Whatever lies between the two points has
dropped the packets, the hosts' own drivers and filters below the capture included.

## Fix
Look between the two points: interface counters and logs of every switch, router, firewall and tunnel there, then network
drivers, teaming and filter drivers (antivirus, host firewall) of both hosts. Capture at a point in the middle to halve the stretch.

## Looks alike but is not
A capture that drops packets (`capture-incomplete`): the receiver then acknowledges what its capture lacks. Segments merged or split by
TSO, GRO or RSC at one of the points. Packets sent while the other capture was not running. Pure ACKs, which offload and ACK
thinning drop on purpose. A small loss that the stack repairs at once is reported as information only.

## References
RFC 9293 section 3.8.1 (retransmission); RFC 5681 (loss recovery); RFC 6298 (retransmission timeout).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.align import Absent
from wireproof.case import Case
from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, frame, joined, label, seconds
from wireproof.rules.path._hops import Way, ways
from wireproof.rules.path._sizes import Sizes, delivered_sizes

SEVERITY = Severity.ERROR
SHARE = limit("path-loss.share", 0.01, "TCP's throughput falls with the square root of the loss; below one percent other things matter more")
LEAST = limit("path-loss.packets", 4, "one or two lost packets are everyday life of any shared path")
SHOWN = 8
FIN, SYN, RST = 0x01, 0x02, 0x04
FIX = [
    "Check counters and logs of every device between the two points: switch ports (errors, duplex), routers, firewalls, VPN gateways.",
    "Rule out the hosts themselves: update or unbind teaming, antivirus and other NDIS filter drivers at both ends for the test.",
    "Capture at a point in between at the same time and run wireproof over all captures: it names the stretch that loses them.",
]
REFERENCES = ["RFC 9293 3.8.1", "RFC 6298"]


@dataclass(frozen=True, slots=True)
class Lost:
    """Lost rows of one way, those that never arrived in any copy apart."""

    way: Way
    rows: NDArray[np.int64]
    never: NDArray[np.int64]

    @property
    def segments(self) -> int:
        """Distinct segments among those that never arrived."""
        packets = self.way.sender.packets
        return len(np.unique(packets.seq[self.never].astype(np.int64) << 20 | packets.length[self.never]))


def judge(case: Case) -> Iterator[Finding]:
    """One finding a direction of a conversation; conversations with the same fate on the same hop fold."""
    for way in ways(case):
        if len(way.flow.lost):
            yield from _judge_way(Lost(way, way.flow.lost, _never_arrived(way)))
    if len(case.points) > 1:
        for group in _by_target(case, case.alignment.absent):
            yield _absent_finding(case, group)


def _never_arrived(way: Way) -> NDArray[np.int64]:
    """Lost rows none of whose bytes arrived in another copy."""
    packets = way.sender.packets
    lost, sent = way.flow.lost, np.concatenate([way.flow.sent, way.flow.merged])
    ends = packets.seq[lost] + packets.length[lost]
    arrived_ends = packets.seq[sent] + packets.length[sent]
    same_start = np.isin(packets.seq[lost], packets.seq[sent][packets.length[sent] > 0])
    same_end = np.isin(ends, arrived_ends[packets.length[sent] > 0])
    bare = packets.length[lost] == 0
    again = np.isin(packets.flags[lost] & (SYN | FIN | RST), packets.flags[sent] & (SYN | FIN | RST))
    return lost[np.where(bare, ~again, ~(same_start | same_end))]


def _judge_way(lost: Lost) -> Iterator[Finding]:
    way = lost.way
    sent = len(way.flow.sent) + len(way.flow.merged) + len(lost.rows)
    share = len(lost.rows) / sent
    if len(lost.never):
        severity = Severity.ERROR
    elif len(lost.rows) >= LEAST.value and share >= SHARE.value:
        severity = Severity.WARNING
    else:
        severity = Severity.INFO
    yield Finding(
        rule="path-loss",
        severity=severity,
        confidence=way.certainty,
        title=f"{count(len(lost.rows), 'packet')} from the {way.origin} lost {way.where}",
        summary=_summary(lost, sent),
        evidence=_evidence(lost),
        where=way.where,
        toward=way.flow.toward,
        talk=way.label(),
        facts=_facts(lost, sent, share),
        fix=FIX,
        references=REFERENCES,
        filters=way.filters(),
        cause=(way.sender.name, way.receiver.name, "never" if len(lost.never) else "repaired"),
        conversations=way.conversations(),
    )


def _facts(lost: Lost, sent: int, share: float) -> dict[str, Any]:
    packets = lost.way.sender.packets
    lengths = packets.length[lost.rows]
    sizes = delivered_sizes(lost.way)
    return {
        "lost_packets": len(lost.rows),
        "sent_packets": sent,
        "lost_share": round(share, 4),
        "segments_never_arrived": lost.segments if len(lost.never) else 0,
        "lost_payload_min_bytes": int(lengths.min()),
        "lost_payload_max_bytes": int(lengths.max()),
        "delivered_payload_max_bytes": sizes.largest,
        "pattern": _pattern(lost, sizes),
    }


def _pattern(lost: Lost, sizes: Sizes) -> str:
    """What the lost packets have in common: size, or time."""
    packets = lost.way.sender.packets
    lengths = packets.length[lost.rows]
    if not len(lost.way.flow.sent):
        return "all of this direction"
    if (packets.flags[lost.rows] & SYN).all():
        return "connection attempts"
    if sizes.count and lengths.min() > sizes.largest:
        return "only the largest segments"
    if len(lost.rows) < LEAST.value:
        return "scattered"
    rows = np.sort(lost.rows)
    gaps = np.diff(packets.time_ns[rows]) / 1e9
    if len(gaps) >= 4 and gaps.std() < 0.1 * gaps.mean():
        return f"periodic, every {seconds(float(gaps.mean()))}"
    own = np.sort(np.concatenate([lost.way.flow.sent, lost.rows]))
    runs = int((np.diff(np.searchsorted(own, rows)) > 1).sum()) + 1
    return f"{count(runs, 'burst')}" if runs * 3 <= len(rows) else "scattered"


def _summary(lost: Lost, sent: int) -> str:
    way = lost.way
    packets = way.sender.packets
    if len(lost.never):
        first = lost.never[0]
        copies = lost.never[packets.seq[lost.never] == packets.seq[first]]
        size = int(packets.length[first])
        what = f"Frame {int(first) + 1} of {way.sender.name} ({f'{size:,} bytes' if size else _kind(way, int(first))})"
        if len(copies) > 1:
            what += f" and its {count(len(copies) - 1, 'repeat')} {joined((copies[1:] + 1).tolist(), 6)}"
        more = lost.segments - 1
        what += " left the host and" if len(copies) > 1 else " left and"
        text = f"{what} are in no frame of {way.receiver.name}." if len(copies) > 1 else f"{what} is in no frame of {way.receiver.name}."
        if more:
            text += f" The same happened to {count(more, 'more segment')}."
    else:
        text = f"{len(lost.rows):,} of {sent:,} packets did not arrive at {way.receiver.name}; copies sent later did."
    return f"{text} {_arrived_text(lost)}{_ending(way)}"


def _kind(way: Way, row: int) -> str:
    flags = int(way.sender.packets.flags[row])
    names = [name for bit, name in ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST"), (0x10, "ACK")) if flags & bit]
    return ", ".join(names) or f"{way.talk.protocol.upper()} packet"


def _arrived_text(lost: Lost) -> str:
    flow = lost.way.flow
    arrived = len(flow.sent) + len(flow.merged)
    if not arrived:
        return "Nothing that it sent in this conversation arrived."
    sizes = delivered_sizes(lost.way)
    text = f"{count(arrived, 'other packet')} of this direction arrived"
    if sizes.count:
        text += f", with payloads of {sizes.listing} bytes"
    return text + "."


def _ending(way: Way) -> str:
    """How the conversation ended, when by a reset: the application's view of the loss."""
    row = int(way.talk.facts["reset_row"]) - 1
    if row < 0 or not len(way.flow.lost):
        return ""
    packets = way.sender.packets
    if packets.flags[row] & RST == 0:
        return ""
    side = "client" if packets.direction[row] == way.talk.client_side else "server"
    after = (packets.time_ns[row] - packets.time_ns[int(way.flow.lost[0])]) / 1e9
    if after <= 0:
        return ""
    return f" The {side} reset the connection {seconds(float(after))} after the first loss ({way.sender.name} frame {row + 1})."


def _evidence(lost: Lost) -> list[Evidence]:
    way = lost.way
    chosen = lost.never if len(lost.never) else lost.rows
    found = [frame(way.sender, row, "never arrives" if len(lost.never) else "this copy is lost", "lost") for row in chosen[:SHOWN].tolist()]
    near = way.flow.sent[way.sender.packets.length[way.flow.sent] > 0][:2]
    found += way.arrived(near, "arrives")
    reset = int(way.talk.facts["reset_row"]) - 1
    if reset >= 0 and len(lost.never):
        found.append(frame(way.sender, reset, "the connection ends"))
    return found


@dataclass(frozen=True, slots=True)
class Missing:
    """Conversations to one endpoint that one point shows and the other lacks."""

    target: str
    members: list[Absent]


def _by_target(case: Case, absent: list[Absent]) -> list[Missing]:
    groups: dict[tuple[int, int, str, str], Missing] = {}
    for one in absent:
        talk = case.points[one.point].talk(one.conversation)
        target = talk.server_endpoint if one.toward == "server" else talk.address(talk.client_side)
        key = (one.point, one.missing_at, one.toward, target)
        groups.setdefault(key, Missing(target, [])).members.append(one)
    return list(groups.values())


def _absent_finding(case: Case, missing: Missing) -> Finding:
    """Conversations whose packets left one host and are not in the capture taken at the other."""
    first = missing.members[0]
    here, there = case.points[first.point], case.points[first.missing_at]
    talk = here.talk(first.conversation)
    rows = np.concatenate([_sent_rows(case, one) for one in missing.members])
    back = sum(len(here.talk(one.conversation).rows) for one in missing.members) - len(rows)
    certain = _clocks_comparable(case, first) and not there.capture.dropped
    return Finding(
        rule="path-loss",
        severity=Severity.ERROR,
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
        title=f"Nothing sent to {missing.target} arrives at {there.name}",
        summary=(
            f"{count(len(rows), 'packet')} of {count(len(missing.members), 'conversation')} left {here.name} for {missing.target}"
            f"{f', and {back:,} came back' if back else ' and nothing came back'}. "
            f"The capture {there.name}, taken at that host, was running and shows none of them."
        ),
        evidence=[frame(here, row, "never arrives", "lost") for row in rows[: SHOWN * 2].tolist()],
        where=f"between {here.name} and {there.name}",
        toward=first.toward,
        talk=label(talk),
        facts={
            "lost_packets": len(rows),
            "sent_packets": len(rows),
            "lost_share": 1.0,
            "conversations": len(missing.members),
            "pattern": "whole conversations",
        },
        fix=["Check that routes and address translation for the target lead to this host, and what filters stand before it.", *FIX],
        references=REFERENCES,
        filters={here.name: display_filter(talk), there.name: display_filter(talk)},
        cause=(here.name, there.name, "absent", missing.target),
        conversations=[(here.name, one.conversation) for one in missing.members],
    )


def _sent_rows(case: Case, absent: Absent) -> NDArray[np.int64]:
    """What the host at the showing point sent."""
    point = case.points[absent.point]
    client = point.talk(absent.conversation).client_side
    return point.conversations.rows_of_side(absent.conversation, client if absent.toward == "server" else 1 - client)


def _clocks_comparable(case: Case, absent: Absent) -> bool:
    clocks = case.alignment.clocks
    one, other = clocks[absent.point], clocks[absent.missing_at]
    return one.known and other.known and one.group == other.group

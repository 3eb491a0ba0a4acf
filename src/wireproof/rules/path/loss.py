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
thinning drop on purpose. Conversations that were answered although one capture lacks them: a capture filter hides them, or another host
took them. A small loss that the stack repairs at once is reported as information only.

## References
RFC 9293 section 3.8.1 (retransmission); RFC 5681 (loss recovery); RFC 6298 (retransmission timeout).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame, joined, seconds
from wireproof.rules.path._absent import absent_findings
from wireproof.rules.path._hops import Way, ways
from wireproof.rules.path._origin import sequence_shift, trace_back
from wireproof.rules.path._sizes import Sizes, delivered_sizes

if TYPE_CHECKING:
    from wireproof.case import Case

SEVERITY = Severity.ERROR
SHARE = limit(
    "path-loss.share",
    0.01,
    "TCP's throughput falls with the square root of the loss; below one percent other things matter more",
)
LEAST = limit("path-loss.packets", 4, "one or two lost packets are everyday life of any shared path")
REPEAT_S = limit(
    "path-loss.repeat_s",
    3,
    "a sender repeats after 1 s at first (RFC 6298), old ones after 3 s; a capture that ends sooner lacks the repeat",
)
SHOWN = 8
FIN, SYN, RST, ACK, TCP = 0x01, 0x02, 0x04, 0x10, 6
FIX = [
    "Check counters and logs of every device between the two points: switch ports (errors, duplex), routers, firewalls, VPN gateways.",
    "Rule out the hosts themselves: update or unbind teaming, antivirus and other NDIS filter drivers at both ends for the test.",
    "Capture at a point in between at the same time and run wireproof over all captures: it names the stretch that loses them.",
]
REFERENCES = ["RFC 9293 3.8.1", "RFC 6298"]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lost:
    """Lost rows of one way, and which of them never arrived in any copy although there was time for one."""

    way: Way
    rows: Rows
    never: Rows

    @property
    def is_tcp(self) -> bool:
        """Whether the sender would repeat what got lost."""
        return self.way.talk.protocol == "tcp"

    @property
    def sent(self) -> int:
        """Packets of this direction that had to cross the hop while both points captured, pure ACKs aside."""
        return len(self.way.flow.sent) + len(self.way.flow.merged) + len(self.rows)

    @property
    def share(self) -> float:
        """Lost packets among those."""
        return len(self.rows) / self.sent

    @property
    def segments(self) -> int:
        """Distinct segments among those that never arrived."""
        packets = self.way.sender.packets
        if not self.is_tcp:
            return len(self.never)
        return len(np.unique(packets.seq[self.never].astype(np.int64) << 20 | packets.length[self.never]))

    def flags(self, rows: Rows) -> NDArray[np.uint16]:
        """TCP flags of rows."""
        return self.way.sender.packets.flags[rows]

    def lengths(self, rows: Rows) -> NDArray[np.int64]:
        """Payload bytes of rows."""
        return self.way.sender.packets.length[rows].astype(np.int64)


def judge(case: Case) -> Iterator[Finding]:
    """One finding a direction of a conversation; conversations with the same fate on the same hop fold."""
    found = [way for way in ways(case, uneven=True) if len(way.flow.lost) or len(way.flow.missed)]
    leaky = {way.flow.receiver[0] for way in found if len(way.flow.missed)}
    for way in found:
        if len(way.flow.lost):
            yield _finding(Lost(way, way.flow.lost, _never_arrived(way)), leaky)
    if len(case.points) > 1:
        yield from absent_findings(case, FIX, REFERENCES)


def _never_arrived(way: Way) -> Rows:
    """Rows of which no copy arrived, without those whose repeat one of the captures may just not show any more."""
    packets, never = way.sender.packets, way.flow.never
    if way.talk.protocol != "tcp" or not len(never):
        return never
    _, group, copies = np.unique(packets.seq[never], return_inverse=True, return_counts=True)
    alignment = way.case.alignment
    sent = alignment.clocks[way.sender.index].to_reference(packets.time_ns[never])
    ends = min(alignment.spans[way.sender.index][1], alignment.spans[way.receiver.index][1])
    return never[(copies[group] > 1) | (sent + REPEAT_S.value * 1e9 <= ends)]


def _finding(lost: Lost, leaky: set[int]) -> Finding:
    way, kind = lost.way, _kind(lost)
    confidence = way.certainty
    if way.flow.receiver[0] in leaky and confidence is Confidence.HIGH:
        confidence = Confidence.MEDIUM
    return Finding(
        rule="path-loss",
        severity=_severity(lost),
        confidence=confidence,
        title=f"{_noun(lost)} from the {way.origin} {'are' if len(lost.rows) > 1 else 'is'} lost {way.where}",
        summary=_summary(lost),
        evidence=_evidence(lost),
        where=way.where,
        toward=way.flow.toward,
        talk=way.label(),
        facts=_facts(lost, kind),
        fix=FIX,
        references=REFERENCES,
        filters=way.filters(),
        cause=(way.sender.name, way.receiver.name, way.flow.toward, "never" if len(lost.never) else "repaired", kind),
        conversations=way.conversations(),
    )


def _severity(lost: Lost) -> Severity:
    """An error is what no repeat could repair; a share that slows things down is a warning; the rest is everyday life."""
    noticeable = len(lost.rows) >= LEAST.value and lost.share >= SHARE.value
    by_share = Severity.WARNING if noticeable else Severity.INFO
    if not len(lost.never):
        return by_share
    if not lost.is_tcp:
        return Severity.ERROR if lost.share == 1 and len(lost.rows) > 1 else by_share
    flags = lost.flags(lost.never)
    if (flags & SYN).any() or lost.lengths(lost.never).any():
        return Severity.ERROR
    closed = any(int(side["fin_row"]) for side in (lost.way.talk.client, lost.way.talk.server))
    return Severity.INFO if closed and (flags & RST).all() else Severity.WARNING


def _noun(lost: Lost) -> str:
    """What is lost, in the reader's words."""
    flags = lost.flags(lost.rows)
    many = len(lost.rows) > 1
    if not lost.is_tcp:
        return f"{lost.way.talk.protocol.upper()} packet{'s' if many else ''}"
    for bit, name in ((SYN, "SYN"), (RST, "Reset"), (FIN, "FIN")):
        if ((flags & bit) != 0).all() and not lost.lengths(lost.rows).any():
            answering = bit == SYN and ((flags & ACK) != 0).all()
            return f"{'SYN/ACK' if answering else name}{'s' if many else ''}"
    return "Segments" if many else "Segment"


def _facts(lost: Lost, kind: str) -> dict[str, Any]:
    lengths, sizes = lost.lengths(lost.rows), delivered_sizes(lost.way)
    return {
        "lost_packets": len(lost.rows),
        "sent_packets": lost.sent,
        "lost_share": round(lost.share, 4),
        "lost_bytes": int(lost.way.flow.lost_bytes.sum()),
        "segments_never_arrived": lost.segments if len(lost.never) else 0,
        "lost_payload_min_bytes": int(lengths.min()),
        "lost_payload_max_bytes": int(lengths.max()),
        "delivered_payload_max_bytes": sizes.largest,
        "pattern": _in_time(lost) if kind == "scattered" else kind,
    }


def _kind(lost: Lost) -> str:
    """What the lost packets have in common."""
    sizes: Sizes = delivered_sizes(lost.way)
    if lost.share == 1:
        return "all of this direction"
    if lost.is_tcp and (lost.flags(lost.rows) & SYN).all():
        return "connection attempts"
    if sizes.count and lost.lengths(lost.rows).min() > sizes.largest:
        return "only the largest segments"
    return "scattered"


def _in_time(lost: Lost) -> str:
    """How losses of all sizes lie in time."""
    if len(lost.rows) < LEAST.value:
        return "scattered"
    rows = np.sort(lost.rows)
    gaps = np.diff(lost.way.sender.packets.time_ns[rows]) / 1e9
    if len(gaps) >= 4 and gaps.std() < 0.1 * gaps.mean():
        return f"periodic, every {seconds(float(gaps.mean()))}"
    own = np.sort(np.concatenate([lost.way.flow.sent, lost.way.flow.merged, rows]))
    runs = int((np.diff(np.searchsorted(own, rows)) > 1).sum()) + 1
    return count(runs, "burst") if runs * 3 <= len(rows) else "scattered"


def _summary(lost: Lost) -> str:
    if len(lost.never):
        text = _never_text(lost)
    else:
        later = "; copies sent later did" if lost.is_tcp and not len(lost.way.flow.never) else ""
        text = f"{len(lost.rows):,} of {count(lost.sent, 'packet')} did not arrive at {lost.way.receiver.name}{later}."
    return f"{text} {_arrived_text(lost)}{_ending(lost)}"


def _never_text(lost: Lost) -> str:
    """The first packet that never arrived, with its copies, and how many more there are."""
    way, packets = lost.way, lost.way.sender.packets
    first = int(lost.never[0])
    copies = lost.never[packets.seq[lost.never] == packets.seq[first]] if lost.is_tcp else lost.never[:1]
    number, there = packets.number(first), way.receiver.name
    own_end = way.journey.members[0 if way.origin == "client" else -1] == way.flow.sender
    verb = "left the host" if own_end else "passed there"
    size, gone = int(packets.length[first]), int(way.flow.lost_bytes[way.flow.lost == first][0])
    if 0 < gone < size:
        text = f"{gone:,} of the {size:,} bytes that frame {number} of {way.sender.name} hands to the adapter are in no frame of {there}."
    elif len(copies) > 1:
        repeats = f"{count(len(copies) - 1, 'repeat')} {joined(way.numbers(copies[1:]), 6)}"
        text = f"Frame {number} of {way.sender.name} ({_what(way, first)}) and its {repeats} {verb} and are in no frame of {there}."
    else:
        text = f"Frame {number} of {way.sender.name} ({_what(way, first)}) {verb} and is in no frame of {there}."
    more = lost.segments - 1
    noun = "segment" if lost.is_tcp else "packet"
    return f"{text} The same happened to {count(more, f'more {noun}')}." if more else text


def _what(way: Way, row: int) -> str:
    """Size or flags of a packet."""
    packets = way.sender.packets
    if packets.length[row]:
        return f"{int(packets.length[row]):,} bytes"
    flags = int(packets.flags[row])
    names = [name for bit, name in ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST"), (ACK, "ACK")) if flags & bit]
    return ", ".join(names) if packets.protocol[row] == TCP else f"{way.talk.protocol.upper()} packet"


def _arrived_text(lost: Lost) -> str:
    arrived = lost.sent - len(lost.rows)
    if not arrived:
        return f"Nothing that the {lost.way.origin} sent in this conversation arrived."
    sizes = delivered_sizes(lost.way)
    text = f"{count(arrived, 'other packet')} of this direction arrived"
    return f"{text}, with payloads of {sizes.listing} bytes." if sizes.count else f"{text}."


def _reset(lost: Lost) -> int:
    """Row of the reset that ended the conversation after the first loss, at the sending point; -1 for none."""
    row, packets = int(lost.way.talk.facts["reset_row"]) - 1, lost.way.sender.packets
    after = row >= 0 and packets.flags[row] & RST and packets.time_ns[row] > packets.time_ns[lost.rows[0]]
    return row if after and len(lost.never) else -1


def _ending(lost: Lost) -> str:
    """How the conversation ended, when by a reset: the application's view of the loss."""
    row, way = _reset(lost), lost.way
    if row < 0:
        return ""
    packets = way.sender.packets
    side = "client" if packets.direction[row] == way.talk.client_side else "server"
    after = seconds(float(packets.time_ns[row] - packets.time_ns[lost.rows[0]]) / 1e9)
    where = f"{way.sender.name} frame {packets.number(row)}"
    if side == way.origin or _same_reset(lost):
        return f" The {side} reset the connection {after} after the first loss ({where})."
    return f" A reset in the name of the {side} ended the connection {after} after the first loss ({where})."


def _evidence(lost: Lost) -> list[Evidence]:
    way = lost.way
    found: list[Evidence] = []
    note = "never arrives" if len(lost.never) else "this copy is lost" if lost.is_tcp else "lost"
    gone = dict(zip(way.flow.lost.tolist(), way.flow.lost_bytes.tolist(), strict=True))
    for row in (lost.never if len(lost.never) else lost.rows)[:SHOWN].tolist():
        size = int(way.sender.packets.length[row])
        part = f"{gone[row]:,} of {size:,} bytes: " if 0 < gone[row] < size else ""
        found += [
            frame(point, before, f"left here; passes {way.sender.name}, then lost", "lost")
            for point, before in trace_back(way, row)
        ]
        found.append(frame(way.sender, row, part + note, "lost"))
    found += way.arrived(way.flow.sent[way.sender.packets.length[way.flow.sent] > 0][:2], "arrives")
    return found + _waiting_evidence(lost) + _reset_evidence(lost)


def _waiting_evidence(lost: Lost) -> list[Evidence]:
    """The last acknowledgment by which the receiving host still asks for the first byte that never arrived."""
    way = lost.way
    if not len(lost.never) or not lost.is_tcp:
        return []
    packets, there = way.receiver.packets, way.talk_there
    shift = int(sequence_shift(way.sender, way.receiver, way.flow))
    asked = (int(way.sender.packets.seq[lost.never[0]]) + shift) % (1 << 32)
    own = way.receiver.conversations.rows_of_side(
        there.number, 1 - there.client_side if way.flow.toward == "server" else there.client_side
    )
    waiting = own[(packets.ack[own] == asked) & ((packets.flags[own] & (ACK | RST)) == ACK)]
    return [
        frame(way.receiver, int(row), "still waits for it: acknowledges only what came before")
        for row in waiting[-1:].tolist()
    ]


def _reset_evidence(lost: Lost) -> list[Evidence]:
    """The reset at both points."""
    if _reset(lost) < 0:
        return []
    found = [frame(lost.way.sender, _reset(lost), "the connection ends")]
    return found + [frame(lost.way.receiver, row, "the same reset") for row in _same_reset(lost)]


def _same_reset(lost: Lost) -> list[int]:
    """The row of the reset at the receiving point, where both points show it."""
    row = _reset(lost)
    for flow in lost.way.hop.flows:
        own, there = (flow.sent, flow.received) if flow is lost.way.flow else (flow.received, flow.sent)
        if len(place := np.flatnonzero(own == row)):
            return [int(there[place[0]])]
    return []

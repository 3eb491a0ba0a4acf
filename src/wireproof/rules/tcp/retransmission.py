"""Data was sent again, so much or so long that it hurts, or it was never acknowledged at all.

## What is seen
One side repeats data segments. Three things are told apart: a segment that was repeated three times or more and never acknowledged (the
connection is dead in that direction), one that got through only after such repeats (the application stood still meanwhile), and many
repeats spread over the conversation (a lossy path). A SYN/ACK that is repeated while the client repeats its SYN is the first kind,
too. The finding says what the lost segments have in common: only large ones, only one direction, only after idle, periodic, in bursts;
how many were repeated at once after duplicate ACKs and how many only when the timer ran out; and how many were not needed (spurious).

## Why it matters
Every timeout stops the transfer for at least 200 ms, and each further one for twice as long. Windows gives a connection up after five
repeats, Linux after fifteen minutes.

## Fix
Find where the segments are lost: capture at both ends at the same time. Only large segments lost: an MTU black hole, see
`path-mtu-blackhole`. Losses in one direction or in bursts: look at duplex settings, error and drop counters of switch ports, policers.
Update or remove filter drivers on the hosts themselves.

## Looks alike but is not
A few losses that are repaired at once, as on any network. Packets that the capture shows twice (mirror port, two interfaces). Keep-alives
and window probes. Repeats of data that had been acknowledged (spurious), which are counted apart.

## References
RFC 6298 (retransmission timer); RFC 5681 section 3.2 (fast retransmit); RFC 2018 (SACK); RFC 1122 section 4.2.3.5 (when to give up);
Windows TcpMaxDataRetransmissions (default 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.endpoints import is_one_point
from wireproof.rules.evidence import count, display_filter, frame, joined, seconds
from wireproof.rules.repeats import TIMEOUT, Repeats, Stuck
from wireproof.rules.segments import SYN, Segments
from wireproof.rules.subjects import Mask, Subject, sides, subjects

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "tcp-retransmission"
SEVERITY = Severity.ERROR
NEVER = limit(
    "tcp-retransmission.copies", 3, "three repeats of one segment, each after twice the wait, are no accident any more"
)
MANY = limit("tcp-retransmission.segments", 5, "fewer repeats cost no user anything")
SHARE = limit(
    "tcp-retransmission.share",
    0.02,
    "above one to two per cent loss TCP's throughput falls steeply; below it recovers unnoticed",
)
STALL = limit("tcp-retransmission.stall_s", 2.0, "a second or two of standstill is noticed by whoever waits")


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a direction of a conversation; those toward one server endpoint fold."""
    for subject in subjects(case, select, "retransmissions"):
        if is_open_handshake(subject):
            yield handshake_finding(case, subject)
            continue
        if is_surely_harmless(subject):
            continue
        repeats = Repeats(subject)
        stuck = next((s for s in repeats.stuck if len(s.copies) > NEVER.value and not s.acknowledged), None)
        if stuck:
            yield never_finding(case, repeats, stuck)
            if is_one_point(case):
                yield where_lost(repeats)
        elif is_harmful(repeats):
            yield loss_finding(case, repeats)
        elif len(repeats.spurious) >= MANY.value and len(repeats.spurious) >= SHARE.value * len(repeats.sent):
            yield spurious_finding(case, repeats)


def select(point: Point) -> Mask:
    """Sides that repeated anything twice."""
    return np.asarray(sides(point, "retransmissions") >= 2)


def is_open_handshake(subject: Subject) -> bool:
    """Whether this side's SYN/ACKs never arrive: it repeats them, and the client repeats its SYN and says nothing else."""
    mine, other = subject.mine, subject.other
    return bool(
        mine["syn_acks"] >= 2 and other["syns"] >= 2 and other["packets"] == other["syns"] and not mine["data_packets"]
    )


def is_surely_harmless(subject: Subject) -> bool:
    """Whether the counts alone tell: few repeats, and no pause in which a retransmission timer could have run out."""
    few = int(subject.mine["retransmissions"]) < SHARE.value * int(subject.mine["data_packets"])
    return few and int(subject.facts["idle_max_ns"]) < TIMEOUT.value * 1e9


def is_harmful(repeats: Repeats) -> bool:
    """Whether the repeats took a considerable share or stopped the sender for long."""
    if len(repeats.real) >= MANY.value and repeats.share >= SHARE.value and repeats.telling >= NEVER.value:
        return True
    return len(repeats.real) >= NEVER.value and repeats.stalled_s >= STALL.value


def longest_stall(repeats: Repeats) -> tuple[float, Stuck | None]:
    """Seconds from the first to the last copy of the segment that took longest to get through, and that segment."""
    times = repeats.segments.time_s
    spans = [(float(times[s.copies[-1]] - times[s.copies[0]]), s) for s in repeats.stuck if len(s.copies) > NEVER.value]
    return max(spans, key=lambda pair: pair[0], default=(0.0, None))


def base_facts(repeats: Repeats) -> dict[str, Any]:
    """Figures that every finding of this rule gives."""
    return {
        "data_segments": len(repeats.sent),
        "retransmissions": len(repeats.real),
        "share": round(repeats.share, 4),
        "fast": repeats.fast,
        "timeouts": repeats.timeouts,
        "stalled_s": round(repeats.stalled_s, 3),
        "spurious": len(repeats.spurious),
        "shown_twice": int(repeats.shown_twice.sum()),
        "patterns": repeats.patterns,
    }


def copy_rows(repeats: Repeats, stuck: Stuck) -> list[Evidence]:
    """The segment's copies with the time since the one before."""
    s, point, found = repeats.segments, repeats.subject.point, []
    for turn, place in enumerate(stuck.copies[:9].tolist()):
        waited = seconds(float(s.time_s[place] - s.time_s[stuck.copies[turn - 1]])) if turn else ""
        size = count(int(s.length[place]), "byte")
        found.append(
            frame(point, int(s.row[place]), f"the same {size} again after {waited}" if turn else f"{size}, first time")
        )
    return found


def ending(repeats: Repeats) -> tuple[str, list[Evidence], float | None]:
    """How the conversation ended after the last repeat: words, the frame, and seconds since the first repeat's original."""
    subject, s = repeats.subject, repeats.segments
    resets = np.flatnonzero(s.has(4) & (np.arange(len(s)) > repeats.real[0]))
    if not len(resets):
        return "", [], None
    place = int(resets[0])
    who = subject.endpoint if s.mine[place] else subject.peer_endpoint
    after = float(s.time_s[place] - s.time_s[repeats.stuck[0].copies[0]])
    return (
        f" {who} reset the connection {seconds(after)} after the first copy.",
        [frame(subject.point, int(s.row[place]), f"{who} gives up: RST")],
        after,
    )


def never_finding(case: Case, repeats: Repeats, stuck: Stuck) -> Finding:
    """The finding on data that was never acknowledged."""
    subject, s = repeats.subject, repeats.segments
    times = s.time_s[stuck.copies]
    gaps = [round(float(gap), 3) for gap in np.diff(times)]
    end_words, end_rows, end_s = ending(repeats)
    common = repeats.patterns
    summary = (
        f"{subject.endpoint} sent the same {count(stuck.length, 'byte')} {len(stuck.copies)} times within {seconds(float(times[-1] - times[0]))} "
        f"(again after {joined([seconds(gap) for gap in gaps], 8)}), and {subject.peer_endpoint} never acknowledged them.{end_words}"
    )
    if common:
        summary += f" What the lost segments have in common: {'; '.join(common)}."
    answers = np.flatnonzero(~s.mine & (np.arange(len(s)) > stuck.copies[0]))[:1]
    last = [frame(subject.point, int(s.row[place]), "acknowledges only what came before") for place in answers.tolist()]
    return finding(
        case,
        repeats,
        Severity.ERROR,
        (
            f"{way(subject)}: data of {count(stuck.length, 'byte')} never acknowledged ({len(stuck.copies)} copies)",
            summary,
        ),
        [*copy_rows(repeats, stuck), *last, *end_rows],
        {"unacknowledged_bytes": stuck.length, "copies": len(stuck.copies), "gaps_s": gaps, "ended_after_s": end_s},
    )


def loss_finding(case: Case, repeats: Repeats) -> Finding:
    """The finding on a lossy or stalling conversation."""
    subject, s = repeats.subject, repeats.segments
    stall_s, stuck = longest_stall(repeats)
    common = repeats.patterns
    summary = (
        f"{subject.endpoint} sent {len(repeats.real):,} of {count(len(repeats.sent), 'data segment')} to {subject.peer_endpoint} again "
        f"({repeats.share:.1%}): {repeats.fast:,} at once after duplicate ACKs, {repeats.timeouts:,} only when the timer ran out."
    )
    if repeats.stalled_s >= TIMEOUT.value:
        summary += f" It stood still for {seconds(repeats.stalled_s)} in all until its timer ran out."
    if stall_s >= STALL.value:
        summary += f" One segment got through only after {seconds(stall_s)}."
    if common:
        summary += f" What the repeated segments have in common: {'; '.join(common)}."
    if len(repeats.spurious):
        summary += f" Another {count(len(repeats.spurious), 'repeat')} was not needed: the data had been acknowledged."
    rows = copy_rows(repeats, stuck) if stuck and stall_s >= STALL.value else []
    shown = [frame(subject.point, int(s.row[place]), "sent again") for place in repeats.real[: 12 - len(rows)].tolist()]
    return finding(
        case,
        repeats,
        Severity.WARNING,
        (f"{way(subject)}: {repeats.share:.1%} of the data segments sent again ({len(repeats.real):,})", summary),
        [*rows, *(row for row in shown if row.frame not in {known.frame for known in rows})],
        {"longest_stall_s": round(stall_s, 3)},
    )


def spurious_finding(case: Case, repeats: Repeats) -> Finding:
    """The finding on repeats of data that had been acknowledged."""
    subject, s, again = repeats.subject, repeats.segments, repeats.spurious
    rows = []
    for place in again[:6].tolist():
        acks = np.flatnonzero(~s.mine & (s.ack >= s.end[place]) & (np.arange(len(s)) < place))[:1]
        rows.append(frame(subject.point, int(s.row[place]), "sent again although it had been acknowledged"))
        rows += [frame(subject.point, int(s.row[ack]), "the ACK") for ack in acks.tolist()]
    summary = (
        f"{subject.endpoint} sent {len(again):,} of {count(len(repeats.sent), 'data segment')} again although this capture holds the ACKs of "
        f"{subject.peer_endpoint} for them. Either the ACKs are lost or late between this capture point and {subject.address}, or its "
        "retransmission timer is too short for this path. The data itself arrives."
    )
    return finding(
        case,
        repeats,
        Severity.WARNING,
        (f"{way(subject)}: {count(len(again), 'segment')} sent again after they were acknowledged", summary),
        rows,
        {"spurious_share": round(len(again) / max(1, len(repeats.sent)), 4)},
    )


def way(subject: Subject) -> str:
    """From whom to whom."""
    return f"{subject.endpoint} → {subject.peer_endpoint}"


def finding(
    case: Case,
    repeats: Repeats,
    severity: Severity,
    text: tuple[str, str],
    rows: list[Evidence],
    facts: dict[str, Any],
) -> Finding:
    """What all findings on repeated data have in common; `text` is title and summary."""
    subject = repeats.subject
    kind = "never" if severity is Severity.ERROR else "spurious" if "spurious_share" in facts else "loss"
    return Finding(
        RULE,
        severity,
        Confidence.HIGH if repeats.acknowledged_to >= 0 else Confidence.MEDIUM,
        *text,
        rows,
        where=f"between {subject.endpoint} and {subject.peer_endpoint}",
        toward=subject.peer_role,
        talk=subject.label(case),
        facts=facts | base_facts(repeats),
        fix=[
            (
                f"Capture at {subject.peer_address} at the same time and compare with wireproof: it says whether the segments or their ACKs are "
                "lost, and between which points."
            ),
            (
                "Look at error and drop counters of the switch ports and at duplex settings on the way (`show interfaces`, Windows: "
                "`Get-NetAdapterStatistics`, Linux: `ethtool -S eth0`)."
            ),
            (
                f"On {subject.address} and {subject.peer_address}: update adapter and teaming drivers, and take filter drivers (antivirus, firewall, "
                "VPN) out for a test."
            ),
        ],
        references=["RFC 6298", "RFC 5681 3.2"],
        filters={subject.point.name: f"{display_filter(subject.talk)} && tcp.analysis.retransmission"},
        cause=(kind, subject.talk.server_endpoint, subject.peer_role),
        conversations=[(subject.point.name, subject.number)],
    )


def handshake_finding(case: Case, subject: Subject) -> Finding:
    """The finding on SYN/ACKs that do not reach the client."""
    s = Segments(subject)
    answers, asks = np.flatnonzero(s.mine & s.has(SYN)), np.flatnonzero(~s.mine & s.has(SYN))
    rows = [frame(subject.point, int(s.row[place]), "SYN/ACK, not acknowledged") for place in answers[:5].tolist()]
    rows += [
        frame(subject.point, int(s.row[place]), "the client asks again: it has not seen the SYN/ACK")
        for place in asks[1:4].tolist()
    ]
    return Finding(
        RULE,
        Severity.ERROR,
        Confidence.HIGH,
        f"SYN/ACKs of {subject.endpoint} do not reach the client ({len(answers)} copies)",
        f"{subject.endpoint} answered {subject.peer_endpoint} with SYN/ACK {len(answers)} times, but the client never acknowledged it and repeated "
        f"its SYN {len(asks) - 1} times: it has not received the answer. The way from the server to the client is broken.",
        rows,
        where=f"between {subject.endpoint} and {subject.peer_endpoint}",
        toward=subject.peer_role,
        talk=subject.label(case),
        facts={"syn_acks": len(answers), "syns": len(asks), "span_s": round(float(s.time_s[-1]), 3)},
        fix=[
            f"Check the route from {subject.address} back to {subject.peer_address}: default gateway, asymmetric paths through a stateful firewall.",
            f"Capture at {subject.peer_address} at the same time to see whether the SYN/ACK arrives there.",
        ],
        references=["RFC 9293 3.5", "RFC 6298"],
        filters={subject.point.name: display_filter(subject.talk)},
        cause=("handshake", subject.endpoint, subject.peer_address),
        conversations=[(subject.point.name, subject.number)],
    )


def where_lost(repeats: Repeats) -> Undecided:
    """What one capture can't tell."""
    subject = repeats.subject
    return Undecided(
        RULE,
        f"whether the data from {subject.endpoint} is lost on the way to {subject.peer_endpoint}, dropped by its host, or acknowledged with ACKs "
        "that are lost on the way back: this capture shows one place only",
        f"capture at {subject.peer_address} at the same time",
    )

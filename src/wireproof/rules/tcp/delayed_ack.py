r"""One side waits for an acknowledgment before it sends on, and the other side delays that acknowledgment: Nagle against delayed ACK.

## What is seen
A host sends a small segment and holds the rest of its message back until the first part is acknowledged (Nagle's algorithm). Its peer has
nothing to say and acknowledges only when its delayed-ACK timer runs out, after 40 to 500 ms. At that moment the rest follows at once. The
finding names who delays and who waits, how often, the typical delay, and the time that it cost in all.

## Why it matters
Both algorithms are right by themselves; together they add a constant delay to every transaction in which a program writes twice before it
reads. Thousands of transactions a day make hours, while neither host nor network is busy.

## Fix
Best in the program that waits: write header and body in one call, or set TCP_NODELAY. Where the program can't be changed: let the other
host acknowledge at once. Windows: TcpAckFrequency=1 (REG_DWORD) under
HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{GUID} of the interface, then restart. Linux: socket option
TCP_QUICKACK, or `ip route change … quickack 1`.

## Looks alike but is not
Delayed ACKs for which nobody waits: the next data comes when the program has some, not when the ACK arrives. A path whose round trip
alone takes as long. Request and answer: there data acknowledges, not an empty segment. A closed window (`tcp-zero-window`).

## References
RFC 1122 section 4.2.3.2 and RFC 9293 section 3.8.6.3 (delayed ACK, less than 0.5 s); RFC 896 and RFC 9293 section 3.7.4 (Nagle);
Microsoft KB 328890 (TcpAckFrequency, default 2), KB 823764 (two writes before a read). That 40 ms points to Linux, 100 ms to Solaris
and 200 ms to Windows or BSD is experience, not a standard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.messages.vantage import SMALLEST_SENT
from wireproof.rules.evidence import count, display_filter, frame, seconds
from wireproof.rules.segments import ACK, FIN, RST, SYN, Segments
from wireproof.rules.subjects import Mask, Subject, sides, subjects

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "tcp-delayed-ack"
SEVERITY = Severity.WARNING
DELAY = limit(
    "tcp-delayed-ack.delay_s",
    0.03,
    "the shortest delayed-ACK timer in common use is 40 ms, which captures show as 38 to 40",
)
LONGEST = limit(
    "tcp-delayed-ack.longest_s",
    0.6,
    "an ACK must not be delayed by 0.5 s or more (RFC 9293 section 3.8.6.3); the rest is path",
)
STALLS = limit(
    "tcp-delayed-ack.stalls",
    3,
    "once or twice may be chance, unless the waiting host delays its own ACKs of the requests too",
)
RELEASE = limit(
    "tcp-delayed-ack.release_s",
    0.01,
    "what a stack holds back leaves at once when the ACK arrives; a program's own pauses scatter",
)
FOLLOWS = limit(
    "tcp-delayed-ack.release_share",
    0.75,
    "a release that takes as long as the delay itself is a round trip, not a wait for the ACK",
)
NOTABLE = limit("tcp-delayed-ack.total_s", 1.0, "below a second in all nobody is hurt; it is still worth knowing")
SHARE = limit("tcp-delayed-ack.share", 0.25, "of late ACKs that release data; with fewer the data came by chance")
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Stalls:
    """The stalls of one conversation, arrays of one entry each: places of the first part, the ACK and the rest in `segments`."""

    subject: Subject
    segments: Segments
    first: NDArray[np.int64]
    ack: NDArray[np.int64]
    rest: NDArray[np.int64]
    path_s: float | None
    """Round trip between capture point and the delaying host; None when the capture can't tell."""

    @property
    def delays_s(self) -> NDArray[np.float64]:
        """How long the delaying host held each ACK back."""
        return held_back_s(self.segments, self.first, self.ack, self.path_s or 0.0)

    def before_s(self) -> NDArray[np.float64]:
        """How long the waiting host itself had delayed its ACK of the request before each stall; entries where it did."""
        s, found = self.segments, []
        for first in self.first.tolist():
            asked = np.flatnonzero(~s.mine[:first] & s.data[:first])[-1:]
            if not len(asked) or first - asked[0] != 2 or s.data[first - 1] or not s.mine[first - 1]:
                continue
            waited = float(s.time_s[first - 1] - s.time_s[asked[0]])
            if waited >= DELAY.value and s.time_s[first] - s.time_s[first - 1] <= RELEASE.value:
                found.append(waited)
        return np.asarray(found)


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a pair of hosts and service; open questions where the round trip is unknown."""
    found: dict[tuple[str, str, int], list[Stalls]] = defaultdict(list)
    for subject in subjects(case, select, "rtt_sum_ns", near_peer=True):
        stalls = find_stalls(subject)
        if stalls is not None:
            found[subject.peer_address, subject.address, int(subject.talk.server["port"])].append(stalls)
    for group in found.values():
        known = [stalls for stalls in group if stalls.path_s is not None]
        yield finding(case, known) if known else unknown_path(group[0])


def select(point: Point) -> Mask:
    """Sides that sent several segments of which some were acknowledged late while nobody spoke."""
    paused = point.conversations.facts["idle_max_ns"] >= DELAY.value * 1e9
    late = sides(point, "held_ack_max_ns") >= DELAY.value * 1e9
    return np.asarray(paused[:, None] & late & (sides(point, "data_packets") >= 2))


def find_stalls(subject: Subject) -> Stalls | None:
    """The stalls in which this side waited; None when there are too few of them, or other reasons explain them."""
    s = Segments(subject)
    path_s = path_round_trip_s(subject, s)
    late, first = late_acks(subject, s, path_s or 0.0)
    rest = following_data(s, late)
    held = (rest >= 0) & s.mine[rest] & (s.start[rest] == s.end[first]) & is_small(subject, s, first, rest)
    if not held.any():
        return None
    release = s.time_s[rest] - s.time_s[late]
    shortest = release[held].min()
    held &= release <= shortest * 1.25 + RELEASE.value
    if not held.any():
        return None  # times that run backward
    stalls = Stalls(subject, s, first[held], late[held], rest[held], path_s)
    by_chance = held.sum() < SHARE.value * len(late) or (
        held.sum() < STALLS.value and not (shortest < 0.005 and len(stalls.before_s()))
    )
    is_path = shortest >= FOLLOWS.value * float(np.median(stalls.delays_s))
    return None if by_chance or is_path else stalls


def late_acks(subject: Subject, s: Segments, path_s: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Empty ACKs of the other side that came late, and the segments they acknowledge, with nothing said in between."""
    acked_row = subject.point.packets.acks_row[s.row].astype(np.int64) - 1
    plain = ~s.mine & ~s.data & s.has(ACK) & ~s.has(SYN | FIN | RST) & ~s.marked("keep_alive_ack", "duplicate_ack")
    late = np.flatnonzero(plain & (acked_row >= 0))
    first = np.searchsorted(s.row, acked_row[late])
    waited = held_back_s(s, first, late, path_s)
    said = np.cumsum(s.data)
    alone = said[late] == said[first]
    fits = alone & s.data[first] & (waited >= DELAY.value) & (waited <= LONGEST.value)
    return late[fits], first[fits]


def held_back_s(s: Segments, first: NDArray[np.int64], ack: NDArray[np.int64], path_s: float) -> NDArray[np.float64]:
    """Seconds for which each ACK was held back: since the segment (without the path), and since the other side's packet before.

    ACKs that follow one another at the pace of a slow link are not held back.
    """
    theirs = np.flatnonzero(~s.mine)
    before = theirs[np.maximum(np.searchsorted(theirs, ack) - 1, 0)]
    since_other = np.where(before < ack, s.time_s[ack] - s.time_s[before], np.inf)
    return np.asarray(np.minimum(s.time_s[ack] - s.time_s[first] - path_s, since_other))


def following_data(s: Segments, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The next data segment of either side after each place; -1 for none."""
    data = np.flatnonzero(s.data)
    following = np.searchsorted(data, places, side="right")
    return np.where(following < len(data), data[np.minimum(following, len(data) - 1)], -1)


def is_small(subject: Subject, s: Segments, first: NDArray[np.int64], rest: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Nagle's algorithm holds back only segments below full size: the rest, or the part before it, is one."""
    full = int(subject.other["mss"]) or max(1460, int(subject.mine["max_payload"]))
    return np.asarray((s.length[rest] < 0.9 * full) | (s.length[first] < 0.9 * full))


def path_round_trip_s(subject: Subject, s: Segments) -> float | None:
    """Shortest round trip between the capture point and the side that acknowledges; None when nothing tells it.

    From the handshake or from quick answers; else 0 when that side's time to live shows that no router stands between.
    """
    known: list[float] = []
    client, server = subject.talk.client, subject.talk.server
    if client["syn_row"] and server["syn_row"] and server["syn_ns"] >= client["syn_ns"]:
        to_server = int(server["syn_ns"] - client["syn_ns"])
        known.append((to_server if subject.is_client else int(subject.facts["handshake_ns"]) - to_server) / 1e9)
    turns = np.flatnonzero(s.mine[:-1] & s.data[:-1] & ~s.mine[1:] & s.has(ACK)[1:])
    quickest = float((s.time_s[turns + 1] - s.time_s[turns]).min()) if len(turns) else LONGEST.value
    if quickest < DELAY.value:
        known.append(quickest)
    usable = [value for value in known if value >= 0]
    if not usable and starts_here(subject):
        return 0.0
    return min(usable, default=None)


def starts_here(subject: Subject) -> bool:
    """Whether no router stands between the capture and the other side: its packets have a TTL that systems start with.

    A listing leaves the TTL out. There, frames shorter than Ethernet allows beside padded ones of this side were captured where they were
    sent.
    """
    packets, capture = subject.point.packets, subject.point.capture
    if capture.carries("ttl"):
        return int(subject.other["ttl_min"]) == int(subject.other["ttl_max"]) in {64, 128, 255}
    rows = subject.segments
    sizes, mine = packets.original[rows], packets.direction[rows] == subject.side
    padded = mine & (sizes == SMALLEST_SENT) & (packets.payload_at[rows] + packets.length[rows] < SMALLEST_SENT)
    bare = sizes < SMALLEST_SENT
    return capture.carries("length") and bool(padded.any() and (bare & ~mine).any()) and not bool((bare & mine).any())


def total_s(group: list[Stalls]) -> float:
    """Time that all stalls cost."""
    return float(sum(stalls.delays_s.sum() for stalls in group))


def sizes(group: list[Stalls]) -> tuple[int, int]:
    """The most frequent sizes of the first part and of what follows the ACK."""
    pairs = [
        (int(st.segments.length[a]), int(st.segments.length[b]))
        for st in group
        for a, b in zip(st.first, st.rest, strict=True)
    ]
    return max(set(pairs), key=lambda pair: (pairs.count(pair), pair))


def rows(group: list[Stalls]) -> list[Evidence]:
    """The stalls with the shortest delays, three frames each: what even the best case costs."""
    found: list[Evidence] = []
    stalls = max(group, key=lambda stalls: len(stalls.first))
    s, point = stalls.segments, stalls.subject.point
    order = np.argsort(s.time_ns[stalls.ack] - s.time_ns[stalls.first], kind="stable")[:SHOWN]
    for turn in sorted(order.tolist()):
        first, ack, rest = (int(places[turn]) for places in (stalls.first, stalls.ack, stalls.rest))
        found.append(
            frame(point, int(s.row[first]), f"{count(int(s.length[first]), 'byte')}; the rest waits for its ACK")
        )
        found.append(
            frame(point, int(s.row[ack]), f"empty ACK, only after {seconds(float(s.time_s[ack] - s.time_s[first]))}")
        )
        after = seconds(float(s.time_s[rest] - s.time_s[ack]))
        found.append(
            frame(point, int(s.row[rest]), f"the rest, {count(int(s.length[rest]), 'byte')}, {after} after the ACK")
        )
    return found


def timer_hint(delay_s: float) -> str:
    """Whose timer a delay looks like."""
    for low, high, name in (
        (0.03, 0.06, "Linux (40 ms)"),
        (0.09, 0.115, "Solaris (100 ms)"),
        (0.15, 0.26, "Windows or BSD (200 ms)"),
    ):
        if low <= delay_s <= high:
            return name
    return ""


def figures(group: list[Stalls]) -> dict[str, Any]:
    """Figures over all conversations of the pair."""
    delays = np.concatenate([stalls.delays_s for stalls in group])
    before = np.concatenate([stalls.before_s() for stalls in group])
    first, rest = sizes(group)
    return {
        "delays_ack": group[0].subject.peer_address,
        "waits": group[0].subject.address,
        "count": len(group),
        "stalls": len(delays),
        "delayed_ack_ms": round(float(np.median(delays)) * 1e3, 1),
        "shortest_ms": round(float(delays.min()) * 1e3, 1),
        "longest_ms": round(float(delays.max()) * 1e3, 1),
        "total_s": round(total_s(group), 3),
        "first_write_bytes": first,
        "second_write_bytes": rest,
        "request_ack_delays": len(before),
        "request_ack_delay_ms": round(float(np.median(before)) * 1e3, 1) if len(before) else 0.0,
        "total_with_request_delays_s": round(total_s(group) + float(before.sum()), 3),
        "timer": timer_hint(float(np.median(delays))),
    }


def confidence(stalls: int) -> Confidence:
    """More stalls leave less room for chance."""
    return (
        Confidence.HIGH
        if stalls >= 2 * STALLS.value
        else Confidence.MEDIUM
        if stalls >= STALLS.value
        else Confidence.LOW
    )


def finding(case: Case, group: list[Stalls]) -> Finding:
    """The finding on one pair of hosts."""
    subject, facts = group[0].subject, figures(group)
    delays, waits = subject.peer_address, subject.address
    summary = (
        f"{waits} sends its messages in parts (mostly {facts['first_write_bytes']} then {facts['second_write_bytes']} bytes) and waits for the "
        f"acknowledgment of the first part before it sends the rest; {delays} delays that acknowledgment by {facts['delayed_ack_ms']:.0f} ms. "
        f"This happened {facts['stalls']:,} times and cost {seconds(facts['total_s'])} in all."
    )
    if facts["request_ack_delays"]:
        summary += (
            f" In {facts['request_ack_delays']:,} of these transactions {waits} had itself acknowledged the request only after "
            f"{facts['request_ack_delay_ms']:.0f} ms and answered right then: {seconds(facts['total_with_request_delays_s'])} in all, "
            f"{facts['total_with_request_delays_s'] / facts['stalls'] * 1e3:.0f} ms a transaction."
        )
    if facts["timer"]:
        summary += f" The delay fits the timer of {facts['timer']}."
    return Finding(
        RULE,
        SEVERITY if facts["total_s"] >= NOTABLE.value else Severity.INFO,
        confidence(facts["stalls"]),
        f"{waits} waits for ACKs that {delays} delays by {facts['delayed_ack_ms']:.0f} ms: {facts['stalls']:,} stalls, {seconds(facts['total_s'])} lost",
        summary,
        rows(group),
        where=f"at {delays} (delays ACKs) and {waits} (waits for them)",
        toward=subject.peer_role,
        talk=subject.label(case),
        facts=facts,
        fix=[
            (
                f"On {waits}, in the program on port {int(subject.mine['port'])}: write each message with one call (buffer, writev, WSASend with several "
                "buffers), or set the socket option TCP_NODELAY."
            ),
            (
                f"Or on {delays}, if it is Windows: set TcpAckFrequency=1 (REG_DWORD) under "
                r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{GUID} of the interface with this address, then restart (KB 328890)."
            ),
            f"Or on {delays}, if it is Linux: set TCP_QUICKACK on the socket after each read, or `ip route change <route> quickack 1`.",
        ],
        references=["RFC 9293 3.8.6.3", "RFC 1122 4.2.3.2", "RFC 896", "RFC 9293 3.7.4", "KB 328890", "KB 823764"],
        filters={stalls.subject.point.name: display_filter(stalls.subject.talk) for stalls in group[:1]},
        cause=(delays, waits, str(int(subject.talk.server["port"]))),
        conversations=[(stalls.subject.point.name, stalls.subject.number) for stalls in group],
    )


def unknown_path(stalls: Stalls) -> Undecided:
    """What a capture without handshake and without quick answers can't tell."""
    subject = stalls.subject
    return Undecided(
        RULE,
        f"whether {subject.peer_endpoint} delays its ACKs or the path takes that long: {subject.endpoint} waited {len(stalls.first)} times for an ACK of "
        f"about {seconds(float(np.median(stalls.delays_s)))}, but nothing in this capture tells the round-trip time",
        f"capture at {subject.peer_address}, from before the connection is opened",
    )

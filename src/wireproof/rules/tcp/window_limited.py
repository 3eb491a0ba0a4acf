"""A bulk transfer is as slow as the receive window allows over this round trip.

## What is seen
One side sends a lot, most of the time with as many unacknowledged bytes under way as the other side's receive window allows, over a path with a
notable round-trip time. The throughput is window divided by round trip, whatever the bandwidth. Where one side did not offer window scaling,
the window cannot grow beyond 65,535 bytes, and the finding says which side that was.

## Why it matters
64 KB over 100 ms are 5 Mbit/s, also on a 10 Gbit/s link. More bandwidth changes nothing.

## Fix
Let the receiver announce a larger window. Windows: `netsh interface tcp show global` should say autotuninglevel=normal; look for programs that
fix SO_RCVBUF. Linux: the third value of `net.ipv4.tcp_rmem`. Without window scaling in one of the SYNs: switch it on there
(`net.ipv4.tcp_window_scaling=1`), or find the device that strips the option.

## Looks alike but is not
A closed window, where the program does not read (`tcp-zero-window`). A transfer limited by losses (`tcp-retransmission`) or by the sender, whose
bytes under way stay well below the window. Captures at the receiver, which never show bytes under way: capture at the sender.

## References
RFC 7323 section 2 (window scaling) and section 1.1 (bandwidth-delay product); RFC 9293 section 3.8.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import display_filter, frame, seconds, stored
from wireproof.rules.segments import Segments
from wireproof.rules.subjects import Mask, Subject, sides, subjects

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "tcp-window-limited"
SEVERITY = Severity.WARNING
BULK = limit("tcp-window-limited.bytes", 300_000, "several windows' worth; shorter transfers are ruled by slow start")
ROUND_TRIP = limit("tcp-window-limited.rtt_s", 0.02, "within 20 ms even a window of 64 KB carries 26 Mbit/s")
FULL = limit(
    "tcp-window-limited.full_share", 0.5, "of the data segments; most of the transfer has to be held back by the window"
)
NEAR = limit(
    "tcp-window-limited.near_share", 0.85, "of the window in use: a sender leaves up to two segments of it unused"
)
SLOW = limit(
    "tcp-window-limited.warn_s", 0.05, "from 50 ms on the loss against the bandwidth is large on every link in use"
)


def judge(case: Case) -> Iterator[Finding]:
    """One finding a sender and conversation; those between two hosts fold."""
    for subject in subjects(case, select, "payload_bytes"):
        round_trip_s = float(subject.mine["rtt_min_ns"]) / 1e9
        segments = Segments(subject)
        full = near_full(segments)
        if full.any() and full.mean() >= FULL.value and uses_all(subject, segments, round_trip_s):
            yield finding(case, subject, segments, full)


def select(point: Point) -> Mask:
    """Sides that sent much over a notable round trip, with nearly a whole window of the other side under way."""
    chosen = (sides(point, "payload_bytes") >= BULK.value) & point.capture.carries("window")
    numbers, senders = np.nonzero(chosen)
    facts = point.conversations.facts["sides"]
    mine, other = facts[numbers, senders], facts[numbers, 1 - senders]
    slow = (mine["rtt_count"] > 5) & (mine["rtt_min_ns"] >= ROUND_TRIP.value * 1e9)
    used = (other["window_max"] > 0) & (mine["in_flight_max"] >= NEAR.value * other["window_max"])
    # A SYN whose options a listing does not print whole may have offered to scale.
    least = -2 if point.capture.carries("options") else 0
    chosen[numbers, senders] = (
        slow & used & (other["window_scale"] >= least) & (other["window_scale"] != -1) & (other["zero_windows"] == 0)
    )
    return np.asarray(chosen)


def near_full(s: Segments) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Of each data segment of this side: whether it nearly fills the window that the other side announced last."""
    announced = s.scaled_window()
    theirs = np.flatnonzero(~s.mine & (announced >= 0))
    sent = np.flatnonzero(s.mine & s.data)
    last = np.searchsorted(theirs, sent) - 1
    usable = sent[last >= 0]
    window = announced[theirs[last[last >= 0]]]
    under_way = s.subject.point.packets.in_flight[s.row[usable]]
    return np.asarray(
        (window > 0)
        & (under_way >= np.minimum(NEAR.value * window, window - 2.0 * s.length[usable]))
        & (under_way >= 0.6 * window)
    )


def rates(subject: Subject, s: Segments, round_trip_s: float) -> tuple[float, float]:
    """Bytes per second that were reached while data flowed, and that window and round trip allow."""
    sent = np.flatnonzero(s.mine & s.data)
    times = s.time_s[sent]
    steps = np.diff(times)
    flowing = float(steps[steps < 3 * round_trip_s + 0.01].sum())
    return int(subject.mine["payload_bytes"]) / max(flowing, 1e-6), int(subject.other["window_max"]) / round_trip_s


def uses_all(subject: Subject, s: Segments, round_trip_s: float) -> bool:
    """Whether the throughput is what window and round trip allow, as a check of the other figures."""
    reached, possible = rates(subject, s, round_trip_s)
    return 0.4 * possible <= reached <= 1.6 * possible


def unscaled_by(subject: Subject) -> str:
    """Endpoint that did not offer window scaling in its SYN; "" when both did or a SYN is missing."""
    for side, endpoint in ((subject.other, subject.peer_endpoint), (subject.mine, subject.endpoint)):
        if side["syn_row"] and not int(side["syn_options"]) & 2:
            return endpoint
    return ""


def rows(subject: Subject, s: Segments) -> list[Evidence]:
    """Both SYNs, and segments that fill the window."""
    found = []
    for side in (subject.other, subject.mine):
        offer = "offers window scaling" if int(side["syn_options"]) & 2 else "does not offer window scaling"
        found += stored(subject.point, int(side["syn_row"]), f"its SYN {offer}")
    full = np.flatnonzero(s.mine & s.marked("window_full"))
    flight = subject.point.packets.in_flight[s.row]
    places = full if len(full) else np.argsort(-flight.astype(np.int64), kind="stable")
    return found + [
        frame(subject.point, int(s.row[p]), f"{int(flight[p]):,} bytes under way: the window is used up")
        for p in places[:6].tolist()
    ]


def finding(case: Case, subject: Subject, s: Segments, full: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Finding:
    """The finding on one transfer."""
    round_trip_s = float(subject.mine["rtt_min_ns"]) / 1e9
    reached, possible = rates(subject, s, round_trip_s)
    window, unscaled = int(subject.other["window_max"]), unscaled_by(subject)
    summary = (
        f"{subject.endpoint} sent {int(subject.mine['payload_bytes']) / 1e6:.1f} MB to {subject.peer_endpoint} and had the whole receive window of "
        f"{window:,} bytes under way in {full.mean():.0%} of its segments. Over a round trip of {seconds(round_trip_s)} this window allows "
        f"{possible * 8 / 1e6:.3g} Mbit/s at most; {reached * 8 / 1e6:.3g} Mbit/s were reached."
    )
    if unscaled:
        summary += f" {unscaled} did not offer window scaling in its SYN, so no window of this connection can exceed 65,535 bytes."
    return Finding(
        RULE,
        SEVERITY if unscaled or round_trip_s >= SLOW.value else Severity.INFO,
        Confidence.HIGH,
        f"{subject.endpoint} → {subject.peer_endpoint}: limited to {possible * 8 / 1e6:.3g} Mbit/s by a window of {window:,} bytes "
        f"over {seconds(round_trip_s)}",
        summary,
        rows(subject, s),
        where=f"at {subject.peer_address} (its receive window)"
        if not unscaled
        else f"at {unscaled} (no window scaling)",
        toward=subject.peer_role,
        talk=subject.label(case),
        facts={
            "window_bytes": window,
            "rtt_ms": round(round_trip_s * 1e3, 3),
            "possible_bytes_per_s": round(possible),
            "reached_bytes_per_s": round(reached),
            "sent_bytes": int(subject.mine["payload_bytes"]),
            "window_full_share": round(float(full.mean()), 3),
            "without_window_scaling": unscaled,
        },
        fix=[
            (
                f"On {subject.peer_address}, Windows: `netsh interface tcp set global autotuninglevel=normal`; Linux: raise the third value of "
                "`net.ipv4.tcp_rmem`; in programs: do not set SO_RCVBUF."
            ),
            (
                "If a SYN lacks the window scale option: `net.ipv4.tcp_window_scaling=1` on Linux; otherwise look for the device that strips options "
                "(compare captures from both ends)."
            ),
        ],
        references=["RFC 7323 2", "RFC 9293 3.8.6"],
        filters={subject.point.name: f"{display_filter(subject.talk)} && tcp.analysis.bytes_in_flight"},
        cause=(subject.address, subject.peer_address),
        conversations=[(subject.point.name, subject.number)],
    )

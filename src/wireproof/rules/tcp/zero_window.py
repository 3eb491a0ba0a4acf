"""A receiver closed its window and the sender had to stand still.

## What is seen
One side announces a receive window of 0: its buffer is full because the program behind it does not read. The other side has more to send,
which its window probes, a full window before, or the data right after the opening show, and stands still until the window opens again.

## Why it matters
The transfer is as slow as the program that reads. Neither network nor sender can be blamed, and no setting there helps.

## Fix
Look at the program on the side that closed its window: what is it doing while it does not read (CPU, disk, locks, a debugger, a suspended
process, a single thread that waits for something else)? A larger socket buffer only moves the moment.

## Looks alike but is not
A window of 0 in a reset or after the end of a conversation. A window that closes for a moment while nobody waits. A small window that
never closes (`tcp-window-limited`). Scans and broken stacks that send every packet with a window of 0.

## References
RFC 9293 section 3.8.6.1 (zero window probes); RFC 1122 section 4.2.2.17 (a window may stay closed as long as probes are answered).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, frame, seconds
from wireproof.rules.segments import FIN, RST, SYN, Segments
from wireproof.rules.subjects import Mask, Subject, sides, subjects

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "tcp-zero-window"
SEVERITY = Severity.ERROR
STALL = limit(
    "tcp-zero-window.stall_s",
    0.5,
    "less than half a second in all is felt by nobody; senders probe after half a second at the earliest",
)
SHUT = limit(
    "tcp-zero-window.shut_s",
    0.2,
    "shorter closings come with every burst; from here on it is worth an information, even if nobody waits",
)
LONG = limit("tcp-zero-window.long_s", 5.0, "after five seconds of standstill programs and users begin to give up")


@dataclass(frozen=True, slots=True)
class Closed:
    """One time in which the window was closed: places of the announcement and of the opening (-1: it never opened).

    `waited_for` says whether the other side had something to send meanwhile.
    """

    shut: int
    opened: int
    held_s: float
    probes: tuple[int, ...]
    waited_for: bool


def judge(case: Case) -> Iterator[Finding]:
    """One finding a receiver and conversation; those of one host and service fold."""
    for subject in subjects(case, select, "zero_windows"):
        segments = Segments(subject)
        closed = closed_times(segments)
        if sum(time.held_s for time in closed) >= SHUT.value:
            yield finding(case, subject, segments, closed)


def select(point: Point) -> Mask:
    """Sides that announced a closed window and an open one before or after it."""
    return np.asarray(
        (sides(point, "zero_windows") > 0)
        & (sides(point, "window_max") > 0)
        & (sides(point, "data_packets")[:, ::-1] > 0)
    )


def closed_times(s: Segments) -> list[Closed]:
    """Times in which this side's window was closed."""
    told = np.flatnonzero(s.mine & ~s.has(RST | SYN))
    shut = s.window[told] == 0
    found, at = [], 0
    while at < len(told):
        if not shut[at]:
            at += 1
            continue
        after = at
        while after < len(told) and shut[after]:
            after += 1
        found += closed_time(s, int(told[at]), int(told[after]) if after < len(told) else -1)
        at = after
    return found


def closed_time(s: Segments, shut: int, opened: int) -> list[Closed]:
    """The time between two places; none at the end of a conversation, or at that of a capture when nobody waits."""
    until = opened if opened >= 0 else len(s) - 1
    if s.has(FIN | RST)[: shut + 1].any():
        return []
    between = np.arange(shut + 1, until + 1)
    theirs = between[~s.mine[between]]
    probes = theirs[s.marked("zero_window_probe", "keep_alive", "retransmission")[theirs]]
    filled = s.marked("window_full")[: shut + 1][~s.mine[: shut + 1]][-1:].any()
    resumed = False
    if opened >= 0:
        later = np.flatnonzero(~s.mine[opened:] & s.data[opened:])[:1] + opened
        resumed = bool(len(later) and s.time_s[later[0]] - s.time_s[opened] < 0.5)
    held_s = float(s.time_s[until] - s.time_s[shut])
    waited_for = bool(len(probes) or (filled and resumed) or (resumed and held_s >= STALL.value))
    return [Closed(shut, opened, held_s, tuple(probes.tolist()), waited_for)] if opened >= 0 or waited_for else []


def rows(subject: Subject, s: Segments, closed: list[Closed]) -> list[Evidence]:
    """The longest closed times: closing, probes, opening."""
    found: list[Evidence] = []
    for time in sorted(closed, key=lambda time: -time.held_s)[:3]:
        found.append(frame(subject.point, int(s.row[time.shut]), "announces a receive window of 0"))
        found += [
            frame(subject.point, int(s.row[place]), "the sender asks whether the window is open again")
            for place in time.probes[:2]
        ]
        if time.opened >= 0:
            found.append(
                frame(subject.point, int(s.row[time.opened]), f"window open again after {seconds(time.held_s)}")
            )
    return found


def severity(closed: list[Closed]) -> Severity:
    """An error when the sender stood still for long or for good, info when nobody can be shown to wait."""
    waited = [time.held_s for time in closed if time.waited_for]
    if sum(waited) < STALL.value:
        return Severity.INFO
    return SEVERITY if max(waited) >= LONG.value else Severity.WARNING


def describe(subject: Subject, closed: list[Closed]) -> str:
    """What happened, in words."""
    total, longest = sum(time.held_s for time in closed), max(time.held_s for time in closed)
    probes = sum(len(time.probes) for time in closed)
    text = f"{subject.endpoint} closed its receive window {count(len(closed), 'time')}, for {seconds(total)} in all (longest {seconds(longest)}). "
    if severity(closed) is Severity.INFO:
        return text + f"Nothing shows that {subject.peer_endpoint} had more to send meanwhile."
    text += f"{subject.peer_endpoint} had to stand still and asked {count(probes, 'time')} whether it may go on. "
    text += f"The program on {subject.address} does not read what it is sent."
    return text if closed[-1].opened >= 0 else text + " The window did not open again in this capture."


def finding(case: Case, subject: Subject, s: Segments, closed: list[Closed]) -> Finding:
    """The finding on one receiver."""
    total, longest = sum(time.held_s for time in closed), max(time.held_s for time in closed)
    forever = closed[-1].opened < 0
    probes = sum(len(time.probes) for time in closed)
    receiver, sender = subject.endpoint, subject.peer_endpoint
    how_bad = severity(closed)
    return Finding(
        RULE,
        how_bad,
        Confidence.HIGH,
        f"{receiver} closed its receive window for {seconds(total)}"
        + ("" if how_bad is Severity.INFO else f": {sender} stood still"),
        describe(subject, closed),
        rows(subject, s, closed),
        where=f"at {receiver} (the receiving program)",
        toward=subject.role,
        talk=subject.label(case),
        facts={
            "receiver": receiver,
            "closed": len(closed),
            "stalled_s": round(total, 3),
            "longest_s": round(longest, 3),
            "probes": probes,
            "zero_windows": int(subject.mine["zero_windows"]),
            "opened_again": not forever,
            "largest_window_bytes": int(subject.mine["window_max"]),
        },
        fix=[
            (
                f"On {subject.address}: find the program (Windows: `netstat -ano | findstr :{int(subject.mine['port'])}`, Linux: `ss -tnp`; a large Recv-Q "
                "there proves the point) and see what it does while it does not read: CPU, disk, locks, paging."
            ),
            "Do not look for it in the network or at the sender: both did what they should.",
        ],
        references=["RFC 9293 3.8.6.1", "RFC 1122 4.2.2.17"],
        filters={
            subject.point.name: f"{display_filter(subject.talk)} && (tcp.window_size==0 || tcp.analysis.window_update)"
        },
        cause=(subject.address, str(int(subject.talk.server["port"])), subject.role),
        conversations=[(subject.point.name, subject.number)],
    )

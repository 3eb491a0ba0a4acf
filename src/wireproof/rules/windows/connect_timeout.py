"""A program's attempt to connect timed out: the trace of its host shows each SYN round and the end of it.

## What is seen
A trace of the TCP/IP stack holds a connection that was requested, sent its SYN again (once per round, each after twice the time), and
failed with "connect-request timeout expired" or status 0xC00000B5 (STATUS_IO_TIMEOUT). The rule counts the rounds, tells how long the
program waited, and names its process.

## Why it matters
The program sees error 10060 (0x274C, WSAETIMEDOUT) and reports a failure of its own words much later. The trace ties that failure to one
connection, one process and one moment, also where no capture was taken.

## Fix
Nothing is wrong at this host: its SYNs got no answer that reached it. Capture at the peer, and see whether the SYNs arrive and what it
answers (`tcp-syn-unanswered`, `path-loss`, `path-forged-reset` say more where both ends are captured).

## Looks alike but is not
A refused connection (received RST, 0xC0000236). A connection that stood and whose data ran out of retransmissions: that ends with
"retransmission timeout expired" as well, but it was completed before. An attempt that the program cancelled.

## References
RFC 9293 section 3.8.3 (R2 for SYN segments). Windows: TcpInitialRtt 3 s and two repeats up to Windows 8, 1 s and four repeats later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, display_filter, joined, label, seconds, stored
from wireproof.rules.windows._clock import in_time_of
from wireproof.rules.windows._talks import find_talks
from wireproof.rules.windows._traces import Trace, end_text, traces

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.logs.tcpip_trace import TraceEvent

RULE = "windows-connect-timeout"
SEVERITY = Severity.ERROR
LOOKED_AT = 100
SHOWN = 3
TIMED_OUT = ("C00000B5", "IO_TIMEOUT")
TOLD = (
    "connect-requested",
    "syn-sent",
    "connect-retransmitted",
    "connect-timeout",
    "retransmission-timeout",
    "connect-failed",
)
BEGINS = ("connect-requested", "syn-sent")
NOTES = {
    "connect-requested": "a program asks for the connection",
    "syn-sent": "first SYN",
    "connect-retransmitted": "SYN again",
    "connect-timeout": "given up",
    "retransmission-timeout": "given up",
    "connect-failed": "the program is told that it timed out",
}
Endpoint = tuple[str, int]


@dataclass(slots=True)
class Attempt:
    """One connection that never stood: all that its trace says of it, in order."""

    trace: Trace
    local: Endpoint
    remote: Endpoint
    events: list[TraceEvent] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """How many SYNs were sent."""
        repeats = [one for one in self.events if one.kind == "connect-retransmitted"]
        return 1 + max([len(repeats), *(one.count for one in repeats)])

    @property
    def waited_s(self) -> float | None:
        """Seconds from the request to the failure; None where the trace lacks one of them."""
        first = next((one for one in self.events if one.kind in {"connect-requested", "syn-sent"}), None)
        if first is None:
            return None
        last = self.events[-1]
        if first.since_s is not None and last.since_s is not None:
            return last.since_s - first.since_s
        return (last.time_ns - first.time_ns) / 1e9 if first.time_ns and last.time_ns else None

    @property
    def process(self) -> str:
        """`RTCSrv.exe (1504)`, or "" where nobody is named."""
        named = [one for one in self.events if one.pid]
        name = next((one.process for one in named if one.process), "")
        return "" if not named else f"{name} ({named[0].pid})" if name else f"process {named[0].pid}"


def judge(case: Case) -> Iterator[Finding]:
    """One finding a peer that attempts of one host timed out to."""
    groups: dict[tuple[str, Endpoint], list[Attempt]] = defaultdict(list)
    for trace in traces(case):
        for attempt in find_attempts(trace):
            groups[attempt.local[0], attempt.remote].append(attempt)
    for attempts in list(groups.values())[:LOOKED_AT]:
        yield _finding(case, attempts)


def find_attempts(trace: Trace) -> Iterator[Attempt]:
    """The connections of a trace that timed out before they stood."""
    running: dict[tuple[Endpoint, Endpoint], list[TraceEvent]] = {}
    by_tie: dict[str, tuple[Endpoint, Endpoint]] = {}
    done: list[Attempt] = []
    ended: set[tuple[Endpoint, Endpoint]] = set()
    for one in trace.events:
        key = (one.local, one.remote) if one.local and one.remote else by_tie.get(one.tie)
        if key is None or one.kind.endswith("drop"):
            continue
        if one.tie:
            by_tie[one.tie] = key
        if one.kind in BEGINS:
            ended.discard(key)
        if one.kind == "connect-requested":
            running[key] = [one]
        elif key in ended:
            continue  # the stack tells one end several times: that time is up, and what the program is told
        elif one.kind in {"connect-completed", "connect-refused"}:
            running.pop(key, None)
        elif one.kind in TOLD:
            running.setdefault(key, []).append(one)
        if running.get(key) and _timed_out(one):
            done.append(Attempt(trace, *key, running.pop(key)))
            ended.add(key)
    yield from done


def talks_of(case: Case, attempt: Attempt) -> list[tuple[Point, int]]:
    """The attempt in captures: conversations between its ends, without those of another time, to which the ports have come round again."""
    at_ns = next((one.time_ns for one in attempt.events if one.time_ns), 0)
    return [
        (point, number)
        for point, number in find_talks(case, "tcp", attempt.local, attempt.remote)
        if in_time_of(case, attempt.trace.log, at_ns, point, number) is not False
    ]


def _timed_out(one: TraceEvent) -> bool:
    return one.kind == "connect-timeout" or (
        one.kind == "connect-failed" and any(sign in one.status.upper() for sign in TIMED_OUT)
    )


def _finding(case: Case, attempts: list[Attempt]) -> Finding:
    first = attempts[0]
    remote = end_text(first.remote)
    talks = [place for one in attempts[:LOOKED_AT] for place in talks_of(case, one)]
    waits = [one.waited_s for one in attempts if one.waited_s is not None]
    who = first.process
    rounds = max(one.rounds for one in attempts)
    after = f" after {seconds(max(waits))}" if waits else ""
    tried = "once" if len(attempts) == 1 else f"{len(attempts):,} times"
    summary = (
        f"{who or 'A program'} at {first.local[0]} tried {tried} to connect to {remote}, and was told{after} that it timed out: "
        f"{count(rounds, 'SYN')} had brought no answer that the stack took. The status is 0xC00000B5 (STATUS_IO_TIMEOUT), which Winsock "
        "makes 10060 (0x274C)."
    )
    point = talks[0][0] if talks else None
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        f"{who or first.local[0]} could not connect to {remote}: timed out{after}",
        summary,
        [piece for one in attempts[:SHOWN] for piece in [*_lines(one), *_frames(case, one)]],
        where=f"toward {first.remote[0]}",
        toward="server",
        talk=label(point.talk(talks[0][1])) if point else None,
        facts={
            "attempts": len(attempts),
            "count": len(attempts),
            "syns": rounds,
            "waited_s": round(max(waits), 3) if waits else None,
            "process": who,
            "locals": joined(dict.fromkeys(end_text(one.local) for one in attempts)),
        },
        fix=[
            f"Capture at {first.remote[0]} during an attempt: do the SYNs arrive, and what does it answer?",
            f"Look at firewalls and routes between {first.local[0]} and {first.remote[0]}; nothing at this host is wrong.",
        ],
        references=["RFC 9293 3.8.3"],
        filters={point.name: display_filter(point.talk(talks[0][1]))} if point else {},
        cause=(first.local[0], remote, "timed out"),
        conversations=[(place.name, number) for place, number in talks],
    )


def _lines(attempt: Attempt) -> list[Evidence]:
    told = [one for one in attempt.events if one.kind in NOTES]
    kept = told if len(told) <= 8 else [*told[:4], *told[-3:]]
    return [piece for one in kept for piece in attempt.trace.evidence(one, NOTES[one.kind])]


def _frames(case: Case, attempt: Attempt) -> list[Evidence]:
    """The first SYN of the attempt at each point that shows it."""
    return [
        piece
        for point, number in talks_of(case, attempt)
        for piece in stored(point, int(point.talk(number).client["syn_row"]), "first SYN")
    ]

"""TCP keep-alives were not answered: the other end, or the way to it, is gone.

## What is seen
A host sends keep-alives (segments of at most one byte, one below the next sequence number) on an idle connection, several in a row, and nothing
comes back. Usually it gives the connection up with a reset after a fixed number of tries. The finding says how long the connection
had been idle, the interval and number of the keep-alives, and which settings of which system produce them.

## Why it matters
The connection is lost, though neither program has closed it. Programs find out only now: a session that seemed open is dead, and what was
being waited for will not come.

## Fix
Find out why the peer does not answer: host down, address changed, or a firewall or NAT that has forgotten the idle connection. In the last case send
keep-alives more often than its timeout.

## Looks alike but is not
Answered keep-alives, which are healthy. Window probes to a closed window (`tcp-zero-window`). A peer that answers with a reset, because it does not
know the connection any more (`tcp-idle-reset`).

## References
RFC 9293 section 3.8.4 and RFC 1122 section 4.2.3.6 (keep-alives; two hours at least by default). Windows: KeepAliveTime (default 7,200,000 ms),
KeepAliveInterval (1,000 ms), TcpMaxDataRetransmissions (5) on XP and 2003; ten tries, fixed, on Vista / Server 2008 and later. Linux:
tcp_keepalive_time 7200 s, tcp_keepalive_intvl 75 s, tcp_keepalive_probes 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.endpoints import is_one_point
from wireproof.rules.evidence import count, display_filter, frame, seconds
from wireproof.rules.segments import RST, Segments
from wireproof.rules.subjects import Mask, Subject, sides, subjects

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "tcp-keepalive-unanswered"
SEVERITY = Severity.ERROR
TRIES = limit(
    "tcp-keepalive-unanswered.tries", 3, "one or two may be lost; the fewest tries of a system in use are five"
)

SETTINGS: tuple[tuple[str, float, tuple[int, int], tuple[str, ...]], ...] = (
    ("Windows Vista / Server 2008 or later", 1.0, (10, 10), ("KeepAliveTime", "KeepAliveInterval")),
    ("Windows XP / Server 2003", 1.0, (5, 6), ("KeepAliveTime", "KeepAliveInterval", "TcpMaxDataRetransmissions")),
    (
        "Linux",
        75.0,
        (9, 10),
        ("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"),
    ),
    ("BSD or macOS", 75.0, (8, 8), ("net.inet.tcp.keepidle", "net.inet.tcp.keepintvl", "net.inet.tcp.keepcnt")),
)
"""Which system sends how many keep-alives how many seconds apart by default, and the names of the settings."""

ADVICE = (
    (
        r"Windows: KeepAliveTime and KeepAliveInterval (REG_DWORD, milliseconds; defaults 7,200,000 and 1,000) under "
        r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters; the number of tries is 10 and fixed on Vista / Server 2008 and later, "
        "TcpMaxDataRetransmissions (5) before. Programs set SIO_KEEPALIVE_VALS or SO_KEEPALIVE."
    ),
    (
        "Linux: net.ipv4.tcp_keepalive_time (7200 s), net.ipv4.tcp_keepalive_intvl (75 s), net.ipv4.tcp_keepalive_probes (9). "
        "Programs set SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT."
    ),
)


@dataclass(frozen=True, slots=True)
class Series:
    """Keep-alives in a row without answer: places in `segments`; `reset` is the place of the reset that ends them, -1 for none."""

    segments: Segments
    tries: NDArray[np.int64]
    idle_s: float
    reset: int

    @property
    def interval_s(self) -> float:
        """Usual time between two tries."""
        return float(np.median(np.diff(self.segments.time_s[self.tries])))


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a conversation and side; those to one peer and service fold."""
    for subject in subjects(case, select, "keep_alives"):
        series = last_series(subject)
        if series is not None:
            yield finding(case, subject, series)
            if is_one_point(case):
                yield who_is_gone(subject)


def select(point: Point) -> Mask:
    """Sides that sent several keep-alives of which some were not answered as such."""
    sent, answered = sides(point, "keep_alives"), sides(point, "keep_alive_acks")[:, ::-1]
    return np.asarray((sent >= TRIES.value) & (sent.astype(np.int64) - answered >= TRIES.value))


def last_series(subject: Subject) -> Series | None:
    """The keep-alives at the conversation's end that nothing follows but resets of their sender; None when they were answered."""
    s = Segments(subject)
    theirs = np.flatnonzero(~s.mine)
    begin = int(theirs[-1]) + 1 if len(theirs) else 0
    after = np.arange(begin, len(s))
    tries = after[s.marked("keep_alive")[after]]
    if len(tries) < TRIES.value or s.data[after[~np.isin(after, tries)]].any():
        return None
    resets = after[s.has(RST)[after] & (after > tries[-1])]
    before = int(tries[0]) - 1
    idle_s = float(s.time_s[tries[0]] - s.time_s[before]) if before >= 0 else 0.0
    return Series(s, tries, idle_s, int(resets[0]) if len(resets) else -1)


def sender_system(series: Series) -> tuple[str, tuple[str, ...]]:
    """The system whose defaults fit interval and number of the tries, and its settings; ("", ()) for none."""
    for name, interval_s, (fewest, most), settings in SETTINGS:
        if abs(series.interval_s - interval_s) <= 0.1 * interval_s and fewest <= len(series.tries) <= most:
            return name, settings
    return "", ()


def rows(subject: Subject, series: Series) -> list[Evidence]:
    """The tries, the reset, and the last packet of the peer."""
    s, point = series.segments, subject.point
    found = []
    for turn, place in enumerate(series.tries[:10].tolist()):
        after = series.idle_s if not turn else float(s.time_s[place] - s.time_s[series.tries[turn - 1]])
        found.append(
            frame(
                point,
                int(s.row[place]),
                f"keep-alive {turn + 1}, {seconds(after)} after the {'last packet' if not turn else 'one before'}, no answer",
            )
        )
    if series.reset >= 0:
        found.append(frame(point, int(s.row[series.reset]), "gives the connection up: RST"))
    if series.tries[0]:
        found.append(frame(point, int(s.row[series.tries[0] - 1]), "last packet before"))
    return found


def figures(series: Series) -> dict[str, Any]:
    """Interval, number, idle time and what they point to."""
    system, settings = sender_system(series)
    return {
        "keep_alives": len(series.tries),
        "interval_s": round(series.interval_s, 3),
        "idle_s": round(series.idle_s, 3),
        "given_up": series.reset >= 0,
        "system": system,
        "settings": list(settings),
    }


def finding(case: Case, subject: Subject, series: Series) -> Finding:
    """The finding on one conversation."""
    facts = figures(series)
    summary = (
        f"{subject.endpoint} sent {len(series.tries)} keep-alives to {subject.peer_endpoint}, {seconds(series.interval_s)} apart, "
        f"after the connection had been idle for {seconds(series.idle_s)}, and got no answer. "
    )
    summary += (
        f"Then {subject.endpoint} reset the connection."
        if series.reset >= 0
        else "The capture shows no packet of the peer afterwards."
    )
    if facts["system"]:
        summary += (
            f" Number and interval are the defaults of {facts['system']} (settings {', '.join(facts['settings'])})."
        )
    return Finding(
        RULE,
        SEVERITY if series.reset >= 0 else Severity.WARNING,
        Confidence.HIGH,
        f"{subject.peer_endpoint} does not answer {count(len(series.tries), 'keep-alive')} of {subject.endpoint} after {seconds(series.idle_s)} idle",
        summary,
        rows(subject, series),
        where=f"at {subject.peer_address}, or on the way to it",
        toward=subject.peer_role,
        talk=subject.label(case),
        facts=facts,
        fix=[
            f"See whether {subject.peer_address} was up and had its address at that time.",
            (
                "See whether a firewall or NAT on the way forgets idle connections sooner than "
                f"{seconds(series.idle_s)}; if so, raise its timeout, or send keep-alives more often:"
            ),
            *ADVICE,
        ],
        references=["RFC 9293 3.8.4", "RFC 1122 4.2.3.6"],
        filters={
            subject.point.name: f"{display_filter(subject.talk)} && (tcp.analysis.keep_alive || tcp.flags.reset==1)"
        },
        cause=(subject.address, subject.peer_address, str(int(subject.talk.server["port"]))),
        conversations=[(subject.point.name, subject.number)],
    )


def who_is_gone(subject: Subject) -> Undecided:
    """What one capture can't tell."""
    return Undecided(
        RULE,
        f"whether {subject.peer_endpoint} is gone or a device on the way drops the keep-alives of {subject.endpoint} (or their answers)",
        f"capture at {subject.peer_address} while the connection is idle",
    )

"""A server took long to answer a request that it had received: the time went into the application.

## What is seen
The client's request was acknowledged at once, or at least was not lost, and then nothing came for a second or more until the response began. Round-trip
time and repeats are taken off: what is left is the time that the program behind the server's socket needed.

## Why it matters
Neither network nor client can shorten this time. Users see a slow service, and the network is blamed.

## Fix
Look at the server: its program's own log for that moment, the back ends that it asks in turn (database, directory, DNS), CPU, disk, locks, and requests
waiting for a free worker. A capture on the server's other side shows what it was waiting for.

## Looks alike but is not
Long polls and pushed messages, where the server answers when there is news. Servers that speak first. Answers that were late because the request or the
answer was lost on the way (`tcp-retransmission`), because a window was closed (`tcp-zero-window`), or because the path is long (`path-latency`). Users
who think between two answers: that is the client's side.

## References
RFC 9293; RFC 6298 section 2 (round-trip time). That users notice from about one second on is Nielsen's rule of thumb, not a standard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.app._requests import name_request
from wireproof.rules.evidence import count, display_filter, frame, seconds, server_filter
from wireproof.rules.segments import FIN, RST, SYN, Segments
from wireproof.rules.subjects import Mask, Subject, sides, subjects

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "app-slow-response"
SEVERITY = Severity.WARNING
SLOW = limit(
    "app-slow-response.response_s",
    0.75,
    "users notice about a second; with the path's share that is where three quarters of it are the server's",
)
NEWS = limit(
    "app-slow-response.poll_s",
    30.0,
    "who answers later than half a minute waits for news (long poll, idle session); programs give up before",
)
OFTEN = limit("app-slow-response.turns", 3, "a single slow answer may have any cause; three to one service are a habit")
ACKED = limit(
    "app-slow-response.ack_s",
    0.6,
    "a host acknowledges within 0.5 s (RFC 9293 section 3.8.6.3); without that the request may have been lost",
)
POLLS = limit(
    "app-slow-response.poll_share", 0.8, "a connection on which nearly every answer takes seconds waits for news"
)
POLL_TIME = limit(
    "app-slow-response.poll_median_s",
    5.0,
    "long polls last seconds to minutes; a slow program seldom needs as long every time",
)
SINGLE = limit("app-slow-response.single_s", 2.0, "one or two slow answers are only worth a word when they took long")
SHARE = limit("app-slow-response.share", 0.1, "of all answers; fewer are exceptions of a service that is quick")
SHOWN = 4

PUSHING_PORTS = frozenset(
    {
        22,
        23,
        143,
        179,
        993,
        1194,
        1883,
        2404,
        3389,
        5060,
        5061,
        5222,
        5223,
        5900,
        5985,
        5986,
        8883,
        *range(6000, 6064),
        *range(6660, 6670),
    }
)
"""Services whose servers speak when there is news or a person does something: terminals and desktops (SSH, Telnet, RDP, VNC, X11), mail that waits
(IMAP), routing, tunnels, messaging (MQTT, XMPP, IRC, SIP), telecontrol (IEC 104), WinRM, whose Receive waits for output."""
PUSHES = np.zeros(65536, dtype=np.bool_)
PUSHES[list(PUSHING_PORTS)] = True


@dataclass(frozen=True, slots=True)
class Slow:
    """The slow turns of one conversation: places of request end, its ACK (-1: only with the answer) and first answer; `think_s` of each."""

    subject: Subject
    segments: Segments
    asked: NDArray[np.int64]
    acked: NDArray[np.int64]
    answered: NDArray[np.int64]
    think_s: NDArray[np.float64]
    turns: int
    round_trip_s: float


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint."""
    found: dict[str, list[Slow]] = defaultdict(list)
    for subject in subjects(case, select, "response_max_ns"):
        slow = slow_turns(subject)
        if slow is not None:
            found[subject.endpoint].append(slow)
    for group in found.values():
        turns, longest_s = sum(len(slow.asked) for slow in group), max(float(slow.think_s.max()) for slow in group)
        if turns >= OFTEN.value or longest_s >= SINGLE.value:
            yield finding(case, group)


def select(point: Point) -> Mask:
    """Servers that once began to answer late, in conversations whose roles are known."""
    facts = point.conversations.facts
    late = sides(point, "response_max_ns") >= SLOW.value * 1e9
    is_server = np.arange(2)[None, :] != facts["client"][:, None]
    known = (facts["client_known"] == 2)[:, None] | (sides(point, "port") < 1024)
    return np.asarray(late & is_server & known & ~PUSHES[sides(point, "port")])


def slow_turns(subject: Subject) -> Slow | None:
    """The turns in which this server was slow; None when there are none, or when it waits for news."""
    s = Segments(subject)
    told = s.data & ~s.marked("retransmission", "out_of_order", "keep_alive", "zero_window_probe") & ~s.has(SYN | RST)
    data = np.flatnonzero(told)
    turned = np.flatnonzero(~s.mine[data[:-1]] & s.mine[data[1:]])
    asked, answered = data[turned], data[turned + 1]
    if not len(asked):
        return None
    round_trip_s = float(subject.other["rtt_min_ns"]) / 1e9 if subject.other["rtt_count"] else 0.0
    think_s = s.time_s[answered] - s.time_s[asked] - round_trip_s
    slow = [
        turn
        for turn in np.flatnonzero(think_s >= SLOW.value).tolist()
        if is_servers_own(s, int(asked[turn]), int(answered[turn]))
    ]
    if not slow or waits_for_news(think_s, slow) or is_paced(s, data, think_s):
        return None
    acked = np.asarray([first_ack(s, int(asked[turn]), int(answered[turn])) for turn in slow], dtype=np.int64)
    turns = len(asked) - quick_handshake_turns(subject, s.row[asked], think_s)
    return Slow(subject, s, asked[slow], acked, answered[slow], think_s[slow], turns, round_trip_s)


def quick_handshake_turns(subject: Subject, rows: NDArray[np.int64], think_s: NDArray[np.float64]) -> int:
    """How many turns belong to a TLS handshake and were answered in time: nobody asked for anything with them."""
    session = subject.point.said.tls_sessions.get(subject.number)
    if session is None or session.application_from < 0:
        return 0
    return int(((rows < session.application_from) & (think_s < SLOW.value)).sum())


def first_ack(s: Segments, asked: int, answered: int) -> int:
    """Place of the server's first empty segment that acknowledges the request; -1 when only the answer does."""
    between = np.arange(asked + 1, answered)
    acks = between[s.mine[between] & (s.ack[between] >= s.end[asked])]
    return int(acks[0]) if len(acks) else -1


def is_servers_own(s: Segments, asked: int, answered: int) -> bool:
    """Whether nothing but the server's program explains the wait: no loss, no closed window, no end, no gap in the capture."""
    between = slice(asked + 1, answered + 1)
    if s.marked(
        "retransmission", "out_of_order", "lost_segment", "ack_lost_segment", "zero_window", "zero_window_probe"
    )[between].any():
        return False
    ended = s.has(SYN | RST)[between].any() or s.has(FIN)[between.start : answered].any()
    if ended or s.marked("keep_alive")[between].any():
        return False
    ack = first_ack(s, asked, answered)
    waited_s = float(s.time_s[ack if ack >= 0 else answered] - s.time_s[asked])
    return waited_s <= ACKED.value + float(s.subject.other["rtt_min_ns"]) / 1e9


def waits_for_news(think_s: NDArray[np.float64], slow: list[int]) -> bool:
    """Whether the waits look like long polls or pushed messages: too long, or nearly all of them long."""
    waits = think_s[slow]
    if waits.max() >= NEWS.value:
        return True
    if len(slow) >= OFTEN.value and waits.std() <= 0.1 * np.median(waits) and np.median(waits) >= POLL_TIME.value:
        return True
    every = len(slow) >= POLLS.value * len(think_s) and len(think_s) >= OFTEN.value
    return every and float(np.median(waits)) >= POLL_TIME.value


def is_paced(s: Segments, data: NDArray[np.int64], think_s: NDArray[np.float64]) -> bool:
    """Whether both sides speak at one pace, each as late as the other: timers or people talk, nobody waits for work to be done."""
    back = np.flatnonzero(s.mine[data[:-1]] & ~s.mine[data[1:]])
    if len(back) < OFTEN.value or len(think_s) < OFTEN.value:
        return False
    theirs, ours = float(np.median(s.time_s[data[back + 1]] - s.time_s[data[back]])), float(np.median(think_s))
    return abs(theirs - ours) <= 0.2 * max(theirs, ours)


def rows(group: list[Slow]) -> list[Evidence]:
    """The slowest turns: request, its ACK, first part of the answer."""
    turns = [(slow, turn) for slow in group for turn in range(len(slow.asked))]
    found: list[Evidence] = []
    for slow, turn in sorted(turns, key=lambda pair: -float(pair[0].think_s[pair[1]]))[:SHOWN]:
        s, point = slow.segments, slow.subject.point
        asked, acked, answered = int(slow.asked[turn]), int(slow.acked[turn]), int(slow.answered[turn])
        found.append(
            frame(
                point,
                int(s.row[answered]),
                f"the answer begins {seconds(float(s.time_s[answered] - s.time_s[asked]))} after the request",
            )
        )
        what = name_request(point, slow.subject.number, int(s.row[asked]))
        about = f": {what}" if what else ""
        found.append(
            frame(point, int(s.row[asked]), f"end of the request, {count(int(s.length[asked]), 'byte')}{about}")
        )
        if acked >= 0:
            found.append(
                frame(
                    point,
                    int(s.row[acked]),
                    f"the server has it: ACK after {seconds(float(s.time_s[acked] - s.time_s[asked]))}",
                )
            )
    return found


def slowest(slow: Slow) -> str:
    """What the slowest request of a conversation was, if its protocol is read."""
    asked = int(slow.asked[int(slow.think_s.argmax())])
    return name_request(slow.subject.point, slow.subject.number, int(slow.segments.row[asked]))


def figures(group: list[Slow]) -> dict[str, Any]:
    """Figures over all conversations with the server."""
    think_s = np.concatenate([slow.think_s for slow in group])
    round_trips = [slow.round_trip_s for slow in group]
    return {
        "count": len(think_s),
        "slow_turns": len(think_s),
        "turns": sum(slow.turns for slow in group),
        "conversations": len(group),
        "longest_s": round(float(think_s.max()), 3),
        "median_s": round(float(np.median(think_s)), 3),
        "total_s": round(float(think_s.sum()), 3),
        "rtt_ms": round(min(round_trips) * 1e3, 3),
        "acknowledged_first": int(sum((slow.acked >= 0).sum() for slow in group)),
    }


def finding(case: Case, group: list[Slow]) -> Finding:
    """The finding on one server endpoint."""
    worst = max(group, key=lambda slow: float(slow.think_s.max()))
    subject, facts = worst.subject, figures(group)
    summary = (
        f"{subject.endpoint} answered {facts['slow_turns']:,} of {count(facts['turns'], 'request')} late in "
        f"{count(len(group), 'conversation')}: the longest took "
        f"{seconds(facts['longest_s'])} beyond the round trip of {seconds(facts['rtt_ms'] / 1e3)}. "
    )
    if facts["acknowledged_first"]:
        every = facts["acknowledged_first"] == facts["slow_turns"]
        cases = f"In {'all' if every else format(facts['acknowledged_first'], ',')} of these cases "
        cases = "" if facts["slow_turns"] == 1 else cases
        summary += f"{cases}{'t' if cases else 'T'}he server acknowledged the request first, so it had it and was still working. "
    what = slowest(worst)
    if what:
        summary += f"The slowest request was `{what}`. "
        facts["request"] = what
    summary += "No packet was lost meanwhile: the time went into the server's program or what it waits for."
    return Finding(
        RULE,
        SEVERITY if facts["slow_turns"] >= max(OFTEN.value, SHARE.value * facts["turns"]) else Severity.INFO,
        Confidence.HIGH if facts["acknowledged_first"] else Confidence.MEDIUM,
        f"{subject.endpoint} took up to {seconds(facts['longest_s'])} to answer ({count(facts['slow_turns'], 'slow answer')})",
        summary,
        rows(group),
        where=f"at {subject.endpoint} (the application)",
        toward="client",
        talk=subject.label(case),
        facts=facts,
        fix=[
            (
                f"On {subject.address}: read the log of the program behind port {int(subject.mine['port'])} for these moments, "
                "and look at CPU, disk, locks and free workers."
            ),
            f"Capture what {subject.address} asks its own back ends (database, directory, DNS) meanwhile: a slow answer there explains this one.",
            "Do not look for it in the network: the request arrived and nothing was lost.",
        ],
        references=["RFC 6298 2"],
        filters={subject.point.name: display_filter(subject.talk) if len(group) == 1 else server_filter(subject.talk)},
        cause=(subject.endpoint,),
        conversations=[(slow.subject.point.name, slow.subject.number) for slow in group],
    )

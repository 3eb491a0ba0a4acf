"""A connection was cut while it was idle: what one side sent after the pause was answered with a reset, or by nothing.

## What is seen
Nothing is said for a minute or (much) longer. Then one side sends data or a keep-alive, and gets a reset, or repeats it until it gives up. Or the
server's side resets a connection that had just been idle: after 20 seconds already where it is that of a database, directory, queue or terminal.
The idle time is compared with the usual timeouts of devices.

## Why it matters
Stateful firewalls, NAT and load balancers forget idle connections, some without telling either end. Programs that keep connections open
(databases, mail, terminal sessions, pools) fail at the first request after a pause, and only then.

## Fix
Raise the idle timeout of the device for this service, or send keep-alives (of TCP or of the program) more often than it forgets. Let the program
close what it does not need, and open anew after an error.

## Looks alike but is not
A host that resets its own idle connection: it has no more use for it. A web server that does so. A polite end (FIN) after a pause.
A reset in the middle of traffic. Unanswered keep-alives without any answer (`tcp-keepalive-unanswered`).

## References
RFC 5382 section 5 (NAT: at least 2 hours 4 minutes for established connections); RFC 9293 section 3.8.4 (keep-alives) and section 3.5.2 (who
has no connection answers with a reset). Timeouts of products vary; 300, 1800 and 3600 s are common defaults (not taken from a standard).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.endpoints import is_one_point
from wireproof.rules.evidence import count, display_filter, frame, seconds
from wireproof.rules.resets import doubts
from wireproof.rules.segments import FIN, RST, SYN, Segments
from wireproof.rules.subjects import Mask, Subject, either, sides, subjects
from wireproof.rules.tcp.keepalive_unanswered import ADVICE

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "tcp-idle-reset"
SEVERITY = Severity.ERROR
IDLE = limit(
    "tcp-idle-reset.idle_s",
    60.0,
    "the shortest idle timeouts of devices are about a minute; below that pauses belong to the program",
)
KEPT_IDLE = limit(
    "tcp-idle-reset.kept_idle_s",
    20.0,
    "programs keep connections to databases and the like open for minutes to hours; a reset so soon surprises their pools",
)
ANSWER = limit("tcp-idle-reset.answer_s", 3.0, "a reset that answers a packet comes within a round trip")
UNANSWERED = limit(
    "tcp-idle-reset.copies", 3, "three repeats without any answer after a pause: the other end no longer gets them"
)
TIMEOUTS_S = (60, 90, 120, 180, 240, 300, 350, 600, 900, 1200, 1800, 3600, 7200, 14400, 28800, 86400)
"""Idle timeouts that devices and programs come with."""

KEPT_PORTS = (
    *(22, 23, 1433, 1521, 3306, 3389, 5432, 6379, 9092, 27017, 50000),
    *(389, 636, 3268, 3269, 1414, 1883, 5671, 5672, 8883, 11211),
)
"""Terminals, databases, directories and queues: who opens such a connection means to keep it. Web servers are not among them, since
they end idle connections all day."""

START_TTLS = frozenset({64, 128, 255})
"""What packets start with: a reset that still has it was sent by the captured host itself, or by a neighbour of it."""

SPOKE, SILENT, PEER = "answered with a reset", "not answered at all", "reset without being spoken to"


@dataclass(frozen=True, slots=True)
class Cut:
    """How a pause ended: `first` is the place of the first packet after it, `rows` of what came of it, `by_side` whose reset it was."""

    kind: str
    first: int
    idle_s: float
    rows: tuple[int, ...]


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a conversation; those with one server and service fold."""
    for subject in subjects(case, select, "packets"):
        segments = Segments(subject)
        cut = find_cut(segments)
        if cut:
            yield finding(case, subject, segments, cut)
            if is_one_point(case) and (cut.kind != PEER or is_kept(subject)):
                yield who_cut(subject, cut)


def select(point: Point) -> Mask:
    """The sides that speak after a long pause, in conversations that end with a reset or with repeats."""
    facts = point.conversations.facts
    kept = either(np.isin(sides(point, "port"), KEPT_PORTS)) & (facts["idle_max_ns"] >= KEPT_IDLE.value * 1e9)
    paused = ((facts["idle_max_ns"] >= IDLE.value * 1e9) | kept) & point.conversations.is_tcp
    repeats = sides(point, "retransmissions") >= UNANSWERED.value
    ended = (facts["reset_row"] > 0)[:, None] | repeats
    spoke = either(sides(point, "data_packets") > 0)
    return np.asarray((paused & spoke)[:, None] & ended)


def find_cut(s: Segments) -> Cut | None:
    """The last pause that was followed by this side's packet and a cut, or by the server's reset of this client's connection."""
    least_s = min(KEPT_IDLE.value, IDLE.value) if is_kept(s.subject) else IDLE.value
    pauses = np.flatnonzero(np.diff(s.time_s) >= least_s) + 1
    for first in pauses[::-1].tolist():
        if s.has(FIN | RST)[:first].any() or s.has(SYN)[first]:
            continue
        idle_s = float(s.time_s[first] - s.time_s[first - 1])
        found = after_pause(s, first, idle_s)
        if found:
            return found
    return None


def after_pause(s: Segments, first: int, idle_s: float) -> Cut | None:
    """What the pause that `first` ended came to."""
    later = np.arange(first + 1, len(s))
    if s.has(RST)[first]:
        return Cut(PEER, first, idle_s, ()) if ends_unasked(s, first, idle_s) else None
    if idle_s < IDLE.value:
        return None
    said_goodbye = (s.mine & s.has(FIN))[first:] & (s.time_s[first:] - s.time_s[first] < 1.0)
    if not s.mine[first] or said_goodbye.any():
        return None
    answers = later[~s.mine[later]]
    resets = answers[s.has(RST)[answers]]
    if len(resets) and resets[0] == answers[0] and s.time_s[resets[0]] - s.time_s[first] <= ANSWER.value:
        return Cut(SPOKE, first, idle_s, (int(resets[0]),))
    repeats = later[s.mine[later] & s.data[later] & s.marked("retransmission")[later]]
    if s.data[first] and not len(answers) and len(repeats) >= UNANSWERED.value:
        return Cut(SILENT, first, idle_s, tuple(repeats.tolist()))
    return None


def ends_unasked(s: Segments, first: int, idle_s: float) -> bool:
    """Whether the reset at `first` is the server's, and of a connection that was meant to last."""
    if s.mine[first] or not s.subject.is_client:
        return False
    if is_kept(s.subject):
        return True
    point = s.subject.point
    # A listing that leaves the TTL open can't show that the reset came a long way.
    own = not point.capture.carries("ttl") or int(point.packets.ttl[s.row[first]]) in START_TTLS
    return not own and bool(usual_timeout(idle_s) or doubts(point, int(s.row[first])))


def is_kept(subject: Subject) -> bool:
    """Whether the service is one whose clients keep their connections."""
    return int(subject.talk.server["port"]) in KEPT_PORTS


def usual_timeout(idle_s: float) -> int:
    """The largest usual timeout that the pause just exceeded; 0 when it is not near one."""
    near = [timeout for timeout in TIMEOUTS_S if -0.02 * timeout - 2 <= idle_s - timeout <= 0.05 * timeout + 2]
    return near[-1] if near else 0


def rows(subject: Subject, s: Segments, cut: Cut) -> list[Evidence]:
    """The packet before the pause, the one after it, and what came of it."""

    def row(place: int, note: str) -> Evidence:
        return frame(subject.point, int(s.row[place]), note)

    before = row(cut.first - 1, "last packet before the pause")
    if cut.kind == PEER:
        return [row(cut.first, f"reset after {seconds(cut.idle_s)} of silence"), before]
    what = (
        "keep-alive"
        if s.marked("keep_alive")[cut.first]
        else count(int(s.length[cut.first]), "byte")
        if s.data[cut.first]
        else "first packet"
    )
    note = "answered with this reset" if cut.kind == SPOKE else "the same again, no answer"
    return [
        row(cut.first, f"{what} after {seconds(cut.idle_s)} of silence"),
        *[row(place, note) for place in cut.rows[:8]],
        before,
    ]


def describe(subject: Subject, s: Segments, cut: Cut, reasons: list[str]) -> str:
    """What happened, in words."""
    idle, timeout = seconds(cut.idle_s), usual_timeout(cut.idle_s)
    if cut.kind == PEER:
        text = (
            f"The connection of {subject.endpoint} with {subject.peer_endpoint} had been idle for {idle} when a reset arrived in the name "
            f"of {subject.peer_endpoint}."
        )
    elif cut.kind == SPOKE:
        waited = seconds(float(s.time_s[cut.rows[0]] - s.time_s[cut.first]))
        text = (
            f"After {idle} without a packet {subject.endpoint} spoke to {subject.peer_endpoint} again and got a reset {waited} later: "
            "whoever answered does not know the connection any more."
        )
    else:
        text = (
            f"After {idle} without a packet {subject.endpoint} sent {count(int(s.length[cut.first]), 'byte')} to {subject.peer_endpoint}, "
            f"repeated them {count(len(cut.rows), 'time')} and got no answer at all, not even a reset: "
            "the connection was forgotten on the way, or the peer is gone."
        )
    if timeout:
        text += f" The pause is close to {seconds(timeout)}, a usual idle timeout."
    if reasons:
        text += f" The reset may not come from {subject.peer_address}: {'; '.join(reasons)}."
    return text


def confidence(s: Segments, cut: Cut, reasons: list[str]) -> Confidence:
    """A host that has no connection resets without acknowledging (RFC 9293 section 3.5.2); one that has may end it for reasons of its own."""
    knows = cut.kind == SPOKE and s.ack[cut.rows[0]] == s.end[cut.first] and s.data[cut.first]
    return Confidence.MEDIUM if cut.kind == PEER or (knows and not reasons) else Confidence.HIGH


def finding(case: Case, subject: Subject, s: Segments, cut: Cut) -> Finding:
    """The finding on one conversation."""
    reset = cut.first if cut.kind == PEER else cut.rows[0] if cut.kind == SPOKE else -1
    reasons = doubts(subject.point, int(s.row[reset])) if reset >= 0 else []
    return Finding(
        RULE,
        Severity.INFO if cut.kind == PEER else SEVERITY,
        confidence(s, cut, reasons),
        f"{subject.endpoint} ↔ {subject.peer_endpoint}: cut after {seconds(cut.idle_s)} idle ({cut.kind})",
        describe(subject, s, cut, reasons),
        rows(subject, s, cut),
        where=f"at {subject.peer_address}, or at a device between",
        toward=subject.peer_role,
        talk=subject.label(case),
        facts={
            "idle_s": round(cut.idle_s, 3),
            **({"timeout_like_s": usual_timeout(cut.idle_s)} if usual_timeout(cut.idle_s) else {}),
            "kind": cut.kind,
            "doubts": reasons,
        },
        fix=[
            *session_advice(subject, cut),
            (
                f"Look for an idle timeout of up to {seconds(cut.idle_s)} on firewalls, NAT and load balancers between "
                f"{subject.address} and {subject.peer_address}, and raise it for TCP port {int(subject.talk.server['port'])}."
            ),
            "Or send keep-alives more often than that timeout:",
            *ADVICE,
        ],
        references=["RFC 5382 5", "RFC 9293 3.8.4", "RFC 9293 3.5.2"],
        filters={subject.point.name: display_filter(subject.talk)},
        cause=(subject.talk.server_endpoint, cut.kind),
        conversations=[(subject.point.name, subject.number)],
    )


def session_advice(subject: Subject, cut: Cut) -> list[str]:
    """Where to look first when the server's side spoke first."""
    if cut.kind != PEER:
        return []
    return [f"See whether {subject.peer_address} ends idle sessions itself: its settings, and its log at that time."]


def who_cut(subject: Subject, cut: Cut) -> Undecided:
    """What one capture can't tell."""
    return Undecided(
        RULE,
        f"whether {subject.peer_endpoint} itself dropped the connection after {seconds(cut.idle_s)} of silence or a device between",
        f"capture at {subject.peer_address} over such a pause: a reset that it lacks, or data that never arrives there, came from a device",
    )

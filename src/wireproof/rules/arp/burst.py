"""One host asks for many different addresses by ARP within a moment.

## What is seen
Many ARP requests of one sender for different addresses within milliseconds, or a steady run of them over seconds. What follows each request
tells the reason: a reset or FIN of a session that had been idle means that the host closes old sessions whose ARP entries had
expired; new connections to each address mean a sweep; no answers mean that most of the addresses do not exist.

## Why it matters
Switches with port security or ARP inspection shut a port that sends more than some ten requests in a moment, and the host loses
its network. Worms and scanners look like this as well, so the reason decides what is to be done.

## Fix
A host that closes idle sessions is healthy: raise the limit of the switch port. For a scan, find the program on the host. For a
router, see what traffic from outside makes it ask.

## Looks alike but is not
A host that asks for one address again and again (`arp-unanswered`). Announcements for its own address and probes at start-up.

## References
RFC 826; RFC 5227 (probes and announcements, which do not count here). Port 5357 is WSDAPI, Web Services on Devices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.messages.arp import ArpTable, ipv4_text, mac_bytes
from wireproof.rules.arp._follow import answer_to, between, groups, ipv4_ends, label, own_answers_visible, side_of
from wireproof.rules.evidence import count, frame, joined, seconds
from wireproof.rules.sightings import at_each_point
from wireproof.wire.arp import mac_text

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "arp-burst"
SEVERITY = Severity.WARNING
REQUESTS = limit(
    "arp-burst.requests", 10, "switches with ARP limits shut a port at about ten requests in ten milliseconds"
)
WINDOW = limit("arp-burst.window_s", 0.010, "a switch port guard counts requests over fractions of a second")
SCANNED = limit(
    "arp-burst.scan_addresses", 50, "a host that starts its programs asks for some dozens of neighbours; more is a scan"
)
SCAN_WINDOW = limit(
    "arp-burst.scan_window_s", 10.0, "a slow scan asks five times a second, which no host needs for its own traffic"
)
FOLLOWS = limit("arp-burst.follows_s", 1.0, "a packet that waited for its ARP answer is sent as soon as that is there")
IDLE = limit("arp-burst.idle_s", 10.0, "an ARP entry that is in use does not expire within this time")
EXPLAINED = limit(
    "arp-burst.explained_share", 0.8, "the same thing has to follow nearly every request to be the reason for all"
)
LOOKED_AT = 300
SHOWN = 24
SERVICES = {5357: "WSDAPI (Web Services on Devices)", 445: "SMB", 139: "NetBIOS session", 80: "HTTP", 443: "HTTPS"}

Indexes = NDArray[np.int64]


@dataclass(slots=True)
class Asked:
    """What followed one request: indexes of ARP messages and rows of packets, -1 for none."""

    ask: int
    answer: int = -1
    closed_row: int = -1
    idle_s: float = 0.0
    opened_row: int = -1
    port: int = 0
    conversation: int = -1


@dataclass(slots=True)
class Burst:
    """Requests of one MAC: those of its densest moment, and how many such moments there are."""

    point: Point
    asks: Indexes
    moments: int
    total: int
    followed: list[Asked] = field(default_factory=list)

    @property
    def span_s(self) -> float:
        """Seconds from its first to its last request."""
        times = self.point.arp.time_ns[self.asks]
        return float(times[-1] - times[0]) / 1e9

    def share(self, name: str) -> int:
        """How many of the requests looked at have this fact."""
        return sum(getattr(one, name) >= 0 for one in self.followed)

    @property
    def told(self) -> list[Asked]:
        """The requests that can be judged: all, of a listing those of which it prints anything else."""
        if self.point.capture.format != "listing":
            return self.followed
        return [one for one in self.followed if max(one.answer, one.closed_row, one.opened_row) >= 0]

    @property
    def explained(self) -> bool:
        """Whether nearly every request is followed by the end of an idle session."""
        return self.share("closed_row") >= EXPLAINED.value * len(self.told) > 0


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each host that asks so."""
    yield from at_each_point(case, judge_point)


def judge_point(point: Point) -> Iterator[Finding]:
    """Bursts of this point's ARP table."""
    for burst in find_bursts(point):
        burst.followed = follow(burst)
        yield finding(burst)


def find_bursts(point: Point) -> Iterator[Burst]:
    """The densest moment of each MAC that asks for many addresses at once."""
    arp = point.arp
    asks = np.flatnonzero(arp.asks)
    if len(asks) < REQUESTS.value:
        return
    for group in groups(np.stack([arp.segment[asks], arp.sender_mac[asks]], axis=1)):
        mine = asks[group]
        found = moments(arp, mine, int(REQUESTS.value), WINDOW.value)
        found = found or moments(arp, mine, int(SCANNED.value), SCAN_WINDOW.value)
        if found:
            yield Burst(point, max(found, key=len), len(found), len(mine))


def moments(arp: ArpTable, asks: Indexes, least: int, window_s: float) -> list[Indexes]:
    """Runs in which at least so many different addresses are asked for in each window."""
    times = arp.time_ns[asks]
    if len(asks) < least:
        return []
    dense = np.flatnonzero(times[least - 1 :] - times[: len(times) - least + 1] <= window_s * 1e9)
    if not len(dense):
        return []
    runs = np.split(dense, np.flatnonzero(np.diff(dense) >= least) + 1)
    spans = (asks[run[0] : run[-1] + least] for run in runs)
    return [span for span in spans if len(np.unique(arp.target[span])) >= least]


def follow(burst: Burst) -> list[Asked]:
    """What followed each request, of the first ones for different addresses."""
    arp, point = burst.point.arp, burst.point
    _, first = np.unique(arp.target[burst.asks], return_index=True)
    ends = ipv4_ends(point.conversations)
    followed = []
    for place in np.sort(first)[:LOOKED_AT]:
        one = Asked(int(burst.asks[place]))
        one.answer = answer_to(arp, one.ask, FOLLOWS.value)
        for number in between(ends, int(arp.sender[one.ask]), int(arp.target[one.ask])):
            look_at(point, one, int(number), side_of(ends, int(number), int(arp.sender[one.ask])))
        followed.append(one)
    return followed


def look_at(point: Point, one: Asked, number: int, side: int) -> None:
    """Note whether a conversation with the asked address was closed, or opened, right after the request."""
    facts = point.conversations.facts[number]
    mine = facts["sides"][side]
    asked_ns, until_ns = int(point.arp.time_ns[one.ask]), int(point.arp.time_ns[one.ask] + FOLLOWS.value * 1e9)
    times = point.packets.time_ns
    ends = [int(mine[name]) - 1 for name in ("rst_row", "fin_row") if mine[name]]
    for row in sorted(ends):
        if asked_ns <= times[row] <= until_ns and one.closed_row < 0:
            idle_s = idle_before(point, number, row)
            if idle_s >= IDLE.value:
                one.closed_row, one.idle_s, one.conversation = row, idle_s, number
                one.port = int(facts["sides"][1 - side]["port"])
                return
    opened = int(mine["first_row"]) - 1
    first_in_time = opened >= 0 and asked_ns <= times[opened] <= until_ns
    if first_in_time and one.opened_row < 0 and int(facts["sides"][side]["packets"]):
        one.opened_row, one.conversation = opened, number
        one.port = int(facts["sides"][1 - side]["port"])


def idle_before(point: Point, number: int, row: int) -> float:
    """Seconds without a packet of this conversation before a row."""
    rows = point.conversations.rows(number)
    before = rows[rows < row]
    return float(point.packets.time_ns[row] - point.packets.time_ns[before[-1]]) / 1e9 if len(before) else 0.0


def finding(burst: Burst) -> Finding:
    """The finding on one host."""
    arp = burst.point.arp
    asker, mac = int(arp.sender[burst.asks[0]]), mac_text(mac_bytes(int(arp.sender_mac[burst.asks[0]])))
    addresses = len(np.unique(arp.target[burst.asks]))
    senders = len(np.unique(arp.sender[burst.asks]))
    within = within_words(burst.span_s)
    ports = Counter(one.port for one in burst.followed if one.port)
    return Finding(
        RULE,
        Severity.INFO if burst.explained else SEVERITY,
        Confidence.HIGH if burst.explained and len(burst.told) == len(burst.followed) else Confidence.MEDIUM,
        f"{ipv4_text(asker)} asks for {count(addresses, 'address', 'addresses')} by ARP within {within}"
        + (", to close idle sessions" if burst.explained else ""),
        f"{ipv4_text(asker)} ({mac}) sent {count(len(burst.asks), 'ARP request')} for {count(addresses, 'different address', 'different addresses')} "
        f"within {within}. {reason(burst, senders)}",
        evidence(burst),
        where=f"at {ipv4_text(asker)}",
        talk=label(asker, int(arp.target[burst.asks[0]])),
        facts={
            "count": len(burst.asks),
            "source": ipv4_text(asker),
            "requests": len(burst.asks),
            "addresses": addresses,
            "window_s": burst.span_s,
            "answered": burst.share("answer"),
            "idle_sessions_closed": burst.share("closed_row"),
            "conversations_opened": burst.share("opened_row"),
            "port": ports.most_common(1)[0][0] if ports else 0,
            "moments": burst.moments,
            "requests_in_capture": burst.total,
        },
        fix=fixes(burst, ipv4_text(asker), senders),
        references=["RFC 826", "RFC 5227"],
        filters={burst.point.name: f"arp.opcode==1 && arp.src.hw_mac=={mac}"},
        cause=(mac,),
        conversations=[(burst.point.name, one.conversation) for one in burst.followed if one.conversation >= 0],
    )


def within_words(span_s: float) -> str:
    """The length of a burst; times of one tick are a millisecond at most."""
    return "1 ms" if span_s < 0.001 else seconds(span_s)


def _sampled(burst: Burst) -> str:
    others = len(burst.followed) - len(burst.told)
    return f" Of the other {others} the listing prints no more than the request." if others else ""


def reason(burst: Burst, senders: int) -> str:
    """What followed the requests, in words."""
    looked, closed, opened, answered = (
        len(burst.followed),
        *(burst.share(n) for n in ("closed_row", "opened_row", "answer")),
    )
    ports = Counter(one.port for one in burst.followed if one.port)
    port = ports.most_common(1)[0][0] if ports else 0
    service = f" {port}{f', {SERVICES[port]}' if port in SERVICES else ''}"
    if burst.explained:
        idle = np.median([one.idle_s for one in burst.followed if one.closed_row >= 0])
        return (
            f"{closed} of them {'is' if closed == 1 else 'are'} followed at once by the reset or FIN of a TCP session (port{service}) with "
            f"the address asked for, idle for {seconds(float(idle))} before: the host closes idle sessions whose ARP entries had expired. That "
            f"is legitimate.{_sampled(burst)}"
        )
    if senders > 1:
        return (
            f"It asks from {senders} addresses of its own, so it is a router: something sends packets to addresses behind it that it does "
            "not know, most likely a scan from elsewhere."
        )
    told = (
        f"{answered} of {looked} were answered"
        if own_answers_visible(burst.point, int(burst.point.arp.sender_mac[burst.asks[0]]))
        else ("whether they were answered can't be seen here, because the answers go to the asker's switch port")
    )
    if opened >= EXPLAINED.value * looked:
        return f"Each is followed by a new conversation (most often port{service}): a sweep over these addresses. {told[0].upper()}{told[1:]}."
    return f"Nothing in this capture explains them: it looks like a scan or a discovery of neighbours. {told[0].upper()}{told[1:]}."


def evidence(burst: Burst) -> list[Evidence]:
    """The requests, each with what followed, and the frames that closed the first sessions."""
    point, arp = burst.point, burst.point.arp
    number = point.packets.number
    rows = []
    for one in burst.followed[:SHOWN]:
        note = f"asks for {ipv4_text(arp.target[one.ask])}"
        if one.answer >= 0:
            note += f"; answered in frame {number(int(arp.row[one.answer]))}"
        if one.closed_row >= 0:
            note += f"; session closed in frame {number(one.closed_row)}"
        elif one.opened_row >= 0:
            note += f"; conversation opened in frame {number(one.opened_row)}"
        rows.append(frame(point, arp.row[one.ask], note))
    closed = [one for one in burst.followed if one.closed_row >= 0][:3]
    rows += [frame(point, one.closed_row, f"ends a session idle for {seconds(one.idle_s)}") for one in closed]
    return rows


def fixes(burst: Burst, asker: str, senders: int) -> list[str]:
    """What to do about it."""
    if burst.explained:
        return [
            (
                "Nothing is wrong with the host. If its switch port is shut by ARP inspection or port security, raise the limit there, for "
                "example on Cisco: `ip arp inspection limit rate 100`."
            )
        ]
    if senders > 1:
        return [
            (
                f"On the router {asker}, see which packets ask for unused addresses: capture on its other side with the filter "
                f"`ip.dst=={joined(unused(burst), 2).replace(' and ', ' || ip.dst==').replace(', ', ' || ip.dst==')}`."
            )
        ]
    return [
        (
            f"Find the program on {asker}: capture there together with process names (Windows: `netsh trace start capture=yes`, Linux: `ss -tunp` "
            "during a burst), and look at which ports it goes to next."
        ),
        f"If {asker} is a management or monitoring host, the sweep may be meant; else check it for malware.",
    ]


def unused(burst: Burst) -> list[str]:
    """The first addresses asked for."""
    return [ipv4_text(burst.point.arp.target[one.ask]) for one in burst.followed[:2]]

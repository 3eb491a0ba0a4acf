"""Connection attempts got no answer at all: no SYN/ACK, no reset, no ICMP error.

## What is seen
A client sends SYN, waits, and repeats it. Nothing comes back from the server's address, although the capture went on long
enough for an answer. Attempts to one server endpoint are one finding; a client that gets no answer from many endpoints is one
finding too. The gaps between the repeats name the kind of stack that sent them: 3, 6, 12 s is Windows up to 7 and Server 2008 R2;
1, 2, 4, 8 s is Windows 8 and Server 2012 or later, or Linux; five times 1 s and then doubled is Linux 6.5 or later, or macOS.

## Why it matters
Silence is what packet filters and dead routes produce. A host without a listener on that port would have answered with a reset,
so the application waits for its whole connect timeout (21 s on Windows) instead of failing at once.

## Fix
Find out where the SYN ends: capture at the server at the same time. When it does not arrive, look at firewalls and routes on the
way. When it arrives and is not answered, look at the server's own firewall, its listen backlog, and its route back. Where
another capture of the same time was taken at the server and holds none of the SYNs, they die before it: look at the way there.

## Looks alike but is not
A SYN that is answered after a repeat (a lost packet). A SYN that is answered with a reset (`tcp-connection-refused`) or an ICMP
error (`icmp-unreachable`). A single SYN at the very end of a capture. Half-open connections from very many sources
(`tcp-syn-flood`). A pair of ICE candidates beside one that works.

## References
RFC 9293 section 3.5 (connection establishment); RFC 6298 section 2 (initial timeout of 1 s, doubled); RFC 1122 section 4.2.3.5
(how long a SYN is repeated). The gaps of Windows 8 and later, Linux 6.5 and macOS are not taken from a standard.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.endpoints import Group, by_client, by_server, is_one_point, same_server
from wireproof.rules.evidence import client_filter, count, frame, joined, label, seconds, server_filter
from wireproof.rules.spares import without_spares
from wireproof.rules.subjects import Subject, first_sight, members, sides

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.rules.tcp._elsewhere import Lacking

RULE = "tcp-syn-unanswered"
SEVERITY = Severity.ERROR
WAITED = limit(
    "tcp-syn-unanswered.wait_s",
    0.9,
    "the shortest initial timeout in use is 1 s (RFC 6298); who repeats after it has waited for an answer",
)
QUIET_END = limit(
    "tcp-syn-unanswered.end_s",
    3.0,
    "a single SYN may be answered after the capture's end; 3 s is the longest initial timeout in use",
)
SWEEP = limit(
    "tcp-syn-unanswered.endpoints",
    10,
    "a client without answer from this many endpoints has one problem (or scans), not many",
)
SHOWN = 13
LOOKED_AT = 50
"""Endpoints whose SYNs are looked for in other captures."""

BACKOFFS: tuple[tuple[tuple[float, ...], str], ...] = (
    ((3, 6, 12, 24, 48), "Windows up to 7 / Server 2008 R2 (initial timeout 3 s)"),
    ((1, 1, 1, 1, 1, 2, 4, 8), "Linux 6.5 or later, or macOS (repeats 1 s apart before doubling)"),
    ((1, 2, 4, 8, 16, 32), "Windows 8 / Server 2012 or later, or Linux (initial timeout 1 s)"),
)


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a server endpoint, or a client that nobody answers."""
    for point in case.points:
        numbers = without_spares(case, point, first_sight(case, point, unanswered(point), near_client=True))
        swept, rest = split_sweeps(point, numbers)
        for group in swept:
            yield sweep_finding(group)
        for turn, group in enumerate(by_server(point, rest)):
            if is_persistent(group):
                lacking = look_elsewhere(case, group) if turn < LOOKED_AT else None
                finding = server_finding(group, shown_at(case, group), lacking)
                yield place(finding, lacking) if lacking else finding
                if is_one_point(case):
                    yield where_lost(group)


def look_elsewhere(case: Case, group: Group) -> Lacking | None:
    """The other capture that should hold a group's SYNs and doesn't; None where there is none."""
    if is_one_point(case):
        return None
    from wireproof.rules.tcp._elsewhere import find_lacking

    return find_lacking(case, group)


def unanswered(point: Point) -> NDArray[np.int64]:
    """Conversations that are nothing but SYNs of one side, the capture going on after them."""
    facts = point.conversations.facts
    if not len(facts):
        return np.zeros(0, dtype=np.int64)
    packets, syns = sides(point, "packets"), sides(point, "syns")
    only_syns = (syns[:, 0] > 0) & (syns[:, 0] == packets[:, 0]) & (packets[:, 1] == 0)
    numbers = np.flatnonzero(only_syns & (facts["icmp_errors"] == 0) & point.conversations.is_tcp)
    sent = facts["sides"][numbers, 0]
    end_ns = int(point.packets.time_ns.max())
    repeated = sent["last_ns"] - sent["first_ns"] >= WAITED.value * 1e9
    return np.asarray(numbers[repeated | (end_ns - sent["last_ns"] >= QUIET_END.value * 1e9)])


def split_sweeps(point: Point, numbers: NDArray[np.int64]) -> tuple[list[Group], NDArray[np.int64]]:
    """Clients that many endpoints do not answer, and the conversations of all others."""
    swept = [group for group in by_client(point, numbers) if len(group) >= SWEEP.value and group.servers >= SWEEP.value]
    if not swept:
        return [], numbers
    return swept, np.setdiff1d(numbers, np.concatenate([group.numbers for group in swept]))


def is_persistent(group: Group) -> bool:
    """Whether a client tried again: by a repeated SYN, or by three attempts a client."""
    return bool((group.client_facts["syns"] > 1).any()) or len(group) >= 3 * group.clients


def gaps_s(group: Group) -> list[float]:
    """Seconds between the SYNs of the attempt that has most of them."""
    best = int(group.numbers[int(np.argmax(group.client_facts["syns"]))])
    times = group.point.packets.time_ns[Subject(group.point, best, 0).segments]
    return [round((later - earlier) / 1e9, 3) for earlier, later in pairwise(times.tolist())]


def name_stack(gaps: list[float]) -> str:
    """The kind of stack that repeats a SYN with these gaps; "" when they fit none known."""
    for expected, name in BACKOFFS:
        if (
            gaps
            and len(gaps) <= len(expected)
            and all(abs(g - e) <= 0.1 + 0.08 * e for g, e in zip(gaps, expected, strict=False))
        ):
            return (
                name if len(gaps) > 1 or expected[0] > 1 else "initial timeout 1 s (Windows 8 or later, Linux, macOS)"
            )
    return ""


def syn_rows(group: Group) -> list[Evidence]:
    """The SYNs of the first attempts."""
    rows: list[Evidence] = []
    for number in group.numbers[:SHOWN].tolist():
        segments = Subject(group.point, number, 0).segments[: min(4, SHOWN - len(rows))]
        times = group.point.packets.time_ns[segments]
        for turn, row in enumerate(segments.tolist()):
            after = seconds((times[turn] - times[turn - 1]) / 1e9) if turn else ""
            rows.append(
                frame(group.point, row, f"SYN again after {after}, still no answer" if turn else "SYN, no answer")
            )
    return rows


def shown_at(case: Case, group: Group) -> str:
    """The point nearest to the server that shows the group's first attempt, when that is another one than the group's own."""
    own = (group.point.index, int(group.numbers[0]))
    farthest = members(case).get(own, [own])[-1]
    return "" if farthest == own else case.points[farthest[0]].name


def conclusion(answered: int, arrives_at: str, lacking: Lacking | None) -> str:
    """What the silence means, by what else was answered and by what other points show."""
    if answered:
        return f"{count(answered, 'other attempt')} to the same endpoint {'was' if answered == 1 else 'were'} answered in this capture."
    if lacking:
        return f"A host with no listener would have sent a reset. {lacking.summary()}"
    if arrives_at:
        return f"The SYNs do arrive at {arrives_at}, so it is the answers that are missing here."
    return (
        "A host with no listener would have sent a reset: a filter or a dead route swallows the SYNs, or their answers."
    )


def server_finding(group: Group, arrives_at: str = "", lacking: Lacking | None = None) -> Finding:
    """The finding on one server endpoint; `arrives_at` names another point that shows the SYNs as well, `lacking` one that lacks them."""
    talk, sent, gaps = group.first, group.client_facts, gaps_s(group)
    server, stack = talk.server_endpoint, name_stack(gaps)
    tried = same_server(group)
    answered = int((tried.server_facts["syn_acks"] > 0).sum())
    who = talk.address(talk.client_side) if group.clients == 1 else count(group.clients, "client")
    summary = (
        f"{who} sent {count(int(sent['syns'].sum()), 'SYN')} in {count(len(group), 'connection attempt')} to {server} and got "
        f"nothing back: no SYN/ACK, no reset, no ICMP error. "
    )
    if gaps:
        summary += f"The SYN was repeated after {joined([seconds(gap) for gap in gaps], 8)}{f', as {stack} does' if stack else ''}. "
    summary += conclusion(answered, arrives_at, lacking)
    return Finding(
        RULE,
        Severity.WARNING if answered > 10 * len(group) else SEVERITY,
        Confidence.HIGH,
        f"{server} does not answer connection attempts ({count(int(sent['syns'].sum()), 'SYN')})",
        summary,
        syn_rows(group),
        where=f"on the way to {server}, or at the server itself",
        toward="server",
        talk=label(talk),
        facts={
            "attempts": len(group),
            "count": len(group),
            "syns": int(sent["syns"].sum()),
            "clients": group.clients,
            "answered_attempts": answered,
            "gaps_s": gaps,
            "stack": stack,
            "waited_s": round(float((sent["last_ns"] - sent["first_ns"]).max()) / 1e9, 3),
        },
        fix=[
            f"Capture at {talk.address(1 - talk.client_side)} while a client tries again; compare both captures with wireproof.",
            f"If the SYNs do not arrive there: open TCP port {int(talk.server['port'])} on the firewalls between, and check routes and NAT.",
            (
                f"If they arrive: check that something listens (`netstat -ano | findstr :{int(talk.server['port'])}`, `ss -ltn`), the host's "
                "own firewall (Windows: `netsh advfirewall show allprofiles`; Linux: `nft list ruleset`) and its route back to the client."
            ),
        ],
        references=["RFC 9293 3.5", "RFC 6298 2"],
        filters={group.point.name: f"{server_filter(talk)} && tcp.flags.syn==1"},
        cause=(server, "unanswered"),
        conversations=group.named(),
    )


def place(finding: Finding, lacking: Lacking) -> Finding:
    """The finding, set where another capture says that the SYNs end."""
    finding.confidence = Confidence.MEDIUM
    finding.where = f"before {lacking.there.name}"
    finding.fix = lacking.fix()
    finding.evidence += lacking.evidence()
    finding.facts |= {
        "lacking_at": lacking.there.name,
        "looked_for": lacking.looked_for,
        "others_there": len(lacking.others),
    }
    finding.filters[lacking.there.name] = finding.filters[lacking.group.point.name]
    return finding


def sweep_finding(group: Group) -> Finding:
    """The finding on a client that many endpoints do not answer."""
    talk, sent, servers = group.first, group.client_facts, group.servers
    client = talk.address(talk.client_side)
    hosts = len({group.point.talk(number).address(1) for number in group.numbers[:500].tolist()})
    return Finding(
        RULE,
        Severity.WARNING,
        Confidence.HIGH,
        f"{client} gets no answer from {servers:,} endpoints",
        f"{client} sent {count(int(sent['syns'].sum()), 'SYN')} to {servers:,} different endpoints and none of them answered. Either the "
        f"client scans or looks for peers that are gone, or something drops all of its connections. "
        f"At least {count(hosts, 'host')} {'is' if hosts == 1 else 'are'} concerned.",
        syn_rows(group),
        where=f"between {client} and the hosts it calls",
        toward="server",
        talk=label(talk),
        facts={
            "attempts": len(group),
            "count": len(group),
            "syns": int(sent["syns"].sum()),
            "endpoints": servers,
            "hosts": hosts,
        },
        fix=[
            f"Find the program on {client} that opens these connections (Windows: `netstat -anob`, Linux: `ss -tnp state syn-sent`).",
            (
                "If the connections are meant: check the client's firewall, proxy settings and default route first, since one cause is "
                "likelier than many."
            ),
        ],
        references=["RFC 9293 3.5"],
        filters={group.point.name: f"{client_filter(talk)} && tcp.flags.syn==1 && tcp.flags.ack==0"},
        cause=(client, "sweep"),
        conversations=group.named(),
    )


def where_lost(group: Group) -> Undecided:
    """What one capture can't tell."""
    server = group.first.server_endpoint
    return Undecided(
        RULE,
        f"whether the SYNs to {server} are lost on the way, dropped by the server's host, or answered with something that is lost on "
        "the way back: this capture shows one place only",
        f"capture at {group.first.address(1 - group.first.client_side)} while a client connects to port {int(group.first.server['port'])}",
    )

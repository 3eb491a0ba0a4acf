"""DNS queries stay without an answer.

## What is seen
A client asks a resolver, repeats the question, and no answer to it is in the capture, from this resolver or another. A resolver
that answers none of its queries is told apart from one that leaves out some names.

## Why it matters
Name resolution stands before every connection: each silent resolver costs seconds (Windows waits 1, 1, 2, 4, 4 s, Linux 5 s a try),
and without any answer the application says "host not found" although the network is fine.

## Fix
Ask the resolver directly from the client, over UDP and TCP. When it does not answer, check that it runs and that UDP port 53 is
open both ways; when it leaves out some names only, look at its forwarders and at the zone's name servers.

## Looks alike but is not
A query that is lost once and answered when it is repeated. A name that another resolver answered at once, while the first one is
fine otherwise. Multicast DNS, LLMNR and NetBIOS name queries, which expect no answer from most hosts. Queries of resolvers among
name servers (recursion not desired). Questions for IPv6 addresses alone, where those for the same names' IPv4 addresses are answered
(a warning: each lookup waits for the silent one). A capture that shows one direction only.

## References
RFC 1035 section 7.2; RFC 5452; RFC 7766 (TCP).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from wireproof.conversations.talks import read_address
from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.dns._lookups import (
    Indexes,
    Resolver,
    answered_as_a,
    by_resolver,
    conversations,
    is_lookup,
    label,
    names,
    question_text,
    same_lookup,
    settled_by,
    without_location_probes,
)
from wireproof.rules.evidence import count, frame, joined, seconds
from wireproof.rules.sightings import at_each_point
from wireproof.wire.dns import RESPONSE

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "dns-unanswered"
SEVERITY = Severity.ERROR
REPEATED_AFTER = limit(
    "dns-unanswered.repeat_s",
    0.9,
    "clients wait about 1 s before they repeat a query, so they had given up on the first",
)
PATIENCE = limit(
    "dns-unanswered.wait_s",
    5.0,
    "the longest first timeout in use is 5 s (resolv.conf); a single query may be answered after the end",
)
ELSEWHERE = limit("dns-unanswered.elsewhere_s", 30.0, "a lookup goes on over all resolvers for at most about 30 s")
SHARE = limit(
    "dns-unanswered.share",
    0.1,
    "fewer than one in ten is the loss of single datagrams, or names whose servers are down",
)
LOOKED_AT = 20_000
ONLY_IPV6 = (
    " All of these ask for IPv6 addresses (AAAA), and the questions for the same names' IPv4 addresses were answered: something drops "
    "AAAA questions or their answers, or one of two questions sent at once from one port (glibc: `options single-request-reopen`)."
)
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Silence:
    """A resolver's work as one point shows it: exchanges without an answer, and those whose question nobody answered."""

    resolver: Resolver
    silent: Indexes
    lost: Indexes

    @property
    def total(self) -> int:
        """Exchanges with this resolver."""
        return len(self.resolver.exchanges)

    @property
    def is_dead(self) -> bool:
        """Whether it answered nothing at all."""
        return len(self.silent) == self.total


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each resolver that leaves queries unanswered."""
    blind = [point for point in case.points if len(point.dns) and point.coverage.is_one_sided]
    yield from at_each_point(case, partial(judge_point, case))
    for point in blind:
        if any(True for _ in find_silence(point)):
            yield Undecided(
                RULE,
                f"the capture {point.name} shows one direction only, so whether DNS queries were answered can't be seen",
                "capture both directions (both mirror ports, or at the client itself)",
            )


def judge_point(case: Case, point: Point) -> Iterator[Finding]:
    """Resolvers that one point shows to be silent."""
    if not len(point.dns) or point.coverage.is_one_sided:
        return
    for silence in find_silence(point):
        yield finding(case, silence)


def find_silence(point: Point) -> Iterator[Silence]:
    """Resolvers with queries that stayed unanswered long enough to tell."""
    exchanges = point.dns_exchanges
    lookups = without_location_probes(point, np.flatnonzero(is_lookup(exchanges)))
    open_ones = lookups[exchanges.answer[lookups] < 0]
    open_ones = open_ones[waited_long(point, open_ones)]
    if not len(open_ones):
        return
    settled = settled_by(exchanges, open_ones[:LOOKED_AT], ELSEWHERE.value)
    lost = set(open_ones[:LOOKED_AT][settled < 0].tolist()) | set(open_ones[LOOKED_AT:].tolist())
    silent_by = {resolver.number: resolver.exchanges for resolver in by_resolver(point, open_ones)}
    for resolver in by_resolver(point, lookups):
        silent = silent_by.get(resolver.number)
        if silent is None:
            continue
        silence = Silence(resolver, silent, np.array([e for e in silent.tolist() if e in lost], np.int64))
        if len(silence.lost) or silence.is_dead:
            yield silence


def waited_long(point: Point, open_ones: Indexes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of the open exchanges were repeated in vain, or are followed by enough capture for an answer."""
    exchanges, times = point.dns_exchanges, point.dns.time_ns
    keys = np.stack([same_lookup(exchanges)[open_ones], exchanges.asked[open_ones]], axis=1)
    _, group = np.unique(keys, axis=0, return_inverse=True)
    group = group.ravel()
    first, last = times[exchanges.query[open_ones]], times[exchanges.last_query[open_ones]]
    groups = int(group.max()) + 1 if len(group) else 0
    earliest, latest = np.full(groups, np.iinfo(np.int64).max), np.zeros(groups, np.int64)
    np.minimum.at(earliest, group, first)
    np.maximum.at(latest, group, last)
    end_ns = int(point.packets.time_ns.max())
    repeated = latest - earliest >= REPEATED_AFTER.value * 1e9
    patient = end_ns - latest >= PATIENCE.value * 1e9
    return np.asarray((repeated | patient)[group])


def weight(silence: Silence) -> tuple[Severity, Confidence]:
    """A dead resolver is an error when names were lost by it; single lost names are a warning or less."""
    exchanges = silence.resolver.point.dns_exchanges
    tries = int(exchanges.queries[silence.silent].sum())
    if silence.is_dead:
        return (
            (Severity.ERROR, Confidence.HIGH)
            if len(silence.lost) and tries > 1
            else (Severity.WARNING, Confidence.MEDIUM)
        )
    many = len(silence.lost) >= 3 and len(silence.lost) >= SHARE.value * silence.total
    return (Severity.WARNING if many else Severity.INFO), Confidence.MEDIUM


def finding(case: Case, silence: Silence) -> Finding:
    """The finding on one resolver."""
    resolver, point = silence.resolver, silence.resolver.point
    exchanges = point.dns_exchanges
    shown = silence.lost if len(silence.lost) else silence.silent
    tries, asked = int(exchanges.queries[silence.silent].sum()), names(exchanges, shown)
    severity, confidence = weight(silence)
    only_ipv6 = bool(answered_as_a(exchanges, silence.silent[:LOOKED_AT]).all())
    if only_ipv6 and severity.rank < Severity.WARNING.rank:
        severity = Severity.WARNING
    first = int(shown[0])
    return Finding(
        RULE,
        severity,
        confidence,
        f"{resolver.address} does not answer DNS queries" + ("" if silence.is_dead else f" for {joined(asked, 2)}"),
        summary(case, silence, shown) + (ONLY_IPV6 if only_ipv6 else ""),
        evidence(silence, shown),
        where=f"at {resolver.address}, or on the way to it",
        toward="server",
        talk=label(exchanges, first),
        facts={
            "count": len(silence.silent),
            "queries": tries,
            "unanswered": len(silence.silent),
            "names_lost": len(silence.lost),
            "exchanges": silence.total,
            "resolver": resolver.address,
            "names": asked[:20],
            "only_ipv6": only_ipv6,
            "waited_s": round(float(point.packets.time_ns.max() - point.dns.time_ns[exchanges.query[first]]) / 1e9, 3),
        },
        fix=[
            (
                f"From the client: `nslookup {asked[0]} {resolver.address}` (or `dig @{resolver.address} {asked[0]}`, and again with `+tcp`); no answer "
                "over UDP but one over TCP means that a filter drops UDP port 53 or its answers."
            ),
            f"At {resolver.address}: check that the DNS service runs, and capture there to see whether the queries arrive.",
            "Take a resolver that is gone out of the client's settings (Windows `ipconfig /all`, Linux `resolvectl status`) and out of DHCP.",
        ],
        references=["RFC 1035 7.2", "RFC 7766"],
        filters={point.name: f"dns && {'ipv6' if ':' in resolver.address else 'ip'}.addr=={resolver.address}"},
        cause=(resolver.address, "dead" if silence.is_dead else "partly"),
        conversations=conversations(point, silence.silent),
    )


def summary(case: Case, silence: Silence, shown: Indexes) -> str:
    """Who asked whom for what, and what else is known of the resolver and of the answers."""
    resolver, point = silence.resolver, silence.resolver.point
    exchanges = point.dns_exchanges
    tries, clients = int(exchanges.queries[silence.silent].sum()), np.unique(exchanges.asker[silence.silent])
    client = read_address(exchanges.addresses[int(clients[0])]) if len(clients) == 1 else count(len(clients), "client")
    asked = joined(names(exchanges, shown))
    text = f"{client} sent {count(tries, 'query', 'queries')} for {asked} to {resolver.address} without an answer in this capture. "
    if silence.is_dead:
        text += f"{resolver.address} answered nothing at all in this capture. "
    else:
        answered = silence.total - len(silence.silent)
        text += f"It answered {answered} of {silence.total} lookups, so it runs and is reached. "
    if not len(silence.lost):
        text += "Another resolver answered the same questions, so each lookup only took longer. "
    return (text + elsewhere(case, point, shown)).strip()


def elsewhere(case: Case, point: Point, shown: Indexes) -> str:
    """Where another capture holds the answers that this one lacks; "" when none does."""
    exchanges = point.dns_exchanges
    wanted = {
        (int(point.dns.ident[query]), point.dns.questions[int(exchanges.question[exchange])])
        for exchange, query in zip(shown[:50].tolist(), exchanges.query[shown[:50]].tolist(), strict=True)
    }
    for other in case.points:
        if other is point or not len(other.dns):
            continue
        told = np.flatnonzero((other.dns.flags & RESPONSE != 0) & (other.dns.question >= 0))
        told = told[np.isin(other.dns.ident[told], [ident for ident, _ in wanted])]
        seen = [
            m
            for m in told.tolist()
            if (int(other.dns.ident[m]), other.dns.questions[int(other.dns.question[m])]) in wanted
        ]
        if seen:
            number = other.packets.number(int(other.dns.row[seen[0]]))
            return f"The capture {other.name} holds an answer (frame {number}) that never arrives at {point.name}: it is lost between them."
    return ""


def evidence(silence: Silence, shown: Indexes) -> list[Evidence]:
    """The queries of the first lookups, repeats with the time they waited."""
    point, exchanges = silence.resolver.point, silence.resolver.point.dns_exchanges
    dns, rows = point.dns, []
    for exchange in shown[:SHOWN].tolist():
        talk = int(exchanges.conversation[exchange])
        first, last = int(exchanges.query[exchange]), int(exchanges.last_query[exchange])
        copies = np.arange(first, last + 1)
        copies = copies[
            (dns.conversation[copies] == talk)
            & (dns.ident[copies] == dns.ident[first])
            & (dns.question[copies] == dns.question[first])
        ]
        text = question_text(exchanges, exchange)
        rows.append(frame(point, dns.row[first], f"asks for {text}, no answer"))
        rows += [
            frame(
                point,
                dns.row[copy],
                f"again after {seconds(float(dns.time_ns[copy] - dns.time_ns[first]) / 1e9)}, no answer",
            )
            for copy in copies[1:5]
        ]
    return rows[:SHOWN]

"""DNS answers come late, or only after the query was repeated.

## What is seen
The time from a query to its answer, by resolver; and how many queries had to be repeated before they were answered.

## Why it matters
A lookup stands before every first connection to a name, so its delay adds to each. Clients repeat a query after about a second and
ask the next resolver, so lost queries cost a second each even when all ends well.

## Fix
Find out what the resolver waits for: answers from its cache come within a round trip, so slow ones are its forwarders' or the name
servers' delay. Where queries are lost, look at loss on the way.

## Looks alike but is not
A single query that is lost and answered when repeated. The first lookup of a rare name may take half a second. A query that is never
answered is `dns-unanswered`.

## References
RFC 1035 section 7.2; RFC 8767 (serving stale data).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.dns._lookups import (
    Indexes,
    Resolver,
    by_resolver,
    conversations,
    is_lookup,
    label,
    names,
    question_text,
    settled_by,
)
from wireproof.rules.evidence import count, frame, joined, seconds
from wireproof.rules.sightings import at_each_point

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "dns-slow"
SEVERITY = Severity.WARNING
SLOW = limit(
    "dns-slow.answer_s",
    1.0,
    "clients repeat a query after about 1 s, so a slower answer makes them wait or ask elsewhere",
)
SHARE = limit("dns-slow.share", 0.1, "one rare name in ten may take long because distant name servers have to be asked")
REPEATED = limit("dns-slow.repeated", 3, "a single lost datagram is no fault; three repeated queries are a pattern")
REPEATED_SHARE = limit("dns-slow.repeated_share", 0.05, "loss of one datagram in twenty is felt")
APART = limit(
    "dns-slow.apart_s", 0.2, "no client repeats a query so soon; closer copies are one query that was captured twice"
)
RETRY = limit("dns-slow.retry_s", 10.0, "clients repeat a query within seconds, or give up")
LOOKED_AT = 20_000
SHOWN = 10


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each slow resolver, and one for each whose queries have to be repeated."""
    yield from at_each_point(case, judge_point)


def judge_point(point: Point) -> Iterator[Finding]:
    """Resolvers of one point."""
    if not len(point.dns):
        return
    exchanges = point.dns_exchanges
    lookups = np.flatnonzero(is_lookup(exchanges))
    waits = judged_wait_ns(point)
    retried = find_retried(point, lookups)
    for resolver in by_resolver(point, lookups):
        mine = resolver.exchanges
        answered = mine[exchanges.answer[mine] >= 0]
        slow = answered[waits[answered] >= SLOW.value * 1e9]
        if len(slow):
            yield slow_finding(resolver, answered, slow, waits)
        again = mine[retried[mine]]
        if len(again) >= REPEATED.value and len(again) >= REPEATED_SHARE.value * len(mine):
            yield repeated_finding(resolver, again)


def judged_wait_ns(point: Point) -> Indexes:
    """Time that the resolver itself took: from the last copy of the query where copies may have been lost.

    Two answers show that both copies arrived, so the first answer belongs to the first copy.
    """
    exchanges = point.dns_exchanges
    both = (exchanges.answers >= 2) & (exchanges.queries >= 2)
    return np.where(both, exchanges.wait_ns(), exchanges.wait_ns(since_last=True))


def find_retried(point: Point, lookups: Indexes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which exchanges had to be repeated, with the same identifier or a new one, and were answered by the same resolver then."""
    exchanges = point.dns_exchanges
    times = point.dns.time_ns
    apart = times[exchanges.last_query] - times[exchanges.query] >= APART.value * 1e9
    retried = (exchanges.queries >= 2) & (exchanges.answers == 1) & apart
    open_ones = lookups[exchanges.answer[lookups] < 0][:LOOKED_AT]
    settled = settled_by(exchanges, open_ones, RETRY.value, same_server=True)
    retried[open_ones[settled > open_ones]] = True
    return np.asarray(retried)


def slow_finding(resolver: Resolver, answered: Indexes, slow: Indexes, waits: Indexes) -> Finding:
    """The finding on a resolver with slow answers."""
    point, exchanges = resolver.point, resolver.point.dns_exchanges
    slow = slow[np.argsort(-waits[slow], kind="stable")]
    worst_s, median_s = float(waits[slow[0]]) / 1e9, float(np.median(waits[answered])) / 1e9
    asked = names(exchanges, slow)
    rows = []
    for exchange in slow[: SHOWN // 2].tolist():
        wait = seconds(float(waits[exchange]) / 1e9)
        rows.append(
            frame(
                point,
                point.dns.row[exchanges.answer[exchange]],
                f"answer for {question_text(exchanges, exchange)} after {wait}",
            )
        )
        rows.append(frame(point, point.dns.row[exchanges.query[exchange]], "the query"))
    return Finding(
        RULE,
        SEVERITY if len(slow) >= SHARE.value * len(answered) else Severity.INFO,
        Confidence.HIGH,
        f"{resolver.address} takes up to {seconds(worst_s)} to answer DNS queries",
        f"{count(len(slow), 'answer')} of {len(answered)} from {resolver.address} took {seconds(SLOW.value)} or longer, the slowest {seconds(worst_s)} "
        f"(for {joined(asked, 4)}); the median of all its answers is {seconds(median_s)}. Every connection to such a name starts that much later.",
        rows,
        where=f"at {resolver.address}, or at the servers that it asks",
        talk=label(exchanges, int(slow[0])),
        facts={
            "count": len(slow),
            "answers": len(answered),
            "resolver": resolver.address,
            "slowest_s": worst_s,
            "median_s": median_s,
            "names": asked[:20],
        },
        fix=[
            (
                f"Ask twice in a row: `dig @{resolver.address} {asked[0]}`. If the second answer is quick, the delay is in {resolver.address}'s forwarders "
                "or in the zone's name servers; else in the resolver or on the way to it."
            ),
            f"Look for a dead forwarder at {resolver.address} (Windows: `Get-DnsServerForwarder`): each one is waited for before the next is asked.",
        ],
        references=["RFC 1035 7.2"],
        filters={
            point.name: f"dns.time >= {SLOW.value:g} && {'ipv6' if ':' in resolver.address else 'ip'}.src=={resolver.address}"
        },
        cause=(resolver.address, "slow"),
        conversations=conversations(point, slow),
    )


def repeated_finding(resolver: Resolver, again: Indexes) -> Finding:
    """The finding on a resolver whose queries have to be repeated."""
    point, exchanges = resolver.point, resolver.point.dns_exchanges
    total = len(resolver.exchanges)
    rows = [
        frame(point, point.dns.row[message], text)
        for exchange in again[: SHOWN // 2].tolist()
        for message, text in (
            (int(exchanges.query[exchange]), f"asks for {question_text(exchanges, exchange)}, no answer to this copy"),
            (int(exchanges.last_query[exchange]), "asks again"),
        )
        if text != "asks again" or exchanges.queries[exchange] > 1
    ]
    return Finding(
        RULE,
        SEVERITY,
        Confidence.MEDIUM,
        f"{count(len(again), 'DNS query', 'DNS queries')} to {resolver.address} had to be repeated",
        f"{len(again)} of {total} queries to {resolver.address} were answered only when they were repeated. Queries or answers are lost on the way, or "
        "the resolver drops some under load; each costs the client about a second.",
        rows,
        where=f"between the client and {resolver.address}",
        talk=label(exchanges, int(again[0])),
        facts={"count": len(again), "exchanges": total, "resolver": resolver.address},
        fix=[
            f"Capture at {resolver.address} as well and compare: wireproof then says whether queries or answers are lost, and where."
        ],
        references=["RFC 1035 7.2"],
        filters={point.name: f"dns && {'ipv6' if ':' in resolver.address else 'ip'}.addr=={resolver.address}"},
        cause=(resolver.address, "repeated"),
        conversations=conversations(point, again),
    )

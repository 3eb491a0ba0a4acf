"""An answer does not fit a datagram, and the same question over TCP finds no open port.

## What is seen
The resolver sets the flag TC: the answer is cut, ask again over TCP. The client opens a connection to TCP port 53 of that resolver,
and nothing answers or it is refused. No whole answer to the question is in the capture.

## Why it matters
Short answers work and long ones never do: names with many addresses, SPF and DKIM texts, DNSSEC keys, the service records of large
domains. It looks like a fault of these names, and is a firewall that was opened for UDP only.

## Fix
Open TCP port 53 to the resolver as well as UDP port 53; both are part of DNS. Until then EDNS with a larger size (up to 1232 bytes) lets
more answers fit, where the client can be told to use it.

## Looks alike but is not
A truncated answer followed by the whole one over TCP, which is how DNS works. A client that is content with the part it got and never
asks over TCP. A capture filter that lets UDP port 53 through only: then no connection is seen at all.

## References
RFC 7766 section 5 (TCP is required); RFC 2181 section 9 (TC); RFC 6891 section 6.2.5; RFC 9715 (fragmentation).
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
    same_lookup,
)
from wireproof.rules.evidence import count, frame, joined
from wireproof.rules.sightings import at_each_point
from wireproof.rules.subjects import sides
from wireproof.wire.dns import TRUNCATED

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "dns-truncated"
SEVERITY = Severity.ERROR
WITHIN = limit(
    "dns-truncated.tcp_within_s",
    30.0,
    "a client asks over TCP as soon as it has the truncated answer; SYNs repeat for seconds",
)
SHOWN = 4


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each resolver whose TCP port does not open."""
    yield from at_each_point(case, judge_point)


def judge_point(point: Point) -> Iterator[Finding]:
    """Resolvers of one point."""
    if not len(point.dns) or not (point.dns.flags & TRUNCATED).any():
        return
    cut_off = never_whole(point)
    for resolver in by_resolver(point, cut_off):
        failed, opened = over_tcp(resolver)
        if len(failed) and not len(opened):
            yield finding(resolver, failed)


def never_whole(point: Point) -> Indexes:
    """Exchanges whose answer is truncated, and to whose question the same asker got no whole answer."""
    exchanges = point.dns_exchanges
    answered = np.flatnonzero(is_lookup(exchanges) & (exchanges.answer >= 0))
    cut = point.dns.flags[exchanges.answer[answered]] & TRUNCATED != 0
    lookups = same_lookup(exchanges)[answered]
    return np.asarray(answered[cut & ~np.isin(lookups, lookups[~cut])], dtype=np.int64)


def over_tcp(resolver: Resolver) -> tuple[Indexes, Indexes]:
    """TCP conversations with the resolver's port 53 by those who got truncated answers: not opened, and opened."""
    point, exchanges = resolver.point, resolver.point.dns_exchanges
    facts = point.conversations.facts
    chosen = np.flatnonzero(point.conversations.is_tcp & (sides(point, "port") == 53).any(axis=1))
    ends = np.ascontiguousarray(facts["addresses"][chosen]).view("S16").reshape(-1, 2)
    client = facts["client"][chosen].astype(np.int64)
    place = np.arange(len(chosen))
    server_end, client_end = ends[place, 1 - client], ends[place, client]
    askers = [exchanges.addresses[number] for number in np.unique(exchanges.asker[resolver.exchanges])]
    began = facts["sides"]["first_ns"][chosen, client]
    told = point.dns.time_ns[exchanges.answer[resolver.exchanges]]
    in_time = (began >= told.min()) & (began <= told.max() + round(WITHIN.value * 1e9))
    mine = (
        (server_end == exchanges.addresses[resolver.number].rstrip(b"\0"))
        & np.isin(client_end, np.array(askers, "S16"))
        & in_time
    )
    opened = facts["sides"]["syn_acks"][chosen, 1 - client] > 0
    asked = facts["sides"]["syns"][chosen, client] > 0
    return chosen[mine & asked & ~opened], chosen[mine & opened]


def finding(resolver: Resolver, failed: Indexes) -> Finding:
    """The finding on one resolver."""
    point, exchanges, chosen = resolver.point, resolver.point.dns_exchanges, resolver.exchanges
    asked = names(exchanges, chosen)
    refused = bool(point.talk(int(failed[0])).server["rsts"])
    how = "refuses the connection" if refused else "does not answer there"
    first = int(chosen[0])
    rows = [
        frame(point, point.dns.row[exchanges.answer[e]], f"truncated answer for {question_text(exchanges, e)}")
        for e in chosen[:SHOWN].tolist()
    ]
    rows += [
        frame(point, int(point.talk(n).client["syn_row"]) - 1, f"asks over TCP: {how}") for n in failed[:SHOWN].tolist()
    ]
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        f"{resolver.address} can't be asked over TCP, and answers for {joined(asked, 2)} need it",
        (
            f"{resolver.address} truncated {count(len(chosen), 'answer')} (for {joined(asked)}). The client then asked over TCP, and port 53 of "
            f"{resolver.address} {how} ({count(len(failed), 'connection')}). No whole answer is in this capture."
        ),
        rows,
        where=f"at {resolver.address}, or on the way to its TCP port 53",
        toward="server",
        talk=label(exchanges, first),
        facts={
            "count": len(chosen),
            "resolver": resolver.address,
            "names": asked[:20],
            "tcp_failed": len(failed),
            "refused": refused,
        },
        fix=[
            f"Open TCP port 53 between the clients and {resolver.address}, in both directions of the handshake, beside UDP port 53.",
            f"Test: `dig @{resolver.address} {asked[0]} +tcp`, Windows `Test-NetConnection {resolver.address} -Port 53`.",
        ],
        references=["RFC 7766 5", "RFC 2181 9"],
        filters={
            point.name: f"(dns.flags.truncated==1 || tcp.port==53) && {'ipv6' if ':' in resolver.address else 'ip'}.addr=={resolver.address}"
        },
        cause=(resolver.address,),
        conversations=[*conversations(point, chosen), *((point.name, int(number)) for number in failed[:1000])],
    )

"""A resolver answers DNS queries with an error code.

## What is seen
SERVFAIL (the resolver could not find out), REFUSED (it does not serve this client or zone), FORMERR and NOTIMP (it does not
understand the query), by resolver; names that do not exist (NXDOMAIN) as information.

## Why it matters
SERVFAIL and REFUSED stop the lookup although the name may exist: forwarders that can't be reached, failed DNSSEC validation, and
access lists look like this. NXDOMAIN is an answer, but the wrong one where a name is mistyped or asked in the wrong network.

## Fix
SERVFAIL: ask again with checking disabled (`dig +cd`); when that works, DNSSEC fails. Else look at the resolver's forwarders.
REFUSED: add the client's network to those that the resolver serves. An extended error, where the answer has one, says more.

## Looks alike but is not
A second resolver or a second try that gave the answer at once (told as information). NXDOMAIN on the walk through search suffixes,
for reverse lookups, block lists, WPAD and ISATAP is everyday life and stays silent. Dynamic updates that are refused before they are
signed are part of secure updates. Questions for IPv6 addresses that fail while those for the same names' IPv4 addresses are answered
(told as information: clients go on with IPv4).

## References
RFC 1035 section 4.1.1; RFC 2308 (NXDOMAIN); RFC 6895 (codes); RFC 8914 (extended errors).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
    question,
    question_text,
    settled_by,
    without_location_probes,
)
from wireproof.rules.evidence import count, frame, joined
from wireproof.rules.sightings import at_each_point
from wireproof.wire.dns import FORMERR, HEADER, NOERROR, NOTIMP, NXDOMAIN, REFUSED, SERVFAIL, rcode_name, unpack_rcode
from wireproof.wire.dns_message import unpack_edns, unpack_sections

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "dns-error"
SEVERITY = Severity.WARNING
RETRIED = limit(
    "dns-error.retried_s", 10.0, "a client that gets an error asks the next resolver, or once more, within seconds"
)
WALK = limit("dns-error.walk_s", 2.0, "a client walks through its search suffixes without a pause")
READ_MOST = 200
LOOKED_AT = 5000
SHOWN = 12

REASONS = {
    SERVFAIL: "it could not find out: its forwarders or the zone's servers do not answer it, or DNSSEC validation failed",
    REFUSED: "it does not serve this client, or not this zone",
    FORMERR: "it does not understand the query, often one with EDNS options",
    NOTIMP: "it does not implement this kind of query",
    NXDOMAIN: "the name does not exist there",
}


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each resolver and error code."""
    yield from at_each_point(case, judge_point)


def judge_point(point: Point) -> Iterator[Finding]:
    """Errors that one point shows."""
    if not len(point.dns):
        return
    exchanges = point.dns_exchanges
    answered = without_location_probes(point, np.flatnonzero(is_lookup(exchanges) & (exchanges.answer >= 0)))
    codes = read_codes(point, answered)
    for code in np.unique(codes[codes != NOERROR]).tolist():
        chosen = answered[codes == code]
        if code == NXDOMAIN:
            chosen = drop_everyday(point, chosen[:LOOKED_AT], resolved(point))
        for resolver in by_resolver(point, chosen):
            yield finding(resolver, code)


def read_codes(point: Point, answered: Indexes) -> NDArray[np.int64]:
    """Response code of each exchange; the upper bits of an OPT record are read where the header alone says nothing."""
    dns, answers = point.dns, point.dns_exchanges.answer[answered]
    codes = (dns.flags[answers] & 15).astype(np.int64)
    bare = np.flatnonzero((dns.answers[answers] == 0) & ~np.isin(codes, (NXDOMAIN, SERVFAIL, REFUSED)))[:READ_MOST]
    for place, message in zip(bare.tolist(), dns.read(answers[bare]), strict=True):
        codes[place] = unpack_rcode(message)
    return codes


def resolved(point: Point) -> Indexes:
    """Exchanges that were answered without an error."""
    exchanges = point.dns_exchanges
    done = np.flatnonzero(is_lookup(exchanges) & (exchanges.answer >= 0))
    return np.asarray(done[point.dns.flags[exchanges.answer[done]] & 15 == NOERROR], dtype=np.int64)


def drop_everyday(point: Point, missing: Indexes, found: Indexes) -> Indexes:
    """Leave of the names that do not exist those whose absence may matter."""
    exchanges, first_ns = point.dns_exchanges, point.dns_exchanges.first_ns()
    by_label: dict[tuple[int, str], list[int]] = {}
    for exchange in found[:LOOKED_AT].tolist():
        head = question(exchanges, exchange).name.partition(".")[0]
        by_label.setdefault((int(exchanges.asker[exchange]), head), []).append(int(first_ns[exchange]))
    asked = {
        (int(exchanges.asker[e]), question(exchanges, e).name) for e in (*missing.tolist(), *found[:LOOKED_AT].tolist())
    }
    kept = []
    for exchange in missing.tolist():
        name, asker = question(exchanges, exchange).name, int(exchanges.asker[exchange])
        head = name.partition(".")[0]
        near = (abs(time - int(first_ns[exchange])) <= WALK.value * 1e9 for time in by_label.get((asker, head), ()))
        if is_everyday(name) or is_suffixed(name, asker, asked) or (head != "www" and any(near)):
            continue
        kept.append(exchange)
    return np.array(kept, np.int64)


def is_everyday(name: str) -> bool:
    """Names that clients ask for on chance, or of which most do not exist."""
    labels = name.split(".")
    reverse = name.endswith((".in-addr.arpa", ".ip6.arpa"))
    listed = len(labels) > 4 and all(label.isdigit() for label in labels[:4])
    return reverse or listed or len(labels) == 1 or labels[0] in {"wpad", "isatap"} or "_dns-sd" in labels


def is_suffixed(name: str, asker: int, asked: set[tuple[int, str]]) -> bool:
    """Whether the asker also asked for a beginning of this name: then the rest is a search suffix."""
    labels = name.split(".")
    return any((asker, ".".join(labels[:size])) in asked for size in range(1, len(labels)))


def finding(resolver: Resolver, code: int) -> Finding:
    """The finding on one resolver's errors of one code."""
    point, exchanges, chosen = resolver.point, resolver.point.dns_exchanges, resolver.exchanges
    settled = settled_by(exchanges, chosen[:LOOKED_AT], RETRIED.value) if code != NXDOMAIN else np.full(len(chosen), -1)
    good = np.array(
        [s >= 0 and int(point.dns.flags[exchanges.answer[s]] & 15) in {NOERROR, NXDOMAIN} for s in settled.tolist()],
        bool,
    )
    mended = int(good.sum())
    asked, name = names(exchanges, chosen), rcode_name(code)
    only_ipv6 = code != NXDOMAIN and bool(answered_as_a(exchanges, chosen[:LOOKED_AT]).all())
    matters = (
        code != NXDOMAIN
        and not only_ipv6
        and mended < len(chosen)
        and len(drop_everyday(point, chosen[:LOOKED_AT], resolved(point)))
    )
    reasons = extended_errors(point, chosen)
    summary = (
        f"{resolver.address} answered {count(len(chosen), 'query', 'queries')} for {joined(asked)} with {name}"
        f"{': ' + REASONS[code] if code in REASONS else ''}."
    )
    if mended:
        summary += f" {count(mended, 'of them was', 'of them were')} asked again within {RETRIED.value:.0f} s and answered then."
    if reasons:
        summary += f" The answers give the reason: {joined(reasons, 3)}."
    if only_ipv6:
        summary += " All ask for IPv6 addresses; the questions for the same names' IPv4 addresses were answered."
    first = int(chosen[0])
    return Finding(
        RULE,
        SEVERITY if matters else Severity.INFO,
        Confidence.HIGH,
        f"{resolver.address} answers {name} for {joined(asked, 3)}",
        summary,
        evidence(point, chosen, name),
        where=f"at {resolver.address}",
        talk=label(exchanges, first),
        facts={
            "count": len(chosen),
            "resolver": resolver.address,
            "rcode": name,
            "names": asked[:20],
            "answered_on_retry": mended,
            "extended_errors": reasons,
            "only_ipv6": only_ipv6,
        },
        fix=fixes(resolver.address, code, asked[0]),
        references=["RFC 1035 4.1.1", "RFC 2308" if code == NXDOMAIN else "RFC 6895"],
        filters={
            point.name: f"dns.flags.rcode=={code & 15} && {'ipv6' if ':' in resolver.address else 'ip'}.src=={resolver.address}"
        },
        cause=(resolver.address, name),
        conversations=conversations(point, chosen),
    )


def extended_errors(point: Point, chosen: Indexes) -> list[str]:
    """Different extended errors (RFC 8914) of the first answers."""
    found: dict[str, None] = {}
    for message in point.dns.read(point.dns_exchanges.answer[chosen[:READ_MOST]]):
        edns = unpack_edns(message, unpack_sections(message).additionals) if len(message) >= HEADER.size else None
        if edns and edns.extended_error:
            found[edns.extended_error] = None
    return list(found)[:SHOWN]


def evidence(point: Point, chosen: Indexes, name: str) -> list[Evidence]:
    """Each different question once, with its query and the answer."""
    exchanges = point.dns_exchanges
    rows: list[Evidence] = []
    seen: set[int] = set()
    for exchange in chosen.tolist():
        if int(exchanges.question[exchange]) in seen or len(rows) >= SHOWN:
            continue
        seen.add(int(exchanges.question[exchange]))
        rows.append(
            frame(point, point.dns.row[exchanges.answer[exchange]], f"{name} for {question_text(exchanges, exchange)}")
        )
        rows.append(frame(point, point.dns.row[exchanges.query[exchange]], "the query"))
    return rows[:SHOWN]


def fixes(resolver: str, code: int, name: str) -> list[str]:
    """What to do, by code."""
    if code == NXDOMAIN:
        return [
            f"Check the spelling of {name}, and whether {resolver} is the resolver of the network that knows this name."
        ]
    if code == REFUSED:
        return [
            (
                f"Let {resolver} serve this client: on BIND `allow-query`/`allow-recursion`, on Windows DNS the interfaces it listens on and recursion "
                "settings; or point the client to the resolver that it should use."
            ),
        ]
    if code == SERVFAIL:
        return [
            f"Ask with checking disabled: `dig @{resolver} {name} +cd`. If that works, DNSSEC validation fails: check clock and trust anchors of {resolver}.",
            f"Else check the forwarders of {resolver} (Windows: `Get-DnsServerForwarder`) and whether it reaches the name servers of the zone.",
        ]
    return [
        f"Ask without EDNS: `dig @{resolver} {name} +noedns`. If that works, {resolver} or a firewall before it does not know EDNS."
    ]

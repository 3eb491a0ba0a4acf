"""A resolver answers a name with an address where the service is not, while another answer is different.

## What is seen
Two resolvers, or one resolver asked at two capture points, answer the same question with addresses that have none in common. The
client goes to those of the one answer, and there nothing listens, nothing answers, or the certificate is for another name.

## Why it matters
The network and the service are fine, and still nobody gets there: a record that was not changed when the server moved, a zone that
differs between inside and outside, a hosts file or a cache that someone filled, a VPN client that asks the wrong resolver.

## Fix
Ask both resolvers for the name and compare. Correct the record where it is wrong, or send the client's questions for that zone to the
resolver that knows it (conditional forwarder, name resolution policy, split DNS of the VPN), and clear the caches between.

## Looks alike but is not
Content networks and round robin answer every resolver differently, and each answer works: silent, since only addresses to which every
connection failed count. A server that is down has the same address in both answers. A wrong certificate at the right address is
`tls-name-mismatch` alone.

## References
RFC 1034 section 3.6; RFC 2182 section 5 (servers that disagree); RFC 9525 section 6.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.conversations.talks import read_address
from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.dns._lookups import Indexes, is_lookup, label
from wireproof.rules.evidence import count, frame, joined
from wireproof.rules.subjects import either, sides
from wireproof.rules.tls.name_mismatch import mismatches
from wireproof.wire.dns import Question, type_name, unpack_records

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "dns-wrong-address"
SEVERITY = Severity.ERROR
USED_WITHIN = limit(
    "dns-wrong-address.used_within_s",
    900.0,
    "a client that connects later than this has the address from elsewhere, or from a cache",
)
READ_MOST = 5000
ADDRESS_KINDS = (1, 28)


@dataclass(frozen=True, slots=True)
class Told:
    """One answer with addresses: exchange `exchange` of a point."""

    point: Point
    exchange: int
    asked: Question
    addresses: frozenset[str]

    @property
    def resolver(self) -> str:
        """Address of who answered."""
        exchanges = self.point.dns_exchanges
        return read_address(exchanges.addresses[int(exchanges.asked[self.exchange])])

    @property
    def asker(self) -> str:
        """Address of who asked."""
        exchanges = self.point.dns_exchanges
        return read_address(exchanges.addresses[int(exchanges.asker[self.exchange])])

    @property
    def row(self) -> int:
        """The answer's packet."""
        return int(self.point.dns.row[self.point.dns_exchanges.answer[self.exchange]])

    @property
    def time_ns(self) -> int:
        """When it came."""
        return int(self.point.packets.time_ns[self.row])

    def evidence(self) -> Evidence:
        """The answer as evidence."""
        return frame(
            self.point, self.row, f"{self.resolver} answers {self.asked.name} with {joined(sorted(self.addresses), 3)}"
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A connection to an address: `row` is what shows how it ended, `note` says it; `failed` is whether the service was not there."""

    point: Point
    number: int
    failed: bool
    row: int
    note: str

    @property
    def own(self) -> tuple[str, int]:
        """How findings name the conversation."""
        return (self.point.name, self.number)


Attempts = dict[str, list[tuple[str, int, Attempt]]]
"""Server's address to (client's address, time of the first packet, attempt)."""


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each name and wrong set of addresses."""
    questions = disagreements(case) if any(may_fail(point) for point in case.points) else []
    if not questions:
        return
    attempts = find_attempts(case, {address for answers in questions for told in answers for address in told.addresses})
    for answers in questions:
        found: dict[frozenset[str], tuple[Told, Told, list[Attempt]]] = {}
        for told in answers:
            tried = uses(told, attempts)
            if told.addresses in found or not tried or not all(attempt.failed for attempt in tried):
                continue
            others = [other for other in answers if not other.addresses & told.addresses]
            others.sort(key=lambda other: not works(other, attempts))
            if others:
                found[told.addresses] = (told, others[0], tried)
        for told, other, tried in found.values():
            yield finding(told, other, tried, works(other, attempts))


def may_fail(point: Point) -> bool:
    """Whether a point shows DNS, and a connection that failed or may have: cheap, so that most captures end here."""
    if not len(point.dns):
        return False
    unopened = (sides(point, "syns") > 0) & (sides(point, "syn_acks") == 0)[:, ::-1]
    return bool((either(unopened) & point.conversations.is_tcp).any() or len(point.said.protocols.tcp["tls"]))


def disagreements(case: Case) -> list[list[Told]]:
    """Answers by question, where several resolvers or points answered with addresses that have none in common."""
    by_question: dict[bytes, list[tuple[Point, int]]] = {}
    for point in case.points:
        for exchange in answered(point).tolist():
            key = point.dns.questions[int(point.dns_exchanges.question[exchange])]
            by_question.setdefault(key, []).append((point, exchange))
    several = [asked for asked in by_question.values() if len({source(*one) for one in asked}) > 1]
    found, left = [], READ_MOST
    for asked in several:
        answers = read_answers(asked[:left])
        left -= len(asked)
        if any(not one.addresses & other.addresses for one in answers for other in answers[:20]):
            found.append(answers)
        if left <= 0:
            break
    return found


def answered(point: Point) -> Indexes:
    """Lookups that were answered with records; of equal ones (asker, resolver, question) the first."""
    exchanges = point.dns_exchanges
    done = np.flatnonzero(is_lookup(exchanges) & (exchanges.answer >= 0)) if len(point.dns) else np.zeros(0, np.int64)
    answers = exchanges.answer[done]
    done = done[(point.dns.flags[answers] & 15 == 0) & (point.dns.answers[answers] > 0)]
    keys = np.stack([exchanges.asker[done], exchanges.asked[done], exchanges.question[done]], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    return np.asarray(done[np.sort(first)], dtype=np.int64)


def source(point: Point, exchange: int) -> tuple[int, int]:
    """Who answered, as far as that may make a difference: the resolver, and the capture."""
    return point.index, int(point.dns_exchanges.asked[exchange])


def read_answers(asked: list[tuple[Point, int]]) -> list[Told]:
    """The answers with addresses among these exchanges."""
    found = []
    for point, exchange in asked:
        exchanges = point.dns_exchanges
        question = point.dns.asked(int(exchanges.query[exchange]))
        if question is None or question.kind not in ADDRESS_KINDS:
            continue
        (message,) = point.dns.read([int(exchanges.answer[exchange])])
        records = unpack_records(message)[: int.from_bytes(message[6:8], "big")]
        addresses = frozenset(record.address for record in records if record.kind == question.kind and record.address)
        if addresses:
            found.append(Told(point, exchange, question, addresses))
    return found


def find_attempts(case: Case, addresses: set[str]) -> Attempts:
    """All TCP connections to these addresses, by address, with how they ended."""
    wrong = {(one.point.index, one.session.conversation): one.session.certificate_row for _, one in mismatches(case)}
    packed = np.array([pack_address(address) for address in sorted(addresses)], "S16")
    found: Attempts = {}
    for point in case.points:
        facts = point.conversations.facts
        ends = np.ascontiguousarray(facts["addresses"]).view("S16").reshape(-1, 2)
        chosen = either(np.isin(ends, packed)) & either(sides(point, "syns") > 0) & point.conversations.is_tcp
        for number in np.flatnonzero(chosen).tolist():
            talk = point.talk(number)
            began = int(talk.client["first_ns"])
            attempt = look_at(point, number, wrong.get((point.index, number), -1))
            found.setdefault(talk.address(1 - talk.client_side), []).append(
                (talk.address(talk.client_side), began, attempt)
            )
    return found


def look_at(point: Point, number: int, wrong_certificate: int) -> Attempt:
    """How one connection ended; `wrong_certificate` is the row of a certificate for another name, -1 for none."""
    talk = point.talk(number)
    if wrong_certificate >= 0:
        return Attempt(point, number, True, wrong_certificate, "this certificate is for another name")
    if int(talk.server["syn_acks"]):
        return Attempt(point, number, False, int(talk.server["syn_row"]) - 1, "this connection is accepted")
    return Attempt(
        point, number, True, int(talk.client["syn_row"]) - 1, "refused" if int(talk.server["rsts"]) else "no answer"
    )


def pack_address(text: str) -> bytes:
    """Sixteen bytes of an address, IPv4 as ::ffff:a.b.c.d."""
    packed = ipaddress.ip_address(text).packed
    return packed if len(packed) == 16 else b"\0" * 10 + b"\xff\xff" + packed


def uses(told: Told, attempts: Attempts) -> list[Attempt]:
    """The asker's connections to the addresses of an answer, after it and not too late, at the point that shows the answer."""
    latest = told.time_ns + round(USED_WITHIN.value * 1e9)
    return [
        attempt
        for address in sorted(told.addresses)
        for client, began, attempt in attempts.get(address, ())
        if client == told.asker and attempt.point is told.point and told.time_ns <= began <= latest
    ]


def works(told: Told, attempts: Attempts) -> Attempt | None:
    """A connection of anybody to an address of an answer that was accepted."""
    every = (attempt for address in sorted(told.addresses) for _, _, attempt in attempts.get(address, ()))
    return next((attempt for attempt in every if not attempt.failed), None)


def finding(told: Told, other: Told, tried: list[Attempt], good: Attempt | None) -> Finding:
    """The finding on one wrong answer."""
    name, wrong, right = told.asked.name, joined(sorted(told.addresses), 3), joined(sorted(other.addresses), 3)
    summary = (
        f"{told.resolver} answered {told.asker}'s question for {name} ({type_name(told.asked.kind)}) with {wrong}. "
        f"{count(len(tried), 'connection')} there failed ({tried[0].note}). {other_answer(told, other)} {right}"
    )
    summary += ", where connections are accepted." if good else "; no capture shows a connection there."
    summary += change_of(told, other)
    return Finding(
        RULE,
        SEVERITY if good else Severity.WARNING,
        Confidence.MEDIUM,
        f"{told.resolver} answers {name} with {wrong}, where the service is not; {other_title(told, other)} {right}",
        summary,
        [
            told.evidence(),
            frame(tried[0].point, tried[0].row, tried[0].note),
            other.evidence(),
            *([frame(good.point, good.row, good.note)] if good else []),
        ],
        where=f"at {told.resolver}",
        talk=label(told.point.dns_exchanges, told.exchange),
        facts={
            "count": len(tried),
            "name": name,
            "resolver": told.resolver,
            "addresses": sorted(told.addresses),
            "other_resolver": other.resolver,
            "other_addresses": sorted(other.addresses),
            "other_works": good is not None,
        },
        fix=fix_of(told, other, right),
        references=["RFC 1034 3.6", "RFC 2182 5"],
        filters={told.point.name: f'dns.qry.name=="{name}"'},
        cause=(name.lower(), told.resolver, wrong),
        conversations=[
            (told.point.name, int(told.point.dns_exchanges.conversation[told.exchange])),
            *(attempt.own for attempt in tried[:1000]),
        ],
    )


def other_title(told: Told, other: Told) -> str:
    """Who gives the other answer, for a title."""
    if told.resolver != other.resolver:
        return f"{other.resolver} says"
    return f"in capture {other.point.name} it says" if other.point is not told.point else f"to {other.asker} it says"


def other_answer(told: Told, other: Told) -> str:
    """Who gives the other answer, and where, up to its addresses."""
    apart = other.point is not told.point
    if told.resolver != other.resolver:
        return f"{other.resolver}{f' (capture {other.point.name})' if apart else ''} answered the same question with"
    return (
        f"The same resolver answered {other.asker}'s question{f' in capture {other.point.name}' if apart else ''} with"
    )


def change_of(told: Told, other: Told) -> str:
    """What two answers of one resolver mean; "" for those of two."""
    if told.resolver != other.resolver:
        return ""
    when = " between the two captures" if other.point is not told.point else ""
    return f" Its answer changed{when}{', or depends on who asks' if told.asker != other.asker else ''}."


def fix_of(told: Told, other: Told, right: str) -> list[str]:
    """What to do: compare two resolvers, or ask the one again."""
    name, clear = told.asked.name, "(Windows `ipconfig /flushdns`, Linux `resolvectl flush-caches`)"
    if told.resolver != other.resolver:
        return [
            f"Compare: `nslookup {name} {told.resolver}` and `nslookup {name} {other.resolver}`.",
            (
                f"If {right} is right, correct the record for {name} at {told.resolver} or the zone that it takes it from, then clear the client's "
                f"cache {clear}."
            ),
            f"If {other.resolver} alone knows the zone, send the client's questions for it there (conditional forwarder, name resolution policy, split DNS).",
        ]
    both = f"{told.asker} and {other.asker}" if told.asker != other.asker else told.asker
    return [
        f"Ask again: `nslookup {name} {told.resolver}` on {both}.",
        f"If it says {right} now and that is right, the record has been corrected: clear the cache of {told.asker} {clear} and try again.",
        f"If it still says {joined(sorted(told.addresses), 3)}, correct the record for {name} at {told.resolver} or the zone that it takes it from.",
        f"If the answer depends on who asks: look for views and DNS policies at {told.resolver}, and whether that address is one host at both places.",
    ]

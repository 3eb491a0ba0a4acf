"""A host asks for an address by ARP again and again, and nobody answers.

## What is seen
At least three requests of one host for the same address without an answer up to the end of the capture, although the capture shows
answers that go to this host. Addresses that had answered before, or for whose sake the host sends nothing else, weigh more.
With a second capture on the same LAN the finding says whether the requests got there, and whether an answer set out from there.

## Why it matters
Without the answer no packet leaves for that address: connections time out without a single SYN on the wire. When it is the default
gateway, the host is cut off from every other network.

## Fix
Check that the address exists and that its host is up, in the same VLAN and with the same subnet mask; a wrong mask makes a host ask
for addresses that are behind a router.

## Looks alike but is not
Answers that pass another switch port: requests of other hosts are broadcast, the answers are not, so they are judged only where
answers to that host are seen. Probes (sender 0.0.0.0) and announcements expect no answer. A host that asks for very many addresses
scans (`arp-burst`).

## References
RFC 826; RFC 1122 section 2.3.2.1 (one request a second and destination at most).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.messages.arp import ipv4_text, mac_bytes
from wireproof.rules.arp._follow import groups, ipv4_ends, label, own_answers_visible
from wireproof.rules.evidence import count, frame, joined, seconds
from wireproof.rules.sightings import at_each_point
from wireproof.wire.arp import mac_text

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "arp-unanswered"
SEVERITY = Severity.WARNING
REPEATS = limit(
    "arp-unanswered.requests", 3, "Windows and Linux ask three times before they give up; fewer may be one lost frame"
)
SCAN = limit(
    "arp-unanswered.addresses", 10, "who asks for more addresses in vain looks for hosts, and misses none of them"
)
FLOOD = limit(
    "arp-unanswered.flood_requests",
    30,
    "nobody who gets an answer asks so often; RFC 1122 allows one request a second and address",
)
FLOOD_WITHIN = limit("arp-unanswered.flood_s", 30.0, "a host that goes on asking for half a minute has no other way")
APART = limit(
    "arp-unanswered.apart_s",
    0.1,
    "hosts wait a second before they ask again; closer copies are one request that was captured twice",
)
SHOWN = 12
FOLLOWED = 50
"""Askers whose requests are looked for at other points."""

Indexes = NDArray[np.int64]


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each host that asks in vain."""
    yield from at_each_point(case, lambda point: judge_point(case, point))


def judge_point(case: Case, point: Point) -> Iterator[Finding]:
    """Unanswered requests of this point, by asker, with what other points of the same LAN show of them."""
    arp = point.arp
    vain, told = unanswered(point), 0
    for group in groups(np.stack([arp.segment[vain], arp.sender_mac[vain]], axis=1)):
        mine = vain[group]
        by_target = [mine[part] for part in groups(arp.target[mine][:, None])]
        if not own_answers_visible(point, int(arp.sender_mac[mine[0]])):
            by_target = [asks for asks in by_target if is_flood(point, asks)]
        by_target = [asks for asks in by_target if insists(point, asks) and not speaks_ip(point, asks)]
        if by_target:
            found = finding(point, by_target)
            told += 1
            if told <= FOLLOWED and len(case.points) > 1:
                from wireproof.rules.arp._across import tell_across

                tell_across(case, point, found, np.sort(np.concatenate(by_target)))
            yield found


def insists(point: Point, asks: Indexes) -> bool:
    """Whether the requests are several tries, and not one that was captured several times."""
    tries = 1 + int((np.diff(point.arp.time_ns[asks]) >= APART.value * 1e9).sum())
    return tries >= REPEATS.value or is_flood(point, asks)


def is_flood(point: Point, asks: Indexes) -> bool:
    """Whether so many requests in so short a time are alone a proof that no answer arrives."""
    need, times = int(FLOOD.value), point.arp.time_ns[asks]
    return (
        len(asks) >= need
        and int((times[need - 1 :] - times[: len(times) - need + 1]).min()) <= FLOOD_WITHIN.value * 1e9
    )


def unanswered(point: Point) -> Indexes:
    """Requests for addresses from which no ARP message came at or after the request."""
    arp = point.arp
    asks = np.flatnonzero(arp.asks)
    if not len(asks):
        return asks
    tells = np.flatnonzero(arp.tells)
    key = (arp.segment << 32) | arp.sender.astype(np.int64)
    wanted = (arp.segment[asks] << 32) | arp.target[asks].astype(np.int64)
    known, place = np.unique(key[tells][::-1], return_index=True)
    if not len(known):
        return asks
    last = tells[::-1][place]
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    told_later = (known[at] == wanted) & (last[at] > asks)
    return np.asarray(asks[~told_later], dtype=np.int64)


def speaks_ip(point: Point, asks: Indexes) -> bool:
    """Whether the address asked for sends IP packets after the first request: then it is reached all the same."""
    sent = sent_by(point, int(point.arp.target[asks[0]]))
    return bool((sent["last_ns"] > point.arp.time_ns[asks[0]]).any())


def sent_by(point: Point, address: int) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Facts of everything that an IPv4 address sent."""
    conversations = point.conversations
    sides = conversations.facts["sides"][ipv4_ends(conversations) == address]
    return np.asarray(sides[sides["packets"] > 0])


def was_there(point: Point, asks: Indexes) -> bool:
    """Whether the address asked for was heard of before the first request."""
    arp, first = point.arp, int(asks[0])
    told = arp.tells[:first] & (arp.sender[:first] == arp.target[first])
    return bool(told.any() or (sent_by(point, int(arp.target[first]))["first_ns"] < arp.time_ns[first]).any())


def is_cut_off(point: Point, asks: Indexes) -> bool:
    """Whether the asker sends nothing to any single host from its first vain request on."""
    arp, ends = point.arp, ipv4_ends(point.conversations)
    asker = int(arp.sender[asks[0]])
    single = (ends[:, ::-1] >> 28 < 0xE) & (ends[:, ::-1] & 0xFF != 0xFF)
    sides = point.conversations.facts["sides"][(ends == asker) & single]
    return not bool(((sides["packets"] > 0) & (sides["last_ns"] > arp.time_ns[asks[0]])).any())


def finding(point: Point, by_target: list[Indexes]) -> Finding:
    """The finding on one asker; `by_target` holds its vain requests, one entry an address."""
    arp, scans = point.arp, len(by_target) >= SCAN.value
    gone = [asks for asks in by_target if was_there(point, asks)]
    cut_off = len(by_target) == 1 and is_cut_off(point, by_target[0])
    first = (gone or by_target)[0]
    asker, targets = ipv4_text(arp.sender[first[0]]), [ipv4_text(arp.target[asks[0]]) for asks in by_target]
    total = sum(map(len, by_target))
    span_s = max(float(arp.time_ns[asks[-1]] - arp.time_ns[asks[0]]) for asks in by_target) / 1e9
    summary = f"{asker} sent {count(total, 'ARP request')} for {joined(targets)} within {seconds(span_s)}. " + (
        "No answer is in this capture, which does show answers to this host."
        if own_answers_visible(point, int(arp.sender_mac[first[0]]))
        else "Answers to it do not pass here, but who gets one does not ask so often."
    )
    if gone:
        summary += (
            f" {joined([ipv4_text(arp.target[asks[0]]) for asks in gone])} had been there before in the same capture."
        )
    if cut_off:
        summary += " Meanwhile it sent nothing to any other host, as a host does that waits for its default gateway."
    return Finding(
        RULE,
        SEVERITY if (gone or cut_off or is_flood(point, first)) and not scans else Severity.INFO,
        Confidence.HIGH if gone else Confidence.MEDIUM,
        f"{asker} asks for {joined(targets, 3)} by ARP, {count(total, 'time')}, without an answer",
        summary,
        [
            frame(point, arp.row[index], f"asks for {ipv4_text(arp.target[index])}, no answer")
            for asks in by_target
            for index in asks[:4]
        ][:SHOWN],
        where=f"in the subnet of {asker}",
        talk=label(int(arp.sender[first[0]]), int(arp.target[first[0]])),
        facts={
            "count": total,
            "addresses": targets[:50],
            "asker": asker,
            "seen_before": bool(gone),
            "window_s": span_s,
        },
        fix=[
            (
                f"Check that {joined(targets, 3)} {'is' if len(targets) == 1 else 'are'} up and in the same VLAN; look for "
                f"{'its MAC' if len(targets) == 1 else 'their MACs'} on the switch (`show mac address-table`)."
            ),
            (
                f"On {asker}, compare address, subnet mask and default gateway with what they should be (Windows: `ipconfig /all`, Linux: `ip addr; "
                "ip route`): a mask that is too wide makes it ask for hosts behind a router."
            ),
        ],
        references=["RFC 826", "RFC 1122 2.3.2"],
        filters={point.name: f"arp && eth.addr=={mac_text(mac_bytes(int(arp.sender_mac[first[0]])))}"},
        cause=(asker,),
    )

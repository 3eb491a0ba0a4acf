"""What another capture of the same LAN shows of requests in vain: whether they got there, and whether an answer set out from there.

ARP messages are the same when operation, sender and target are, and their times agree within the clocks' bounds. Where nothing shows
that both captures are on one LAN, as with a router between them, nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.absent import own_hosts
from wireproof.align.hashing import Keys, mix
from wireproof.align.hops import UNDER_WAY_S, UNSURE_CLOCK_S
from wireproof.messages.arp import ArpTable, ipv4_text, mac_bytes
from wireproof.rules.arp._follow import ipv4_ends, own_answers_visible
from wireproof.rules.evidence import count, frame

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.finding import Finding

SAMPLE = 20
"""Frames of the asker that are looked at for its MAC, and messages that are asked how far the clocks are apart."""
LOOKED_AT = 500
"""Requests of one asker that are looked for; who asks for more scans."""

Indexes = NDArray[np.int64]
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sighted:
    """What `other` shows of requests: how many of them (`asked`) were sent while it captured, how many of these it has, and answers.

    `answers` are indexes of its ARP table.
    """

    point: Point
    other: Point
    asked: int
    arrived: int
    answers: Indexes


def tell_across(case: Case, point: Point, finding: Finding, asks: Indexes) -> None:
    """Add to a finding on requests (indexes of the point's ARP table, of one asker) what a further point shows of them."""
    asks = asks[:LOOKED_AT]
    for other in case.points:
        sighted = _look(case, point, other, asks) if other is not point else None
        if sighted is not None:
            _add(finding, sighted, asks)
            return


def _look(case: Case, point: Point, other: Point, asks: Indexes) -> Sighted | None:
    """What another point shows; None where it is on another LAN, did not capture then, or is the asker's own and misses them."""
    if not len(other.arp) or not _same_lan(point, other, asks):
        return None
    view = _compare_times(case, point, other)
    if view is None:
        return None
    times = view.here[asks]
    asked = asks[(times >= view.first + view.margin) & (times <= view.last - view.margin)]
    arrived = _arrived(message_keys(point.arp)[asked], view.here[asked], message_keys(other.arp), view)
    if not len(asked) or (not arrived and _is_host(other, int(point.arp.sender[asks[0]]), point)):
        return None
    answers = other.arp.replies & np.isin(other.arp.sender, point.arp.target[asks])
    answers &= (other.arp.target == point.arp.sender[asks[0]]) & (view.there >= times.min() - view.margin)
    return Sighted(point, other, len(asked), arrived, np.flatnonzero(answers))


def _add(finding: Finding, sighted: Sighted, asks: Indexes) -> None:
    """Write into the finding where the request or the answer gets lost."""
    point, other, arp = sighted.point, sighted.other, sighted.point.arp
    asker, targets = int(arp.sender[asks[0]]), np.unique(arp.target[asks])
    between = f"between {point.name} and {other.name}"
    finding.facts.update(seen_at=other.name, requests_there=sighted.arrived, answers_there=len(sighted.answers))
    if len(sighted.answers):
        visible = own_answers_visible(point, int(arp.sender_mac[asks[0]]))
        finding.where = between if visible else f"between {other.name} and {ipv4_text(asker)}"
        finding.summary += (
            f" {other.name} shows {count(len(sighted.answers), 'answer')} to it, which {'are' if len(sighted.answers) > 1 else 'is'} "
            f"lost on the way back."
        )
        rows = other.arp.row[sighted.answers[:2]].tolist()
        finding.evidence += [
            frame(other, row, f"answers, not in {point.name}", "lost" if visible else "") for row in rows
        ]
    elif not sighted.arrived:
        finding.where = between
        finding.summary += f" None of these requests is in {other.name}, which is on the same LAN and was capturing: they are lost {between}."
    elif sighted.arrived < sighted.asked:
        finding.where = between
        finding.summary += (
            f" Only {sighted.arrived} of {count(sighted.asked, 'request')} got to {other.name}, on the same LAN."
        )
    else:
        _add_reached(finding, sighted, targets)


def _add_reached(finding: Finding, sighted: Sighted, targets: NDArray[np.uint32]) -> None:
    """All requests got to the other point, and no answer set out there."""
    other = sighted.other
    reached = [int(target) for target in targets if _is_host(other, int(target), sighted.point)]
    if reached and len(targets) == 1:
        finding.where = f"at {ipv4_text(reached[0])}"
        finding.summary += f" The requests reach it: {other.name}, taken at that host, shows them, and no answer."
    else:
        finding.summary += f" {other.name}, on the same LAN, shows the requests too, and no answer either."


def message_keys(arp: ArpTable) -> Keys:
    """One number for what each message says; equal wherever a LAN carries it to."""
    return mix([arp.operation, arp.sender_mac, arp.sender, arp.target])


@dataclass(frozen=True, slots=True)
class _Times:
    """Times of both points' messages on one clock, when the other point captured, and how far times of one message may lie apart."""

    here: Times
    there: Times
    first: int
    last: int
    margin: int


def _compare_times(case: Case, point: Point, other: Point) -> _Times | None:
    """Both points' times on one clock: as the alignment has it, else as messages tell that both show equally often."""
    clocks = case.alignment.clocks[point.index], case.alignment.clocks[other.index]
    here, there = (clock.to_reference(of.arp.time_ns) for clock, of in zip(clocks, (point, other), strict=True))
    shift, margin = 0, round(UNDER_WAY_S.value * 1e9) + sum(clock.bound_ns or 0 for clock in clocks)
    if clocks[0].group != clocks[1].group:
        apart = _differences((message_keys(point.arp), here), (message_keys(other.arp), there))
        if not len(apart) or np.ptp(apart) > UNSURE_CLOCK_S.value * 1e9:
            return None
        shift = int(np.median(apart))
    elif not all(clock.known for clock in clocks):
        margin += round(UNSURE_CLOCK_S.value * 1e9)
    first, last = case.alignment.spans[other.index]
    return _Times(here, there - shift, first - shift, last - shift, margin)


def _differences(here: tuple[Keys, Times], there: tuple[Keys, Times]) -> Times:
    """By how much the other point's times are ahead, from messages that both points show equally often."""
    (keys, times), (keys_there, times_there) = here, there
    found: list[int] = []
    for key in np.intersect1d(keys, keys_there)[:LOOKED_AT]:
        mine, theirs = times[keys == key], times_there[keys_there == key]
        if len(mine) == len(theirs):
            found += (np.sort(theirs) - np.sort(mine)).tolist()
        if len(found) >= SAMPLE:
            break
    return np.array(found, dtype=np.int64)


def _arrived(keys: Keys, times: Times, keys_there: Keys, view: _Times) -> int:
    """How many messages the other point has, each of its own only once."""
    found = 0
    for key in np.unique(keys):
        theirs = np.sort(view.there[keys_there == key]).tolist()
        place = 0
        for time in np.sort(times[keys == key]).tolist():
            while place < len(theirs) and theirs[place] < time - view.margin:
                place += 1
            if place < len(theirs) and theirs[place] <= time + view.margin:
                found, place = found + 1, place + 1
    return found


def _same_lan(point: Point, other: Point, asks: Indexes) -> bool:
    """Whether ARP messages of one host's MAC are at both points, or the other shows frames with the asker's own MAC."""
    shared = np.isin(message_keys(point.arp)[point.arp.tells], message_keys(other.arp)[other.arp.tells])
    asker, mac = int(point.arp.sender[asks[0]]), mac_bytes(int(point.arp.sender_mac[asks[0]]))
    return bool(shared.any()) or mac in _macs_of(other, asker)


def _macs_of(point: Point, address: int) -> set[bytes]:
    """Source MACs of the first packets that an IPv4 address sends in some conversations."""
    ends = ipv4_ends(point.conversations)
    first = point.conversations.facts["sides"]["first_row"][ends == address]
    rows = first[first > 0][:SAMPLE].astype(np.int64) - 1
    return {data[6:12] for data in point.frames(rows.tolist())}


def _is_host(point: Point, address: int, witness: Point) -> bool:
    """Whether a capture was taken on the host of an address, as far as its frames or its addresses tell."""
    wide = b"\0" * 10 + b"\xff\xff" + address.to_bytes(4, "big")
    if wide in own_hosts(point.tables):
        return True
    macs = {
        int(mac) for seen in (point.arp, witness.arp) for mac in seen.sender_mac[seen.tells & (seen.sender == address)]
    }
    return bool(point.vantage.mac) and int.from_bytes(point.vantage.mac, "big") in macs

"""Failed connections to ports that RPC answers named, and whether nothing else explains them.

Facts for the rules of this family: takes the conversations and offers of all points; gives each failed attempt once, with the offer
that it follows. Decides nothing.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.rules.rpc._offers import Offer, Offers, offers_at
from wireproof.rules.subjects import first_sight, sides
from wireproof.rules.tcp.connection_refused import refused
from wireproof.rules.tcp.syn_unanswered import unanswered
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.case import Case, Point

SOON = limit(
    "rpc-port-blocked.soon_s",
    60.0,
    "after an answer that is encrypted or names hosts, a connection that fits and begins within a minute is likely due to it",
)
LOOKED_AT = limit(
    "rpc-port-blocked.attempts",
    5000,
    "failed connections that are looked at closely; what comes after them is like them",
)
BACK = 50
"""Offers of one port to one client that are tried, the latest first."""
SLACK_NS = 1_000_000_000
"""By how much clocks of two capture points may be wrong against each other."""
NOT_DYNAMIC = {1080, 1352, 1433, 1434, 1521, 1720, 1723, 1812, 2049, 3128, 3260, 3268, 3269, 3306, 3389, 3478, 5000}
"""Ports inside the old dynamic range that other services are known for."""


HOW: dict[str, str] = {
    "silent": "got no answer at all",
    "refused": "was refused by a reset",
    "unreachable": "was answered with an ICMP error",
    "reset": "was accepted and then reset before the server said anything",
}
"""What became of an attempt of each kind."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A failed connection to a port that an offer names. `kind` is `silent`, `refused`, `unreachable` or `reset`."""

    point: Point
    number: int
    kind: str
    offer: Offer

    @property
    def server(self) -> str:
        """Address that was tried."""
        talk = self.point.talk(self.number)
        return talk.address(1 - talk.client_side)

    @property
    def client(self) -> str:
        """Address of the client."""
        talk = self.point.talk(self.number)
        return talk.address(talk.client_side)

    @property
    def port(self) -> int:
        """Port that was tried."""
        return int(self.point.talk(self.number).server["port"])

    @property
    def complaint(self) -> tuple[int, str, str]:
        """The row of the first ICMP error about it, who sent that, and what it says; -1 and "" for none."""
        errors = self.point.icmp_errors
        about = np.flatnonzero(errors.conversation == self.number)
        if not len(about):
            return -1, "", ""
        report = errors.read(about[:1].tolist())[0]
        return report.row, report.reporter, report.error.name if report.error else "destination unreachable"


def find_attempts(case: Case) -> Iterator[Attempt]:
    """Failed connections to ports that answers named, each conversation once."""
    if not any(point.said.has_rpc for point in case.points):
        return
    for point in case.points:
        failed = find_failures(point)
        numbers = first_sight(case, point, np.array(sorted(failed), np.int64), near_client=True)
        if not len(numbers):
            continue
        offers = offers_at(case, point)
        for number in numbers[: int(LOOKED_AT.value)].tolist():
            offer = _followed(case, offers, point, number)
            if offer:
                yield Attempt(point, number, failed[number], offer)


def find_failures(point: Point) -> dict[int, str]:
    """TCP conversations of a point that never got to an answer, and how they failed."""
    found = dict.fromkeys(_unreachable(point).tolist(), "unreachable")
    found |= dict.fromkeys(unanswered(point).tolist(), "silent")
    found |= dict.fromkeys(refused(point).tolist(), "refused")
    return found | dict.fromkeys(_reset(point).tolist(), "reset")


def _unreachable(point: Point) -> NDArray[np.int64]:
    """Nothing but SYNs of one side, about which an ICMP error came."""
    packets, syns = sides(point, "packets"), sides(point, "syns")
    only_syns = (syns[:, 0] > 0) & (syns[:, 0] == packets[:, 0]) & (packets[:, 1] == 0)
    return np.flatnonzero(only_syns & (point.conversations.facts["icmp_errors"] > 0) & point.conversations.is_tcp)


def _reset(point: Point) -> NDArray[np.int64]:
    """Accepted, and then reset in the server's name before it had said anything."""
    accepted = (sides(point, "syn_acks") > 0) & (sides(point, "rsts") > 0) & (sides(point, "data_packets") == 0)
    asked = sides(point, "syns") > 0
    return np.flatnonzero((accepted & asked[:, ::-1]).any(axis=1) & point.conversations.is_tcp)


def _followed(case: Case, offers: Offers, point: Point, number: int) -> Offer | None:
    """The offer that a failed connection follows: one that names its address, or one that leaves the address open."""
    talk = point.talk(number)
    client, server = talk.address(talk.client_side), talk.address(1 - talk.client_side)
    port = int(talk.server["port"])
    began_ns = int(point.packets.time_ns[int(talk.client["syn_row"]) - 1])
    reference_ns = _reference(case, point, began_ns)
    named = _before(offers.named.get((client, port), []), began_ns, reference_ns)
    for offer in named:
        if server in (offer.server, *offer.addresses):
            return offer
    for offer in _before(offers.to_hosts.get(port, []), began_ns, reference_ns):
        if _is_soon(offer, began_ns) and (client == offer.client or _is_same_host(offer, point, number)):
            return offer
    if not is_dynamic(port):
        return None
    for offer in _before(offers.hidden.get((client, server), []), began_ns, reference_ns):
        if _is_soon(offer, began_ns):
            return offer
    return None


def _is_same_host(offer: Offer, point: Point, number: int) -> bool:
    """Whether the client that asked and the one that connects have one MAC: a host that asks over IPv4 and connects over IPv6."""
    asking = point.talk(offer.message.conversation)
    rows = [int(asking.client["first_row"]) - 1, int(point.talk(number).client["first_row"]) - 1]
    if offer.source is not point or not all(point.packets.layers[row] & LAYERS["ethernet"] for row in rows):
        return False
    if int(asking.facts["version"]) == int(point.talk(number).facts["version"]):
        return False
    first, second = point.frames(rows)
    return first[6:12] == second[6:12]


def is_dynamic(port: int) -> bool:
    """Whether a port is in a default dynamic range of Windows, and nobody else's."""
    return (port >= 49152 or 1024 < port <= 5000) and port not in NOT_DYNAMIC


def _is_soon(offer: Offer, began_ns: int) -> bool:
    """Whether an offer of the same point is so recent that what follows it is likely to be due to it."""
    return offer.time_ns is not None and not offer.by_reference and began_ns - offer.time_ns <= SOON.value * 1e9


def _reference(case: Case, point: Point, time_ns: int) -> int:
    if len(case.points) < 2:
        return time_ns
    return int(case.alignment.clocks[point.index].to_reference(np.array([time_ns]))[0])


def _before(offers: list[Offer], own_ns: int, reference_ns: int) -> list[Offer]:
    """Offers made before a time, the latest first."""
    end = len(offers)
    if offers and not any(offer.by_reference or offer.time_ns is None for offer in (offers[0], offers[-1])):
        end = bisect.bisect_right(offers, own_ns, key=lambda offer: offer.time_ns or 0)
    found = []
    for offer in reversed(offers[max(0, end - BACK) : end]):
        limit_ns = reference_ns + SLACK_NS if offer.by_reference else own_ns
        if offer.time_ns is None or offer.time_ns <= limit_ns:
            found.append(offer)
    return found

"""Answers that name where a service listens: each as every capture point shows it.

Facts for the rules of this family: takes the messages of all points; gives offers by client and port. Decides nothing.
"""

from __future__ import annotations

import functools
import ipaddress
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from wireproof.rules.subjects import members
from wireproof.wire import dcom

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.rpc import RpcMessage
    from wireproof.messages.rpc_answers import Place


@functools.cache
def naming() -> frozenset[tuple[str, int]]:
    """Operations whose answers name ports. ServerAlive2 only lists addresses."""
    from wireproof.messages.rpc_answers import ANSWERED

    return frozenset(ANSWERED) - {(dcom.OBJECT_EXPORTER, 5)}


def is_address(text: str) -> bool:
    """Whether a binding's host is an IP address and no name."""
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def is_unspecified(text: str) -> bool:
    """Whether a tower leaves the address to the client."""
    return not text or (is_address(text) and ipaddress.ip_address(text.partition("%")[0]).is_unspecified)


def tcp_places(message: RpcMessage) -> list[Place]:
    """Places with a TCP port that an answer names."""
    return [place for place in message.places if place.port and place.sequence in ("ncacn_ip_tcp", "ncacn_http")]


@dataclass(frozen=True, slots=True)
class Offer:
    """One answer of `server` to `client`, with their addresses as a certain point shows them; `source` is the point it was read at.

    `time_ns` is on that point's clock, or on the case's reference clock with `by_reference`; None when it can't be compared.
    `hidden` says that the answer is encrypted or cut, so that its places are not known.
    """

    source: Point
    message: RpcMessage
    client: str
    server: str
    time_ns: int | None
    by_reference: bool
    places: tuple[Place, ...]
    hidden: bool

    @property
    def addresses(self) -> set[str]:
        """Addresses that it names."""
        return {place.address for place in self.places if is_address(place.address)}

    @property
    def ports(self) -> set[int]:
        """Ports that it names."""
        return {place.port for place in self.places}

    @property
    def names_hosts(self) -> bool:
        """Whether it names hosts, of which only the client knows the addresses."""
        return any(place.address and not is_address(place.address) for place in self.places)


@dataclass(slots=True)
class Offers:
    """The offers of a case as one point shows them: of each client and port, those of each port that name hosts and were read at this
    point, and the unreadable ones of each client and server.
    """

    named: dict[tuple[str, int], list[Offer]] = field(default_factory=lambda: defaultdict(list))
    to_hosts: dict[int, list[Offer]] = field(default_factory=lambda: defaultdict(list))
    hidden: dict[tuple[str, str], list[Offer]] = field(default_factory=lambda: defaultdict(list))


def naming_answers(point: Point) -> list[RpcMessage]:
    """Answers of one point that name TCP ports, or would if they could be read."""
    return [
        message
        for message in point.said.rpc
        if message.kind == "response" and (any(message.ports) or message.sealed or message.cut)
        if (message.interface, message.opnum) in naming() or _may_name(point, message)
    ]


def _may_name(point: Point, message: RpcMessage) -> bool:
    """Whether an answer is one of port 135 whose bind the capture lacks or cuts: most of what is asked there has a port for answer."""
    from wireproof.messages.rpc import MAPPER_PORT

    return not message.interface and int(point.talk(message.conversation).server["port"]) == MAPPER_PORT


def offers_at(case: Case, point: Point) -> Offers:
    """All offers with the addresses that `point` shows for them; an offer that it shows itself is not taken from another one."""
    found = Offers()
    same = members(case)
    for source in sorted(case.points, key=lambda each: each is not point):
        shown_here = set(point.said.rpc.conversations)
        there: dict[int, int] = {}
        for asking in source.said.rpc.conversations:
            at_point = [number for index, number in same.get((source.index, asking), ()) if index == point.index]
            there[asking] = at_point[0] if at_point else -1
        for message in naming_answers(source):
            number = there[message.conversation]
            if source is not point and number in shown_here:
                continue
            _add(found, _offer(case, (source, point), message, number))
    for offers in (*found.named.values(), *found.to_hosts.values(), *found.hidden.values()):
        offers.sort(key=lambda offer: offer.time_ns or 0)
    return found


def own_offer(point: Point, message: RpcMessage) -> Offer:
    """An answer with the addresses that its own point shows."""
    talk = point.talk(message.conversation)
    ends = (talk.address(talk.client_side), talk.address(1 - talk.client_side))
    hidden = not message.places and (message.sealed or message.cut)
    return Offer(point, message, *ends, message.time_ns, False, tuple(tcp_places(message)), hidden)


def _offer(case: Case, points: tuple[Point, Point], message: RpcMessage, number: int) -> Offer:
    """An answer of the first point with the addresses that the second one shows in its conversation `number` (-1: as the first)."""
    source, point = points
    own = own_offer(source, message)
    if source is point:
        return own
    talk = source.talk(message.conversation) if number < 0 else point.talk(number)
    time_ns, by_reference = _time(case, points, message.time_ns)
    client, server = talk.address(talk.client_side), talk.address(1 - talk.client_side)
    return replace(own, client=client, server=server, time_ns=time_ns, by_reference=by_reference)


def _time(case: Case, points: tuple[Point, Point], time_ns: int) -> tuple[int | None, bool]:
    """The time of a packet of the first point, so that it compares with those of the second."""
    source, point = points
    clocks = case.alignment.clocks
    here, there = clocks[source.index], clocks[point.index]
    if not (here.known and there.known and here.group == there.group):
        return None, False
    return int(here.to_reference(np.array([time_ns]))[0]), True


def _add(found: Offers, offer: Offer) -> None:
    if offer.hidden:
        found.hidden[offer.client, offer.server].append(offer)
    for port in offer.ports:
        found.named[offer.client, port].append(offer)
        if offer.names_hosts and not offer.by_reference:
            found.to_hosts[port].append(offer)

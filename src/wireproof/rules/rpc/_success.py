"""Whether a client whose connection failed got through after all: to the same port later, or to another place that was named.

Facts for the rules of this family. Takes an attempt or an endpoint; tells what other conversations of the capture show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.rules.endpoints import addresses
from wireproof.rules.rpc._attempts import Attempt, is_dynamic
from wireproof.rules.subjects import sides

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.rules.rpc._offers import Offer


def reached(point: Point, ports: set[int]) -> NDArray[np.int64]:
    """Conversations with one of these server ports in which the server accepted and was not reset before it said something."""
    conversations = point.conversations
    likely = np.flatnonzero(np.isin(sides(point, "port"), list(ports)).any(axis=1) & conversations.is_tcp)
    facts = conversations.facts[likely]
    server = facts["sides"][np.arange(len(facts)), 1 - facts["client"]]
    # Without its handshake, a conversation in which the server sends data is one that works.
    works = (server["data_packets"] > 0) | ((server["syn_acks"] > 0) & (facts["reset_row"] == 0))
    return np.asarray(likely[np.isin(server["port"], list(ports)) & works], dtype=np.int64)


def reached_same(attempt: Attempt) -> tuple[bool, bool]:
    """Whether the same client got through to the same address and port before the attempt, and after it."""
    point = attempt.point
    numbers = _of_client(point, attempt.client, reached(point, {attempt.port}))
    same = [number for number in numbers.tolist() if _server(point, number) == attempt.server]
    began = int(point.talk(attempt.number).client["first_ns"])
    times = [int(point.talk(number).client["first_ns"]) for number in same]
    return any(time < began for time in times), any(time > began for time in times)


def reached_elsewhere(attempt: Attempt) -> bool:
    """Whether the client got through to another place that the same answer names."""
    if not attempt.offer.ports:
        return False
    point = attempt.point
    tried = (attempt.server, attempt.port)
    numbers = reached_of_offer(point, attempt.offer).tolist()
    return any((_server(point, number), int(point.talk(number).server["port"])) != tried for number in numbers)


def reached_unnamed(attempt: Attempt) -> bool:
    """Whether the client got through to some other dynamic port of the same host after an answer that can't be read."""
    point, offer = attempt.point, attempt.offer
    facts = point.conversations.facts["sides"]
    ports = {port for port in np.unique(facts["port"]).tolist() if is_dynamic(port)}
    numbers = _of_client(point, attempt.client, reached(point, ports)).tolist()
    after = [n for n in numbers if int(point.talk(n).client["first_ns"]) > offer.message.time_ns]
    return any(_server(point, number) == attempt.server for number in after)


def reached_of_offer(point: Point, offer: Offer) -> NDArray[np.int64]:
    """Conversations of the offer's client that got through to a port that it names, at an address that it may mean."""
    numbers = _of_client(point, offer.client, reached(point, offer.ports))
    allowed = {offer.server, *offer.addresses}
    servers = [_server(point, number) for number in numbers.tolist()]
    if offer.names_hosts and not allowed.issuperset(servers):
        own = _mappers(point, offer)
        allowed |= {server for server in servers if server not in own and _may_be_named(offer, server)}
    fits = [server in allowed for server in servers]
    return np.asarray(numbers[np.array(fits, bool)], dtype=np.int64)


def _may_be_named(offer: Offer, server: str) -> bool:
    """Whether a host name of the offer may stand for an address: DCOM lists a host's addresses too, so where it lists some, all of that kind."""
    return not any((":" in address) == (":" in server) for address in offer.addresses)


def _mappers(point: Point, offer: Offer) -> set[str]:
    """Addresses whose own endpoint mapper the offer's client reached: what it does there is due to their answers."""
    asked = int(offer.source.talk(offer.message.conversation).server["port"])
    return {_server(point, number) for number in _of_client(point, offer.client, reached(point, {asked})).tolist()}


def pipe_after_s(attempt: Attempt) -> float | None:
    """Seconds from the attempt's last packet until its client sends something to the same host over SMB; None when it does not."""
    point = attempt.point
    packets, last_ns = point.packets, int(point.talk(attempt.number).client["last_ns"])
    times = []
    for number in _of_client(point, attempt.client, reached(point, {139, 445})).tolist():
        if _server(point, number) != attempt.server:
            continue
        rows = point.conversations.rows_of_side(number, point.talk(number).client_side)
        sent = packets.time_ns[rows[packets.length[rows] > 0]]
        times += sent[sent > last_ns][:1].tolist()
    return (min(times) - last_ns) / 1e9 if times else None


def _of_client(point: Point, client: str, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of conversations that this client opened."""
    if not len(numbers):
        return numbers
    keys = addresses(point, numbers, of_server=False)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    texts = [
        point.talk(int(numbers[place])).address(point.talk(int(numbers[place])).client_side) for place in first.tolist()
    ]
    same = np.array([text == client for text in texts], bool)
    return np.asarray(numbers[same[inverse.reshape(-1)]], dtype=np.int64)


def _server(point: Point, number: int) -> str:
    talk = point.talk(number)
    return talk.address(1 - talk.client_side)

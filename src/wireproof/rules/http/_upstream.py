"""A gateway's own connections to what stands behind it, while a request waited for them.

Takes failures that a gateway reported; gives the conversations of any point that it may have waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.rules.subjects import members

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.rules.http._failures import Failure

GATEWAY = frozenset((502, 503, 504))
"""Status codes by which a gateway says that the server behind it failed (RFC 9110 section 15.6); 503 is also a server's own."""
NAMED_MOST = 200
SLACK_NS = 100_000_000
"""The end of the upstream's wait and the response to the client may be this far apart, as may two clocks that were aligned."""


def upstream(case: Case, failures: Iterable[Failure]) -> list[tuple[str, int]]:
    """(capture name, conversation) of what the gateways of these failures did upstream meanwhile."""
    found: dict[tuple[str, int], None] = {}
    for failure in failures:
        for name, number in _meanwhile(case, failure):
            found[name, number] = None
        if len(found) >= NAMED_MOST:
            break
    return list(found)[:NAMED_MOST]


def _meanwhile(case: Case, failure: Failure) -> Iterator[tuple[str, int]]:
    """Conversations that the gateway opened or used between the request and its own response."""
    response = failure.response
    if response.request_row < 0:
        return
    start_ns = int(failure.point.packets.time_ns[response.request_row])
    shown_at = dict(
        members(case).get((failure.point.index, failure.conversation), [(failure.point.index, failure.conversation)])
    )
    gateways = {_server_address(case.points[index], number) for index, number in shown_at.items()}
    for point in case.points:
        begin, end = (_at(case, failure.point, point, time_ns) for time_ns in (start_ns, response.time_ns))
        numbers = _clients_of(point, gateways)
        facts = point.conversations.facts[numbers]["sides"]
        first = np.where(facts["packets"] > 0, facts["first_ns"], np.iinfo(np.int64).max).min(axis=1)
        last = np.where(facts["packets"] > 0, facts["last_ns"], 0).max(axis=1)
        for number in numbers[(first <= end) & (last >= begin - SLACK_NS)].tolist():
            if shown_at.get(point.index) != number:
                yield point.name, number


def _server_address(point: Point, number: int) -> bytes:
    facts = point.conversations.facts[number]
    side = 1 - int(facts["client"])
    return bytes(facts["addresses"].tobytes()[16 * side : 16 * side + 16])


def _at(case: Case, seen: Point, wanted: Point, time_ns: int) -> int:
    """A time of one point's clock on another point's, as far as their clocks are known."""
    if seen is wanted:
        return time_ns
    clocks = case.alignment.clocks
    reference = int(clocks[seen.index].to_reference(np.array([time_ns]))[0])
    return reference - int(clocks[wanted.index].to_reference(np.array([reference]))[0]) + reference


def _clients_of(point: Point, addresses: set[bytes]) -> NDArray[np.int64]:
    """Conversations that one of these addresses opened."""
    facts = point.conversations.facts
    both = np.frombuffer(np.ascontiguousarray(facts["addresses"]).tobytes(), np.dtype((np.void, 16))).reshape(-1, 2)
    opener = both[np.arange(len(facts)), facts["client"]]
    found = np.zeros(len(facts), bool)
    for address in addresses:
        found |= opener == np.frombuffer(address, np.dtype((np.void, 16)))[0]
    return np.flatnonzero(found)

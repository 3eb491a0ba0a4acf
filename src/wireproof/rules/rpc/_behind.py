"""The session that a gateway opened to a server for a client's own session: the same server and port, at the same time.

Facts for the rules of this family. NAT64 (DirectAccess has it) makes of an IPv6 session an IPv4 one, whose server address is the
end of the IPv6 one; a filter that ends sessions itself keeps the server's address. Takes a conversation; gives those behind it.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.case import Case, Point

SLACK = limit(
    "rpc-fault.behind_s",
    2.0,
    "a gateway opens its own session while the client waits; clocks of two captures may differ a little",
)
MOST = 50


def embedded(address: str) -> set[str]:
    """An address, and the IPv4 address at the end of an IPv6 address."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return {address}
    return {address, str(ipaddress.IPv4Address(parsed.packed[12:]))}


def behind(case: Case, point: Point, number: int) -> list[tuple[str, int]]:
    """RPC conversations of all points that may be the gateway's for this one."""
    talk = point.talk(number)
    servers, port = embedded(talk.address(1 - talk.client_side)), int(talk.server["port"])
    client, (begin, end) = talk.address(talk.client_side), _span(point, number)
    found = []
    for other in case.points:
        for candidate in other.said.rpc.conversations:
            there = other.talk(candidate)
            first, last = _span(other, candidate)
            if int(there.server["port"]) != port or first > end or last < begin:
                continue
            if there.address(1 - there.client_side) in servers and there.address(there.client_side) != client:
                found.append((other.name, candidate))
    return found[:MOST]


def _span(point: Point, number: int) -> tuple[float, float]:
    """Seconds at which a conversation begins and ends, widened by the slack of the clocks."""
    sides = [side for side in point.conversations.facts[number]["sides"] if int(side["packets"])]
    first, last = min(int(side["first_ns"]) for side in sides), max(int(side["last_ns"]) for side in sides)
    return first / 1e9 - SLACK.value / 2, last / 1e9 + SLACK.value / 2

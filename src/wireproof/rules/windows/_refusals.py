"""Server endpoints that refused connections.

Takes a case; gives groups of refused connections. Decides nothing.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np

from wireproof.rules.endpoints import Group, by_server
from wireproof.rules.spares import without_spares
from wireproof.rules.subjects import first_sight
from wireproof.rules.tcp.connection_refused import refused

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.logs import Log

UDP = 17
PORT_UNREACHABLE = (3 << 8 | 3, 1 << 8 | 4)
"""Type times 256 plus code of ICMP's port unreachable, for IPv4 and IPv6."""
LOOKED_AT = 100
"""Refusing endpoints of a case that are compared with logs; a scan has more, and means nothing."""

_REFUSALS: weakref.WeakKeyDictionary[Case, list[Group]] = weakref.WeakKeyDictionary()


def refusals(case: Case) -> list[Group]:
    """The refused connections of each server endpoint, seen nearest to the server."""
    if case not in _REFUSALS:
        found: list[Group] = []
        for point in case.points:
            numbers = first_sight(case, point, refused(point), near_client=False)
            found += by_server(point, without_spares(case, point, numbers))[:LOOKED_AT]
        _REFUSALS[case] = found[:LOOKED_AT]
    return _REFUSALS[case]


def datagram_refusals(case: Case) -> list[Group]:
    """UDP conversations of which an ICMP error says that the port is closed, by server endpoint."""
    found: list[Group] = []
    for point in case.points:
        facts = point.conversations.facts
        closed = np.flatnonzero((facts["protocol"] == UDP) & np.isin(facts["icmp_code"], PORT_UNREACHABLE))
        numbers = first_sight(case, point, closed, near_client=False)
        found += by_server(point, without_spares(case, point, numbers))[:LOOKED_AT]
    return found[:LOOKED_AT]


def server_of(group: Group) -> tuple[str, int]:
    """Address and port of the server of a group."""
    talk = group.first
    return talk.address(1 - talk.client_side), int(talk.server["port"])


def is_named_for(log: Log, case: Case, address: str) -> bool:
    """Whether a log may be of the host with this address: nothing says that it was taken at another point."""
    if not log.point:
        return True
    from wireproof.logs.netstat import NetstatLog

    netstats = [other for other in case.logs_of(NetstatLog) if other.point == log.point]
    own = {one for other in netstats for one in other.addresses()}
    return not own or address in own

"""Ways through the intranet: by which router each network reaches another.

Takes the ground; gives next hops. A breadth-first walk over networks and the routers that may forward IPv6.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from ipaddress import IPv6Address

from wireproof.directaccess.method.ground import Ground, ipv6_of
from wireproof.directaccess.site.model import Adapter, Router


@dataclass
class Ways:
    """Next hops towards one network: `networks` by network name, `routers` by router name.

    None as a next hop means that the target itself is on the link.
    """

    networks: dict[str, IPv6Address | None] = field(default_factory=dict)
    routers: dict[str, tuple[Adapter, IPv6Address | None]] = field(default_factory=dict)


def ways_towards(ground: Ground, network: str) -> Ways:
    """Next hops of every network and router towards `network`; those without a way are missing."""
    ways = Ways({network: None})
    edge = deque([network])
    while edge:
        near = edge.popleft()
        for router in ground.site.routers:
            if router.forwards_ipv6 is False or router.name in ways.routers:
                continue
            door = _door(ground, router, near)
            if door is None:
                continue
            ways.routers[router.name] = (door, ways.networks[near])
            edge.extend(_spread(ground, router, ways))
    return ways


def _spread(ground: Ground, router: Router, ways: Ways) -> list[str]:
    """Networks that this router opens up."""
    opened = []
    for door in router.adapters:
        network = ground.network_of(door)
        own = ipv6_of(door)
        if network and own and network.name not in ways.networks:
            ways.networks[network.name] = own[0].ip
            opened.append(network.name)
    return opened


def _door(ground: Ground, router: Router, network: str) -> Adapter | None:
    for door in router.adapters:
        beside = ground.network_of(door)
        if beside and beside.name == network:
            return door
    return None

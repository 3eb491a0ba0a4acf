"""Who answers for an address on a link."""

from __future__ import annotations

import bisect
from collections import defaultdict
from ipaddress import IPv6Address

from wireproof.directaccess.topology.lookup import span
from wireproof.directaccess.topology.model import LinkKind, Topology

Owner = tuple[str, str]
"""Names of a node and its interface."""

_ISATAP_MARKS = {0x00005EFE, 0x02005EFE}
_LINK_LOCAL = 0xFE80 << 112


class Links:
    """Addresses and owned prefixes of every link, found without going through all nodes."""

    def __init__(self, topology: Topology) -> None:
        self._kinds = {link.name: link.kind for link in topology.links.values()}
        self._exact: dict[tuple[str, int], list[Owner]] = defaultdict(list)
        self._anywhere: dict[int, list[tuple[str, str]]] = defaultdict(list)
        self._owned: dict[str, list[tuple[int, int, Owner]]] = defaultdict(list)
        self._own: dict[str, set[int]] = defaultdict(set)
        self._networks: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for node in topology.nodes.values():
            for interface in node.interfaces:
                owner = (node.name, interface.name)
                self._owned[interface.link] += [(*span(prefix), owner) for prefix in interface.owns]
                for address in interface.addresses:
                    value = int(address.ip)
                    self._exact[self._key(interface.link, value)].append(owner)
                    self._anywhere[value].append((node.name, interface.link))
                    self._own[node.name].add(value)
                    self._networks[interface.link].add(span(address.network))
        self._sorted = {link: sorted(rows) for link, rows in self._owned.items()}
        self._firsts = {link: [row[0] for row in rows] for link, rows in self._sorted.items()}

    def owners(self, link: str, address: int, but: str = "") -> list[Owner]:
        """The nodes other than `but` that answer for an address on a link; the first one is taken."""
        exact = [owner for owner in self._exact.get(self._key(link, address), ()) if owner[0] != but]
        return exact or [owner for owner in self._holders(link, address) if owner[0] != but]

    def is_own(self, node: str, address: int) -> bool:
        """Whether an interface of the node has this address."""
        return address in self._own.get(node, ())

    def elsewhere(self, address: IPv6Address) -> tuple[str, str] | None:
        """A node and link that have the address, wherever."""
        found = self._anywhere.get(int(address))
        return found[0] if found else None

    def is_on_link(self, link: str, address: int) -> bool:
        """Whether neighbours on the link would be asked for this address: a prefix of the link or a link-local address."""
        if address >> 118 == _LINK_LOCAL >> 118:
            return True
        return any(first <= address <= last for first, last in self._networks.get(link, ()))

    def is_isatap(self, link: str) -> bool:
        """Whether packets on the link go through IPv4 by the address embedded in the IPv6 one (RFC 5214)."""
        return self._kinds.get(link) is LinkKind.ISATAP

    def _holders(self, link: str, address: int) -> list[Owner]:
        rows = self._sorted.get(link, [])
        end = bisect.bisect_right(self._firsts.get(link, []), address)
        return [owner for first, last, owner in rows[:end] if first <= address <= last]

    def _key(self, link: str, address: int) -> tuple[str, int]:
        """On ISATAP links the embedded IPv4 address alone decides, whatever prefix stands before it."""
        if self.is_isatap(link) and (address >> 32) & 0xFFFFFFFF in _ISATAP_MARKS:
            return link, address & 0xFFFFFFFF
        return link, address

"""Which of its addresses a station sends from (RFC 6724 section 5, rules 6 and 8)."""

from __future__ import annotations

from ipaddress import IPv6Network

from wireproof.directaccess.topology.lookup import BITS, span
from wireproof.directaccess.topology.model import Interface, Node
from wireproof.directaccess.topology.walk import Walker

_LABELS = sorted(
    ((IPv6Network(prefix), label) for prefix, label in (
        ("::1/128", 0), ("::/0", 1), ("::ffff:0:0/96", 4), ("2002::/16", 2), ("2001::/32", 5), ("fc00::/7", 13),
        ("::/96", 3), ("fec0::/10", 11), ("3ffe::/16", 12),
    )),
    key=lambda row: -row[0].prefixlen,
)  # fmt: skip
"""The default policy table of RFC 6724 section 2.1."""
_SPANS = [(*span(prefix), label) for prefix, label in _LABELS]


def source_address(walker: Walker, node: Node, destination: int) -> int | None:
    """The address of the first route's interface that suits the destination best; of any interface when it has none."""
    routes = walker.table(node).best(destination)
    leaving = next((one for one in node.interfaces if routes and one.name == routes[0].interface), None)
    candidates = _global(leaving) if leaving else []
    if not candidates:
        candidates = [address for one in node.interfaces for address in _global(one)]
    return max(candidates, key=lambda address: _suits(address, destination), default=None)


def _global(interface: Interface) -> list[int]:
    return [int(address.ip) for address in interface.addresses if not address.ip.is_link_local]


def _suits(address: int, destination: int) -> tuple[bool, int]:
    return _label(address) == _label(destination), BITS - (address ^ destination).bit_length()


def _label(address: int) -> int:
    return next(label for first, last, label in _SPANS if first <= address <= last)

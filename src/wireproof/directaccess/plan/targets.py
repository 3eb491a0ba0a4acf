"""Where packets for each group of clients have to go: a prefix and the machine that brings it to the right server.

Takes the work; gives targets in the site's order. Makes no step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from wireproof.directaccess.addresses import EntryPrefixes, Prefix, ServerPrefixes
from wireproof.directaccess.method.ground import ipv6_of
from wireproof.directaccess.plan.work import Work, automatic_next_hop, next_hop_of
from wireproof.directaccess.site.model import Adapter, EntryPoint, Method, Server

EVERYTHING = IPv6Network("::/0")


@dataclass(frozen=True)
class Target:
    """Clients of `prefix` are reached by `next_hop`, which is on the network of `adapter`. `what` says who they are."""

    prefix: IPv6Network
    next_hop: IPv6Address
    adapter: Adapter
    what: str


def find_targets(work: Work) -> list[Target]:
    """Every client prefix with its next hop; one default route instead where the site asks for it and one next hop serves all."""
    targets = [target for entry, prefixes in work.ground.pairs for target in _of_entry(work, entry, prefixes)]
    hops = {target.next_hop for target in targets}
    if work.site.default_route and len(hops) == 1:
        return [Target(EVERYTHING, targets[0].next_hop, targets[0].adapter, "all IPv6")]
    return list({target.prefix: target for target in reversed(targets)}.values())[::-1]


def client_prefixes(work: Work, prefixes: ServerPrefixes) -> Iterator[tuple[Prefix, str]]:
    """The prefixes of a server's clients, with the transport's name."""
    if prefixes.ip_https:
        yield prefixes.ip_https, "IP-HTTPS"
    if prefixes.teredo and work.site.teredo and work.method is not Method.FORWARDING:
        yield prefixes.teredo, "Teredo"
    if prefixes.six_to_four and work.site.six_to_four and work.method is not Method.FORWARDING:
        yield prefixes.six_to_four, "6to4"


def _of_entry(work: Work, entry: EntryPoint, prefixes: EntryPrefixes) -> Iterator[Target]:
    for server, own in zip(entry.servers, prefixes.servers, strict=False):
        hop, adapter = _next_hop(work, entry, prefixes, (server, own))
        if hop is None:
            continue
        for prefix, transport in client_prefixes(work, own):
            yield Target(prefix.network, hop, adapter, f"{transport} clients of {server.name}")


def _next_hop(
    work: Work, entry: EntryPoint, prefixes: EntryPrefixes, pair: tuple[Server, ServerPrefixes]
) -> tuple[IPv6Address | None, Adapter]:
    server, own = pair
    if work.method is Method.FORWARDING and entry.balancer and entry.balancer.internal:
        addresses = ipv6_of(entry.balancer.internal)
        return (addresses[0].ip if addresses else None), entry.balancer.internal
    if work.method is Method.NATIVE_AUTOMATIC:
        return automatic_next_hop(server, prefixes), server.internal
    return next_hop_of(server, own), server.internal

"""Steps on load balancers: one forwarding virtual server for each DirectAccess server.

Takes the work; gives one machine's plan per balancer.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Network

from wireproof.directaccess.method import sources
from wireproof.directaccess.plan.model import AddForwardingServer, Check, MachinePlan, Role, Step
from wireproof.directaccess.plan.work import Work, next_hop_of
from wireproof.directaccess.site.model import Balancer, BalancerKind, EntryPoint, Method

CHECKS = {
    BalancerKind.F5: "tmsh list ltm virtual {name}; tmsh show ltm virtual {name}",
    BalancerKind.LVS: "ip -6 route get {prefix}",
    BalancerKind.HAPROXY: "ip -6 route get {prefix}",
}
"""How each make shows what was set."""


def plan_balancers(work: Work) -> list[MachinePlan]:
    """The steps of every entry point's balancer; none with other methods."""
    if work.method is not Method.FORWARDING:
        return []
    plans: dict[str, MachinePlan] = {}
    for entry in work.site.entry_points:
        if entry.balancer is None:
            continue
        plan = plans.setdefault(
            entry.balancer.name, MachinePlan(entry.balancer.name, Role.BALANCER, [], entry.balancer.place)
        )
        plan.steps += _steps(work, entry, entry.balancer)
    return list(plans.values())


def _steps(work: Work, entry: EntryPoint, balancer: Balancer) -> Iterator[Step]:
    prefixes = next(found for other, found in work.ground.pairs if other is entry)
    for server, own in zip(entry.servers, prefixes.servers, strict=False):
        member = next_hop_of(server, own)
        if member is None or own.ip_https is None or _stated(balancer, own.ip_https.network, member):
            continue
        name = f"vs_{server.name.lower()}_out"
        network = own.ip_https.network
        why = (
            f"Clients with addresses of {network} have their tunnel to {server.name} only. The balancer passes their packets to {member} as they "
            "are: no address translation, or the client's IPsec rules don't match."
        )
        check = Check(
            CHECKS.get(balancer.kind, "the console's list of virtual services and their counters").format(
                name=name, prefix=network[1]
            ),
            f"destination {network}, next hop {member}, and packets counted while a station pings a client of {server.name}",
            "no packets counted: stations don't route to the balancer; packets counted without answer: the prefix belongs to another server",
        )
        operation = AddForwardingServer(balancer.kind, name, network, member, _vlan(balancer))
        yield Step(operation, why, check, (sources.F5,), verified=False)


def _vlan(balancer: Balancer) -> str:
    return (balancer.internal.name if balancer.internal else "") or "internal"


def _stated(balancer: Balancer, prefix: IPv6Network, member: IPv6Address) -> bool:
    """Whether the balancer has this very virtual server already."""
    for virtual in balancer.virtual_servers:
        pool = [address.value for address in virtual.pool]
        if virtual.prefix.value == prefix and not virtual.prefix.problem and pool == [member]:
            return True
    return False

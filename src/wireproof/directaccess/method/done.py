"""What a site says was done on its machines already: routes and ISATAP names, whether stated as keys or as commands that were run.

Takes a machine or a site; gives values with their places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from wireproof.directaccess.commands.read import explain_commands
from wireproof.directaccess.plan.model import AddDnsRecord, AddRoute, SetIsatapRouter
from wireproof.directaccess.site.model import Machine, Site
from wireproof.directaccess.stated import Place


@dataclass(frozen=True, slots=True)
class DoneRoute:
    """A route that a machine has. `metric` None where nobody chose one."""

    prefix: IPv6Network
    next_hop: IPv6Address | None
    metric: int | None
    place: Place


def done_routes(machine: Machine) -> Iterator[DoneRoute]:
    """Routes from `routes` and from `commands`, those that mean something."""
    for route in machine.routes:
        if route.prefix.value:
            yield DoneRoute(
                route.prefix.value, route.next_hop.value if route.next_hop else None, route.metric, route.place
            )
    for command in explain_commands(machine.commands):
        done = command.operation
        if isinstance(done, AddRoute):
            place = (*machine.place, "commands", command.position)
            yield DoneRoute(done.prefix, done.next_hop, done.metric, place)


def isatap_names(site: Site) -> Iterator[tuple[str, Place]]:
    """Names that hosts are told as their ISATAP router, and DNS records of that name, with their places."""
    router = site.isatap_router
    if router and router.record:
        yield router.record, (*router.place, "record")
    for record in site.dns:
        yield record.name, record.place
    machines: list[Machine] = [server for entry in site.entry_points for server in entry.servers]
    machines += [router] if router else []
    for machine in [*machines, *site.stations]:
        for command in explain_commands(machine.commands):
            place = (*machine.place, "commands", command.position)
            if isinstance(command.operation, SetIsatapRouter):
                yield command.operation.record, place
            elif isinstance(command.operation, AddDnsRecord):
                yield command.operation.name, place

"""Site and plan as a topology."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wireproof.directaccess.addresses import EntryPrefixes
from wireproof.directaccess.commands.read import explain_commands
from wireproof.directaccess.plan.model import AddDnsRecord, AddFirewallRule, Operation, Plan
from wireproof.directaccess.site.model import Machine, Method, Site
from wireproof.directaccess.topology.apply import apply, names_isatap_router, tell_hosts
from wireproof.directaccess.topology.clients import draft_clients
from wireproof.directaccess.topology.draft import ISATAP_LINK, Draft
from wireproof.directaccess.topology.isatap import learn
from wireproof.directaccess.topology.machines import draft_machines
from wireproof.directaccess.topology.model import Link, LinkKind, NodeKind, Origin, Source, Topology
from wireproof.directaccess.topology.names import Names


def build_topology(site: Site, prefixes: Sequence[EntryPrefixes], plan: Plan | None) -> Topology:
    """The network as the file states it, with the operations of the plan done on it where there is one."""
    own_prefix = plan is not None and plan.choice.method is Method.NATIVE_OWN
    drafts = {draft.name: draft for draft in draft_machines(site, prefixes, own_prefix=own_prefix)}
    _run_commands(site, drafts)
    planned = [step.operation for machine in plan.machines for step in machine.steps] if plan else []
    if plan:
        _run_plan(plan, drafts)
    _learn_isatap(site, drafts, [one for one in planned if isinstance(one, AddDnsRecord)])
    rules = [one for one in planned if isinstance(one, AddFirewallRule)]
    drafts.update({draft.name: draft for draft in draft_clients(site, prefixes, rules)})
    topology = Topology({name: draft.finish() for name, draft in drafts.items()})
    for draft in drafts.values():
        for interface in draft.interfaces.values():
            topology.links.setdefault(interface.link, _link(interface.link))
    return topology


def machines_of(site: Site) -> Iterator[Machine]:
    """Every machine that the file names."""
    yield from site.stations
    yield from site.routers
    if site.isatap_router:
        yield site.isatap_router
    for entry in site.entry_points:
        yield from entry.servers
        if entry.balancer:
            yield entry.balancer


def _run_commands(site: Site, drafts: dict[str, Draft]) -> None:
    for machine in machines_of(site):
        for command in explain_commands(machine.commands) if machine.commands else ():
            if command.operation is not None:
                place = (*machine.place, "commands", command.position)
                apply(drafts[machine.name], command.operation, Origin(Source.STATED, place, command.text))


def _run_plan(plan: Plan, drafts: dict[str, Draft]) -> None:
    for machine in plan.machines:
        draft = drafts.get(machine.name)
        for step in machine.steps:
            _do(drafts, draft, step.operation, Origin(Source.PLANNED, machine.place, step.why))


def _do(drafts: dict[str, Draft], draft: Draft | None, operation: Operation, origin: Origin) -> None:
    record = names_isatap_router(operation)
    if record:
        tell_hosts(drafts, record)
    elif draft is not None:
        apply(draft, operation, origin)


def _learn_isatap(site: Site, drafts: dict[str, Draft], records: Sequence[AddDnsRecord]) -> None:
    names = Names(site, records)
    default = site.isatap_router.record if site.isatap_router else ""
    for draft in drafts.values():
        if draft.kind is not NodeKind.STATION or not (draft.record or draft.isatap):
            continue
        wanted = names.addresses(draft.record or default)
        routers = [one for one in drafts.values() if one.isatap and wanted & set(one.ipv4)]
        if not routers and not names.known:
            routers = [one for one in drafts.values() if one.kind is NodeKind.ISATAP_ROUTER]
        learn(draft, routers)


def _link(name: str) -> Link:
    kinds = {f"{kind} of ": kind for kind in (LinkKind.IP_HTTPS, LinkKind.TEREDO, LinkKind.SIX_TO_FOUR)}
    if name == ISATAP_LINK:
        return Link(name, LinkKind.ISATAP)
    return Link(name, next((kind for start, kind in kinds.items() if name.startswith(start)), LinkKind.ETHERNET))

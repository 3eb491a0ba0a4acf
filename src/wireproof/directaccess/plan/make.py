"""The plan of a site: a method is chosen, and every role's file adds the machines that it knows.

Takes a site and its prefixes; gives a `Plan`. Without a method that works there are no machines, only reasons.
"""

from __future__ import annotations

from collections.abc import Sequence

from wireproof.directaccess.addresses import EntryPrefixes
from wireproof.directaccess.method.choose import choose_method
from wireproof.directaccess.method.ground import Ground
from wireproof.directaccess.plan.balancers import plan_balancers
from wireproof.directaccess.plan.dns import plan_dns
from wireproof.directaccess.plan.isatap_router import plan_isatap_router
from wireproof.directaccess.plan.model import MachinePlan, Plan
from wireproof.directaccess.plan.notes import MIGRATION, find_notes
from wireproof.directaccess.plan.policy import plan_policy
from wireproof.directaccess.plan.routers import plan_routers
from wireproof.directaccess.plan.servers import plan_servers
from wireproof.directaccess.plan.stations import plan_stations
from wireproof.directaccess.plan.work import Work
from wireproof.directaccess.site.model import Site


def make_plan(site: Site, prefixes: Sequence[EntryPrefixes]) -> Plan:
    """Choose a method and list what it needs on which machine, in the order in which it is done."""
    choice = choose_method(site, prefixes)
    if choice.method is None:
        return Plan(choice, notes=[MIGRATION])
    work = Work(Ground(site, tuple(prefixes)), choice.method)
    # Stations first: their addresses are what routes back and firewall rules name. They are done last.
    stations = plan_stations(work)
    machines: list[MachinePlan] = [
        *plan_dns(work),
        *plan_isatap_router(work),
        *plan_balancers(work),
        *plan_servers(work),
        *plan_routers(work),
        *plan_policy(work),
        *stations,
    ]
    return Plan(choice, machines, list(find_notes(work)))

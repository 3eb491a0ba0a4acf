"""Steps in DNS: the record that names the ISATAP router.

Takes the work; gives the DNS server's plan, or none.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from wireproof.directaccess.method import sources
from wireproof.directaccess.plan.model import AddDnsRecord, Check, MachinePlan, Role, Step
from wireproof.directaccess.plan.work import Work
from wireproof.directaccess.site.model import Adapter

ZONE_NOT_STATED = "<DNS domain of the intranet>"


def plan_dns(work: Work) -> list[MachinePlan]:
    """The record of the ISATAP router with methods that need one and where it is not stated."""
    if not work.by_isatap or _stated(work):
        return []
    router = work.site.isatap_router
    adapter = (
        router.adapter if router and work.method.value == "isatap-router" else next(work.ground.servers)[0].internal
    )
    address = _ipv4(adapter)
    if address is None:
        return []
    name, _, zone = work.record.partition(".")
    zone = zone or ZONE_NOT_STATED
    why = (
        "Stations find their ISATAP router by this name. It is not `isatap`: that one would turn every Windows machine of the domain into an "
        "ISATAP host, and the Global Query Block List keeps it from being answered anyway."
    )
    check = Check(
        f"Resolve-DnsName {work.record} -Type A",
        str(address),
        "another address or none: stations get no ISATAP prefix; wait for replication or clear caches (`ipconfig /flushdns`)",
    )
    step = Step(
        AddDnsRecord(zone, name, address),
        why,
        check,
        (sources.ISATAP_ROUTER_POST, sources.HICKS_MANAGE_OUT, sources.PLANNING),
    )
    return [MachinePlan("DNS", Role.DNS, [step])]


def _ipv4(adapter: Adapter) -> IPv4Address | None:
    return next((address.value for address in adapter.ipv4 if address.value), None)


def _stated(work: Work) -> bool:
    wanted = {work.record.lower(), work.record.partition(".")[0].lower()}
    return any(record.name.lower().rstrip(".") in wanted for record in work.site.dns)

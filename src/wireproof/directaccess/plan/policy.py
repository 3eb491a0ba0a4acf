"""Steps in group policy: firewall rules and name registration on clients, the ISATAP router's name on a group of stations.

Takes the work with the stations' addresses; gives the plan of the policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Interface, IPv6Network

from wireproof.directaccess.embed import is_public, isatap_scopes
from wireproof.directaccess.method import sources
from wireproof.directaccess.plan.model import AddFirewallRule, Check, DoByHand, MachinePlan, Role, SetGroupPolicy, Step
from wireproof.directaccess.plan.work import Work
from wireproof.directaccess.site.model import Generation, Station

CLIENTS_POLICY = "DirectAccess manage-out clients"
STATIONS_POLICY = "DirectAccess manage-out stations"
STATIONS_GROUP = "DirectAccess management stations"
USUAL_PORTS = ("tcp/3389", "icmp")
"""What administrators ask for first; `expect` lines of the site say more."""

TRANSITION_KEY = "Computer Configuration > Policies > Administrative Templates > Network > TCPIP Settings > IPv6 Transition Technologies"
TRANSITION_REGISTRY = r"HKLM\Software\Policies\Microsoft\Windows\TCPIP\v6Transition"
REGISTRATION_KEY = (
    "Computer Configuration > Preferences > Windows Settings > Registry > DisableNRPTForAdapterRegistration"
)
REGISTRATION_REGISTRY = r"HKLM\System\CurrentControlSet\Services\Dnscache\Parameters\DisableNRPTForAdapterRegistration"
REGISTERING = frozenset({Generation.WINDOWS_10, Generation.WINDOWS_11})
"""Generations that have releases which don't register by themselves."""


def plan_policy(work: Work) -> list[MachinePlan]:
    """Policies for clients and stations."""
    steps = [*_station_policy(work), *_firewall(work), *_registration(work), _apply()]
    return [MachinePlan("Group policy", Role.POLICY, steps)]


# --- firewall --------------------------------------------------------------------------------------------------------


def _firewall(work: Work) -> Iterator[Step]:
    scope = firewall_scope(work)
    if not scope or _covered(work, scope):
        return
    ports = tuple(sorted({expectation.port for expectation in work.site.expect})) or USUAL_PORTS
    where = (
        "the first 96 bits of the stations' ISATAP addresses"
        if work.by_isatap
        else "the prefixes that stations have their addresses from"
    )
    why = (
        f"Clients' firewalls drop what they did not ask for. The scope is {where}, nothing wider; Public and Private, because a remote client "
        "is never in the domain profile; edge traversal, because Teredo clients take nothing in without it."
    )
    check = Check(
        "Get-NetFirewallRule -PolicyStore ActiveStore -DisplayName 'DirectAccess manage-out*' | Get-NetFirewallAddressFilter",
        f"on a client: RemoteAddress {', '.join(map(str, scope[:4]))}",
        "the client has not got the policy yet, or the rule is for the domain profile only: packets arrive and are dropped without a word",
    )
    rule = AddFirewallRule("DirectAccess manage-out", ports, scope, edge_traversal=True, profiles=("public", "private"))
    yield Step(rule, why, check, (sources.MANAGE_OUT, sources.JONES))


def firewall_scope(work: Work) -> tuple[IPv6Network, ...]:
    """Prefixes that the stations' addresses come from, each once."""
    found: dict[IPv6Network, None] = {}
    if work.by_isatap:
        prefix = work.ground.isatap_prefix()
        for station in work.site.stations:
            for network in sorted(isatap_scope(prefix, station)) if prefix else ():
                found[network] = None
    else:
        for station in work.site.stations:
            address = work.addresses.get(station.name)
            if address:
                found[wide(address)] = None
    return tuple(found)


def wide(address: IPv6Interface) -> IPv6Network:
    """The /64 of an address; its own prefix where that is longer."""
    return address.network if address.network.prefixlen >= 64 else IPv6Network((int(address.ip) >> 64 << 64, 64))


def isatap_scope(prefix: IPv6Network, station: Station) -> set[IPv6Network]:
    """The first 96 bits of a station's ISATAP addresses: ...:0:5efe for private, ...:200:5efe for global IPv4 (RFC 5214 6.1).

    Both where its IPv4 address is not stated.
    """
    private, public = isatap_scopes(prefix)
    own = [address.value for address in station.adapter.ipv4 if address.value]
    return {public if is_public(address) else private for address in own} or {private, public}


def _covered(work: Work, scope: tuple[IPv6Network, ...]) -> bool:
    """Whether stated rules let all of the scope in, for all expected ports, by edge traversal."""
    rules = [
        rule
        for rule in work.site.client_firewall or []
        if rule.edge_traversal and {"public", "private"} <= set(rule.profiles)
    ]
    wanted = {expectation.port for expectation in work.site.expect} or set(USUAL_PORTS)
    return all(
        any(
            (not rule.ports or port in rule.ports)
            and (not rule.scope or any(prefix.value and network.subnet_of(prefix.value) for prefix in rule.scope))
            for rule in rules
        )
        for network in scope
        for port in wanted
    )


# --- names and tunnels -----------------------------------------------------------------------------------------------


def _registration(work: Work) -> Iterator[Step]:
    if not REGISTERING & set(work.site.clients):
        return
    why = (
        "Since the Windows 10 May 2020 Update (2004) clients don't register their addresses on DNS servers that the NRPT names. Stations then find "
        "no AAAA record, or an old one. 0 turns registration on again."
    )
    check = Check(
        "Resolve-DnsName <client> -Type AAAA",
        "the client's address of today, inside one of the client prefixes",
        "no answer or an old address: the client has not restarted since, or the zone refuses its update",
    )
    setting = SetGroupPolicy(CLIENTS_POLICY, REGISTRATION_KEY, "0", REGISTRATION_REGISTRY, "DirectAccess clients")
    yield Step(setting, why, check, (sources.KNOWN_ISSUES,))


def _station_policy(work: Work) -> Iterator[Step]:
    if not work.by_isatap:
        return
    why = (
        f"Only members of the group {STATIONS_GROUP} become ISATAP hosts, so the rest of the network stays as it is. Put "
        f"{len(work.site.stations):,} {'station' if len(work.site.stations) == 1 else 'stations'} into the group."
    )
    checks = Check(
        "Get-NetIsatapConfiguration",
        f"on a station: Router {work.record}, State Enabled",
        "the station is not in the group or has not restarted since it joined",
    )
    both = (
        ("Set ISATAP Router Name", work.record, "ISATAP_RouterName"),
        ("Set ISATAP State", "Enabled", "ISATAP_State"),
    )
    for setting, value, registry in both:
        yield Step(
            SetGroupPolicy(
                STATIONS_POLICY,
                f"{TRANSITION_KEY} > {setting}",
                value,
                rf"{TRANSITION_REGISTRY}\{registry}",
                STATIONS_GROUP,
            ),
            why,
            checks,
            (sources.ISATAP_ROUTER_POST, sources.JONES),
        )


def _apply() -> Step:
    text = (
        "Run `gpupdate /force` on DirectAccess clients, or wait for the next refresh (90 to 120 minutes). Undo: take the policies of this plan away "
        "and refresh again."
    )
    check = Check(
        "gpresult /r /scope computer",
        f"on a client: {CLIENTS_POLICY} and DirectAccess Client Settings, applied after the changes",
        "the client was not connected meanwhile: nothing new works on it until it has been",
    )
    return Step(
        DoByHand(text),
        "Clients learn of management servers and firewall rules by group policy.",
        check,
        (sources.JONES,),
    )

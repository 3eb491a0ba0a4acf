"""A small DirectAccess site with its plan and journeys, made by hand: for tests of reports, independent of how plans are made.

Takes nothing; gives values. The figures are those of a native IPv6 site: DA1 with 131.107.0.2, one station, clients by IP-HTTPS.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.addresses import EntryPrefixes, Prefix, ServerPrefixes
from wireproof.directaccess.plan.model import (
    AdapterName,
    AddAddress,
    AddDnsRecord,
    AddFirewallRule,
    AddForwardingServer,
    AddManagementServer,
    AddRoute,
    Check,
    Choice,
    DoByHand,
    MachinePlan,
    Objection,
    Operation,
    Plan,
    Role,
    RunCommand,
    SetForwarding,
    SetGroupPolicy,
    SetIsatapRouter,
    Step,
)
from wireproof.directaccess.review import Reviewed
from wireproof.directaccess.site.model import BalancerKind, EntryPoint, Method, Server, Site, Station
from wireproof.directaccess.topology.model import (
    Filter,
    Hop,
    Interface,
    Journey,
    Link,
    LinkKind,
    Node,
    NodeKind,
    Origin,
    Outcome,
    Route,
    Source,
    Topology,
    Trip,
)
from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.rules.run import Verdicts

FILE = "sites/contoso.yaml"
INTRANET = IPv6Network("2002:836b:2:3333::/64")
IP_HTTPS = IPv6Network("2002:836b:2:1000::/64")
GATEWAY = IPv6Address("2002:836b:2:3333::1")
STATION = IPv6Interface("2002:836b:2:3333::10/64")
BLOG = "https://example.org/native-ipv6"

LAN = AdapterName("Ethernet")
OPERATIONS: tuple[Operation, ...] = (
    AddAddress(LAN, STATION),
    AddRoute(LAN, IP_HTTPS, GATEWAY, metric=5, publish=True),
    SetForwarding(LAN, forwarding=True, advertising=True),
    SetIsatapRouter("manage.contoso.test"),
    AddDnsRecord("contoso.test", "manage", IPv4Address("10.0.0.4")),
    AddFirewallRule("RDP from inside", ("tcp/3389",), (INTRANET,), edge_traversal=True),
    AddManagementServer("DESK1.contoso.test"),
    SetGroupPolicy("DirectAccess stations", "ISATAP Router Name", "manage.contoso.test", "HKLM\\SOFTWARE\\ISATAP"),
    AddForwardingServer(BalancerKind.F5, "vs_da1", IP_HTTPS, GATEWAY),
    RunCommand("gpupdate /force", "gpupdate /force"),
    DoByHand("Press Finish in the console."),
)
"""One operation of each kind."""


def make_site(stations: int = 1) -> Site:
    """A site with one server and some stations."""
    server = Server.model_validate({"name": "DA1", "internal": {"name": "Corp", "ipv4": ["10.0.0.2"]}})
    machines = [
        Station.model_validate({"name": f"DESK{number}", "adapter": {"name": "Ethernet", "ipv4": ["10.0.1.1"]}})
        for number in range(1, stations + 1)
    ]
    site = Site(site="Contoso", entry_points=[EntryPoint(name="Main", servers=[server])], stations=machines)
    site._file = FILE
    site._lines = {("stations", 0): 12, ("stations", 0, "adapter"): 14}
    return site


def make_prefixes() -> tuple[EntryPrefixes, ...]:
    """The prefixes of its entry point; the IP-HTTPS one is stated otherwise than it would be derived."""
    other = IPv6Network("2002:836b:3:1000::/64")
    ip_https = Prefix(IP_HTTPS, stated=True, source="the site file", differs=other)
    server = ServerPrefixes("DA1", ip_https=ip_https, internal=GATEWAY)
    organisation = Prefix(IPv6Network("2002:836b:2::/48"), stated=False, source="6to4 of 131.107.0.2 (RFC 3056)")
    intranet = Prefix(INTRANET, stated=False, source="the organisation's prefix")
    entry = EntryPrefixes(
        entry_point="Main",
        behind_nat=False,
        single_adapter=False,
        organisation=organisation,
        intranet=intranet,
        ip_https=ip_https,
        dns64=GATEWAY,
        nat64=None,
        servers=(server,),
    )
    return (entry,)


def make_plan(stations: int = 1) -> Plan:
    """A plan that assigns each station an address and a route, and lets clients' firewalls take RDP."""
    machines = [MachinePlan(f"DESK{n}", Role.STATION, _steps(n), ("stations", n - 1)) for n in range(1, stations + 1)]
    firewall = Step(OPERATIONS[5], "clients drop what nobody allows", verified=False)
    objections = [
        Objection(Method.ISATAP, "not-needed", "native IPv6 works here", (BLOG,), fatal=False),
        Objection(Method.FORWARDING, "no-balancer", "no load balancer is stated", (BLOG,)),
    ]
    why = "the network forwards native IPv6 and the server has its prefix"
    choice = Choice(Method.NATIVE_AUTOMATIC, why, objections)
    every = [*machines, MachinePlan("Group policy", Role.POLICY, [firewall])]
    return Plan(choice, every, ["Add each station to the management servers."])


def _steps(number: int) -> list[Step]:
    check = Check("ping -6 2002:836b:2:3333::1", "a reply from DA1", "the address is not on the adapter")
    address = IPv6Interface((int(INTRANET.network_address) + 15 + number, 64))
    return [
        Step(AddAddress(LAN, address), "DA1 routes its prefix", check, (BLOG,)),
        Step(AddRoute(LAN, IP_HTTPS, GATEWAY), "clients by IP-HTTPS stand behind DA1", check),
    ]


def make_topology(stations: int = 1) -> Topology:
    """The nodes, links and routes of the plan done."""
    lan = Interface("Ethernet", "corp", (STATION,))
    route = Route(IP_HTTPS, "Ethernet", GATEWAY, 256, Origin(Source.PLANNED))
    desks = [Node(f"DESK{number}", NodeKind.STATION, (lan,), (route,)) for number in range(1, stations + 1)]
    server = Node(
        "DA1",
        NodeKind.SERVER,
        (Interface("Corp", "corp", (IPv6Interface((GATEWAY, 64)),)), Interface("IPHTTPSInterface", "tunnel")),
        (Route(IP_HTTPS, "IPHTTPSInterface"), Route(INTRANET, "Corp")),
        forwards=True,
    )
    clients = Node(
        "clients of DA1 by ip-https",
        NodeKind.CLIENTS,
        (Interface("tunnel", "tunnel", owns=(IP_HTTPS,)),),
        (Route(INTRANET, "tunnel", GATEWAY),),
        (Filter(True, (INTRANET,), ports=("tcp/3389",)),),
        peer="DA1",
    )
    links = {"corp": Link("corp"), "tunnel": Link("tunnel", LinkKind.IP_HTTPS)}
    return Topology({node.name: node for node in (*desks, server, clients)}, links)


def make_journey(
    outcome: Outcome = Outcome.DELIVERED, *, stations: tuple[str, ...] = ("DESK1",), asked: bool = False
) -> Journey:
    """A class from stations to the clients; one that is not delivered ends at DA1. `asked` makes it an expectation."""
    hops = (
        Hop("DESK1", Route(IP_HTTPS, "Ethernet", GATEWAY), f"{IP_HTTPS} → {GATEWAY}"),
        Hop("DA1", Route(IP_HTTPS, "IPHTTPSInterface"), f"{IP_HTTPS} on IPHTTPSInterface"),
        Hop("clients of DA1 by ip-https", None, "arrived"),
    )
    clients = ("clients of DA1 by ip-https",)
    fine = outcome is Outcome.DELIVERED
    there = Trip("DESK1", clients[0], outcome, hops if fine else hops[:2], "" if fine else "no route on DA1")
    back = Trip(clients[0], "DESK1", Outcome.DELIVERED, hops[::-1]) if fine else None
    return Journey(stations, clients, "tcp/3389", there, back, outcome, there.reason, ("expect", 0) if asked else ())


def make_finding(rule: str = "plan-no-route", **other: object) -> Finding:
    """An error about the first station's adapter; `other` replaces fields."""
    fields: dict[str, object] = {
        "title": "DESK1 has no route to the clients of DA1",
        "summary": "Packets to `2002:836b:2:1000::/64` end on DESK1.",
        "evidence": [Evidence(FILE, line=14, note="this adapter has no route")],
        "where": "at DESK1",
        "facts": {"count": 1, "trace": ["DESK1: no route matches 2002:836b:2:1000::/64"]},
        "fix": ["Add the route."],
        "references": ["RFC 4861 5.2", BLOG],
    }
    return Finding(rule, Severity.ERROR, Confidence.HIGH, **(fields | other))  # type: ignore[arg-type]


def make_reviewed(stations: int = 1, *journeys: Journey) -> Reviewed:
    """All of it; one delivered journey where none is given."""
    names = tuple(f"DESK{number}" for number in range(1, stations + 1))
    routed = journeys or (make_journey(stations=names),)
    return Reviewed(make_site(stations), False, make_prefixes(), make_plan(stations), make_topology(stations), routed)


def make_verdicts(*findings: Finding) -> Verdicts:
    """Verdicts with an open question and a note."""
    question = Undecided("plan-unknown", "whether router R1 forwards IPv6", "routers: forwards-ipv6 of R1")
    return Verdicts(list(findings), [question], ["an example of a note"])

"""The site: what stands where, as far as its owner stated it. The shape of the site file, key by key.

Only shapes and words are validated here; addresses are kept as `Stated`, so that slips become findings. Keys of the file
are the field names with dashes; `describe` texts are the file's documentation and its JSON Schema's.
"""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, WithJsonSchema

from wireproof.directaccess import stated
from wireproof.directaccess.stated import Place, Stated


def _kept(read: Callable[[str], Stated[Any]]) -> Callable[[Any], Any]:
    def keep(value: Any) -> Any:
        if isinstance(value, Stated):
            return value
        if not isinstance(value, str):
            raise ValueError("is not text, as an address is")  # noqa: TRY004 - pydantic turns ValueError into its report
        return read(value)

    return keep


_TEXT = WithJsonSchema({"type": "string"})
Ipv4 = Annotated[Stated[ipaddress.IPv4Address], BeforeValidator(_kept(stated.read_ipv4)), _TEXT]
Ipv6 = Annotated[Stated[ipaddress.IPv6Address], BeforeValidator(_kept(stated.read_ipv6)), _TEXT]
Prefix4 = Annotated[Stated[ipaddress.IPv4Network], BeforeValidator(_kept(stated.read_ipv4_prefix)), _TEXT]
Prefix6 = Annotated[Stated[ipaddress.IPv6Network], BeforeValidator(_kept(stated.read_ipv6_prefix)), _TEXT]
Interface6 = Annotated[Stated[ipaddress.IPv6Interface], BeforeValidator(_kept(stated.read_ipv6_interface)), _TEXT]


def _number_or_name(value: Any) -> Any:
    """Adapters are named by index or by name; every scalar of the file is text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10 else value


def _port(value: Any) -> Any:
    """A port as `icmp`, `tcp/3389` or `udp/161`."""
    if isinstance(value, str):
        protocol, _, number = value.partition("/")
        known = protocol in ("tcp", "udp") and number.isascii() and number.isdecimal() and len(number) <= 5
        if value == "icmp" or (known and 0 < int(number) < 65536):
            return value
    raise ValueError("is no port; accepted: icmp, tcp/1 to tcp/65535, udp/1 to udp/65535")


AdapterRef = Annotated[str | int, BeforeValidator(_number_or_name)]
Port = Annotated[
    str, BeforeValidator(_port), WithJsonSchema({"type": "string", "pattern": r"^(icmp|(tcp|udp)/[0-9]{1,5})$"})
]


class Intranet(enum.StrEnum):
    """What the intranet speaks."""

    IPV4_ONLY = "ipv4-only"
    ISATAP = "isatap"
    NATIVE_IPV6 = "native-ipv6"


class Generation(enum.StrEnum):
    """Windows on DirectAccess clients."""

    WINDOWS_7 = "windows-7"
    WINDOWS_8 = "windows-8"
    WINDOWS_10 = "windows-10"
    WINDOWS_11 = "windows-11"


class Balancing(enum.StrEnum):
    """How the servers of an entry point share the load."""

    NONE = "none"
    NLB = "nlb"
    EXTERNAL = "external"


class BalancerKind(enum.StrEnum):
    """Make of an external load balancer."""

    F5 = "f5"
    KEMP = "kemp"
    NETSCALER = "netscaler"
    HAPROXY = "haproxy"
    LVS = "lvs"
    OTHER = "other"


class Method(enum.StrEnum):
    """Ways to reach DirectAccess clients from inside."""

    AUTO = "auto"
    NATIVE_AUTOMATIC = "native-automatic"
    NATIVE_OWN = "native-own"
    ISATAP = "isatap"
    ISATAP_ROUTER = "isatap-router"
    FORWARDING = "forwarding"


class Layout(enum.StrEnum):
    """Which wizard laid out the prefixes."""

    WINDOWS_2012 = "windows-2012"
    UAG_2010 = "uag-2010"


class Transport(enum.StrEnum):
    """How a client reaches its server over the IPv4 internet."""

    IP_HTTPS = "ip-https"
    TEREDO = "teredo"
    SIX_TO_FOUR = "6to4"


class Item(BaseModel):
    """One mapping of the file. `place` is filled after reading."""

    model_config = ConfigDict(
        extra="forbid",
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
        arbitrary_types_allowed=True,
    )
    _place: Place = PrivateAttr(())

    @property
    def place(self) -> Place:
        """Where it stands in the file."""
        return self._place

    def put_at(self, place: Place) -> None:
        """Remember where it stands and tell everything inside, down to each `Stated`."""
        self._place = place
        for name, field in type(self).model_fields.items():
            value, inner = getattr(self, name), (*place, field.alias or name)
            if isinstance(value, list):
                for number, element in enumerate(value):
                    _put(element, (*inner, number))
            else:
                _put(value, inner)


def _put(value: Any, place: Place) -> None:
    if isinstance(value, Item):
        value.put_at(place)
    elif isinstance(value, Stated):
        value.place = place


class Network(Item):
    """One network segment (VLAN) of the intranet."""

    name: str = Field(description="what adapters call it by")
    ipv4: list[Prefix4] = Field(default=[], description="its IPv4 networks, such as 10.0.0.0/24")
    ipv6: list[Prefix6] = Field(default=[], description="its IPv6 prefixes, such as 2001:db8:1::/64")


class StaticRoute(Item):
    """One IPv6 route that a machine has, or that a router publishes."""

    prefix: Prefix6 = Field(description="where it leads, such as 2002:836b:2:1000::/64 or ::/0")
    next_hop: Ipv6 | None = Field(default=None, description="the address of the next router; left out: on-link")
    interface: AdapterRef | None = Field(
        default=None, description="name or index of the adapter; found by the next hop otherwise"
    )
    metric: int | None = Field(
        default=None, ge=0, le=65535, description="the route's own metric; the interface's is added to it"
    )
    publish: bool = Field(default=False, description="told to others in router advertisements")


class Adapter(Item):
    """One network adapter."""

    name: str = Field(default="", description="as Windows names it, such as Ethernet")
    index: int | None = Field(
        default=None, ge=1, description="interface index, as `netsh interface ipv6 show interface` prints it"
    )
    network: str = Field(default="", description="name of the network it is in; found by its addresses otherwise")
    ipv4: list[Ipv4] = Field(default=[], description="IPv4 addresses without prefix length")
    ipv6: list[Interface6] = Field(default=[], description="IPv6 addresses with prefix length; /64 without one")
    gateway: Ipv6 | None = Field(default=None, description="IPv6 default gateway")
    forwarding: bool | None = Field(
        default=None, description="IPv6 forwarding as `netsh` shows it; left out: not known"
    )
    advertising: bool | None = Field(
        default=None, description="router advertisements as `netsh` shows it; left out: not known"
    )


class IsatapInterface(Item):
    """A machine's ISATAP interface."""

    name: str = Field(default="", description="as Windows names it, such as isatap.{GUID}")
    index: int | None = Field(default=None, ge=1, description="interface index")
    prefix: Prefix6 | None = Field(default=None, description="the /64 that its address begins with")
    address: Ipv6 | None = Field(default=None, description="its IPv6 address, such as 2002:836b:2:1:0:5efe:10.0.0.10")
    metric: int | None = Field(default=None, description="metric of the machine's own route to the ISATAP prefix")
    state: str = Field(default="", description="enabled, disabled or default, as Get-NetIsatapConfiguration prints it")


class Machine(Item):
    """What every machine has."""

    name: str = Field(description="unique among all machines")
    routes: list[StaticRoute] = Field(default=[], description="IPv6 routes that it has")
    commands: list[str] = Field(
        default=[], description="netsh or PowerShell lines that were run on it; they are taken as done"
    )
    isatap: IsatapInterface | None = Field(default=None, description="its ISATAP interface")


class Server(Machine):
    """One DirectAccess server. Without `external` it has a single adapter."""

    internal: Adapter = Field(description="the adapter that faces the intranet")
    external: Adapter | None = Field(
        default=None, description="the adapter that faces the internet; left out: it has a single adapter"
    )
    ip_https_prefix: Prefix6 | None = Field(
        default=None, description="as (Get-RemoteAccess).ClientIPv6Prefix on this server says"
    )
    teredo_prefix: Prefix6 | None = Field(
        default=None, description="2001:0:WWXX:YYZZ::/64, as `route print -6` shows it"
    )
    internal_prefix: Prefix6 | None = Field(default=None, description="as (Get-DAServer).InternalIPv6Prefix says")
    dns64: Ipv6 | None = Field(
        default=None, description="address of DNS64, as the Name Resolution Policy Table of clients shows it"
    )
    nat64_prefix: Prefix6 | None = Field(
        default=None, description="the NAT64 /96, as (Get-NetNatTransitionConfiguration).PrefixMapping shows it"
    )


class VirtualServer(Item):
    """A forwarding virtual server of a load balancer."""

    name: str = Field(default="", description="its name on the balancer")
    prefix: Prefix6 = Field(description="the clients that it forwards to")
    pool: list[Ipv6] = Field(default=[], description="internal addresses of its members")
    source_nat: bool = Field(default=False, description="whether it replaces the sender's address")


class Balancer(Machine):
    """An external load balancer; `internal` faces the corporate network."""

    kind: BalancerKind = Field(default=BalancerKind.OTHER, description="make of it")
    internal: Adapter | None = Field(default=None, description="its adapter on the intranet")
    terminates_tls: bool = Field(default=False, description="whether it ends TLS for IP-HTTPS")
    virtual_servers: list[VirtualServer] = Field(default=[], description="forwarding virtual servers that it has")


class EntryPoint(Item):
    """One entry point: a server or a cluster with one public name."""

    name: str = Field(description="unique among entry points")
    public_name: str = Field(default="", description="the name that clients connect to")
    balancing: Balancing = Field(default=Balancing.NONE, description="how its servers share the load")
    balancer: Balancer | None = Field(default=None, description="the external load balancer")
    behind_nat: bool | None = Field(default=None, description="told by a private external address otherwise")
    layout: Layout = Field(default=Layout.WINDOWS_2012, description="which wizard laid out the prefixes")
    ip_https_prefix: Prefix6 | None = Field(
        default=None, description="the whole cluster's, a /59 or shorter where it has members"
    )
    organisation_prefix: Prefix6 | None = Field(
        default=None, description="the /48 (UAG: /49) that the wizard shows as internal network prefix"
    )
    internal_vip: Adapter | None = Field(default=None, description="virtual address of the cluster on the intranet")
    external_vip: list[Ipv4] = Field(default=[], description="public IPv4 addresses of the cluster")
    servers: list[Server] = Field(min_length=1, description="one, or the members of the cluster, at most 32")


class StationRole(enum.StrEnum):
    """Why a machine inside reaches out to clients."""

    STATION = "station"
    CONFIGURATION_MANAGER = "configuration-manager"
    DOMAIN_CONTROLLER = "domain-controller"


class Station(Machine):
    """A management station: it begins conversations with DirectAccess clients."""

    adapter: Adapter = Field(description="its adapter on the intranet")
    role: StationRole = Field(default=StationRole.STATION, description="why it reaches out to clients")
    generation: Generation = Field(default=Generation.WINDOWS_10, description="Windows on it")
    entry_point: str = Field(
        default="", description="the entry point whose prefix it gets its address from; the first otherwise"
    )


class Router(Machine):
    """A router or firewall of the intranet. One that carries IPv4 only says `forwards-ipv6: false`."""

    adapters: list[Adapter] = Field(min_length=1, description="its adapters")
    forwards_ipv6: bool | None = Field(default=None, description="whether it forwards IPv6; left out: not known")


class IsatapRouter(Machine):
    """A separate computer as ISATAP router. Its `isatap` holds index and prefix of the ISATAP interface."""

    adapter: Adapter = Field(description="its adapter on the intranet")
    record: str = Field(default="", description="full DNS name that hosts are told as their ISATAP router")


class DnsRecord(Item):
    """One DNS record that exists."""

    name: str = Field(description="full name")
    type: Literal["A", "AAAA", "CNAME"] = Field(default="A", description="type of the record")
    value: str = Field(description="an address, or the name that a CNAME leads to")


class FirewallRule(Item):
    """An inbound rule of Windows Firewall on the clients."""

    name: str = Field(default="", description="its name")
    scope: list[Prefix6] = Field(default=[], description="remote addresses that it lets in; none means all")
    ports: list[Port] = Field(default=[], description="tcp/3389, udp/161 or icmp; none means all")
    edge_traversal: bool = Field(default=False, description="whether packets through Teredo are let in")
    profiles: list[Literal["domain", "private", "public"]] = Field(
        default=["public", "private"], description="network profiles that it is active in"
    )


ExpectedOutcome = Literal[
    "delivered",
    "not delivered",
    "wrong server",
    "no route",
    "loop",
    "dropped by filter",
    "asymmetric",
    "not enough known",
]
"""What an expectation may say; the words of `topology.model.Outcome`, and `not delivered` for any but the first."""


class Target(Item):
    """Whom an expectation is about: clients of an entry point or server, by a transport; all when left out."""

    entry_point: str = Field(default="", description="its clients only")
    server: str = Field(default="", description="clients of this server only")
    transport: Transport | None = Field(default=None, description="clients that come this way only")


class Expectation(Item):
    """Who must (or must not) reach whom."""

    source: str = Field(alias="from", description="a station's name, or `stations`")
    to: Target = Field(default=Target(), description="which clients; all when left out")
    port: Port = Field(default="icmp", description="icmp, tcp/3389 or udp/161")
    outcome: ExpectedOutcome = Field(default="delivered", description="what has to become of the packets")


class Site(Item):
    """The whole file."""

    site: str = Field(default="", description="a title")
    domain: str = Field(default="", description="DNS domain of the intranet")
    intranet: Intranet = Field(default=Intranet.IPV4_ONLY, description="what the intranet speaks")
    clients: list[Generation] = Field(
        default=[Generation.WINDOWS_10], description="generations of Windows on the DirectAccess clients"
    )
    teredo: bool = Field(default=False, description="whether clients may use Teredo")
    six_to_four: bool = Field(default=False, alias="6to4", description="whether clients may use 6to4")
    method: Method = Field(
        default=Method.AUTO, description="the way that is asked for; `auto` chooses one and says why the others fail"
    )
    default_route: bool = Field(
        default=False, description="stations send all IPv6 to the server instead of the client prefixes only"
    )
    networks: list[Network] = Field(default=[], description="network segments")
    routers: list[Router] = Field(default=[], description="routers and firewalls between the segments")
    entry_points: list[EntryPoint] = Field(
        min_length=1, description="entry points; several make a multisite deployment"
    )
    isatap_router: IsatapRouter | None = Field(default=None, description="a separate computer as ISATAP router")
    stations: list[Station] = Field(default=[], description="machines that administrators reach out from")
    dns: list[DnsRecord] = Field(default=[], description="DNS records that exist")
    client_firewall: list[FirewallRule] | None = Field(default=None, description="left out: not known; []: none")
    management_servers: list[str] | None = Field(
        default=None, description="names in the management-server list; left out: not known"
    )
    expect: list[Expectation] = Field(
        default=[], description="who must reach whom; tested on the stated network with the plan applied"
    )

    _file: str = PrivateAttr("")
    _lines: dict[Place, int] = PrivateAttr(default_factory=dict)

    @property
    def file(self) -> str:
        """The file's name in reports."""
        return self._file

    def keep_lines(self, file: str, lines: dict[Place, int]) -> None:
        """Remember the file's name and the line of everything in it; tells all items where they stand."""
        self._file, self._lines = file, lines
        self.put_at(())

    def line(self, place: Place) -> int:
        """The line (from 1) on which the key or item at `place` stands, or the nearest above it; 0 without a file."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 0)

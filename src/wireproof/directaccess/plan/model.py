"""A plan: operations on machines as plain values, before any tool's words.

`commands` renders operations; `topology` applies them to the model.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.site.model import BalancerKind, Method
from wireproof.directaccess.stated import Place


@dataclass(frozen=True, slots=True)
class AdapterName:
    """An adapter by its alias and, where known, its index. `ask` is set where only the machine itself can tell."""

    alias: str = ""
    index: int | None = None
    ask: str = ""


@dataclass(frozen=True, slots=True)
class AddAddress:
    """A static address on an adapter."""

    adapter: AdapterName
    address: IPv6Interface


@dataclass(frozen=True, slots=True)
class AddRoute:
    """A persistent route. On-link when `next_hop` is None."""

    adapter: AdapterName
    prefix: IPv6Network
    next_hop: IPv6Address | None = None
    metric: int | None = None
    publish: bool = False


@dataclass(frozen=True, slots=True)
class SetForwarding:
    """Forwarding and advertising on an adapter; None leaves one as it is."""

    adapter: AdapterName
    forwarding: bool | None = True
    advertising: bool | None = None


@dataclass(frozen=True, slots=True)
class SetIsatapRouter:
    """The name that the machine asks for its ISATAP router, and the ISATAP state."""

    record: str
    state: str = "enabled"


@dataclass(frozen=True, slots=True)
class AddDnsRecord:
    """An A or AAAA record on a DNS server."""

    zone: str
    name: str
    address: IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class AddFirewallRule:
    """An inbound rule on clients by group policy; `scope` are the stations' prefixes. `ports`: tcp/3389, icmp; none means all.

    `policy` names the group policy object; without `domain` the domain of who runs it is taken.
    """

    name: str
    ports: tuple[str, ...]
    scope: tuple[IPv6Network, ...]
    edge_traversal: bool
    profiles: tuple[str, ...] = ("public", "private")
    policy: str = "DirectAccess manage-out clients"
    domain: str = ""


@dataclass(frozen=True, slots=True)
class AddManagementServer:
    """A name or address in DirectAccess' list of management servers."""

    name: str


@dataclass(frozen=True, slots=True)
class SetGroupPolicy:
    r"""A setting of a group policy object: `key` is the path in the editor, `registry` the registry value that it writes.

    Such as `HKLM\SOFTWARE\Policies\…\ISATAP_RouterName`; a number in `value` makes it a REG_DWORD, else REG_SZ.
    `filtered_to` is the only security group that the policy applies to.
    """

    policy: str
    key: str
    value: str
    registry: str = ""
    filtered_to: str = ""


@dataclass(frozen=True, slots=True)
class AddForwardingServer:
    """A forwarding virtual server and its pool (or the equivalent route) on a load balancer, without source NAT."""

    kind: BalancerKind
    name: str
    prefix: IPv6Network
    member: IPv6Address
    vlan: str = "internal"


@dataclass(frozen=True, slots=True)
class RunCommand:
    """A fixed command that needs no rendering, such as `gpupdate /force`."""

    netsh: str
    powershell: str
    undo: str = ""


@dataclass(frozen=True, slots=True)
class DoByHand:
    """What no command does."""

    text: str


Operation = (
    AddAddress | AddRoute | SetForwarding | SetIsatapRouter | AddDnsRecord | AddFirewallRule | AddManagementServer
    | SetGroupPolicy | AddForwardingServer | RunCommand | DoByHand
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """What to run after a step, what has to be seen, and what it means when it isn't."""

    command: str
    expect: str
    failure: str


@dataclass(frozen=True, slots=True)
class Step:
    """One operation with its reason. `sources` cite documentation; `verified` is False for what was not tried on the real tool."""

    operation: Operation
    why: str
    check: Check | None = None
    sources: tuple[str, ...] = ()
    verified: bool = True


class Role(enum.StrEnum):
    """Whose machine it is."""

    STATION = "station"
    SERVER = "server"
    ISATAP_ROUTER = "isatap-router"
    BALANCER = "balancer"
    ROUTER = "router"
    DNS = "dns"
    POLICY = "policy"


@dataclass(slots=True)
class MachinePlan:
    """The steps of one machine, in order. `place` is the machine in the site file."""

    name: str
    role: Role
    steps: list[Step] = field(default_factory=list)
    place: Place = ()


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a method fails or needs care here. `key` names the reason (kebab case); `fatal` ones rule the method out.

    Every objection cites its source.
    """

    method: Method
    key: str
    reason: str
    sources: tuple[str, ...]
    fatal: bool = True
    place: Place = ()

    @property
    def is_unknown(self) -> bool:
        """Whether the method fails for want of a fact that the site file may state, not for a fact."""
        return self.key.endswith("-unknown")


@dataclass(slots=True)
class Choice:
    """The method taken (None: nothing works here), why, and every objection to every method."""

    method: Method | None
    why: str
    objections: list[Objection] = field(default_factory=list)

    def against(self, method: Method) -> list[Objection]:
        """The objections to one method."""
        return [objection for objection in self.objections if objection.method is method]

    @property
    def wanting(self) -> list[Objection]:
        """Without a method: what is not stated of the methods against which nothing else speaks; stating it may let one work."""
        if self.method is not None:
            return []
        fatal = [objection for objection in self.objections if objection.fatal]
        refused = {objection.method for objection in fatal if not objection.is_unknown}
        return [objection for objection in fatal if objection.method not in refused]


@dataclass(slots=True)
class Plan:
    """The choice, the prefixes it rests on, and what to do where. Without a method there are no machines."""

    choice: Choice
    machines: list[MachinePlan] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

"""What commands printed about the adapters, addresses and routes of one machine, before anybody decides what it means.

Holds values; reads nothing and judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network

MOST_ITEMS = 500
"""Adapters, addresses or routes of one machine that are kept; the rest is told."""


@dataclass(slots=True)
class AdapterFacts:
    """One adapter under its name; `source` is the file that told of it first."""

    name: str
    source: str = ""
    index: int | None = None
    ipv4: list[IPv4Address] = field(default_factory=list)
    ipv6: list[IPv6Interface] = field(default_factory=list)
    gateway: IPv6Address | None = None
    has_ipv4_gateway: bool = False
    forwarding: bool | None = None
    advertising: bool | None = None

    @property
    def tunnel(self) -> str:
        """`isatap`, `ip-https`, `teredo` or `6to4` for a tunnel's adapter, `loopback`, or nothing for a real one."""
        lower = self.name.lower()
        for mark, kind in _TUNNELS:
            if mark in lower:
                return kind
        return ""


_TUNNELS = (
    ("isatap", "isatap"),
    ("iphttps", "ip-https"),
    ("ip-https", "ip-https"),
    ("teredo", "teredo"),
    ("6to4", "6to4"),
    ("loopback", "loopback"),
)


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """One IPv6 route. `metric` is None where a command shows it mixed with the interface's."""

    prefix: IPv6Network
    next_hop: IPv6Address | None
    index: int | None
    metric: int | None
    publish: bool
    source: str


@dataclass(slots=True)
class MachineFacts:
    """One machine. `values` holds what lists say (`ClientIPv6Prefix : …`), lower-case keys, with the file."""

    name: str
    adapters: dict[str, AdapterFacts] = field(default_factory=dict)
    routes: list[RouteFacts] = field(default_factory=list)
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    indexes: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def adapter(self, name: str, source: str) -> AdapterFacts:
        """The adapter of that name, made when it is new."""
        key = name.casefold()
        if key not in self.adapters:
            if len(self.adapters) >= MOST_ITEMS:
                self.note(f"{source}: more than {MOST_ITEMS} adapters; the rest is left out")
                return AdapterFacts(name, source)
            self.adapters[key] = AdapterFacts(name, source)
        return self.adapters[key]

    def add_route(self, route: RouteFacts) -> None:
        """Keep a route. A second telling of the same one may add its metric, and the persistent list knows no adapter."""
        for position, known in enumerate(self.routes):
            same = (known.prefix, known.next_hop) == (route.prefix, route.next_hop)
            if same and (known.index == route.index or None in {known.index, route.index}):
                self.routes[position] = replace(
                    known,
                    index=route.index if known.index is None else known.index,
                    metric=route.metric if known.metric is None else known.metric,
                    publish=known.publish or route.publish,
                )
                return
        if len(self.routes) < MOST_ITEMS:
            self.routes.append(route)
        else:
            self.note(f"{route.source}: more than {MOST_ITEMS} routes; the rest is left out")

    def value(self, *keys: str) -> str:
        """The first of the keys that a list gave a value for."""
        return next((self.values[key][0] for key in keys if key in self.values and self.values[key][0]), "")

    def note(self, text: str) -> None:
        """Say something once."""
        if text not in self.notes and len(self.notes) < MOST_ITEMS:
            self.notes.append(text)

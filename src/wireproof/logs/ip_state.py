"""Addresses and routes of a host, as `ipconfig`, `route print` and `netsh interface ipv6 show interface` or `route` print them.

Takes a text, which is of one host; gives adapters, addresses and routes. Rows are told by their shape, in any language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from wireproof.logs.endpoint_text import is_local_only, read_address
from wireproof.logs.ip_state_facts import MachineFacts
from wireproof.logs.ip_state_lines import LONGEST_LINE, LineReader
from wireproof.logs.log import Log
from wireproof.logs.text import LogText, is_number

LINES_READ = 50_000
"""Lines of a text in which outputs are looked for; those of a host with thousands of routes are fewer."""
MOST_ROUTES = 5_000
IPV4_ROUTE = re.compile(
    r"[ \t]*(?P<destination>\d{1,3}(?:\.\d{1,3}){3})[ \t]+(?P<mask>(?:255|254|252|248|240|224|192|128|0)(?:\.\d{1,3}){3})[ \t]+"
    r"(?P<hop>\d{1,3}(?:\.\d{1,3}){3}|[^\W\d][^\d\n]{1,40}?)[ \t]+(?:(?P<own>\d{1,3}(?:\.\d{1,3}){3})[ \t]+)?"
    r"(?P<metric>\d{1,6}|[^\W\d]\w{1,20}(?: [^\W\d]\w{1,20})?)[ \t]*"
)


@dataclass(frozen=True, slots=True)
class Ipv4Route:
    """One IPv4 route: `next_hop` is "" for what is on the link, `own` the address of the adapter; `metric` is -1 where none is printed."""

    network: IPv4Network
    next_hop: str
    own: str
    metric: int
    line: int


@dataclass(slots=True, kw_only=True)
class IpStateLog(Log):
    """What one text says of one host."""

    title: ClassVar[str] = "ipconfig, route print"

    machine: MachineFacts = field(default_factory=lambda: MachineFacts(""))
    ipv4_routes: list[Ipv4Route] = field(default_factory=list)

    @property
    def host(self) -> str:
        """The host's name, "" where it is not printed."""
        return self.machine.value("host name")

    def addresses(self) -> set[str]:
        """The host's own addresses that tell it from others."""
        own = {str(address) for address in self._own()} | {route.own for route in self.ipv4_routes if route.own}
        return {address for address in own if not is_local_only(address)}

    def _own(self) -> Iterator[object]:
        for adapter in self.machine.adapters.values():
            yield from adapter.ipv4
            yield from (interface.ip for interface in adapter.ipv6)


def find(text: LogText) -> IpStateLog | None:
    """The host that a text tells of; None where it has neither address nor route nor numbered adapter."""
    log = IpStateLog(file=text.file, machine=MachineFacts(text.file))
    lines = [line[:LONGEST_LINE] for line in text.lines[:LINES_READ]]
    LineReader(log.machine, text.file).read("\n".join(lines))
    routes = list(_routes(lines))
    log.ipv4_routes = routes[:MOST_ROUTES]
    numbered = any(adapter.index is not None for adapter in log.machine.adapters.values())
    if not (log.addresses() or log.machine.routes or log.ipv4_routes or numbered):
        return None
    log.notes = (
        [f"only the first {LINES_READ:,} lines are searched for addresses and routes"]
        if len(text.lines) > LINES_READ
        else []
    )
    if len(routes) > MOST_ROUTES:
        log.notes.append(f"only the first {MOST_ROUTES:,} of {len(routes):,} routes of IPv4 are read")
    return log


def _routes(lines: list[str]) -> Iterator[Ipv4Route]:
    """Rows of the IPv4 route table; those of the persistent list have no address of an adapter."""
    for number, line in enumerate(lines, 1):
        match = IPV4_ROUTE.fullmatch(line)
        if match is None:
            continue
        try:
            network = IPv4Network(f"{IPv4Address(match['destination'])}/{match['mask']}", strict=False)
        except ValueError:
            continue
        metric = match["metric"]
        yield Ipv4Route(
            network,
            read_address(match["hop"]),
            read_address(match["own"] or ""),
            int(metric) if is_number(metric) else -1,
            number,
        )

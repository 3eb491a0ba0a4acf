"""What ARP tables beside the captures say of addresses with multicast MACs: who holds such an entry, and which router has none.

Takes the case's logs; gives the entries by address and MAC. For the rule on multicast MACs.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.rules.evidence import log_line
from wireproof.wire.arp import is_group, mac_text

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.finding import Evidence
    from wireproof.logs.arp_table import ArpEntry, ArpTableLog

BROADCAST = b"\xff" * 6
Row = tuple["ArpTableLog", "ArpEntry"]


@dataclass(slots=True)
class Held:
    """The entries of one address: those that bind it to one multicast MAC, and those of routers that have no MAC for it."""

    address: str
    mac: bytes
    rows: list[Row] = field(default_factory=list)
    lacking: list[Row] = field(default_factory=list)

    @property
    def is_entered(self) -> bool:
        """Whether somebody has entered it by hand wherever it is needed: on a router, or in every table at hand."""
        return any(entry.is_of_router for _, entry in self.rows) or all(entry.by_hand for _, entry in self.rows)

    def evidence(self, most: int = 6) -> list[Evidence]:
        """The lines of the tables."""
        shown = [
            log_line(
                log, entry.line, f"{self.address} is at {mac_text(self.mac)}{' (by hand)' if entry.by_hand else ''}"
            )
            for log, entry in self.rows
        ]
        missing = [
            log_line(log, entry.line, f"the router has no MAC for {self.address}") for log, entry in self.lacking
        ]
        return [*shown[: most - 2], *missing[:2]]


def held(case: Case) -> list[Held]:
    """Ordinary IPv4 addresses with a multicast MAC in some table, each with what routers' tables have for it."""
    found: dict[tuple[str, bytes], Held] = {}
    rows = all_rows(case)
    for log, entry in rows:
        if entry.mac and is_group(entry.mac) and entry.mac != BROADCAST and _is_ordinary(entry.address):
            found.setdefault((entry.address, entry.mac), Held(entry.address, entry.mac)).rows.append((log, entry))
    for log, entry in rows:
        if not entry.mac and entry.is_of_router:
            for one in found.values():
                if one.address == entry.address:
                    one.lacking.append((log, entry))
    return list(found.values())


def incomplete(case: Case) -> list[Row]:
    """Entries of routers that have no MAC, of addresses that no table has one for."""
    rows = all_rows(case)
    known = {entry.address for _, entry in rows if entry.mac}
    return [(log, entry) for log, entry in rows if not entry.mac and entry.is_of_router and entry.address not in known]


def all_rows(case: Case) -> list[Row]:
    """The entries of all tables."""
    if not case.logs:
        return []
    from wireproof.logs.arp_table import ArpTableLog

    return [(log, entry) for log in case.logs_of(ArpTableLog) for entry in log.entries]


def _is_ordinary(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return not (ip.is_multicast or ip.is_unspecified or int(ip) >> 28 == 0xF)

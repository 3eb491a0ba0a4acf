"""DNS names of the site as far as the file and the plan state them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address

from wireproof.directaccess.plan.model import AddDnsRecord
from wireproof.directaccess.site.model import Site

ALIASES_MOST = 8
"""CNAMEs that are followed; a longer chain is a loop or a mistake."""


class Names:
    """A records and CNAMEs. `known` is False where nobody stated a record."""

    def __init__(self, site: Site, planned: Sequence[AddDnsRecord]) -> None:
        self._domain = site.domain.lower().strip(".")
        self._addresses: dict[str, set[IPv4Address]] = defaultdict(set)
        self._aliases: dict[str, str] = {}
        for record in site.dns:
            if record.type.upper() == "CNAME":
                self._aliases[self._full(record.name)] = self._full(record.value)
            elif record.type.upper() == "A":
                self._add(record.name, record.value)
        for one in planned:
            if isinstance(one.address, IPv4Address):
                self._addresses[self._full(one.name, one.zone)].add(one.address)
        self.known = bool(site.dns or planned)
        self._add_machines(site)

    def addresses(self, name: str) -> set[IPv4Address]:
        """The IPv4 addresses behind a name; none where nobody knows."""
        full = self._full(name)
        for _ in range(ALIASES_MOST):
            if full not in self._aliases:
                break
            full = self._aliases[full]
        return self._addresses.get(full, set())

    def _add_machines(self, site: Site) -> None:
        """Windows machines register their own names."""
        if site.isatap_router:
            for one in site.isatap_router.adapter.ipv4:
                self._add(site.isatap_router.name, one.text)
        for entry in site.entry_points:
            for server in entry.servers:
                for one in server.internal.ipv4:
                    self._add(server.name, one.text)

    def _add(self, name: str, address: str) -> None:
        try:
            self._addresses[self._full(name)].add(IPv4Address(address))
        except AddressValueError:
            return

    def _full(self, name: str, zone: str = "") -> str:
        name = name.lower().strip(".")
        zone = zone.lower().strip(".") or self._domain
        if "." in name or not zone:
            return name
        return f"{name}.{zone}"

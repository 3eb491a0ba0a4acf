"""What clients' own outputs say of IP-HTTPS: `netsh interface httpstunnel show interface` beside the captures, with the error's meaning.

For rules that join such an output with frames. Takes the case's logs; gives the tunnels that could not connect. Judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.rules.evidence import log_line
from wireproof.rules.tls._names import is_address

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.finding import Evidence
    from wireproof.logs.httpstunnel import HttpsTunnelLog, Tunnel

CERTIFICATE_ERRORS = frozenset((0x103, 0x80096004, 0x80096019, 0x80092010, 0x80092012, 0x80092013))
"""Beside those of facility 11: no certificate fits, signature, constraints, revoked, revocation unknown, revocation offline."""
FACILITY_CERTIFICATES = 0x800B
UNTRUSTED = frozenset((0x800B0109, 0x800B010A, 0x800B0112))
"""No chain to a root that is trusted, or for this use."""


@dataclass(frozen=True, slots=True)
class Told:
    """A client's IP-HTTPS interface that could not connect, and the output that says so."""

    log: HttpsTunnelLog
    tunnel: Tunnel
    addresses: frozenset[str] = frozenset()
    """The client's own addresses, where the same text tells them."""

    @property
    def code(self) -> str:
        """`0x274c (WSAETIMEDOUT)`; the number alone where no table has it."""
        name = self.name
        return f"{self.number} ({name})" if name else self.number

    @property
    def number(self) -> str:
        """`0x274c`."""
        return f"0x{self.tunnel.code:x}"

    @property
    def name(self) -> str:
        """The code's name, "" where no table has it."""
        from wireproof.wire.windows.codes import read_code

        return next((reading.name for reading in read_code(self.number) if reading.name), "")

    @property
    def meaning(self) -> str:
        """What the code means, as a sentence; "" where nothing is known."""
        from wireproof.wire.windows.codes import read_code

        return next((reading.meaning for reading in read_code(self.number) if reading.meaning), "")

    @property
    def is_of_certificate(self) -> bool:
        """Whether the code says that the client looked at the server's certificate and did not take it."""
        return self.tunnel.code >> 16 == FACILITY_CERTIFICATES or self.tunnel.code in CERTIFICATE_ERRORS

    def row(self) -> Evidence:
        """The line of the output as evidence."""
        status = f", status “{self.tunnel.status}”" if self.tunnel.status else ""
        return log_line(self.log, self.tunnel.line, f"the client's IP-HTTPS interface: last error {self.code}{status}")

    def names(self, name: str, server: str = "") -> bool:
        """Whether its URL has this name of a server, or this `address:port`."""
        host, (address, _, port) = self.tunnel.host, server.rpartition(":")
        is_there = host == address.strip("[]") and port == str(self.tunnel.port)
        return bool(host) and (host == name.lower().rstrip(".") or is_there)

    def is_of(self, point_name: str, name: str, client: str = "", server: str = "") -> bool:
        """Whether it may be of a client at a point that connects to a server of this name or address; what is not stated may be so."""
        if self.log.point and self.log.point != point_name:
            return False
        if client and self.addresses and client not in self.addresses:
            return False
        is_open = not self.tunnel.host or not (name or (server and is_address(self.tunnel.host)))
        return is_open or self.names(name, server)


def told_tunnels(case: Case) -> list[Told]:
    """Clients' interfaces that could not connect, in the order of the outputs."""
    if not case.logs:
        return []
    from wireproof.logs.httpstunnel import HttpsTunnelLog
    from wireproof.logs.ip_state import IpStateLog

    hosts = {log.file: frozenset(log.addresses()) for log in case.logs_of(IpStateLog)}
    return [
        Told(log, one, hosts.get(log.file, frozenset()))
        for log in case.logs_of(HttpsTunnelLog)
        for one in log.clients()
        if one.has_failed
    ]

"""What each conversation of a capture is a conversation with: the service's name, port and protocol.

Takes a capture; names come from TLS, HTTP and DNS, in this order. Judges nothing.
"""

from __future__ import annotations

import functools
import ipaddress
from typing import TYPE_CHECKING

from wireproof.errors import Fence
from wireproof.messages.ncsi import host_of
from wireproof.processes.compare.exchange import Answer, Exchange, Service, plain

if TYPE_CHECKING:
    from wireproof.messages.table import Message
    from wireproof.processes.sight import Sight

DYNAMIC = 1024
"""DCE/RPC services get another port above this at each start (135, its endpoint mapper, is fixed)."""


class Services:
    """The service of each conversation of one capture. `notes` are defects that cost a part of what is known of it."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.notes: list[str] = []
        self._known: dict[int, Service] = {}

    def of(self, number: int) -> Service:
        """The service that a conversation is with."""
        if number not in self._known:
            self._known[number] = self._find(number)
        return self._known[number]

    def _find(self, number: int) -> Service:
        talk = self.sight.talk(number)
        transport = "icmp" if talk.protocol == "icmpv6" else talk.protocol
        protocol = self.protocols.get(number, "")
        port = int(talk.server["port"]) if transport in {"tcp", "udp"} else 0
        if port > DYNAMIC and (protocol == "rpc" or (not protocol and port in self.named_ports)):
            protocol, port = "rpc", 0
        address = talk.address(1 - talk.client_side)
        name = self.said_names.get(number) or self.names.get(address, "")
        return Service(transport, plain(name) if name else address, port, protocol, bool(name), address)

    def answered(
        self, message: Message, request_row: int, said: tuple[str, str, bool | None], told: tuple[Answer, ...] = ()
    ) -> Exchange:
        """The exchange that an answer ends: (action, outcome, whether it is good), what it told, and the row of its request, -1 where
        unknown.
        """
        row = request_row if request_row >= 0 else message.row
        times = self.sight.packets.time_ns
        wait_s = max(int(times[message.row]) - int(times[row]), 0) / 1e9 if request_row >= 0 else None
        number = message.conversation
        return Exchange(self.of(number), *said, row, number, wait_s, answer_row=message.row, answers=told)

    @functools.cached_property
    def protocols(self) -> dict[int, str]:
        """The protocol of each conversation whose beginning was recognised; the first that fits."""
        found: dict[int, str] = {}
        protocols = self.sight.said.protocols
        for table in (protocols.tcp, protocols.udp):
            for name, numbers in table.items():
                if name == "tls-inside":
                    continue
                for number in numbers.tolist():
                    found.setdefault(number, name)
        return found

    @functools.cached_property
    def said_names(self) -> dict[int, str]:
        """The names by which clients asked in TLS and HTTP, by conversation."""
        said = self.sight.said
        found: dict[int, str] = {}
        with Fence("reading names from TLS", self.notes.append):
            names = ((number, session.server_name.lower()) for number, session in said.tls_sessions.items())
            found.update((number, name) for number, name in names if name)
        with Fence("reading names from HTTP", self.notes.append):
            for message in said.http:
                if message.kind == "request" and message.method != "CONNECT" and not _is_address(host_of(message)):
                    found.setdefault(message.conversation, host_of(message))
        return found

    @functools.cached_property
    def named_ports(self) -> set[int]:
        """Ports that an endpoint mapper or a DCOM activation named: also where nothing answers, it is that service that is wanted."""
        found: set[int] = set()
        with Fence("reading ports from DCE/RPC", self.notes.append):
            for message in self.sight.said.rpc:
                found.update(message.ports)
        return found

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """The name whose lookup led to an address; of several the first."""
        found: dict[str, str] = {}
        with Fence("reading names from DNS", self.notes.append):
            for message in self.sight.said.dns:
                if message.response and message.kind in {"A", "AAAA"}:
                    for address in message.addresses:
                        found.setdefault(address, message.name.lower())
        return found


def _is_address(host: str) -> bool:
    """Whether a host is no name: an IP address, or nothing."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return not host
    return True

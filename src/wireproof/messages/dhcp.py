"""DHCP (RFC 2131) and DHCPv6 (RFC 8415) messages.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.messages.datagrams import read_datagrams
from wireproof.messages.table import Message, MessageTable
from wireproof.wire.dhcp import DhcpFields, unpack_dhcp, unpack_dhcpv6

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.streams import Protocols


@dataclass(frozen=True, slots=True, kw_only=True)
class DhcpMessage(Message):
    """One message. `version` is 4 or 6.

    `kind` is the message type in the RFC's words: `DISCOVER`, `OFFER`, `REQUEST`, `ACK` ..., `SOLICIT`, `ADVERTISE`, `REPLY` ...;
    `BOOTP` without a type. `client` is the client's hardware address, in DHCPv6 its DUID, as hex. Addresses are text, empty where
    the message has none. `address` is the one offered or given, `requested` the one asked for, `server` the server identifier.
    """

    version: int = 4
    kind: str = ""
    transaction: int = 0
    client: str = ""
    current: str = ""
    address: str = ""
    requested: str = ""
    server: str = ""
    relay: str = ""
    mask: str = ""
    routers: tuple[str, ...] = ()
    dns_servers: tuple[str, ...] = ()
    domain: str = ""
    search: tuple[str, ...] = ()
    host_name: str = ""
    vendor_class: str = ""
    lease_s: int = 0
    text: str = ""
    """Words of the server (option 56, DHCPv6 status message)."""
    status: int = 0
    """DHCPv6 status code, 0 for success or none."""


_DHCPV6_PORTS = (546, 547)


def build_dhcp(tables: CaptureTables, protocols: Protocols) -> MessageTable[DhcpMessage]:
    """Every such message of the capture."""
    ports = tables.conversations.side_facts("port")
    found = []
    for datagram in read_datagrams(tables, protocols.udp.get("dhcp", np.zeros(0, np.int64))):
        is_six = bool(np.isin(ports[datagram.place["conversation"]], _DHCPV6_PORTS).any())
        fields = unpack_dhcpv6(datagram.data) if is_six else unpack_dhcp(datagram.data)
        if fields:
            found.append(DhcpMessage(**datagram.place, **{name: getattr(fields, name) for name in _FIELDS}))
    return MessageTable(DhcpMessage, found)


_FIELDS = sorted(
    {field.name for field in dataclasses.fields(DhcpMessage)} & {field.name for field in dataclasses.fields(DhcpFields)}
)

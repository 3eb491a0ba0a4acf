"""What the conversations of one capture said: the message tables of all protocols, each built when it is first asked for.

Holds tables; has no analysis of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols, find_protocols

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import Clear
    from wireproof.messages.arp import ArpTable
    from wireproof.messages.dhcp import DhcpMessage
    from wireproof.messages.discovery import DiscoveryMessage
    from wireproof.messages.dns_records import DnsMessage
    from wireproof.messages.esp import EspFlow
    from wireproof.messages.http_message import HttpMessage
    from wireproof.messages.ike import IkeMessage
    from wireproof.messages.iphttps import IphttpsMessage
    from wireproof.messages.kerberos import KerberosMessage
    from wireproof.messages.ldap import LdapMessage
    from wireproof.messages.quic import QuicMessage
    from wireproof.messages.rpc import RpcMessage
    from wireproof.messages.sip import SipMessage
    from wireproof.messages.smb import SmbMessage
    from wireproof.messages.stun import StunMessage
    from wireproof.messages.tds import TdsMessage
    from wireproof.messages.tls_sessions import TlsSessions
    from wireproof.messages.tls_table import TlsTable

TABLES = (
    "dhcp", "discovery", "dns", "esp", "http", "ike", "iphttps", "kerberos", "ldap", "quic", "rpc", "sip", "smb", "stun", "tds", "tls",
)  # fmt: skip
"""Names of all message tables, which are attributes of `Said`."""

T = TypeVar("T")


def _made_of(*names: str) -> Callable[[Callable[[Said], T]], functools.cached_property[T]]:
    """A table that is made when it is first asked for, from conversations of these protocols.

    Where the capture has none of them it is empty, and the code that reads them is not loaded: that takes longer than all else
    that is done to a short capture.
    """

    def decorate(build: Callable[[Said], T]) -> functools.cached_property[T]:
        @functools.wraps(build)
        def made(said: Said) -> Any:
            return build(said) if said.protocols.has(*names) else MessageTable(Message)

        return functools.cached_property(made)

    return decorate


class Said:
    """The message tables of one capture, as attributes named in TABLES. `clear` are its TLS sessions that were opened."""

    def __init__(self, tables: CaptureTables, clear: Clear | None = None) -> None:
        self.tables = tables
        self.clear = clear

    @functools.cached_property
    def protocols(self) -> Protocols:
        """Which conversations speak what, by their first bytes."""
        opened = self.clear.inside() if self.clear else ()
        return find_protocols(self.tables.conversations, [talk for talk, _ in opened])

    @functools.cached_property
    def arp(self) -> ArpTable:
        """ARP messages, as columns."""
        from wireproof.messages.arp import build_arp

        return build_arp(self.tables)

    def built(self) -> list[tuple[str, MessageTable[Message]]]:
        """The tables that something has asked for so far, by name."""
        return [(name, self.__dict__[name]) for name in TABLES if name in self.__dict__]

    def table(self, name: str) -> MessageTable[Message]:
        """One of TABLES by name."""
        made: MessageTable[Message] = getattr(self, name)
        return made

    @_made_of("dhcp")
    def dhcp(self) -> MessageTable[DhcpMessage]:
        """DHCP (RFC 2131) and DHCPv6 (RFC 8415) messages."""
        from wireproof.messages.dhcp import build_dhcp

        return build_dhcp(self.tables, self.protocols)

    @_made_of("discovery", "http")
    def discovery(self) -> MessageTable[DiscoveryMessage]:
        """WS-Discovery and WSDAPI messages."""
        from wireproof.messages.discovery import build_discovery

        return build_discovery(self.tables, self.protocols, self.http)

    @functools.cached_property
    def dns(self) -> MessageTable[DnsMessage]:
        """DNS messages with their records, over UDP and TCP."""
        from wireproof.messages.dns_records import build_dns_records

        return build_dns_records(self.tables, self.protocols)

    @functools.cached_property
    def esp(self) -> MessageTable[EspFlow]:
        """ESP packets by security parameters index, also in UDP."""
        from wireproof.messages.esp import build_esp

        return build_esp(self.tables, self.protocols)

    @_made_of("http")
    def http(self) -> MessageTable[HttpMessage]:
        """HTTP/1.1 requests and responses."""
        from wireproof.messages.http import build_http

        return build_http(self.tables, self.protocols)

    @_made_of("ike")
    def ike(self) -> MessageTable[IkeMessage]:
        """IKEv1, IKEv2 and AuthIP messages."""
        from wireproof.messages.ike import build_ike

        return build_ike(self.tables, self.protocols)

    @functools.cached_property
    def iphttps(self) -> MessageTable[IphttpsMessage]:
        """IP-HTTPS: the POST, its response, and inner packets where they are in clear."""
        from wireproof.messages.iphttps import build_iphttps

        return build_iphttps(self.tables, self.clear)

    @_made_of("kerberos")
    def kerberos(self) -> MessageTable[KerberosMessage]:
        """Kerberos messages."""
        from wireproof.messages.kerberos import build_kerberos

        return build_kerberos(self.tables, self.protocols)

    @_made_of("ldap")
    def ldap(self) -> MessageTable[LdapMessage]:
        """LDAP requests and results."""
        from wireproof.messages.ldap import build_ldap

        return build_ldap(self.tables, self.protocols)

    @_made_of("quic")
    def quic(self) -> MessageTable[QuicMessage]:
        """QUIC Initial packets."""
        from wireproof.messages.quic import build_quic

        return build_quic(self.tables, self.protocols)

    @functools.cached_property
    def rpc(self) -> MessageTable[RpcMessage]:
        """DCE/RPC over TCP and over SMB pipes, and of a listing what it tells in words."""
        if not self.tables.capture.trees:
            return self._rpc_of_bytes
        from wireproof.messages.rpc_told import add_told

        return add_told(self.tables, self._rpc_of_bytes)

    @_made_of("rpc", "smb")
    def _rpc_of_bytes(self) -> MessageTable[RpcMessage]:
        from wireproof.messages.rpc import build_rpc

        return build_rpc(self.tables, self.protocols, self.smb)

    @property
    def has_rpc(self) -> bool:
        """Whether any conversation over TCP speaks DCE/RPC; costs nothing where none does."""
        return self.protocols.has_streams("rpc") or bool(self.tables.capture.trees and len(self.rpc))

    @_made_of("sip")
    def sip(self) -> MessageTable[SipMessage]:
        """SIP messages with their SDP."""
        from wireproof.messages.sip import build_sip

        return build_sip(self.tables, self.protocols)

    @_made_of("smb")
    def smb(self) -> MessageTable[SmbMessage]:
        """SMB 1, 2 and 3 messages."""
        from wireproof.messages.smb import build_smb

        return build_smb(self.tables, self.protocols)

    @_made_of("stun", "tls")
    def stun(self) -> MessageTable[StunMessage]:
        """STUN and TURN messages."""
        from wireproof.messages.stun import build_stun

        return build_stun(self.tables, self.protocols)

    @_made_of("tds")
    def tds(self) -> MessageTable[TdsMessage]:
        """TDS messages."""
        from wireproof.messages.tds import build_tds

        return build_tds(self.tables, self.protocols)

    @functools.cached_property
    def tls(self) -> TlsTable:
        """TLS messages as far as they are in clear or were opened."""
        from wireproof.messages.tls import build_tls

        return build_tls(self.tables, self.protocols, self.clear)

    @functools.cached_property
    def tls_sessions(self) -> TlsSessions:
        """Of each TLS conversation what its handshake agreed on, and how it ended."""
        if not self.protocols.has("tls", "tls-inside"):
            return {}
        from wireproof.messages.tls_sessions import build_tls_sessions

        return build_tls_sessions(self.tls)

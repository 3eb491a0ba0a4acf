"""One application message as the Protocol and Info columns of Wireshark's packet list show it.

Takes messages of the tables that are already built; gives words for the frames that a report shows. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wireproof.messages.dhcp import DhcpMessage
    from wireproof.messages.http_message import HttpMessage
    from wireproof.messages.ike import IkeMessage
    from wireproof.messages.kerberos import KerberosMessage
    from wireproof.messages.rpc import RpcMessage
    from wireproof.messages.said import Said
    from wireproof.messages.sip import SipMessage
    from wireproof.messages.smb import SmbMessage
    from wireproof.messages.stun import StunMessage
    from wireproof.messages.table import Message
    from wireproof.messages.tls_table import TlsMessage

Words = tuple[str, str]
"""Protocol and Info."""

TLS_VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
ACRONYMS = {"ca": "CA", "psk": "PSK", "ocsp": "OCSP"}
MOST_PHRASES = 6
"""Messages named of one frame; a frame of more is rare, and its first ones tell what it is about."""


def title(name: str) -> str:
    """`client_key_exchange` as `Client Key Exchange`."""
    return " ".join(ACRONYMS.get(word, word.capitalize()) for word in name.replace("-", "_").split("_"))


def tell_tls(message: TlsMessage) -> Words:
    """TLS handshake messages and alerts by the names of RFC 5246 and 8446."""
    version = message.version if message.kind in {"server_hello", "hello_retry_request"} else message.record_version
    what = title(message.kind)
    if message.kind == "client_hello" and message.server_name:
        what += f" (SNI={message.server_name})"
    elif message.kind == "alert":
        what = (
            f"Alert (Level: {'Fatal' if message.alert_level == 2 else 'Warning'}, Description: {title(message.alert)})"
        )
    return TLS_VERSIONS.get(version, "TLS"), what


def tell_http(message: HttpMessage) -> Words:
    """The start line."""
    if message.kind == "request":
        return "HTTP", f"{message.method} {message.target} HTTP/{message.version}"
    return "HTTP", f"HTTP/{message.version} {message.status} {message.reason}".rstrip()


def tell_rpc(message: RpcMessage) -> Words:
    """Type and call, and what it calls or names."""
    protocol = {"epm": "EPM", "IOXIDResolver": "DCOM"}.get(message.interface_name, "DCERPC")
    parts = [f"call_id: {message.call_id}"] if message.call_id >= 0 else []
    if message.interface_name and message.kind in {"request", "response", "fault"}:
        number = f"opnum {message.opnum}" if message.opnum >= 0 else ""
        parts.append(f"{message.interface_name} {message.operation or number}".rstrip())
    elif message.contexts:
        parts.append(f"{len(message.contexts)} context items: {message.interface_name or message.contexts[0]}")
    named = [f"{place.address}:{place.port}" if place.port else place.endpoint for place in message.places]
    parts += list(dict.fromkeys(named[-2:]))
    parts += [f"status: {message.status_name}"] if message.status_name else []
    return protocol, f"{title(message.kind)}: {', '.join(parts)}"


def tell_sip(message: SipMessage) -> Words:
    """The start line."""
    if message.is_request:
        return "SIP", f"Request: {message.method} {message.uri}"
    return "SIP", f"Status: {message.status} {message.reason} ({message.method})"


def tell_stun(message: StunMessage) -> Words:
    """Method and class, with the addresses and errors that it names."""
    kinds = {"success": "Success Response", "error": "Error Response", "request": "Request", "indication": "Indication"}
    words = f"{message.method} {kinds.get(message.kind, message.kind)}"
    if message.error:
        words += f" error-code: {message.error} ({message.reason})"
    for name, value in (("MAPPED", message.mapped), ("RELAYED", message.relayed), ("PEER", message.peer)):
        words += f" {name}: {value}" if value else ""
    return "STUN", words


def tell_ike(message: IkeMessage) -> Words:
    """Exchange and notifies."""
    name = {"authip": "AuthIP"}.get(message.protocol, "ISAKMP")
    words = message.exchange_name
    if message.protocol == "ikev2":
        words += f" MID={message.message_id:02} {'Responder Response' if message.is_response else 'Initiator Request'}"
    details = [notify for notify in message.notifies if not notify.startswith("NAT_DETECTION")]
    if message.error:
        details.append(message.error_name or f"error {message.error}")
    return name, words + (f" ({', '.join(details)})" if details else "")


def tell_dhcp(message: DhcpMessage) -> Words:
    """Type and transaction."""
    name = "DHCP" if message.version == 4 else "DHCPv6"
    return name, f"{name} {message.kind.capitalize()} - Transaction ID 0x{message.transaction:x}"


def tell_kerberos(message: KerberosMessage) -> Words:
    """Kind, or the error."""
    return "KRB5", f"KRB Error: {message.error}" if message.error else message.kind


def tell_smb(message: SmbMessage) -> Words:
    """Command, what it is about, and the status that is no success."""
    words = f"{title(message.command)} {'Response' if message.is_response else 'Request'}"
    if message.name and not message.is_response:
        words += f" File: {message.name}"
    if message.is_response and message.code:
        words += f", Error: {message.status}"
    return {0: "NBSS", 1: "SMB"}.get(message.version, "SMB2"), words


TELLERS: dict[str, Callable[[Any], Words]] = {
    "tls": tell_tls,
    "http": tell_http,
    "rpc": tell_rpc,
    "sip": tell_sip,
    "stun": tell_stun,
    "ike": tell_ike,
    "dhcp": tell_dhcp,
    "kerberos": tell_kerberos,
    "smb": tell_smb,
}
"""Tables, and how a message of each is told; of two that tell of one frame the later is what the earlier carries."""


def tell_row(said: Said, row: int) -> Words | None:
    """Protocol and Info of a packet row by the messages that it completes or begins; None where no built table has one.

    A message of several segments is told at the one that completes it, as Wireshark does.
    """
    built = dict(said.built())
    touching = [(name, message) for name in TELLERS if name in built for message in _at(built[name].at_row(row), row)]
    inside = [(name, message) for name, message in touching if not _is_only_data(message)]
    found = [TELLERS[name](message) for name, message in inside or touching]
    if not found:
        return None
    infos = list(dict.fromkeys(info for _, info in found))
    more = f" and {len(infos) - MOST_PHRASES} more" if len(infos) > MOST_PHRASES else ""
    return found[-1][0], ", ".join(infos[:MOST_PHRASES]) + more


def _is_only_data(message: Message) -> bool:
    """Whether it is a record of application data, of which better is told where it was opened."""
    return getattr(message, "kind", "") == "application_data"


def _at(messages: list[Message], row: int) -> Iterator[Message]:
    """Of the messages that touch a row those that end there, else those that begin there."""
    ending = [message for message in messages if message.last_row == row]
    yield from ending or messages

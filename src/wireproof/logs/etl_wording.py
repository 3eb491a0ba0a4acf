"""What events of an ETL say, in words: one sentence an event, of those that tell something to somebody who reads a timeline.

Takes decoded events; gives text. Codes are named by the table that their provider takes them from.
"""

from __future__ import annotations

from collections.abc import Callable

from wireproof.logs.endpoint_text import end_text
from wireproof.logs.etl_events import Endpoint, EtlFact, Value
from wireproof.logs.wfp_layers import layer_name, way_of
from wireproof.wire.tls import ALERTS
from wireproof.wire.windows.errors import windows_error_name

WORDS = {
    # TCPIP
    "TcpRequestConnect": "{ends} requested to connect",
    "TcpTcbSynSend": "{ends} sends its SYN",
    "TcpConnectTcbComplete": "{ends} connect completed",
    "TcpAcceptListenerComplete": "{ends} accept completed",
    "TcpAcceptListenerRejected": "{ends} accept rejected: {status:nt}",
    "TcpAcceptListenerRouteLookupFailure": "{ends} accept failed, no route back: {status:nt}",
    "TcpConnectRetransmit": "{ends} sends its SYN again, round {retransmissions}",
    "TcpDataTransferRetransmit": "{ends} sends data again, round {retransmissions}",
    "TcpConnectTcbTimeout": "{ends} connect timed out",
    "TcpConnectTcbFailedRcvdRst": "{ends} connect refused by a reset",
    "TcpConnectTcbFailure": "{ends} connect failed: {status:nt}",
    "TcpConnectTcbRateLimitCancel": "{ends} connect cancelled by the rate limit",
    "TcpConnectTcbFailInspectConnectComplete": "{ends} connect failed by inspection: {status:nt}",
    "TcpConnectTcbFailSessionState": "{ends} connect failed, session state: {status:nt}",
    "TcpConnectFailedPortAcquire": "{ends} connect failed, no port: {status:nt}",
    "TcpDisconnectTcbRtoTimeout": "{ends} ends: retransmission timed out",
    "TcpDisconnectTcbKeepaliveTimeout": "{ends} ends: keep-alive timed out",
    "TcpDisconnectTcbTimeout": "{ends} ends: time-out",
    "TcpConnectionTerminatedRcvdRst": "{ends} ends: received RST",
    "TcpConnectionTerminatedRcvdSyn": "{ends} ends: received SYN",
    "TcpShutdownTcb": "{ends} shut down: {status:nt}",
    "TcpAbortTcbRequest": "{ends} abort requested",
    "TcpGlobalSynAttackEntry": "enters SYN attack state, {syn_attacks} detected",
    "TcpipTransportPacketDrops": "dropped at the transport layer: {packets}, local {local}, remote {remote}, reason {reason}",
    "TcpipNetworkPacketDrops": "dropped at the network layer: {packets} from {from} to {to}, {reason:network}",
    "TcpConnectionRundown": "{ends} exists, state {state}",
    "TcpBindEndpointInspectionFailure": "bind of {local} failed by inspection: {status:nt}",
    # Winsock and the DNS client
    "GetAddrInfo": "asks for {name}",
    "GetAddrInfoResult": "answer for {name}: {result}, {status:win32}",
    "GetAddrInfoExResult": "answer for {name}: {result}, {status:win32}",
    "NameResolutionTimedOut": "DNS: no server answered for {name}",
    "ServerNotResponding": "DNS: {server} did not answer for {name}",
    "NameNotFoundByServer": "DNS: {server} says there is no {name}",
    "DnsQuerySent": "DNS: asks {server} for {name}, type {type}",
    "DnsResponse": "DNS: {server} answers for {name}: {status:win32}",
    "DnsQueryCompleted": "DNS: {name} is {result}, {status:win32}",
    # NCSI
    "CorporateCheckSkipped": "NCSI: corporate connectivity is not checked, reason {reason}",
    "CorporateLocationCheckSkipped": "NCSI: inside or outside is not checked, reason {reason}",
    "CorporateLocationFound": "NCSI: inside/outside detection finished, inside: {inside:flag}",
    "CorporateLocationProbeFailed": "NCSI: inside/outside probe of {host} failed: {status:win32}",
    "InternetProbed": "NCSI: internet probe finished, succeeded: {succeeded:flag}",
    "CorporateProbed": "NCSI: corporate probe finished, succeeded: {succeeded:flag}",
    "CapabilityChanged": "NCSI: {family:family} capability changes from {previous:capability} to {capability:capability}",
    "ActiveProbeResult": "NCSI: active probe result {code}",
    # IP helper
    "TeredoServerFailed": "Teredo server failed to start: {error:win32}, reason {reason}",
    "TeredoServerNameInvalid": "name of the Teredo server {server} not valid: {error:win32}",
    "IsatapRouterSet": "ISATAP router {router} set, status {status:win32}",
    "TeredoServerAddressInvalid": "address {ip} of the Teredo server not valid: {error:win32}",
    "InterfaceUp": "tunnel interface {interface} is up with {ip}",
    "InterfaceDown": "tunnel interface {interface} is down",
    "InterfaceUpdateFailed": "address of tunnel interface {interface} not updated: {error:win32}",
    "IpHttpsServerStarted": "IP-HTTPS server started with {url}",
    "IpHttpsServerFailed": "IP-HTTPS server failed to start: {error:hresult}, reason {reason}",
    "IpHttpsClientConnected": "IP-HTTPS client {client} ({source}) has the address {tunnelled}",
    "IpHttpsClientDisconnected": "IP-HTTPS client {client} ({source}) no longer has the address {tunnelled}",
    "IpHttpsInterface": "IP-HTTPS interface {interface}, state {state}, server {url}",
    "IpHttpsStatus": "IP helper, interface {interface}: {status:hresult}",
    "IpHelperAction": "IP helper: {action}",
    # WFP and the filtering engine
    "WfpPacketDropped": "WFP: packet dropped{way}, local {local}, remote {remote}, layer {layer:layer}, filter {filter}, {application}",
    "IpsecPacketDropped": "IPsec: packet dropped, local {local}, remote {remote}: {status:nt}",
    "IpsecMainModeFailed": "IPsec: main mode failure, local {local}, peer {remote}: {status:win32}",
    "IpsecQuickModeFailed": "IPsec: quick mode failure, local {local}, peer {remote}: {status:win32}",
    "IpsecExtendedModeFailed": "IPsec: extended mode failure, local {local}, peer {remote}: {status:win32}",
    "IpsecDosProtectionDropped": "IPsec DoS protection: packet dropped, local {local}, remote {remote}: {status:nt}",
    "IpsecMainModeEnded": "IPsec: main mode SA ended, local {local}, peer {remote}",
    "IpsecMainModeEstablished": "IPsec: main mode SA established, local {local}, peer {remote}",
    "IpsecNegotiationRequested": "IPsec: negotiation requested, local {local}, peer {remote}",
    "IpsecQuickModeEnded": "IPsec: quick mode SA ended, local {local}, peer {remote}",
    "IpsecQuickModeEstablished": "IPsec: quick mode SA established, local {local}, peer {remote}",
    "WfpUserModeError": "WFP: {function} failed: {status:win32}",
    "WfpTransactionTimedOut": "filtering engine busy: a transaction took {transaction_ms} ms",
    "IpsecConnectionOpened": "IPsec connection opened with {remote_ip} ({machine})",
    "IpsecConnectionClosed": "IPsec connection closed with {remote_ip} ({machine})",
    # Schannel
    "PrivateKeyUnusable": "Schannel: private key of the {side} credential can't be used: {status:hresult}",
    "CredentialFailed": "Schannel: no {side} credential could be made, state {state}",
    "NoCommonCipherSuite": "Schannel: client offers no cipher suite that the server supports ({protocol})",
    "ServerCertificateInvalid": "Schannel: server's certificate not valid: {status:hresult}",
    "ClientCertificateInvalid": "Schannel: client's certificate not valid: {status:hresult}",
    "HandshakeCompleted": "Schannel: {side} handshake completed, {protocol}",
    "ServerCertificateExpired": "Schannel: server's certificate expired or not valid yet",
    "ServerCertificateUntrusted": "Schannel: server's certificate from an authority that is not trusted",
    "ServerCertificateRevoked": "Schannel: server's certificate revoked",
    "ServerCertificateForOtherName": "Schannel: server's certificate is not for {name}",
    "AlertReceived": "Schannel: fatal alert received: {alert:alert}",
    "AlertSent": "Schannel: fatal alert sent: {alert:alert}, state {state}",
}
"""By name of the event. A field is in braces, behind a colon what its number is."""
FAILURES = {
    "CredentialsAcquired": "Schannel: no credentials: {status:hresult}",
    "SecurityContextAccepted": "Schannel: handshake refused: {status:hresult}",
}
"""Those that tell something only where their status is an error."""
STATES = frozenset(("TcpConnectionRundown", "IpHttpsInterface"))
"""Those that tell how things stand, not that something happened."""
ERROR = 0x8000_0000
NETWORK_DROPS = {
    1: "bad source address",
    2: "not for this host",
    3: "protocol unreachable",
    4: "port unreachable",
    5: "bad length",
    6: "malformed header",
    7: "no route",
    8: "beyond the scope of the address",
    9: "inspection drop",
    10: "too many headers within headers",
    11: "administratively prohibited",
    12: "bad checksum",
    0x80: "hop limit exceeded",
    0x81: "address unreachable",
    0x102: "fragment larger than the MTU",
    0x104: "address resolution timed out",
    0x105: "address resolution failed",
    0x106: "IPsec failure",
}
"""What the network layer's reasons mean, by number."""
CAPABILITIES = {0: "none", 1: "local", 2: "internet"}
FAMILIES = {0: "IPv4", 1: "IPv6"}
WAYS = {"in": " (arriving)", "out": " (leaving)", "": ""}


def has_words(name: str) -> bool:
    """Whether events of this name may have words."""
    return name in WORDS or name in FAILURES


def tells(fact: EtlFact) -> bool:
    """Whether an event has words."""
    if fact.name in FAILURES:
        status = fact.fields.get("status")
        return isinstance(status, int) and bool(status & ERROR)
    return fact.name in WORDS


def say(fact: EtlFact, local: Endpoint | None, remote: Endpoint | None) -> str:
    """An event in words. The ends are those that it has, or that another event of the same connection had."""
    words = WORDS.get(fact.name) or FAILURES.get(fact.name, fact.name)
    return words.format_map(_Fields(fact, local, remote))


class _Shown:
    """A field that is named by what stands behind the colon."""

    def __init__(self, value: Value) -> None:
        self._value = value

    def __format__(self, kind: str) -> str:
        value = self._value
        if isinstance(value, tuple):
            return end_text(value)
        if not kind or not isinstance(value, int):
            return "?" if value in (None, "") else str(value)
        return _NAMERS[kind](value)


class _Fields(dict[str, _Shown]):
    """Fields by name; ends and way are made of several."""

    def __init__(self, fact: EtlFact, local: Endpoint | None, remote: Endpoint | None) -> None:
        super().__init__({name: _Shown(value) for name, value in fact.fields.items()})
        self["local"], self["remote"] = _Shown(local), _Shown(remote)
        both = f"{end_text(local)} > {end_text(remote)}" if local and remote else ""
        self["ends"] = _Shown(both or f"connection {fact.fields.get('tcb', 0):x}")
        for name, plain in (("from", "source"), ("to", "destination")):
            self[name] = _Shown(fact.fields.get(plain) or fact.fields.get(f"{plain}_v4"))
        layer, direction = fact.fields.get("layer"), fact.fields.get("direction")
        if isinstance(layer, int) and isinstance(direction, int):
            self["way"] = _Shown(WAYS[way_of(layer, direction)])

    def __missing__(self, name: str) -> _Shown:
        return _Shown(None)


def _named(numbers: dict[int, str], value: int) -> str:
    return numbers.get(value, str(value))


_NAMERS: dict[str, Callable[[int], str]] = {
    "nt": lambda value: windows_error_name(value, "ntstatus"),
    "win32": lambda value: windows_error_name(value, "win32"),
    "hresult": lambda value: windows_error_name(value, "hresult" if value & ERROR else "win32"),
    "flag": lambda value: "yes" if value else "no",
    "network": lambda value: NETWORK_DROPS.get(value, f"reason {value}"),
    "family": lambda value: _named(FAMILIES, value),
    "capability": lambda value: _named(CAPABILITIES, value),
    "layer": layer_name,
    "alert": lambda value: _named(ALERTS, value),
}

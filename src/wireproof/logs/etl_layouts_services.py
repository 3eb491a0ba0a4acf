"""Layouts of events of services around the stack: names, connectivity, tunnels, filters and IPsec, TLS.

Gives tables only; what they are made of is said in `etl_layouts`.
"""

from __future__ import annotations

import uuid

from wireproof.logs.etl_layout import Layout, Layouts, alike, each

NAME_RESOLUTION = uuid.UUID("55404e71-4db9-4deb-a5f5-8f86e46dde56")
DNS_CLIENT = uuid.UUID("1c95126e-7eea-49a9-a3fe-a378b03ddb4d")
NCSI = uuid.UUID("314de49f-ce63-4779-ba2b-d616f6963a88")
IPHLPSVC = uuid.UUID("66a5c15c-4f8e-4044-bf6e-71d896038977")
IPHLPSVC_TRACE = uuid.UUID("6600e712-c3b6-44a2-8a48-935c511f28c8")
WFP = uuid.UUID("0c478c5b-0351-41b1-8c58-4a6737da32e3")
FILTERING_CONNECTIONS = uuid.UUID("121d3da8-baf1-4dcb-929f-2d4c9a47f7ab")
SCHANNEL = uuid.UUID("1f678132-5938-4686-9fdc-c8ff68f15c85")
SCHANNEL_EVENTS = uuid.UUID("91cc1150-71aa-47e2-ae18-c96e61736b6f")

LOOKUP = "provider:guid flags:4 handle:8"

NAME_RESOLUTION_LAYOUTS: Layouts = {
    1000: (Layout("GetAddrInfo", "name:text service:text location:4 flags:4 family:4 type:4 protocol:4"),),
    **each({1001: "GetAddrInfoResult", 1004: "GetAddrInfoExResult"}, "name:text status:4 result:text"),
    1006: (Layout("LookupBegin", "provider:guid name:text service:guid interface:4 flags:4"),),
    1007: (Layout("LookupBegun", "provider:guid name:text service:guid interface:4 flags:4 handle:8 status:4"),),
    1008: (Layout("LookupNext", LOOKUP),),
    1009: (Layout("LookupNextResult", f"{LOOKUP} status:4 result:text"),),
    1010: (Layout("LookupEnd", "provider:guid handle:8"),),
    1011: (Layout("LookupEnded", "provider:guid handle:8 status:4"),),
}

QUERY = "name:text type:4 options:8"


def _asked(name: str, fields: str, last: int) -> tuple[Layout, ...]:
    """An event of the DNS client: from version 1 on it ends with the process that asks."""
    return Layout(name, fields), Layout(name, f"{fields} pid:4", last, 1)


DNS_CLIENT_LAYOUTS: Layouts = {
    1001: (Layout("DnsServerOfInterface", "interface:text servers:4 index:4 dynamic:1 server:address"),),
    1013: _asked("NameResolutionTimedOut", "name:text server:address", 1),
    1014: _asked("NameResolutionTimedOut", "name:text server:address", 1),
    1015: _asked("ServerNotResponding", "name:text server:address", 1),
    1016: _asked("NameNotFoundByServer", "name:text server:address", 2),
    3006: (Layout("DnsQuery", f"{QUERY} servers:text network_query:4 network_index:4 interface:4 asynchronous:4"),),
    3008: (Layout("DnsQueryCompleted", f"{QUERY} status:4 result:text"),),
    3009: _asked(
        "DnsNetworkQuery", "name:text parallel:4 network_index:4 interfaces:4 adapter:text own:text server:text", 2
    ),
    3010: _asked("DnsQuerySent", "name:text type:4 server:text", 1),
    3011: _asked("DnsResponse", "name:text type:4 server:text status:4", 2),
    3016: _asked("DnsCacheLookup", f"{QUERY} interface:4", 2),
    3018: _asked("DnsCacheLookupCompleted", f"{QUERY} status:4 result:text", 2),
    3019: _asked("DnsWireQuery", "name:text type:4 interface:4 network_index:4", 2),
    3020: _asked(
        "DnsQueryOfInterfaceCompleted", "name:text type:4 network_index:4 interface:4 status:4 result:text", 2
    ),
}

NCSI_LAYOUTS: Layouts = {
    **each({2001: "CorporateCheckSkipped", 2003: "CorporateLocationCheckSkipped"}, "reason:1"),
    4010: (Layout("CorporateLocationFound", "interface:guid state:1 luid:8 inside:1"),),
    4012: (
        Layout(
            "CorporateLocationProbeFailed",
            "luid:8 interface:guid host:text path:text status:4 error:text retry:4",
        ),
    ),
    4014: (
        Layout(
            "InternetProbed",
            "interface:guid succeeded:4 dns:4 proxy:4 compared:4 completed:4 redirected:4 local_error:4",
        ),
    ),
    4020: (Layout("CorporateProbed", "interface:guid succeeded:4"),),
    4042: (Layout("CapabilityChanged", "interface:guid luid:8 family:4 capability:4 reason:4 previous:4"),),
    4051: (Layout("ActiveProbeResult", "interface:guid luid:8 family:4 code:4"),),
}

IPHLPSVC_LAYOUTS: Layouts = {
    4001: (Layout("TeredoServerFailed", "error:4 reason:4"),),
    4002: (Layout("TeredoServerAddressInvalid", "ip:text error:4"),),
    4003: (Layout("TeredoServerNameInvalid", "server:text error:4"),),
    4100: (Layout("IsatapRouterSet", "router:text status:4"),),
    4200: (Layout("InterfaceUp", "protocol:4 interface:text ip:text"),),
    4201: (Layout("InterfaceDown", "protocol:4 interface:text"),),
    4202: (Layout("InterfaceUpdateFailed", "protocol:4 interface:text update:4 error:4"),),
    4300: (Layout("IpHttpsServerStarted", "url:text"),),
    4302: (Layout("IpHttpsServerFailed", "error:4 reason:4"),),
    **each(
        {4303: "IpHttpsClientConnected", 4304: "IpHttpsClientDisconnected"}, "client:text source:text tunnelled:text"
    ),
}

INTERFACE_STATUS = (
    5001, 5002, *range(5004, 5007), *range(5008, 5015), 5018, 5023, *range(5028, 5036), *range(5040, 5045), 5055, 5063, 5064, 5066,
)  # fmt: skip

IPHLPSVC_TRACE_LAYOUTS: Layouts = {
    5000: (Layout("IpHttpsInterface", "interface:text type:4 configured:4 state:4 url:text authentication:4"),),
    **alike("IpHttpsStatus", INTERFACE_STATUS, "interface:text status:4"),
    5003: (Layout("IpHttpsCertificate", "interface:text name:text preference:4"),),
    5065: (Layout("IpHttpsProxy", "interface:text access:4 proxy:text bypass:text"),),
    5069: (Layout("IpHelperAction", "action:text"),),
}

NET_EVENT = "timestamp:8 local:address remote:address scope:4 application:text user:sid"
NAMES = "local_name:text peer_name:text"
GROUPS = "local_groups:texts remote_groups:texts"
GROUPS_WITH_SIZES = "local_sids:4 local_groups:texts remote_sids:4 remote_groups:texts"
MAIN_MODE = "status:4 failed_at:4 flags:4 module:4 state:4 role:4 method:4 hash:20 association:8 filter:8"
EXTENDED_MODE = "status:4 failed_at:4 flags:4 state:4 role:4 method:4 hash:20 association:8 filter:8"
CERTIFICATES = (
    "local_subject:text local_hash:bytes local_issuer:text local_root:text "
    "peer_subject:text peer_hash:bytes peer_issuer:text peer_root:text"
)
SELECTORS = "local:address local_mask:text local_tunnel:address remote:address remote_mask:text remote_tunnel:address protocol:4"


def _negotiated(name: str, fields: str) -> tuple[Layout, ...]:
    """A failed negotiation. Windows 7 counts groups once, later ones twice under the same version."""
    return tuple(
        Layout(name, f"{NET_EVENT} {NAMES} {groups} {fields}", is_whole=True) for groups in (GROUPS, GROUPS_WITH_SIZES)
    )


WFP_LAYOUTS: Layouts = {
    1001: (
        Layout(
            "WfpPacketDropped",
            f"{NET_EVENT} reauthorised:4 original_profile:4 profile:4 direction:4 loopback:4 filter:8 layer:2",
            2,
        ),
    ),
    1003: (Layout("IpsecPacketDropped", f"{NET_EVENT} status:4 direction:4 spi:4 filter:8 layer:2"),),
    1005: (
        *_negotiated("IpsecMainModeFailed", MAIN_MODE),
        Layout("IpsecMainModeFailed", f"{NET_EVENT} {NAMES} {GROUPS_WITH_SIZES} {MAIN_MODE}", 1, 1),
    ),
    1007: (
        Layout(
            "IpsecQuickModeFailed",
            f"{NET_EVENT} status:4 failed_at:4 module:4 state:4 role:4 traffic:4 filter:8",
            1,
        ),
    ),
    1009: _negotiated("IpsecExtendedModeFailed", EXTENDED_MODE),
    1011: (
        Layout(
            "IpsecDosProtectionDropped",
            f"{NET_EVENT} internet_host:4 corporate_host:4 status:4 direction:4",
        ),
    ),
    1013: (Layout("IpsecMainModeEnded", "local:address remote:address module:4 association:8", 1),),
    1014: (Layout("IpsecMainModeEstablished", f"{NAMES} local:address remote:address module:4 method:4"),),
    1015: (Layout("IpsecMainModeEstablished", f"{CERTIFICATES} local:address remote:address module:4 method:4"),),
    1023: (
        Layout("IpsecNegotiationRequested", "module:ansi context:8 local:address remote:address mode:text filter:8"),
    ),
    1026: (Layout("WfpUserModeError", "function:ansi status:4"),),
    1027: (Layout("IpsecQuickModeEnded", f"{SELECTORS} association:8", 1),),
    1028: (Layout("IpsecQuickModeEstablished", f"{SELECTORS} module:1", 1),),
    1030: (Layout("WfpTransactionTimedOut", "pid:4 transaction_ms:4 commit_ms:4 limit_ms:4"),),
}

ACCOUNTS = "connection:8 machine_method:4 machine:text user_method:4 account:text remote_ip:text local_ip:text"
FILTERING_CONNECTIONS_LAYOUTS: Layouts = each({2000: "IpsecConnectionOpened", 2001: "IpsecConnectionClosed"}, ACCOUNTS)

CALLER = "pid:4 process:text"
"""What Windows 11 and Server 2022 put in front of Schannel's fields, without counting the version on."""


def _called(name: str, *layouts: str) -> tuple[Layout, ...]:
    """An event of Schannel as each version of Windows has it."""
    return tuple(Layout(name, fields, is_whole=True) for own in layouts for fields in (own, f"{CALLER} {own}"))


SCHANNEL_LAYOUTS: Layouts = {
    36870: _called("PrivateKeyUnusable", "side:text status:4 state:4"),
    36871: _called("CredentialFailed", "side:text state:4"),
    36874: _called("NoCommonCipherSuite", "protocol:text"),
    36876: _called("ServerCertificateInvalid", "status:4 certificate:bytes"),
    36877: _called("ClientCertificateInvalid", "status:4 certificate:bytes"),
    36880: (Layout("HandshakeCompleted", "side:text protocol:text suite:4 strength:4"),),
    36881: _called("ServerCertificateExpired", "certificate:bytes"),
    36882: _called("ServerCertificateUntrusted", "certificate:bytes"),
    36883: _called("ServerCertificateRevoked", "certificate:bytes"),
    36884: _called("ServerCertificateForOtherName", "name:text certificate:bytes"),
    36887: _called("AlertReceived", "alert:alert"),
    36888: _called("AlertSent", "alert:alert state:4", "alert:alert state:4 name:text"),
}

SCHANNEL_EVENTS_LAYOUTS: Layouts = {
    258: (Layout("CredentialsAcquired", "status:4"),),
    514: (Layout("SecurityContextAccepted", "context:pointer status:4"),),
}

SERVICES: dict[uuid.UUID, Layouts] = {
    NAME_RESOLUTION: NAME_RESOLUTION_LAYOUTS,
    DNS_CLIENT: DNS_CLIENT_LAYOUTS,
    NCSI: NCSI_LAYOUTS,
    IPHLPSVC: IPHLPSVC_LAYOUTS,
    IPHLPSVC_TRACE: IPHLPSVC_TRACE_LAYOUTS,
    WFP: WFP_LAYOUTS,
    FILTERING_CONNECTIONS: FILTERING_CONNECTIONS_LAYOUTS,
    SCHANNEL: SCHANNEL_LAYOUTS,
    SCHANNEL_EVENTS: SCHANNEL_EVENTS_LAYOUTS,
}

SERVICE_NAMES: dict[uuid.UUID, str] = {
    NAME_RESOLUTION: "Winsock-NameResolution",
    DNS_CLIENT: "DNS-Client",
    NCSI: "NCSI",
    IPHLPSVC: "Iphlpsvc",
    IPHLPSVC_TRACE: "Iphlpsvc-Trace",
    WFP: "WFP",
    FILTERING_CONNECTIONS: "Base-Filtering-Engine-Connections",
    SCHANNEL: "Schannel",
    SCHANNEL_EVENTS: "Schannel-Events",
}

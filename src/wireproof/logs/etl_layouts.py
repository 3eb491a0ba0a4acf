"""Layouts of events that Windows logs in an ETL: of each event its name and fields, by provider and id.

Gives tables only. A field is `name:kind`; kinds are sizes of numbers in bytes, and those that `etl_events` reads. Source: the providers'
manifests. Later versions of an event only add fields behind those of the first.
"""

from __future__ import annotations

import uuid

TCPIP = uuid.UUID("2f07e2ee-15db-40f1-90ef-9d7ba282188a")
AFD = uuid.UUID("e53c6823-7bb8-44bb-90dc-3f86090d48a6")
NAME_RESOLUTION = uuid.UUID("55404e71-4db9-4deb-a5f5-8f86e46dde56")
DNS_CLIENT = uuid.UUID("1c95126e-7eea-49a9-a3fe-a378b03ddb4d")
IPHLPSVC = uuid.UUID("66a5c15c-4f8e-4044-bf6e-71d896038977")
IPHLPSVC_TRACE = uuid.UUID("6600e712-c3b6-44a2-8a48-935c511f28c8")
KERNEL_NETWORK = uuid.UUID("7dd42a49-5329-4832-8dfd-43d979153a88")

Layouts = dict[int, tuple[str, str]]

ENDS = "local:address remote:address"
CONNECTION = f"{ENDS} status:4 pid:4 compartment:4 tcb:pointer"
STATE = f"tcb:pointer {ENDS} state:4 retransmissions:4"
BIND = "local:address status:4"
CREATE = f"{BIND} pid:4 compartment:4 family:4"
DATAGRAMS = f"endpoint:pointer messages:4 bytes:4 {ENDS} pid:4"
DATA = "tcb:pointer cwnd:4 ssthresh:4 rtt:4 bytes:4 sequence:4 snd_una:4 round:4 srtt:4 rto:4"
SOCKET = "step:4 location:4 process:pointer endpoint:pointer"
BUFFERS = f"{SOCKET} buffers:4 buffer:pointer length:4 status:4"

TCPIP_LAYOUTS: Layouts = {
    1001: ("TcpEndpointCreation", "status:4 endpoint:pointer family:4 pid:4"),
    1002: ("TcpRequestConnect", STATE),
    1003: ("TcpInspectConnectComplete", "tcb:pointer status:4 family:4"),
    1004: ("TcpTcbSynSend", "tcb:pointer sequence:4 window:4 scale:1"),
    1005: ("TcpBindEndpointResolutionFailure", BIND),
    1006: ("TcpBindEndpointPortFailure", BIND),
    1007: ("TcpBindEndpointInspectionFailure", BIND),
    1008: ("TcpBindEndpointComplete", BIND),
    1009: ("TcpCloseEndpoint", BIND),
    1010: ("TcpCreateEndpointAfFailure", CREATE),
    1011: ("TcpCreateEndpointCompartmentFailure", CREATE),
    1012: ("TcpCreateEndpointInspectionFailure", CREATE),
    1013: ("TcpCreateEndpointComplete", CREATE),
    1014: ("TcpAcceptListenerRouteLookupFailure", CONNECTION),
    1015: ("TcpAcceptListenerInsertionFailure", STATE),
    1016: ("TcpAcceptListenerRejected", CONNECTION),
    1017: ("TcpAcceptListenerComplete", CONNECTION),
    1018: ("TcpConnectTcbFailedAf", CONNECTION),
    1019: ("TcpConnectTcbFailedCompartment", CONNECTION),
    1030: ("TcpConnectTcbFailInsertion", STATE),
    1031: ("TcpConnectTcbProceeding", CONNECTION),
    1032: ("TcpConnectTcbRateLimitCancel", CONNECTION),
    1033: ("TcpConnectTcbComplete", CONNECTION),
    1034: ("TcpConnectTcbFailure", CONNECTION),
    1035: ("TcpConnectTcbFailInspectConnectComplete", CONNECTION),
    1036: ("TcpConnectTcbFailSessionState", CONNECTION),
    1037: ("TcpConnectTcbFailDontFragment", CONNECTION),
    1038: ("TcpCloseTcbRequest", CONNECTION),
    1039: ("TcpAbortTcbRequest", CONNECTION),
    1040: ("TcpAbortTcbComplete", CONNECTION),
    1043: ("TcpDisconnectTcbComplete", CONNECTION),
    1044: ("TcpShutdownTcb", CONNECTION),
    1045: ("TcpConnectTcbTimeout", CONNECTION),
    1046: ("TcpDisconnectTcbRtoTimeout", CONNECTION),
    1047: ("TcpDisconnectTcbKeepaliveTimeout", CONNECTION),
    1048: ("TcpDisconnectTcbTimeout", CONNECTION),
    1049: ("TcpConnectTcbEstatsFailed", CONNECTION),
    1050: ("TcpConnectFailedPortAcquire", CONNECTION),
    1051: ("TcpTcbStateChange", "old_state:4 state:4 sequence:4 tcb:pointer"),
    1052: ("TcpEndpointAcquirePortReservation", "pid:4 status:4 port:2 ports:2"),
    1053: ("TcpEndpointFailedPortReservation", "pid:4 status:4 port:2 ports:2"),
    1054: ("TcpGlobalPortReservation", "pid:4 status:4 port:2 ports:2"),
    1055: (
        "TcpGlobalSynAttackEntry",
        "syn_attacks:4 reassembly_violations:4 backlog:4 rate_violations:4 land_attacks:4 depth:4",
    ),
    1074: ("TcpDataTransferReceive", "tcb:pointer bytes:4 sequence:4"),
    1076: ("TcpDataTransferSpuriousTimeout", DATA),
    1077: ("TcpDataTransferRetransmitRound", DATA),
    1078: ("TcpLossRecoveryEntry", "tcb:pointer snd_una:4 snd_max:4"),
    1079: ("TcpLossRecoveryExit", "tcb:pointer snd_una:4 snd_max:4"),
    1169: ("UdpEndpointSendMessages", DATAGRAMS),
    1170: ("UdpEndpointReceiveMessages", DATAGRAMS),
    1182: ("TcpInitiateSynRstValidation", STATE),
    1183: ("TcpConnectTcbFailedRcvdRst", STATE),
    1184: ("TcpConnectionTerminatedRcvdRst", STATE),
    1185: ("TcpConnectionTerminatedRcvdSyn", STATE),
    1186: ("TcpConnectRetransmit", STATE),
    1187: ("TcpDataTransferRetransmit", STATE),
    1188: ("TcpConnectionKeepAlive", "tcb:pointer snd_una:4 snd_max:4"),
    1191: ("TcpAcquirePort", "tcb:pointer port:2 weak:4 original:pointer"),
    1193: ("TcpReleasePort", "tcb:pointer port:2 weak:4 original:pointer"),
    1214: ("TcpipTransportPacketDrops", f"protocol:4 family:4 {ENDS} reason:4 packets:4"),
    1215: (
        "TcpipNetworkPacketDrops",
        "protocol:4 family:4 source_v4:ipv4 destination_v4:ipv4 source:ip destination:ip reason:4 packets:4",
    ),
    1300: ("TcpConnectionRundown", f"tcb:pointer {ENDS} state:4 pid:4"),
}

AFD_LAYOUTS: Layouts = {
    1000: ("AfdCreate", f"{SOCKET} family:4 type:4 protocol:4 pid:8 status:4"),
    **dict.fromkeys((1001, 1002, 1017, 1020, 1023, 1026, 1029, 1036, 3000, 3006), ("AfdStatus", f"{SOCKET} status:4")),
    **dict.fromkeys((1003, 1004, 1005, 1006, 1011, 1012), ("AfdTransfer", BUFFERS)),
    **dict.fromkeys((1007, 1009, 1013, 1015), ("AfdDatagram", f"{BUFFERS} remote:address")),
    **dict.fromkeys(
        (1018, 1021, 1024, 1027), ("AfdConnection", f"{SOCKET} buffer:pointer length:4 status:4 remote:address")
    ),
    1030: ("AfdBind", f"{SOCKET} status:4 local:address"),
    1032: ("AfdAbort", f"{SOCKET} reason:4"),
    1035: ("AfdOption", f"{SOCKET} option:4 value:4 status:4"),
    1037: ("AfdListen", f"{SOCKET} backlog:4 status:4"),
    3001: ("AfdConnectIndication", f"{SOCKET} status:4 remote:address backlog:4"),
    3003: ("AfdReceiveIndication", f"{SOCKET} buffer:pointer length:4"),
    3004: ("AfdDatagramIndication", f"{SOCKET} buffer:pointer length:4 remote:address"),
}
"""By event id. Ids that share a layout share a name, which says what they have in common; AFD's own names differ by call."""

NAME_RESOLUTION_LAYOUTS: Layouts = {
    1000: ("GetAddrInfo", "name:text service:text location:4 flags:4 family:4 type:4 protocol:4"),
    1001: ("GetAddrInfoResult", "name:text status:4 result:text"),
    1004: ("GetAddrInfoExResult", "name:text status:4 result:text"),
}

QUERY = "name:text type:4 options:8"

DNS_CLIENT_LAYOUTS: Layouts = {
    1014: ("NameResolutionTimedOut", "name:text server:address"),
    1015: ("ServerNotResponding", "name:text server:address"),
    1016: ("NameNotFoundByServer", "name:text server:address"),
    3006: ("DnsQuery", f"{QUERY} servers:text network_query:4 network_index:4 interface:4 asynchronous:4"),
    3008: ("DnsQueryCompleted", f"{QUERY} status:4 result:text"),
    3010: ("DnsQuerySent", "name:text type:4 server:text"),
    3011: ("DnsResponse", "name:text type:4 server:text status:4"),
    3016: ("DnsCacheLookup", f"{QUERY} interface:4"),
    3018: ("DnsCacheLookupCompleted", f"{QUERY} status:4 result:text"),
    3020: ("DnsQueryOfInterfaceCompleted", "name:text type:4 network_index:4 interface:4 status:4 result:text"),
}

IPHLPSVC_LAYOUTS: Layouts = {
    4001: ("TeredoFailed", "error:4 reason:4"),
    4003: ("TeredoServerUnresolved", "server:text error:4"),
    4100: ("IsatapRouterUnresolved", "router:text error:4"),
    4200: ("InterfaceUp", "protocol:4 interface:text ip:text"),
    4201: ("InterfaceDown", "protocol:4 interface:text"),
    4300: ("IpHttpsServerUrl", "url:text"),
    4302: ("IpHttpsFailed", "error:4 reason:4"),
    4303: ("IpHttpsClientConnected", "client:text source:text tunnelled:text"),
    4304: ("IpHttpsClientDisconnected", "client:text source:text tunnelled:text"),
}

IPHLPSVC_TRACE_LAYOUTS: Layouts = {
    5000: ("IpHttpsInterface", "interface:text type:4 configured:4 state:4 url:text authentication:4"),
    **dict.fromkeys(
        (5001, 5002, *range(5004, 5007), *range(5008, 5015), 5018, 5023, *range(5028, 5036), *range(5040, 5045)),
        ("IpHttpsStatus", "interface:text status:4"),
    ),
    5003: ("IpHttpsCertificate", "interface:text name:text preference:4"),
}

KERNEL_NETWORK_NAMES = {
    10: "TcpSent",
    11: "TcpReceived",
    12: "TcpConnected",
    13: "TcpDisconnected",
    14: "TcpRetransmitted",
    15: "TcpAccepted",
    16: "TcpReconnected",
    18: "TcpCopied",
    42: "UdpSent",
    43: "UdpReceived",
}
UDP_RECEIVED = 43
IPV6_IDS = 16
"""What is added to an id where the addresses are those of IPv6."""


def _kernel_network() -> Layouts:
    """The own end of a TCP connection comes second in every event, of a datagram the sender's."""
    layouts = {}
    for number, name in KERNEL_NETWORK_NAMES.items():
        ends = "local,remote" if number == UDP_RECEIVED else "remote,local"
        for added, kind in ((0, "pair4"), (IPV6_IDS, "pair6")):
            layouts[number + added] = (name, f"pid:4 bytes:4 {ends}:{kind}")
    return layouts


LAYOUTS: dict[uuid.UUID, Layouts] = {
    TCPIP: TCPIP_LAYOUTS,
    AFD: AFD_LAYOUTS,
    NAME_RESOLUTION: NAME_RESOLUTION_LAYOUTS,
    DNS_CLIENT: DNS_CLIENT_LAYOUTS,
    IPHLPSVC: IPHLPSVC_LAYOUTS,
    IPHLPSVC_TRACE: IPHLPSVC_TRACE_LAYOUTS,
    KERNEL_NETWORK: _kernel_network(),
}

"""Layouts of events of the TCP/IP stack, of sockets and of the kernel, by provider and id; with those of services all that are known.

Gives tables only. Source: the providers' manifests from Windows 7 to Windows 11 26H1. A version that is not listed is not read: some versions
put fields in front of those of the first.
"""

from __future__ import annotations

import uuid

from wireproof.logs.etl_layout import Layout, Layouts, alike, each
from wireproof.logs.etl_layouts_services import SERVICE_NAMES, SERVICES

TCPIP = uuid.UUID("2f07e2ee-15db-40f1-90ef-9d7ba282188a")
AFD = uuid.UUID("e53c6823-7bb8-44bb-90dc-3f86090d48a6")
KERNEL_NETWORK = uuid.UUID("7dd42a49-5329-4832-8dfd-43d979153a88")

ENDS = "local:address remote:address"
CONNECTION = f"{ENDS} status:4 pid:4 compartment:4 tcb:pointer"
STATE = f"tcb:pointer {ENDS} state:4 retransmissions:4"
BIND = "local:address status:4"
CREATE = f"{BIND} pid:4 compartment:4 family:4"
RESERVATION = "pid:4 status:4 port:2 ports:2"
DATAGRAMS = f"endpoint:pointer messages:4 bytes:4 {ENDS} pid:4"
DATA = "tcb:pointer cwnd:4 ssthresh:4 rtt:4 bytes:4 sequence:4 snd_una:4 round:4 srtt:4 rto:4"
NETWORK_DROP = "protocol:4 family:4 source_v4:ipv4 destination_v4:ipv4 source:ip destination:ip reason:4 packets:4"
RANGE = "tcb:pointer snd_una:4 snd_max:4"
PORT = "tcb:pointer port:2 weak:4 original:pointer"
SOCKET = "step:4 location:4 process:pointer endpoint:pointer"
BUFFERS = f"{SOCKET} buffers:4 buffer:pointer length:4 status:4"
SENT = "tcb:pointer cwnd:4 window:4 bytes:4 sequence:4"

BOUND = {
    1005: "TcpBindEndpointResolutionFailure",
    1006: "TcpBindEndpointPortFailure",
    1007: "TcpBindEndpointInspectionFailure",
    1008: "TcpBindEndpointComplete",
    1009: "TcpCloseEndpoint",
}

TCPIP_LAYOUTS: Layouts = {
    1001: (Layout("TcpEndpointCreation", "status:4 endpoint:pointer family:4 pid:4"),),
    **each({1002: "TcpRequestConnect", 1015: "TcpAcceptListenerInsertionFailure"}, STATE),
    1003: (Layout("TcpInspectConnectComplete", "tcb:pointer status:4 family:4"),),
    1004: (Layout("TcpTcbSynSend", "tcb:pointer sequence:4 window:4 scale:1"),),
    **{number: (Layout(name, BIND), Layout(name, f"endpoint:pointer {BIND}", 1, 1)) for number, name in BOUND.items()},
    **each(
        {
            1010: "TcpCreateEndpointAfFailure",
            1011: "TcpCreateEndpointCompartmentFailure",
            1012: "TcpCreateEndpointInspectionFailure",
        },
        CREATE,
        1,
    ),
    1013: (
        Layout("TcpCreateEndpointComplete", CREATE, 1),
        Layout("TcpCreateEndpointComplete", f"endpoint:pointer {CREATE}", 2, 2),
    ),
    **each(
        {
            1014: "TcpAcceptListenerRouteLookupFailure",
            1016: "TcpAcceptListenerRejected",
            1017: "TcpAcceptListenerComplete",
            1018: "TcpConnectTcbFailedAf",
            1019: "TcpConnectTcbFailedCompartment",
            1031: "TcpConnectTcbProceeding",
            1032: "TcpConnectTcbRateLimitCancel",
            1033: "TcpConnectTcbComplete",
            1034: "TcpConnectTcbFailure",
            1035: "TcpConnectTcbFailInspectConnectComplete",
            1036: "TcpConnectTcbFailSessionState",
            1037: "TcpConnectTcbFailDontFragment",
            1038: "TcpCloseTcbRequest",
            1039: "TcpAbortTcbRequest",
            1040: "TcpAbortTcbComplete",
            1044: "TcpShutdownTcb",
            1045: "TcpConnectTcbTimeout",
            1046: "TcpDisconnectTcbRtoTimeout",
            1047: "TcpDisconnectTcbKeepaliveTimeout",
            1048: "TcpDisconnectTcbTimeout",
            1049: "TcpConnectTcbEstatsFailed",
            1050: "TcpConnectFailedPortAcquire",
        },
        CONNECTION,
        1,
    ),
    1030: (Layout("TcpConnectTcbFailInsertion", STATE),),
    1043: (Layout("TcpDisconnectTcbComplete", CONNECTION, 2),),
    1051: (Layout("TcpTcbStateChange", "old_state:4 state:4 sequence:4 tcb:pointer"),),
    **each(
        {
            1052: "TcpEndpointAcquirePortReservation",
            1053: "TcpEndpointFailedPortReservation",
            1054: "TcpGlobalPortReservation",
        },
        RESERVATION,
        1,
    ),
    1055: (
        Layout(
            "TcpGlobalSynAttackEntry",
            "syn_attacks:4 reassembly_violations:4 backlog:4 rate_violations:4 land_attacks:4 depth:4",
        ),
    ),
    1074: (Layout("TcpDataTransferReceive", "tcb:pointer bytes:4 sequence:4", 1),),
    **each({1076: "TcpDataTransferSpuriousTimeout", 1077: "TcpDataTransferRetransmitRound"}, DATA),
    **each({1078: "TcpLossRecoveryEntry", 1079: "TcpLossRecoveryExit", 1188: "TcpConnectionKeepAlive"}, RANGE),
    **each({1169: "UdpEndpointSendMessages", 1170: "UdpEndpointReceiveMessages"}, DATAGRAMS, 1),
    **each(
        {
            1182: "TcpInitiateSynRstValidation",
            1183: "TcpConnectTcbFailedRcvdRst",
            1184: "TcpConnectionTerminatedRcvdRst",
            1185: "TcpConnectionTerminatedRcvdSyn",
            1186: "TcpConnectRetransmit",
            1187: "TcpDataTransferRetransmit",
        },
        STATE,
    ),
    **each({1191: "TcpAcquirePort", 1193: "TcpReleasePort"}, PORT),
    1214: (Layout("TcpipTransportPacketDrops", f"protocol:4 family:4 {ENDS} reason:4 packets:4"),),
    1215: (
        Layout("TcpipNetworkPacketDrops", NETWORK_DROP),
        Layout(
            "TcpipNetworkPacketDrops",
            f"{NETWORK_DROP} ip_protocol:4 source_bytes:bytes destination_bytes:bytes interface:4 path:4",
            2,
            1,
        ),
    ),
    1300: (Layout("TcpConnectionRundown", f"tcb:pointer {ENDS} state:4 pid:4", 3),),
    1330: (Layout("TcpDataTransferCumAck", SENT),),
    1332: (Layout("TcpDataTransferSend", f"{SENT} srtt:4 variance:4 rto:4", 5),),
    1391: (Layout("UdpCreateEndpointComplete", "endpoint:pointer status:4 pid:4 compartment:4 family:4", 1),),
    1396: (
        Layout("UdpBindEndpointComplete", f"{BIND} endpoint:pointer"),
        Layout("UdpBindEndpointComplete", f"{BIND} endpoint:pointer pid:4", 1, 1),
    ),
    **each({1397: "UdpCloseEndpointBound", 1398: "UdpCloseEndpointUnbound"}, f"{BIND} endpoint:pointer"),
}

AFD_LAYOUTS: Layouts = {
    1000: (Layout("AfdCreate", f"{SOCKET} family:4 type:4 protocol:4 pid:pointer status:4"),),
    **alike("AfdStatus", (1001, 1002, 1017, 1020, 1023, 1026, 1029, 1036, 3000, 3006), f"{SOCKET} status:4"),
    **alike("AfdTransfer", (1003, 1004, 1005, 1006, 1011, 1012), BUFFERS),
    **alike("AfdDatagram", (1007, 1009, 1013, 1015), f"{BUFFERS} remote:address"),
    **alike("AfdConnection", (1018, 1021, 1024, 1027), f"{SOCKET} buffer:pointer length:4 status:4 remote:address"),
    1030: (Layout("AfdBind", f"{SOCKET} status:4 local:address"),),
    1032: (Layout("AfdAbort", f"{SOCKET} reason:4"),),
    1035: (Layout("AfdOption", f"{SOCKET} option:4 value:4 status:4"),),
    1037: (Layout("AfdListen", f"{SOCKET} backlog:4 status:4"),),
    3001: (Layout("AfdConnectIndication", f"{SOCKET} status:4 remote:address backlog:4"),),
    3003: (Layout("AfdReceiveIndication", f"{SOCKET} buffer:pointer length:4"),),
    3004: (Layout("AfdDatagramIndication", f"{SOCKET} buffer:pointer length:4 remote:address"),),
}
"""By event id. Ids that share a layout share a name, which says what they have in common; AFD's own names differ by call."""

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
            layouts[number + added] = (Layout(name, f"pid:4 bytes:4 {ends}:{kind}"),)
    return layouts


LAYOUTS: dict[uuid.UUID, Layouts] = {
    TCPIP: TCPIP_LAYOUTS,
    AFD: AFD_LAYOUTS,
    KERNEL_NETWORK: _kernel_network(),
    **SERVICES,
}

PROVIDER_NAMES: dict[uuid.UUID, str] = {
    TCPIP: "TCPIP",
    AFD: "Winsock-AFD",
    KERNEL_NETWORK: "Kernel-Network",
    **SERVICE_NAMES,
}
"""What comes behind "Microsoft-Windows-" in a provider's name."""

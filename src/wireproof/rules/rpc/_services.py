"""What is known of services behind RPC interfaces: what they are, how their port is pinned, and what ports Windows hands out.

Takes a UUID or a port; gives words for reports. Knows no capture.
"""

from __future__ import annotations

from dataclasses import dataclass

from wireproof.wire.rpc_interfaces import (
    CERTIFICATES,
    DFS_REPLICATION,
    FILE_REPLICATION,
    LSA,
    MAPI,
    NETLOGON,
    NSPI,
    REFERRAL,
    REPLICATION,
    SAM,
    TRANSACTIONS,
    WMI_CLASS,
    WMI_LOGIN,
)


@dataclass(frozen=True, slots=True)
class Service:
    """A service in words, how to give it a port of its own, and what to read about that."""

    name: str
    pin: str = ""
    references: tuple[str, ...] = ()


GENERAL_PIN = (
    "Give RPC a small range on the server instead of the whole one: `netsh int ipv4 set dynamicport tcp start=N num=M` "
    "(and `netsh int ipv6 ...`), or the key `HKLM\\SOFTWARE\\Microsoft\\Rpc\\Internet` with `Ports` and `PortsInternetAvailable=Y`; restart the server."
)
DOMAIN_PIN = (
    "Pin it on the domain controller: DWORD `TCP/IP Port` under `HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters`, and "
    "`DCTcpipPort` under `...\\Services\\Netlogon\\Parameters` for NETLOGON; restart it, then open these ports and 135."
)
WMI = Service(
    "WMI",
    (
        "Pin WMI's port: `winmgmt -standalonehost` and a restart of the service winmgmt give it port 24158; on Windows Server 2003 configure a "
        "static DCOM endpoint with the update of KB 897571. Then open that port and 135."
    ),
    ("KB 897571",),
)
EXCHANGE_PIN = (
    "Pin it on the Exchange client access server: `TCP/IP Port` under `HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeRPC\\ParametersSystem` for the "
    "mailbox service, `RpcTcpPort` under `...\\Services\\MSExchangeAB\\Parameters` for the address book; restart both services."
)
DOMAIN = ("KB 224196",)
SERVICES: dict[str, Service] = {
    WMI_CLASS: WMI,
    WMI_LOGIN: WMI,
    MAPI: Service("Exchange mailbox access (MAPI)", EXCHANGE_PIN),
    NSPI: Service("address book (NSPI)", EXCHANGE_PIN),
    REFERRAL: Service("address book referral (RFR)", EXCHANGE_PIN),
    REPLICATION: Service("Active Directory replication (DRSUAPI)", DOMAIN_PIN, DOMAIN),
    NETLOGON: Service("NETLOGON", DOMAIN_PIN, DOMAIN),
    LSA: Service("LSARPC", DOMAIN_PIN, DOMAIN),
    SAM: Service("SAMR", DOMAIN_PIN, DOMAIN),
    FILE_REPLICATION: Service(
        "file replication (FRS)",
        "Pin it: DWORD `RPC TCP/IP Port Assignment` under `HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTFRS\\Parameters`; restart the service NtFrs.",
        ("KB 319553",),
    ),
    DFS_REPLICATION: Service(
        "DFS replication",
        "Pin it on every member: `dfsrdiag StaticRPC /port:N /Member:NAME`; restart the service DFSR.",
    ),
    CERTIFICATES: Service(
        "certificate enrolment",
        "Pin it: `dcomcnfg`, CertSrv Request, Endpoints, static endpoint; restart the service CertSvc.",
    ),
    TRANSACTIONS: Service(
        "MSDTC", "Pin it: DWORD `ServerTcpPort` under `HKLM\\SOFTWARE\\Microsoft\\MSDTC`; restart the service MSDTC."
    ),
}


PIPED = {
    "SVCCTL",
    "SAMR",
    "LSARPC",
    "NETLOGON",
    "WINREG",
    "SRVSVC",
    "WKSSVC",
    "ATSVC",
    "EVENTLOG",
    "SPOOLSS",
    "DNSSERVER",
    "NETDFS",
    "DSSETUP",
}
"""Interfaces that Windows serves through SMB named pipes as well."""


def service_of(uuid: str, name: str) -> Service:
    """What a UUID stands for; what is not known goes by its own name."""
    return SERVICES.get(uuid) or Service(name)


def port_range(port: int) -> tuple[str, str]:
    """The range to open for a port: its bounds, and where it comes from."""
    if port >= 49152:
        return "49152-65535", "the dynamic range of Windows Vista / Server 2008 and later, see KB 929851"
    if 1025 <= port <= 5000:
        return "1025-5000", "the dynamic range of Windows up to XP / Server 2003, see KB 929851"
    return (
        str(port),
        "in none of Windows' default dynamic ranges: pinned, or from a range set with netsh (Exchange's setup sets 6005-65534)",
    )

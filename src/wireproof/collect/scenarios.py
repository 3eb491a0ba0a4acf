"""What each scenario needs at each role: trace providers, logs to turn on, what to try, and outputs to save.

Takes a scenario and a role; gives texts. Provider names are Windows' own; a trace with one that a Windows version lacks does not start,
so plans fall back to packets alone.
"""

from __future__ import annotations

from wireproof.collect.model import Role, Scenario, System

TITLES = {
    Scenario.TCP: "TCP connections",
    Scenario.TLS: "TLS connections",
    Scenario.DIRECTACCESS: "DirectAccess",
    Scenario.LYNC: "Lync and Skype for Business",
    Scenario.RPC: "RPC and DCOM",
    Scenario.SMB: "SMB shares",
}

STACK = ("Microsoft-Windows-TCPIP", "Microsoft-Windows-Winsock-AFD")
PROVIDERS = {
    Scenario.TCP: STACK,
    Scenario.TLS: (*STACK, "Microsoft-Windows-Schannel-Events", "Microsoft-Windows-WinHttp", "Microsoft-Windows-WebIO"),
    Scenario.LYNC: STACK,
    Scenario.RPC: (*STACK, "Microsoft-Windows-RPC"),
    Scenario.SMB: (*STACK, "Microsoft-Windows-SMBClient", "Microsoft-Windows-SMBServer"),
}
DIRECTACCESS_SERVER = (
    "Microsoft-Windows-DNS-Client",
    "Microsoft-Windows-Iphlpsvc-Trace",
    "Microsoft-Windows-WFP",
    "Microsoft-Windows-NCSI",
    "Microsoft-Windows-NlaSvc",
    "Microsoft-Windows-NetworkProfile",
    "Microsoft-Windows-WinINet",
    "Microsoft-Windows-WinHttp",
    "Microsoft-Windows-WebIO",
    "Microsoft-Windows-Windows Firewall With Advanced Security",
)

TRIES = {
    Scenario.TCP: "Make the connection that fails, as its program makes it.",
    Scenario.TLS: "Open the connection that fails, in a program that was closed before.",
    Scenario.DIRECTACCESS: "Open what can't be reached inside: a share, a web page, Outlook.",
    Scenario.LYNC: "Sign in, or make the call that fails.",
    Scenario.RPC: "Do what fails: open the console, Outlook or the management tool.",
    Scenario.SMB: "Open the share or the file that fails.",
}

PRIVACY = (
    "Captures and logs hold addresses, host and user names, and all that was sent unencrypted while they ran, passwords and cookies "
    "included. Key logs open the sessions of that time. Collect no longer than needed, send the folder encrypted, and delete it when "
    "the case is closed."
)

ALWAYS = (
    "ipconfig /all", "route print", "netstat -ano", "tasklist /svc", "arp -a", "netsh advfirewall show allprofiles",
    "netsh advfirewall show currentprofile", "w32tm /query /status", "w32tm /tz",
)  # fmt: skip
IPV6_STATE = ("netsh interface ipv6 show interface", "netsh interface ipv6 show route")
TUNNEL_STATE = ("netsh interface httpstunnel show interface", "netsh interface teredo show state", *IPV6_STATE)
IPSEC_STATE = ("netsh advfirewall monitor show mmsa", "netsh advfirewall monitor show qmsa")
STORES = ("certutil -store -v my", "certutil -store -v ca", "certutil -store -v root")
WINDOWS_OUTPUTS: dict[tuple[Scenario, bool], tuple[str, ...]] = {
    (Scenario.TCP, True): (),
    (Scenario.TCP, False): ("netsh interface ipv4 show dynamicport tcp",),
    (Scenario.TLS, True): ("certutil -user -store -v my", *STORES, "netsh winhttp show proxy"),
    (Scenario.TLS, False): ("netsh http show sslcert", *STORES),
    (Scenario.DIRECTACCESS, True): (
        *TUNNEL_STATE, *IPSEC_STATE, "netsh namespace show effectivepolicy", "netsh dns show state", "certutil -store -v my",
        "netsh winhttp show proxy", "gpresult /r",
    ),
    (Scenario.DIRECTACCESS, False): (*TUNNEL_STATE, *IPSEC_STATE, "netsh http show sslcert", *STORES),
    (Scenario.LYNC, True): ("certutil -user -store -v my", "netsh winhttp show proxy"),
    (Scenario.LYNC, False): ("netsh http show sslcert", *STORES),
    (Scenario.RPC, True): (),
    (Scenario.RPC, False): ("netsh interface ipv4 show dynamicport tcp", "netsh http show sslcert"),
    (Scenario.SMB, True): ("net use", "whoami /all"),
    (Scenario.SMB, False): ("net share", "net session", "gpresult /r"),
}  # fmt: skip

LINUX_OUTPUTS = (
    "date --iso-8601=ns", "ip address", "ip route show table all", "ip -6 route", "ip neigh", "ss -tanp", "ss -uanp",
    "nft list ruleset", "iptables-save", "cat /etc/resolv.conf", "uname -a",
)  # fmt: skip


def windows_outputs(scenario: Scenario, role: Role) -> tuple[str, ...]:
    """Commands whose outputs tell the state of a Windows machine."""
    return (*ALWAYS, *WINDOWS_OUTPUTS[scenario, role is Role.CLIENT])


def providers(scenario: Scenario, role: Role) -> tuple[str, ...]:
    """Trace providers beside the packets; for a DirectAccess client Windows has a set of its own."""
    if scenario is Scenario.DIRECTACCESS:
        return ("Microsoft-Windows-Iphlpsvc",) if role is Role.CLIENT else DIRECTACCESS_SERVER
    return PROVIDERS[scenario]


def bring(scenario: Scenario, role: Role, system: System) -> tuple[str, ...]:
    """What to send on, in sentences."""
    told = [
        "The whole folder, as it is: captures, traces, logs and outputs belong together.",
        "The times, with seconds, at which you tried, what you typed, and the exact error message (a screenshot will do).",
        "Which address is which: client, server, proxy, load balancer, and who translates addresses.",
    ]
    if scenario is Scenario.LYNC:
        told.append(LYNC_LOGS[role is Role.CLIENT])
    if scenario is Scenario.TLS:
        told.append(
            "For a server whose sessions may be opened: its certificate with the private key (PFX), or the key log of the client."
        )
    if role is not Role.CLIENT:
        told.append("The folder of the client too: both ends at the same time tell what happened between them.")
    if system is System.LINUX:
        told.append("Logs of the service that was used, from journalctl or its own files.")
    return tuple(told)


LYNC_LOGS = {
    True: r"The client's logs: %USERPROFILE%\Tracing (Lync 2010), %LOCALAPPDATA%\Microsoft\Office\15.0\Lync\Tracing (Lync 2013; 16.0 for later ones).",
    False: "The server's SIPStack and S4 logs as text, as the logging tool or Search-CsClsLogging writes them.",
}

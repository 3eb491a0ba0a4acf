"""Windows services by the names that logs and listings have for them, and the ports that they own by default.

Gives tables. Display names are those of English Windows, older ones too; short names do not depend on the language.
"""

from __future__ import annotations

PORTS: dict[str, tuple[int, ...]] = {
    "termservice": (3389,),
    "w3svc": (80, 443),
    "http": (80, 443, 5985, 5986),
    "winrm": (5985, 5986),
    "lanmanserver": (445, 139),
    "rpcss": (135,),
    "rpceptmapper": (135,),
    "mssqlserver": (1433,),
    "sqlbrowser": (1434,),
    "dns": (53,),
    "ntds": (389, 636, 3268, 3269),
    "kdc": (88, 464),
    "smtpsvc": (25,),
    "msexchangetransport": (25, 587),
    "msexchangefrontendtransport": (25, 587),
    "ftpsvc": (21,),
    "spooler": (515,),
    "rtcsrv": (5060, 5061),
    "rtcmediarelay": (3478, 443),
    "rtcdataproxy": (8057,),
    "rtccaa": (5073,),
    "rtcmcu": (5062,),
    "wsusservice": (8530, 8531),
    "ccmexec": (2701,),
    "sshd": (22,),
    "iphlpsvc": (443,),
    "remoteaccess": (443, 1723),
    "sstpsvc": (443,),
    "certsvc": (135,),
    "adws": (9389,),
    "msmq": (1801,),
}
"""Short name, lower case -> TCP ports (and UDP's 53, 88, 1434, 3478)."""

DISPLAY: dict[str, str] = {
    "remote desktop services": "termservice",
    "terminal services": "termservice",
    "remotedesktopdienste": "termservice",
    "world wide web publishing service": "w3svc",
    "world wide web publishing": "w3svc",
    "www-publishingdienst": "w3svc",
    "windows remote management (ws-management)": "winrm",
    "server": "lanmanserver",
    "remote procedure call (rpc)": "rpcss",
    "rpc endpoint mapper": "rpceptmapper",
    "sql server (mssqlserver)": "mssqlserver",
    "sql server browser": "sqlbrowser",
    "dns server": "dns",
    "active directory domain services": "ntds",
    "kerberos key distribution center": "kdc",
    "simple mail transfer protocol (smtp)": "smtpsvc",
    "microsoft exchange transport": "msexchangetransport",
    "microsoft exchange frontend transport": "msexchangefrontendtransport",
    "microsoft ftp service": "ftpsvc",
    "print spooler": "spooler",
    "lync server front-end": "rtcsrv",
    "lync server access edge": "rtcsrv",
    "skype for business server front-end": "rtcsrv",
    "skype for business server access edge": "rtcsrv",
    "office communications server front-end": "rtcsrv",
    "lync server audio/video edge": "rtcmediarelay",
    "lync server web conferencing edge": "rtcdataproxy",
    "wsus service": "wsusservice",
    "update services": "wsusservice",
    "sms agent host": "ccmexec",
    "openssh ssh server": "sshd",
    "ip helper": "iphlpsvc",
    "routing and remote access": "remoteaccess",
    "secure socket tunneling protocol service": "sstpsvc",
    "active directory web services": "adws",
    "message queuing": "msmq",
    "services bureau à distance": "termservice",
    "servicios de escritorio remoto": "termservice",
    "servizi desktop remoto": "termservice",
    "serviços de área de trabalho remota": "termservice",
    "service de publication world wide web": "w3svc",
    "servicio de publicación world wide web": "w3svc",
    "windows-remoteverwaltung (ws-verwaltung)": "winrm",
    "gestion à distance de windows (gestion wsm)": "winrm",
    "remoteprozeduraufruf (rpc)": "rpcss",
    "appel de procédure distante (rpc)": "rpcss",
    "serveur": "lanmanserver",
    "servidor": "lanmanserver",
    "dns-server": "dns",
    "serveur dns": "dns",
    "servidor dns": "dns",
    "active directory-domänendienste": "ntds",
    "services de domaine active directory": "ntds",
    "servicios de dominio de active directory": "ntds",
    "druckwarteschlange": "spooler",
    "spouleur d'impression": "spooler",
    "cola de impresión": "spooler",
}
"""Display name, lower case -> short name."""


def short_name(name: str) -> str:
    """The short name, lower case, of a service by either of its names; what is not known stays as it is."""
    plain = name.strip().lower().replace("\u2019", "'")
    return DISPLAY.get(plain, plain)


def ports_of(name: str) -> tuple[int, ...]:
    """The ports that a service owns by default; none where it is not known."""
    return PORTS.get(short_name(name), ())

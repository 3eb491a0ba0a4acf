"""What to check where a DirectAccess connection stopped, and the error that the client's own tools will show for it.

Facts for the rule of this family. Takes the stage that did not work; gives a `Check`. A code is named only as far as the frames
support it: where several fit, all are, and the client's own output decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.processes.stage import Outcome, Stage
from wireproof.rules.directaccess._check import Check
from wireproof.rules.directaccess._checks_ipsec import IPSEC

if TYPE_CHECKING:
    from wireproof.processes.timeline import Timeline

SHOW = "`netsh interface httpstunnel show interface` on the client shows the state and the last error of the tunnel"
PUBLISH = (
    "On the DirectAccess server, publish the clients' prefix: `New-NetRoute -AddressFamily IPv6 -DestinationPrefix (Get-RemoteAccess).ClientIPv6Prefix "
    '-InterfaceAlias "Microsoft IP-HTTPS Platform Interface" -Publish Yes`; forwarding and advertising have to be enabled on that interface.'
)
NULL_SUITES = (
    (
        "Windows 8 and later offer for IP-HTTPS nothing but suites that do not encrypt. Let the server accept TLS_RSA_WITH_NULL_SHA: "
        "`Get-TlsCipherSuite`, the policy `SSL Cipher Suite Order`, hardening scripts. The VPN role on the same server takes NULL suites away."
    ),
    "Where a load balancer stands before the server: pass TLS through. One that ends TLS itself is not supported, and needs its own NULL suites.",
)
CLIENT_CERTIFICATE = (
    "Check whether the server asks for a client certificate for the IP-HTTPS URL: `netsh http show sslcert`, `Negotiate Client Certificate`. "
    "IP-HTTPS with certificate authentication needs a computer certificate with the client's name and the client authentication usage."
)
"""What to do about suites that one side lacks, and about a certificate that the client has to bring."""
NXDOMAIN = 3


def check(timeline: Timeline, stage: Stage) -> Check:
    """What to check for the stage at which a timeline stopped."""
    if stage.name in {"main-mode", "quick-mode", "esp-traffic"}:
        return IPSEC[stage.name](stage)
    if timeline.transport in {"Teredo", "6to4"}:
        return _carrier(timeline)
    if stage.name == "endpoint-resolved":
        return _resolved(stage)
    if stage.name == "transport-connected":
        return _connected(timeline, stage)
    return _tls(timeline, stage) if stage.name == "tls-done" else _tunnel(timeline, stage)


def _resolved(stage: Stage) -> Check:
    if stage.outcome is Outcome.NOT_SEEN:
        return Check(
            "The client takes itself for outside, and then does not even ask for its DirectAccess server",
            (
                (
                    "Check that the client's IP Helper service (iphlpsvc) runs and that its policy sets an IP-HTTPS URL: "
                    f"`netsh interface httpstunnel show interface`, `Get-NetIPHttpsConfiguration`. {SHOW}."
                ),
                (
                    "Exempt the server's public name in the Name Resolution Policy Table where it ends in the organisation's own suffix: else it is asked for "
                    "through the tunnel that it is needed for (`Get-DnsClientNrptPolicy`, on Windows 7 `netsh namespace show effectivepolicy`)."
                ),
            ),
        )
    asked = stage.facts.get("servers")
    name, servers = (
        stage.facts["name"],
        ", ".join(map(str, asked)) if isinstance(asked, list) and asked else "the resolver",
    )
    meaning, codes = _why_unresolved(str(name), servers, stage)
    return Check(
        meaning,
        (
            f"Publish an A record for {name} in the DNS that the internet sees, and check it from outside: `nslookup {name}`.",
            f"Compare {name} with the IP-HTTPS URL of the client's policy (`Get-NetIPHttpsConfiguration`). {SHOW}.",
            f"Exempt {name} in the Name Resolution Policy Table where it ends in the organisation's own suffix (split DNS).",
        ),
        codes,
        ("KB 2980635",),
    )


def _why_unresolved(name: str, servers: str, stage: Stage) -> tuple[str, tuple[str, ...]]:
    unknown, again = "0x2af9 (WSAHOST_NOT_FOUND)", "0x2afa (WSATRY_AGAIN)"
    if stage.outcome is Outcome.UNANSWERED:
        return f"Nobody answers the query for {name}", (unknown, again)
    if stage.facts.get("code") == NXDOMAIN:
        return f"{servers} says that {name} does not exist", (unknown,)
    if stage.facts.get("code"):
        return f"{servers} answers the query for {name} with an error", (unknown, again)
    return f"{servers} has no address for {name}", ("0x2afc (WSANO_DATA)",)


def _connected(timeline: Timeline, stage: Stage) -> Check:
    server = timeline.server or "the server"
    if stage.outcome is Outcome.NOT_SEEN:
        return Check(
            "The client knows the server's address and does not connect to it",
            (
                f"Check the client's IP Helper service (iphlpsvc) and its proxy settings (`netsh winhttp show proxy`). {SHOW}.",
            ),
        )
    if stage.facts.get("refused"):
        return Check(
            f"{server} refuses the connection: a host is there, and nothing listens on that port",
            (
                (
                    "Check that the name leads to the right address, and that the DirectAccess server listens: `netsh http show sslcert`, "
                    "`netsh interface httpstunnel show interface` there; service IP Helper (iphlpsvc)."
                ),
                "Where a load balancer or a firewall answers for the server: check that it has a healthy member behind that port.",
            ),
            ("0x274d (WSAECONNREFUSED)",),
        )
    if stage.outcome is Outcome.FAILED:
        return Check(
            f"The TCP connection to {server} does not come about, although something answers",
            ("Look at the finding on that connection: an ICMP error or a half-open handshake names the place.",),
        )
    port = server.rpartition(":")[2]
    return Check(
        f"{server} does not answer: SYNs get lost on the way, or their answers do",
        (
            (
                f"Capture at the DirectAccess server while the client tries again. If the SYNs do not arrive, open TCP port {port} on the firewalls before it, "
                f"and check NAT and routes to {server.rpartition(':')[0]}."
            ),
            f"If they arrive: check the server's own firewall, its route back, and that IP-HTTPS listens there. {SHOW}.",
            "If the name is new: check that DNS leads to an address that is published today.",
        ),
        ("0x274c (WSAETIMEDOUT)",),
        ("KB 2980635",),
    )


def _tls(timeline: Timeline, stage: Stage) -> Check:
    facts, hello = stage.facts, timeline.stage("tls-hello")
    if stage.outcome is Outcome.NOT_SEEN:
        return Check(
            "TCP is connected, and the client sends no ClientHello", (f"{SHOW}; check the client's IP Helper service.",)
        )
    if not facts.get("server_answered"):
        return _no_server_hello(bool(hello and hello.facts.get("null_suites_only")), silent=not facts.get("ended_by"))
    return _left(timeline, stage)


def _left(timeline: Timeline, stage: Stage) -> Check:
    """The handshake went on to the certificate, and one side went away then; `stage` is that of TLS."""
    facts = stage.facts
    if facts.get("ended_by") == "client" or facts.get("alert_from") == "client":
        return _certificate(timeline, stage)
    return Check(
        "The server ends the handshake that the client was ready to finish",
        (
            CLIENT_CERTIFICATE,
            f"Check its event log (Schannel). {SHOW}.",
        ),
        ("0x103 (ERROR_NO_MORE_ITEMS)", "0x80090326 (SEC_E_ILLEGAL_MESSAGE)"),
        ("KB 2980635",),
    )


def _no_server_hello(null: bool, silent: bool) -> Check:
    if silent:
        return Check(
            "The ClientHello is never answered",
            (
                (
                    "Capture at the server: if the hello does not arrive there, a device on the way inspects TLS and drops what it does not like "
                    "(cipher suites that encrypt nothing, for one), or the answer is lost for its size."
                ),
                "If it arrives: check whether the IP Helper service (iphlpsvc) there is the one that listens (`netsh http show servicestate`).",
            ),
        )
    fixes: tuple[str, ...] = (
        "Check which suites are enabled where TLS ends: `Get-TlsCipherSuite`, the policy `SSL Cipher Suite Order`, hardening scripts.",
    )
    if null:
        fixes = NULL_SUITES
    return Check(
        "The server ends the connection right after the ClientHello", fixes, ("0x80090326 (SEC_E_ILLEGAL_MESSAGE)",)
    )


def _certificate(timeline: Timeline, stage: Stage) -> Check:
    names = ", ".join(_names(stage)) or "no name"
    shown = (
        stage.facts.get("certificate") or names if "certificate" in stage.facts else "which these frames do not hold"
    )
    return Check(
        f"The client goes away after it has seen the server's certificate ({shown}); why it dislikes that is not in the frames",
        (
            (
                f"{SHOW}. 0x800b0109: the root of the issuer is not trusted on the client; 0x800b010f: it is for another name than the IP-HTTPS URL; "
                "0x80092013: its revocation list can't be fetched from outside; 0x800b0101: it has expired."
            ),
            (
                f"{_served(stage, names)}see `netsh http show sslcert` on the server for the address "
                "that DNS gives, and bind the right one there, or let DNS name the address to which it is bound."
            ),
        ),
        _dislikes(timeline, stage),
        ("KB 2980667",),
    )


def _served(stage: Stage, names: str) -> str:
    if "certificate" not in stage.facts:
        return "Compare the certificate that is served with the name in the URL. Where it is for another: "
    return f"The certificate served is for {names}. Where that is not the name in the URL: "


def _names(stage: Stage) -> list[str]:
    names = stage.facts.get("names")
    return [str(name) for name in names] if isinstance(names, list) else []


def _dislikes(timeline: Timeline, stage: Stage) -> tuple[str, ...]:
    """The errors that fit the certificate: its issuer and name are in clear, the client's trust and revocation are not."""
    hello = timeline.stage("tls-hello")
    wanted = str(hello.facts.get("server_name") or "" if hello else "") or timeline.endpoint
    names = [name.lower() for name in _names(stage)]
    is_named = not wanted or any(fits(wanted.lower(), name) for name in names)
    codes = ["0x800b0109 (CERT_E_UNTRUSTEDROOT)"]
    if not is_named:
        codes.append("0x800b010f (CERT_E_CN_NO_MATCH)")
    if not stage.facts.get("self_signed"):
        codes.append("0x80092013 (CRYPT_E_REVOCATION_OFFLINE)")
    return tuple(codes)


def fits(wanted: str, name: str) -> bool:
    """Whether a certificate's name stands for a host: itself, or all names of one more label (RFC 6125 section 6.4.3)."""
    return wanted == name or (name.startswith("*.") and wanted.partition(".")[2] == name[2:])


def _tunnel(timeline: Timeline, stage: Stage) -> Check:
    tls = timeline.stage("tls-done")
    if tls and "ended_by" in stage.facts:
        return _left(timeline, tls)
    if stage.outcome is Outcome.NOT_SEEN:
        return Check(
            "TLS is set up, and the client sends no request for the tunnel",
            (f"{SHOW}. Check the client's IP Helper service (iphlpsvc), and restart it.",),
        )
    status = stage.facts.get("status")
    if status and status != 200:
        return Check(
            f"The server answers the request for the tunnel with HTTP status {status}",
            (
                (
                    "Check who answers: `netsh http show servicestate` and `netsh http show urlacl` on the server. The URL ending in /IPHTTPS has to be "
                    "reserved for the IP Helper service; a web site or a proxy that listens on the same address answers in its place."
                ),
                "Restart the IP Helper service (iphlpsvc) there and look at the state of IP-HTTPS in the Remote Access console.",
            ),
            references=("KB 2980660",),
        )
    if stage.facts.get("router_solicitations"):
        return Check(
            "The tunnel carries packets of the client, and no router advertisement comes back: the client gets no IPv6 address",
            (PUBLISH, "Restart the Remote Access Management service (RaMgmtSvc) after it."),
            ("0x2afc (WSANO_DATA)",),
            ("KB 2980635",),
        )
    return Check(
        "The request for the tunnel is not answered",
        (
            "Check that IP-HTTPS is active on the server: `netsh interface httpstunnel show interface` there, and the IP Helper service (iphlpsvc).",
            "Where a proxy or a load balancer ends TLS before the server: pass it through; a request whose body never ends is more than most of them bear.",
        ),
        references=("MS-IPHTTPS",),
    )


def _carrier(timeline: Timeline) -> Check:
    protocol = "UDP port 3544" if timeline.transport == "Teredo" else "IP protocol 41"
    return Check(
        f"What the client sends by {timeline.transport} is not answered",
        (
            f"Let {protocol} through to the server's external addresses, both ways. Clients for which it is blocked use IP-HTTPS instead, so check that too.",
            "On the client: `netsh interface teredo show state`, `netsh interface 6to4 show state`.",
        ),
        references=("RFC 4380" if timeline.transport == "Teredo" else "RFC 3056",),
    )

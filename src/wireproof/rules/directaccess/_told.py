"""The client's own words on IP-HTTPS beside what frames show: whether its last error fits the stage, and what to do for it.

Takes a timeline's stage and the outputs at hand; gives the one that fits, sentences and fixes for the rule of this family.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity, Undecided
from wireproof.rules.directaccess._checks import CLIENT_CERTIFICATE, NULL_SUITES
from wireproof.rules.evidence import joined
from wireproof.rules.tls._bindings import bound
from wireproof.rules.tls._names import are_for
from wireproof.rules.tunnels_told import Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wireproof.case import Case, Point
    from wireproof.processes.stage import Stage
    from wireproof.processes.timeline import Timeline

COMMAND = "`netsh interface httpstunnel show interface`"
LEFT_STAGES = frozenset(("tls-done", "tunnel-up"))
HANDSHAKE = frozenset((0x80090326, 0x80090331))
"""What came in the handshake is not acceptable, and no suite or version in common."""
NO_ADDRESS, NO_ANSWER, REFUSED = frozenset((0x2AF9, 0x2AFA, 0x2AFC)), frozenset((0x274C, 0x2EE2)), frozenset((0x274D,))
CAPTURE = {
    "name": (
        "Capture on the client, all interfaces, while the IP Helper service is restarted (`net stop iphlpsvc`, `net start iphlpsvc`): the lookups of "
        "the name, and whether a proxy is connected to instead."
    ),
    "silence": (
        "Capture on the client and on the DirectAccess server at the same time, while the IP Helper service of the client is restarted: whether the "
        "SYNs to port {port} arrive there tells which side of the way drops them."
    ),
    "certificate": (
        "Capture on the client while its IP Helper service is restarted: which certificate comes from which address. Bring `netsh http show sslcert` "
        "and `certutil -store -v my` of the server along."
    ),
    "handshake": (
        "Capture on the client while its IP Helper service is restarted: whether a ServerHello answers the ClientHello tells suites and versions from a "
        "client certificate."
    ),
    "other": "Capture on the client and on the DirectAccess server while the IP Helper service of the client is restarted.",
}
FIX = {
    "name": (
        "Look the name up from outside (`nslookup {host}`), and look at the proxy settings of the client (`netsh winhttp show proxy`); on the server, "
        "see that the clients' IPv6 prefix is published."
    ),
    "silence": (
        "Connect by hand from the client: `Test-NetConnection {host} -Port {port}`. See that the name leads to the published address, and that every "
        "firewall and translation on the way lets TCP port {port} through to the server."
    ),
    "refused": (
        "See that the name leads to the DirectAccess server, and that IP-HTTPS listens there on port {port} (`netsh http show sslcert`, service "
        "iphlpsvc)."
    ),
    "certificate": (
        "Compare the name in the URL, the address that DNS gives for it, and the certificate bound to that address and port on the server (`netsh http "
        "show sslcert`); then see that the client trusts its issuer and can fetch its revocation list from outside."
    ),
    "other": "See the IP Helper service (iphlpsvc) on both sides, and the event logs at the time of the error.",
}


def kind_of(told: Told) -> str:
    """What kind of failure a code tells: of the `name`, `silence`, `refused`, of the `certificate`, of the TLS `handshake` before it, or `other`."""
    code = told.tunnel.code
    if told.is_of_certificate:
        return "certificate"
    kinds = (("name", NO_ADDRESS), ("silence", NO_ANSWER), ("refused", REFUSED), ("handshake", HANDSHAKE))
    return next((kind for kind, codes in kinds if code in codes), "other")


def pick(told: Iterable[Told], point: Point, timeline: Timeline, stage: Stage, codes: Sequence[str]) -> Told | None:
    """The output of this client, as far as names tell: one whose error fits the stage, else any that names the server."""
    mine = [one for one in told if one.is_of(point.name, timeline.endpoint, timeline.client, timeline.server)]
    fitting = [one for one in mine if fits(one, stage, codes)]
    return next(iter(fitting), next((one for one in mine if is_named(one, timeline)), None))


def is_named(told: Told, timeline: Timeline) -> bool:
    """Whether the output names the server that the frames show."""
    return told.names(timeline.endpoint, timeline.server)


def fits(told: Told, stage: Stage, codes: Sequence[str]) -> bool:
    """Whether an error is one that the stage's end leads to."""
    if any(code.startswith(f"{told.number} ") for code in codes):
        return True
    by_client = stage.facts.get("ended_by") == "client" or stage.facts.get("alert_from") == "client"
    return told.is_of_certificate and stage.name in LEFT_STAGES and by_client


def told_text(told: Told, *, fitting: bool) -> str:
    """What the client says itself, behind what the frames show."""
    start = f"The client's own output of {COMMAND} shows the last error {told.code}"
    if not fitting:
        return (
            f" {start}, which is not what these frames lead to: it may be of another attempt. {told.meaning}".rstrip()
        )
    return f" {start}, which fits: {told.meaning}" if told.meaning else f" {start}, which fits."


def _steps(kind: str) -> tuple[str, ...]:
    """What to do about a kind of failure; a code of the handshake leaves open whether suites or a client certificate are lacking."""
    return (*NULL_SUITES, CLIENT_CERTIFICATE) if kind == "handshake" else (FIX[kind],)


def alone(case: Case, told: Told) -> list[Finding | Undecided]:
    """What can be said of a client whose output is at hand, and no capture of its attempt: what the code means, and what to bring."""
    tunnel, kind = told.tunnel, kind_of(told)
    host, port = tunnel.host or "<SERVER>", tunnel.port
    status = f", with the status “{tunnel.status}”" if tunnel.status else ""
    reaches = f" to {tunnel.url}" if tunnel.url else ""
    lacking = "No capture at hand shows where this client's attempt stopped" if case.points else "There is no capture"
    reason = f"{lacking}: the error says at which step the client gave up, not why, nor on which device."
    next_one = CAPTURE.get(kind, CAPTURE["other"]).format(port=port)
    right = [one for one in bound(case) if one.binding.port == port and tunnel.host and are_for(one.names, tunnel.host)]
    listed = ""
    if right:
        ends = joined(one.binding.end for one in right)
        listed = f" The certificate for {tunnel.host} is bound to {ends} on the server: see whether DNS gives the clients that address."
        next_one = next_one.partition(" Bring ")[0]
    finding = Finding(
        "directaccess-stopped",
        Severity.ERROR if tunnel.says_failed else Severity.WARNING,
        Confidence.MEDIUM if tunnel.says_failed else Confidence.LOW,
        f"IP-HTTPS{reaches} does not connect: {told.code}",
        f"The client's IP-HTTPS interface{reaches} has the last error {told.code}{status}. {told.meaning} {reason}{listed}".replace(
            "  ", " "
        ),
        [told.row(), *(row for one in right[:2] for row in one.rows())],
        where=f"between the client and {host}",
        toward="server",
        facts={
            "last_error": told.number,
            "last_error_name": told.name,
            "url": tunnel.url,
            "status": tunnel.status,
            "kind": kind,
        },
        fix=[*(step.format(host=host, port=port) for step in _steps(kind)), next_one],
        references=["MS-IPHTTPS"],
        cause=(tunnel.host, "told", told.number),
    )
    return [
        finding,
        Undecided("directaccess-stopped", f"{told.log.file}: IP-HTTPS stopped with {told.code}. {reason}", next_one),
    ]

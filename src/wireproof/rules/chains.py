"""Which finding causes which: a loss on the path explains the retransmissions that it made.

A link needs both: a pair of rules from CAUSES, and a conversation (or the same conversation at another point) in common, which may
be one that the symptom's conversation only waited for.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from wireproof.rules.subjects import members

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.finding import Finding

Place = tuple[int, int]

CAUSES: dict[str, tuple[str, ...]] = {
    "path-forged-reset": (
        "path-loss",
        "tcp-syn-unanswered",
        "windows-connect-timeout",
        "tcp-connection-refused",
        "tcp-idle-reset",
        "tcp-retransmission",
        "http-error",
        "rpc-port-blocked",
        "sip-server-timeout",
        "sip-error",
        "ice-media-blocked",
        "directaccess-stopped",
        "kerberos-error",
    ),
    "path-mtu-blackhole": ("path-loss", "tcp-retransmission", "directaccess-stopped"),
    "path-loss": (
        "tcp-retransmission",
        "tcp-syn-unanswered",
        "windows-connect-timeout",
        "tcp-keepalive-unanswered",
        "http-error",
        "sip-server-timeout",
        "sip-error",
        "directaccess-stopped",
        "kerberos-error",
    ),
    "path-latency": ("app-slow-response",),
    "tcp-mss-exceeded": ("tcp-retransmission", "path-loss"),
    "tcp-zero-window": ("app-slow-response",),
    "tcp-delayed-ack": ("app-slow-response",),
    "tcp-idle-reset": ("tcp-retransmission", "http-error"),
    "tcp-syn-flood": ("tcp-syn-unanswered", "windows-syn-attack"),
    "icmp-unreachable": (
        "tcp-syn-unanswered",
        "windows-connect-timeout",
        "tcp-connection-refused",
        "tcp-retransmission",
        "dns-unanswered",
        "http-error",
        "sip-server-timeout",
        "sip-error",
        "ike-failed",
        "directaccess-stopped",
        "kerberos-error",
    ),
    "arp-unanswered": (
        "tcp-syn-unanswered",
        "windows-connect-timeout",
        "dns-unanswered",
        "http-error",
        "rpc-port-blocked",
        "ike-failed",
        "directaccess-stopped",
        "kerberos-error",
    ),
    "arp-multicast-mac": ("tcp-syn-unanswered", "windows-connect-timeout"),
    "rpc-endpoint-elsewhere": ("rpc-port-blocked", "rpc-fault", "tcp-syn-unanswered", "tcp-connection-refused"),
    "rpc-port-blocked": ("path-loss", "icmp-unreachable", "tcp-syn-unanswered", "tcp-connection-refused"),
    "ice-media-blocked": ("path-loss", "icmp-unreachable", "tcp-syn-unanswered", "tcp-connection-refused"),
    "kerberos-error": ("smb-denied", "ldap-error"),
    "sip-server-timeout": ("app-slow-response",),
    "smb-pipe-denied": ("smb-denied",),
    "tcp-syn-unanswered": (
        "windows-connect-timeout",
        "kerberos-error",
        "http-error",
        "sip-server-timeout",
        "sip-error",
        "directaccess-stopped",
    ),
    "tcp-connection-refused": (
        "kerberos-error",
        "http-error",
        "sip-server-timeout",
        "sip-error",
        "directaccess-stopped",
    ),
    "directaccess-stopped": (
        "tls-alert",
        "tls-closed-after-certificate",
        "http-error",
        "ike-failed",
        "ike-esp-one-way",
        "dns-unanswered",
        "dns-error",
        "udp-unanswered",
    ),
    "tls-name-mismatch": (
        "tls-untrusted",
        "directaccess-stopped",
        "tls-alert",
        "tls-closed-after-certificate",
        "sip-server-timeout",
        "http-error",
    ),
    "tls-untrusted": (
        "directaccess-stopped",
        "tls-alert",
        "tls-closed-after-certificate",
        "sip-server-timeout",
        "http-error",
    ),
    "tls-expired": (
        "directaccess-stopped",
        "tls-alert",
        "tls-closed-after-certificate",
        "sip-server-timeout",
        "http-error",
    ),
    "tls-alert": ("sip-server-timeout", "http-error"),
    "tls-closed-after-certificate": ("sip-server-timeout", "http-error"),
    "tls-answered-in-clear": ("directaccess-stopped",),
    "tls-issuer-list-full": ("tls-client-certificate-missing", "tls-alert", "http-error"),
    "tls-client-certificate-missing": ("tls-alert", "http-error"),
    "dns-unanswered": ("http-error",),
    "dns-truncated": ("tcp-syn-unanswered", "tcp-connection-refused"),
    "dns-wrong-address": (
        "tcp-syn-unanswered",
        "tcp-connection-refused",
        "tls-name-mismatch",
        "tls-untrusted",
        "http-error",
    ),
    "dns-error": ("http-error",),
    "app-slow-response": ("http-error",),
    "windows-service-stopped": (
        "windows-no-listener",
        "tcp-connection-refused",
        "tcp-request-reset",
        "tcp-idle-reset",
        "http-error",
        "sip-server-timeout",
        "rpc-port-blocked",
    ),
    "windows-no-listener": (
        "tcp-connection-refused",
        "icmp-unreachable",
        "rpc-port-blocked",
        "http-error",
        "sip-server-timeout",
    ),
    "windows-syn-attack": ("tcp-syn-unanswered", "windows-connect-timeout"),
    "windows-firewall-drop": (
        "tcp-syn-unanswered",
        "tcp-connection-refused",
        "windows-connect-timeout",
        "path-loss",
        "dns-unanswered",
        "udp-unanswered",
        "http-error",
        "sip-server-timeout",
        "ike-failed",
        "directaccess-stopped",
        "kerberos-error",
    ),
    "windows-connect-timeout": ("sip-server-timeout", "http-error", "directaccess-stopped"),
}
"""Cause -> symptoms that it can explain, over any number of links (a forged reset, an unanswered SYN, a gateway timeout).

The device that forges a reset swallows the answer that provoked it as well."""

SITE_CAUSES: dict[str, tuple[str, ...]] = {
    "plan-same-prefix": ("plan-nothing-works", "plan-prefix-overlap"),
    "plan-single-adapter": ("plan-nothing-works",),
    "plan-nothing-works": ("plan-expectation-failed", "plan-no-route"),
}
"""The same for sites: what rules every method out leaves the network as it is, without the routes that a plan would add."""


def link_site(findings: list[Finding]) -> list[Finding]:
    """Fill `explains` of findings on one site, where the rules alone tell what follows from what; returns the same list."""
    for cause in findings:
        wanted = SITE_CAUSES.get(cause.rule, ())
        cause.explains += [
            effect.id for effect in findings if effect.rule in wanted and effect.id not in cause.explains
        ]
    return findings


def link(case: Case, findings: list[Finding]) -> list[Finding]:
    """Fill `explains` of every finding; returns the same list."""
    places = _Places(case)
    effects = _effects_by_place(places, findings)
    for cause in findings:
        wanted = CAUSES.get(cause.rule, ())
        suffering = (effect for own in cause.conversations if wanted for effect in effects.get(places.of(own), ()))
        explained = {id(effect): effect for effect in suffering if effect.rule in wanted and effect is not cause}
        cause.explains += [effect.id for effect in explained.values() if effect.id not in cause.explains]
    return findings


def drop_dangling(findings: list[Finding]) -> None:
    """Take out of `explains` what is not among the findings any more."""
    known = {finding.id for finding in findings}
    for finding in findings:
        finding.explains = [identity for identity in finding.explains if identity in known]


class _Places:
    """One name for a conversation that several points show: its place at the first point of its journey."""

    def __init__(self, case: Case) -> None:
        self._index = {point.name: point.index for point in case.points}
        self._members = members(case)

    def of(self, own: tuple[str, int]) -> Place:
        """The place of a (capture name, conversation)."""
        place = (self._index[own[0]], own[1])
        return self._members.get(place, [place])[0]


def _effects_by_place(places: _Places, findings: list[Finding]) -> dict[Place, list[Finding]]:
    """What each conversation suffers from, as far as another finding may explain it."""
    causes = {finding.rule for finding in findings}
    explained = {rule for cause in causes for rule in CAUSES.get(cause, ())}
    found: dict[Place, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.rule in explained:
            for place in dict.fromkeys(map(places.of, [*finding.conversations, *finding.depends_on])):
                found[place].append(finding)
    return found

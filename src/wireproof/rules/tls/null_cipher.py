"""A server chose a cipher suite that encrypts nothing.

## What is seen
The ServerHello names a suite with NULL encryption: records carry a MAC, and their content can be read by everybody on the way.

## Why it matters
Passwords and data pass in clear, while users believe in TLS.

## Fix
Take the NULL suites off the server's list (Windows: SSL Cipher Suite Order in group policy; OpenSSL: no eNULL).

## Looks alike but is not
IP-HTTPS of Windows 8 and later with DirectAccess offers NULL suites alone on purpose, because IPsec inside encrypts already (told as
information). A client that offers such suites to a server which does not choose them.

## References
RFC 5246 appendix A.5 (suites); MS-IPHTTPS section 3 (IP-HTTPS with NULL encryption).
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.case import Case
from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.evidence import count, frame
from wireproof.rules.tls._handshakes import Handshake, grouped, handshakes
from wireproof.rules.tls._wording import hello_rows, session_facts, tls_filter
from wireproof.wire.tls_suites import encrypts_nothing, suite_name

RULE = "tls-null-cipher"
SEVERITY = Severity.WARNING
TUNNELS = (b"POST /IPHTTPS", b"POST /IPTLS")
"""Requests that open an IP-HTTPS tunnel."""


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint and suite."""
    causes = (
        ((handshake.server, suite_name(handshake.session.suite)), handshake)
        for handshake in handshakes(case)
        if handshake.session.suite >= 0 and encrypts_nothing(handshake.session.suite)
    )
    for group in grouped(causes).values():
        yield finding(case, group)


def is_tunnel(handshake: Handshake) -> bool:
    """Whether the session is IP-HTTPS: its first data open the tunnel, or its client offers nothing but NULL suites."""
    first = next((m for m in handshake.session.messages if m.kind == "application_data" and m.from_client), None)
    if first and any(tunnel in handshake.point.frame(first.row).upper() for tunnel in TUNNELS):
        return True
    return bool(handshake.session.offered) and all(map(encrypts_nothing, handshake.session.offered))


def finding(case: Case, group: list[Handshake]) -> Finding:
    """The finding on one endpoint and suite."""
    shown = next((handshake for handshake in group if not is_tunnel(handshake)), group[0])
    tunnel, suite = is_tunnel(shown), suite_name(shown.session.suite)
    answer = shown.session.server_hello
    assert answer
    summary = (
        f"{shown.server} chose {suite} for {count(len(group), 'connection')}: whatever follows can be read on the way. "
    )
    summary += (
        "The client offered NULL suites alone, as IP-HTTPS of DirectAccess does: IPsec inside the tunnel encrypts."
        if tunnel
        else "A MAC protects against changes, nothing protects against reading."
    )
    return Finding(
        RULE,
        Severity.INFO if tunnel else SEVERITY,
        Confidence.HIGH,
        f"{shown.server} chose {suite}, which encrypts nothing",
        summary,
        [frame(shown.point, answer.last_row, f"ServerHello: {suite}"), *hello_rows(shown)],
        where=f"at {shown.server}",
        toward="client",
        talk=shown.label(case),
        facts={"count": len(group), "ip_https": tunnel, **session_facts(shown)},
        fix=[]
        if tunnel
        else [
            f"Take NULL suites off the list of {shown.server} (Windows: group policy SSL Cipher Suite Order; OpenSSL: `!eNULL`), and of its clients."
        ],
        references=["RFC 5246 A.5", "MS-IPHTTPS"],
        filters={shown.point.name: tls_filter(shown)},
        cause=(shown.server, suite),
        conversations=[handshake.own for handshake in group],
        aside=tunnel,
    )

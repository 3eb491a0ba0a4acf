"""A server chose a cipher suite that encrypts nothing.

## What is seen
The ServerHello names a suite with NULL encryption: records carry a MAC, and their content can be read by everybody on the way.

## Why it matters
Passwords and data pass in clear, while users believe in TLS.

## Fix
Take the NULL suites off the server's list (Windows: SSL Cipher Suite Order in group policy; OpenSSL: no eNULL).

## Looks alike but is not
IP-HTTPS of Windows 8 and later with DirectAccess offers NULL suites alone on purpose, because IPsec inside encrypts already (told as
information). It shows by that offer, by the request or the packets inside, or by other connections with the same server; one side of the
connection is enough. A client that offers such suites to a server which does not choose them.

## References
RFC 5246 appendix A.5 (suites); MS-IPHTTPS section 3 (IP-HTTPS with NULL encryption).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame
from wireproof.rules.tls._handshakes import Handshake, grouped, handshakes
from wireproof.rules.tls._wording import hello_rows, session_facts, tls_filter
from wireproof.wire.tls_suites import encrypts_nothing, suite_name

if TYPE_CHECKING:
    from wireproof.case import Case

RULE = "tls-null-cipher"
SEVERITY = Severity.WARNING
TUNNELS = (b"POST /IPHTTPS", b"POST /IPTLS", b"CONTENT-LENGTH: 18446744073709551615")
"""What a request that opens an IP-HTTPS tunnel holds, and the response: a body without end."""
LOOKED_AT = limit(
    "tls-null-cipher.looked_at",
    200,
    "connections of one server with one suite are alike: a tunnel endpoint shows itself in the first",
)
OFFER = "The client offered such suites alone, as IP-HTTPS of DirectAccess does."
SIGNALS = {0x00FF, 0x5600}
"""No suites: signals of RFC 5746 and RFC 7507 in the same list."""


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint and suite."""
    causes = (
        ((handshake.server, suite_name(handshake.session.suite)), handshake)
        for handshake in handshakes(case)
        if handshake.session.suite >= 0 and encrypts_nothing(handshake.session.suite)
    )
    for group in grouped(causes).values():
        yield finding(case, group)


def tunnel_sign(handshake: Handshake) -> str:
    """By what a session shows that it is IP-HTTPS, as a sentence; empty where nothing does."""
    offered = set(handshake.session.offered) - SIGNALS
    if offered and all(map(encrypts_nothing, offered)):
        return OFFER
    data = [m for m in handshake.session.messages if m.kind == "application_data"]
    firsts = [next((m for m in data if m.from_client == side), None) for side in (True, False)]
    heads = [handshake.point.frame(first.row).upper() for first in firsts if first]
    if any(tunnel in head for tunnel in TUNNELS for head in heads):
        return "The first data inside open an IP-HTTPS tunnel, as DirectAccess does."
    if any(handshake.point.said.iphttps.of(handshake.session.conversation)):
        return "What can be read inside is IP-HTTPS, as DirectAccess does it."
    way = handshake.point.directaccess
    if way and way.certain and way.transport == "IP-HTTPS" and way.server == handshake.server:
        return "The server is the IP-HTTPS endpoint of a DirectAccess client."
    return ""


def _what_protects(sign: str) -> str:
    """What keeps others from reading or changing what is said, where anything does."""
    if sign == OFFER:
        return f"{sign} In such a tunnel IPsec encrypts what is inside; in anything else nothing does."
    if sign:
        return f"{sign} That is by design: inside the tunnel IPsec encrypts."
    return "Nothing protects it against reading; a MAC protects it against changes."


def finding(case: Case, group: list[Handshake]) -> Finding:
    """The finding on one endpoint and suite."""
    shown, sign = next(
        ((one, sign) for one in group[: int(LOOKED_AT.value)] if (sign := tunnel_sign(one))), (group[0], "")
    )
    tunnel, suite = bool(sign), suite_name(shown.session.suite)
    answer = shown.session.server_hello
    assert answer
    summary = (
        f"{shown.server} chose {suite} for {count(len(group), 'connection')}: whatever follows can be read on the way. "
    )
    summary += _what_protects(sign)
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
            f"Take {suite} off the list of suites of {shown.server} (Windows: group policy SSL Cipher Suite Order; OpenSSL: `!eNULL`), and of its clients."
        ],
        references=["RFC 5246 A.5", "MS-IPHTTPS"],
        filters={shown.point.name: tls_filter(shown)},
        cause=(shown.server, suite),
        conversations=[handshake.own for handshake in group],
        aside=tunnel,
    )

"""A server answers a TLS hello with something that is not TLS.

## What is seen
The client sends a ClientHello; the first bytes of the answer are no TLS record: an HTTP response or page, another protocol's greeting, or bytes that
nobody can read.

## Why it matters
The client talks TLS to a port that does not, and gives up with an error about a wrong version or record. Mostly the port or the scheme is wrong (https://
to the port of http://), TLS is not bound to that address, or a proxy or portal answers in the server's place.

## Fix
Compare port and scheme of the client's address with what the server listens for. If it should be TLS: bind a certificate there (Windows: `netsh http show
sslcert`, IIS site bindings). If the answer is a proxy's page: tell the client about the proxy, or let the device pass this traffic.

## Looks alike but is not
A hello as camouflage that is answered by another one, as TURN servers of Lync do. A protocol that starts TLS later. An answer that the capture lacks.

## References
RFC 8446 section 5.1 (records); RFC 9112 (HTTP/1.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.evidence import count, frame
from wireproof.rules.tls._handshakes import Handshake, grouped, handshakes
from wireproof.rules.tls._wording import hello_rows, session_facts, tls_filter

if TYPE_CHECKING:
    from wireproof.case import Case

RULE = "tls-answered-in-clear"
SEVERITY = Severity.ERROR
SHOWN_BYTES = 60


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint."""
    causes = (((one.server,), one) for one in handshakes(case) if one.session.answered_in_clear)
    for group in grouped(causes).values():
        yield finding(case, group)


def answer(handshake: Handshake) -> tuple[int, bytes]:
    """The packet that holds the answer, and its first bytes."""
    row = next(m.row for m in handshake.session.messages if m.kind == "not_tls" and not m.from_client)
    start = int(handshake.point.packets.payload_at[row])
    return row, handshake.point.frame(row)[start : start + SHOWN_BYTES]


def meaning(data: bytes) -> str:
    """What the answer seems to be."""
    if data.startswith(b"HTTP/") or data.lstrip().startswith(b"<"):
        line = data.split(b"\r\n")[0].split(b"\n")[0]
        return f'plain HTTP ("{"".join(chr(byte) if 32 <= byte < 127 else "?" for byte in line)}")'
    if data[:4].isdigit() or all(32 <= byte < 127 or byte in b"\r\n\t" for byte in data[:16]):
        return f'text of another protocol ("{"".join(chr(byte) for byte in data[:40] if 32 <= byte < 127)}")'
    return f"bytes that are no TLS ({data[:16].hex(' ')})"


def finding(case: Case, group: list[Handshake]) -> Finding:
    """The finding on one endpoint."""
    shown = group[0]
    row, data = answer(shown)
    said = meaning(data)
    summary = f"{shown.client} began TLS with {shown.server}, and the answer was {said}: what answers on that port does not speak TLS."
    if len(group) > 1:
        summary += f" {count(len(group), 'connection')} in all."
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        f"{shown.server} answers TLS with {said.partition(' (')[0]}",
        summary,
        [*hello_rows(shown), frame(shown.point, row, f"answer: {said}")],
        where=f"at {shown.server}, or at a device that answers in its place",
        toward="client",
        talk=shown.label(case),
        facts={"count": len(group), "answer": said, **session_facts(shown)},
        fix=[
            f"Compare port and scheme of the address that the client uses with what {shown.server} is meant to serve: https:// needs a port with TLS.",
            f"If TLS belongs there: bind a certificate to {shown.server} (Windows: `netsh http show sslcert`, IIS site bindings).",
            "If a proxy or portal answers in its place: configure the client for it, or exempt this traffic.",
        ],
        references=["RFC 8446 5.1"],
        filters={shown.point.name: tls_filter(shown)},
        cause=(shown.server,),
        conversations=[one.own for one in group],
    )

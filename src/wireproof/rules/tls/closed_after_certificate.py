"""A client closes the connection right after the server's certificate, without a word.

## What is seen
The client received the server's certificate (or, in TLS 1.3, the encrypted flight that holds it) and ended the connection with FIN or RST within
seconds: without an alert, and without sending any data. Windows clients check the certificate after the handshake is over, so that both
sides' Finished may stand before.

## Why it matters
This is how a refused certificate looks where the program sends no alert: IP-HTTPS, WinHTTP and .NET do so. The reason is in that program's own
error: 0x800b0109 untrusted root, 0x800b010f wrong name, 0x800b0101 expired, 0x80092012 or 0x80092013 revocation not checked. In an ETL with
packets that was taken on the client, Schannel's own events may name it; they count where time, process and name leave one connection only.

## Fix
Ask the client for its error (`netsh interface httpstunnel show interface`, CAPI2 event log, the program's log). Then compare name, dates and
issuer of the certificate with what the client expects and trusts, and whether it reaches the revocation list.

## Looks alike but is not
A probe or load balancer that only tests whether the server answers: when many such connections come and none carries data, or a client
whose other connections work leaves several servers like this, it is told as information. So it is where the handshake is finished (up to
TLS 1.2) and the certificate is in date and fits every name that is known: the frames can't tell a client that has nothing to say from one
that refuses. A client that closes in good order with
close_notify. A connection that was opened in advance and closed unused after a while.

## References
RFC 8446 section 6 (a side that ends with an error should send an alert); RFC 5280 section 6. Schannel events 36876, 36881 to 36884, 36888.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame, joined
from wireproof.rules.tls._handshakes import Handshake, Stop, grouped, handshakes, scanners
from wireproof.rules.tls._schannel import Refusal, Refusals
from wireproof.rules.tls._unused import may_be_unused
from wireproof.rules.tls._wording import (
    certificate_facts,
    certificate_rows,
    certificate_text,
    hello_rows,
    session_facts,
    stop_rows,
    stop_text,
    tls_filter,
)
from wireproof.wire.tls import TLS_1_3

if TYPE_CHECKING:
    from wireproof.case import Case

RULE = "tls-closed-after-certificate"
SEVERITY = Severity.WARNING
PROBES = limit(
    "tls-closed-after-certificate.probes",
    20,
    "a person or program that is refused gives up after some tries; whoever goes on like this every few seconds only tests the server",
)


SEVERAL = limit(
    "tls-closed-after-certificate.servers",
    3,
    "a client whose other connections work and which leaves several servers like this compares servers; it does not refuse all of them",
)


def judge(case: Case) -> Iterator[Finding]:
    """One finding a client and server endpoint, or a client that only tries servers."""
    found = list(closed(case))
    refusals = Refusals(case, [one for _, one in found])
    for (_, server), group in grouped(found).items():
        probing = not server or len(group) >= PROBES.value
        made = finding(case, group, probing)
        said = next(filter(None, map(refusals.of, group)), None)
        if said and not probing:
            add_refusal(made, said)
        yield made


def closed(case: Case) -> Iterator[tuple[tuple[str, ...], Handshake]]:
    """Handshakes whose client closed without a word, by client and server; not where other ones of the pair carried data."""
    quiet: list[Handshake] = []
    served: set[tuple[str, str]] = set()
    for handshake in handshakes(case):
        if handshake.carried_data:
            served.add((handshake.client, handshake.server))
        stop = handshake.stop()
        if stop and stop.kind != "alert":
            quiet.append(handshake)
    quiet = [handshake for handshake in quiet if (handshake.client, handshake.server) not in served]
    clients, scanning = {client for client, _ in served}, scanners(quiet)
    left: dict[str, set[str]] = {}
    for handshake in quiet:
        left.setdefault(handshake.client, set()).add(handshake.server)
    for handshake in quiet:
        trying = handshake.client in clients and len(left[handshake.client]) >= SEVERAL.value
        trying = trying or handshake.client in scanning
        yield (handshake.client, "" if trying else handshake.server), handshake


def finding(case: Case, group: list[Handshake], probing: bool) -> Finding:
    """The finding on one client and server, or on a client that tries servers."""
    shown = next((handshake for handshake in group if not may_be_unused(handshake)), group[0])
    stop, leaf, unused = shown.stop(), shown.leaf, may_be_unused(shown)
    assert stop
    servers = list(dict.fromkeys(one.server for one in group))
    hidden = "its certificate, which TLS 1.3 encrypts" if shown.session.version >= TLS_1_3 else "its certificate"
    what = f"the certificate {certificate_text(leaf)}" if leaf else hidden
    summary = f"{shown.server} sent {what}; {shown.client} {stop_text(stop)}. "
    summary += (
        f"{count(len(group), 'connection')} with {count(len(servers), 'server')} went this way: rather a test of who answers than a user's."
        if probing
        else "The handshake was finished, and no name or date that is known speaks against the certificate: "
        "a health check or a connection opened in advance looks like this. "
        "So does a client that does not trust the issuer; its own error would tell."
        if unused
        else "What the alert says is encrypted: the client's own error tells it, or a capture with the session's keys."
        if stop.kind == "encrypted alert"
        else "A program that refuses a certificate without sending an alert looks like this; the reason is in its own error."
    )
    return Finding(
        RULE,
        Severity.INFO if probing or unused else SEVERITY,
        Confidence.LOW if probing or unused or shown.session.version >= TLS_1_3 else Confidence.MEDIUM,
        f"{shown.client} closes right after the {'handshake with' if unused else 'certificate of'} {joined(servers, 2)} ({count(len(group), 'connection')})",
        summary,
        [*stop_rows(shown, stop), *flight_rows(shown, stop), *certificate_rows(shown), *hello_rows(shown)],
        where=f"at {shown.client}",
        toward="server",
        talk=shown.label(case),
        facts={
            "count": len(group),
            "servers": len(servers),
            "closed_after_s": round(stop.after_ns / 1e9, 6),
            "handshake_completed": shown.session.completed,
            **session_facts(shown),
            **(certificate_facts(leaf) if leaf else {}),
        },
        fix=[
            f"Ask the program on {shown.client} for its error: `netsh interface httpstunnel show interface` for IP-HTTPS, else its log or the CAPI2 event log.",
            f"Check on {shown.client} whether it accepts the certificate: `certutil -urlfetch -verify file.cer` looks at issuer, dates and revocation.",
        ],
        references=["RFC 8446 6", "RFC 5280 6"],
        filters={shown.point.name: tls_filter(shown)},
        cause=(shown.client, *servers[:1]),
        conversations=[handshake.own for handshake in group],
    )


def add_refusal(made: Finding, said: Refusal) -> None:
    """Say in a finding why the client closed, as its own Schannel logged it."""
    made.summary += f" Schannel on that computer says why: {said.reason}."
    made.severity = SEVERITY
    made.confidence = Confidence.HIGH if said.is_of_process else Confidence.MEDIUM
    made.evidence.append(said.evidence())
    made.facts["schannel"] = said.row.fact.name


def flight_rows(shown: Handshake, stop: Stop) -> list[Evidence]:
    """The server's last message before the client closed."""
    last = max(
        (m for m in shown.session.messages if not m.from_client and m.last_row <= stop.row),
        key=lambda m: m.last_row,
        default=None,
    )
    if last is None or last.last_row == shown.session.certificate_row:
        return []
    return [
        frame(
            shown.point,
            last.last_row,
            "server's last message: its Finished" if last.kind == "encrypted_handshake" else "server's last message",
        )
    ]

"""A server sends a certificate that is out of date, or not valid yet.

## What is seen
At the time of the frame, the server's certificate (or one of its chain, when the client gave up) lies outside its validity.

## Why it matters
Clients refuse it: with the alert certificate_expired, or on Windows by closing with 0x800b0101 (CERT_E_EXPIRED). All clients do from the
same minute on.

## Fix
Renew the certificate, bind the new one (Windows: `netsh http show sslcert` must show its thumbprint), and look why the renewal was missed. If the
certificate is in date and the frames' time is not: correct that host's clock.

## Looks alike but is not
A client that went on with such a certificate (told as warning). A capture whose clock is wrong: frames from before 2001 are not judged. An old
root that other roots have replaced.

## References
RFC 5280 section 4.1.2.5 (validity); RFC 8446 section 6.2 (certificate_expired).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.evidence import count
from wireproof.rules.tls._handshakes import Handshake, grouped, handshakes
from wireproof.rules.tls._wording import (
    certificate_facts,
    certificate_rows,
    certificate_text,
    day,
    hello_rows,
    session_facts,
    stop_rows,
    stop_text,
    tls_filter,
)

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.messages.certificates import Certificate

RULE = "tls-expired"
SEVERITY = Severity.ERROR
NO_CLOCK_NS = 978_307_200 * 1_000_000_000
"""2001-01-01: a capture from before was made by a host without a clock."""


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint and certificate."""
    found = ((handshake, out_of_date(handshake)) for handshake in handshakes(case))
    causes = (((handshake.server, old.thumbprint), handshake) for handshake, old in found if old)
    for group in grouped(causes).values():
        yield finding(case, group)


def out_of_date(handshake: Handshake) -> Certificate | None:
    """The certificate that is out of date: the server's own, or of a client that gave up also one of its chain."""
    chain, now = handshake.session.certificates, handshake.time_ns
    if not chain or now < NO_CLOCK_NS or handshake.session.pseudo:
        return None
    stop = handshake.stop()
    looked_at = chain if stop and stop.alert in {"", "certificate_expired"} else chain[:1]
    # A root comes along for nothing: clients have their own copy, and its date.
    return next(
        (
            c
            for c in looked_at
            if c.readable and not c.not_before_ns <= now <= c.not_after_ns and (c is chain[0] or not c.self_signed)
        ),
        None,
    )


def finding(case: Case, group: list[Handshake]) -> Finding:
    """The finding on one certificate at one endpoint."""
    shown = next((handshake for handshake in group if handshake.stop()), group[0])
    old, stop = out_of_date(shown), shown.stop()
    assert old
    early = shown.time_ns < old.not_before_ns
    state = f"is not valid before {day(old.not_before_ns)}" if early else f"expired on {day(old.not_after_ns)}"
    summary = f"{shown.server} sent the certificate {certificate_text(old)}, which {state}; the frame is of {day(shown.time_ns)}. "
    if stop:
        summary += f"The client {stop_text(stop)}."
    elif shown.carried_data:
        summary += "The client went on all the same."
    if len(group) > 1:
        summary += f" {count(len(group), 'connection')} in all."
    return Finding(
        RULE,
        SEVERITY if stop else Severity.WARNING,
        Confidence.HIGH if not stop or stop.kind == "alert" else Confidence.MEDIUM,
        f"The certificate {old.title} at {shown.server} {state}",
        summary,
        [*certificate_rows(shown), *stop_rows(shown, stop), *hello_rows(shown)],
        where=f"at {shown.server}",
        toward="client",
        talk=shown.label(case),
        facts={"count": len(group), **session_facts(shown), **certificate_facts(old)},
        fix=[
            f"Renew the certificate {old.title} (serial {old.serial}) and bind the new one to {shown.server}.",
            "If its dates are right: correct the clock of the host that captured, or of the client (`w32tm /query /status`).",
        ],
        references=["RFC 5280 4.1.2.5"],
        filters={shown.point.name: tls_filter(shown)},
        cause=(shown.server, old.thumbprint),
        conversations=[handshake.own for handshake in group],
    )

"""What the findings of this family say alike: certificates, evidence rows, facts, and how a client gave up.

Takes handshakes; gives texts and evidence. Decides nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wireproof.rules.evidence import frame, joined, seconds
from wireproof.wire.tls import version_name
from wireproof.wire.tls_suites import suite_name

if TYPE_CHECKING:
    from wireproof.finding import Evidence
    from wireproof.messages.certificates import Certificate
    from wireproof.rules.tls._handshakes import Handshake, Stop


def day(time_ns: int) -> str:
    """`2014-04-18 16:49 UTC`."""
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def certificate_text(certificate: Certificate) -> str:
    """`"www.example.com" (for www.example.com, example.com; issued by Example CA)`."""
    names = (
        f"for {joined(certificate.named, 4)}; "
        if certificate.named and certificate.named != (certificate.title,)
        else ""
    )
    issuer = "self-signed" if certificate.subject == certificate.issuer else f"issued by {certificate.issuer}"
    return f'"{certificate.title}" ({names}{issuer})'


def certificate_facts(certificate: Certificate) -> dict[str, Any]:
    """Figures of one certificate."""
    return {
        "subject": certificate.subject,
        "names": list(certificate.named[:20]),
        "issuer": certificate.issuer,
        "not_before": day(certificate.not_before_ns),
        "not_after": day(certificate.not_after_ns),
        "serial": certificate.serial,
        "thumbprint": certificate.thumbprint,
        "self_signed": certificate.self_signed,
    }


def session_facts(handshake: Handshake) -> dict[str, Any]:
    """Version and suite of one session."""
    session = handshake.session
    found: dict[str, Any] = {"server": handshake.server, "server_name": session.server_name}
    if session.version:
        found["version"] = version_name(session.version)
    if session.suite >= 0:
        found["suite"] = suite_name(session.suite)
    return found


def stop_text(stop: Stop) -> str:
    """What the client did, as the end of a sentence that begins with the client."""
    later = f" {seconds(stop.after_ns / 1e9)} after the server's last message" if stop.after_ns >= 0 else ""
    if stop.kind == "alert":
        return f"answered with the alert {stop.alert}{later}"
    if stop.kind == "encrypted alert":
        return f"answered with an encrypted record of an alert's length and no Finished{later}"
    return f"closed the connection{later}, without an alert and without sending any data"


def stop_rows(handshake: Handshake, stop: Stop | None) -> list[Evidence]:
    """The packet with which the client gave up."""
    if stop is None:
        return []
    notes = {
        "alert": f"client: alert {stop.alert}",
        "encrypted alert": "client: encrypted alert by its length",
        "closed": "client closes",
    }
    return [frame(handshake.point, stop.row, notes[stop.kind])]


def certificate_rows(handshake: Handshake) -> list[Evidence]:
    """The packet that completed the server's certificate."""
    row, leaf = handshake.session.certificate_row, handshake.leaf
    return [frame(handshake.point, row, f"server's certificate {certificate_text(leaf)}")] if leaf and row >= 0 else []


def hello_rows(handshake: Handshake) -> list[Evidence]:
    """The ClientHello."""
    hello = handshake.session.client_hello
    name = f", server name {hello.server_name}" if hello and hello.server_name else ""
    return [frame(handshake.point, hello.row, f"ClientHello{name}")] if hello else []


def tls_filter(handshake: Handshake) -> str:
    """A Wireshark filter on the handshakes with this server."""
    talk = handshake.talk
    family = "ip" if talk.facts["version"] == 4 else "ipv6"
    port = int(talk.facts["sides"][1 - handshake.session.client_side]["port"])
    return f"{family}.addr=={handshake.server_address} && tcp.port=={port} && (tls.handshake || tls.alert_message || tcp.flags.fin==1 || tcp.flags.reset==1)"

"""TLS sessions for tests of reports, made by hand: several versions, states and reasons.

Takes nothing; gives outcomes and `SessionTable`s whose figures never change.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.report.sessions.keys import KeyItem
from wireproof.report.sessions.table import SessionRow, SessionTable

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "https-order"
OPENED = Outcome(
    conversation=0, status=Status.DECRYPTED, version=0x0303, suite=0x009C, server_name="shop.example.com", key="log", records=2,
    octets=3000, row=3,
)  # fmt: skip
CLOSED = Outcome(
    conversation=3, status=Status.CLOSED, reason=Reason.FORWARD_SECRECY, text="why", advice="what next", version=0x0303, suite=0xC030,
    row=56, reason_row=60,
)  # fmt: skip
"""What may have become of two conversations of the example."""

FORWARD = "ECDHE makes a key for each session that the server's private key can't give"
LOG = "Set SSLKEYLOGFILE for the client, capture again, and give that file with --key"


def opened(number: int, **other: object) -> SessionRow:
    """A session under an RSA key exchange that a PFX opened; `other` replaces fields."""
    row = SessionRow(
        number=number,
        conversation=number - 1,
        frame=4 + 20 * (number - 1),
        client=f"10.0.0.5:{51000 + number}",
        server="203.0.113.10:443",
        server_name="www.contoso.com",
        version="TLS 1.2",
        suite="TLS_RSA_WITH_AES_128_CBC_SHA",
        suite_title="RSA AES_128_CBC_SHA",
        status=Status.DECRYPTED,
        key="keys/server.pfx",
        key_title="server.pfx",
        records=12,
        octets=48_123,
    )
    return replace(row, **other)  # type: ignore[arg-type]


def closed(number: int, reason: Reason = Reason.FORWARD_SECRECY, **other: object) -> SessionRow:
    """A session that stays closed."""
    fields: dict[str, object] = {
        "status": Status.CLOSED, "reason": reason, "text": FORWARD, "advice": LOG, "key": "", "key_title": "", "records": 0, "octets": 0,
        "suite": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "suite_title": "ECDHE_RSA AES_128_GCM", "unread": 9,
        "reason_frame": 9 + 20 * (number - 1),
    }  # fmt: skip
    return opened(number, **(fields | other))


def mixed() -> SessionTable:
    """Six sessions: three decrypted, one in part, two closed for two reasons; one key was of no use."""
    rows = (
        opened(1),
        closed(2),
        opened(3, resumed=True, octets=812, records=2),
        opened(4, version="TLS 1.3", suite="TLS_AES_256_GCM_SHA384", suite_title="AES_256_GCM", key="keys/keys.log", key_title="keys.log",
            handshakes=2),
        opened(
            5, status=Status.PARTLY, reason=Reason.MISSING_BYTES, unread=3, reason_frame=97,
            text="1,460 bytes at offset 20,480 of the server's stream are missing", advice="Capture without drops: a larger buffer",
        ),
        closed(
            6, Reason.RESUMED, server_name="", server="[2001:db8::10]:8443", text="It goes on from a session before the capture",
            advice="Restart the client's program, so that the capture holds a full handshake",
        ),
    )  # fmt: skip
    keys = (
        KeyItem("keys/server.pfx", "server.pfx", "private key", 1, 6, 3),
        KeyItem("keys/keys.log", "keys.log", "key log", 40, 6, 1, notes=("line 7 is no secret",)),
        KeyItem("keys/old.pfx", "old.pfx", "private key", 1, 6, 0),
    )
    return SessionTable("client", "client.pcapng", rows, keys)


def many(number: int) -> SessionTable:
    """As many sessions as asked for, every fifth one closed."""
    rows = tuple(opened(place) if place % 5 else closed(place) for place in range(1, number + 1))
    return SessionTable(
        "client",
        "client.pcapng",
        rows,
        (KeyItem("keys/server.pfx", "server.pfx", "private key", 1, number, number - number // 5),),
    )

"""What became of each TLS session: read or not, with which key, and exactly why not.

Holds facts and their words; finds nothing out.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Status(enum.StrEnum):
    """How much of a session's application data could be read."""

    DECRYPTED = "decrypted"
    PARTLY = "partly"
    CLOSED = "closed"


class Reason(enum.StrEnum):
    """Why a session, or a part of it, stays closed."""

    NONE = ""
    NO_KEY = "no-key"
    """RSA key exchange, and no private key is at hand."""
    FORWARD_SECRECY = "forward-secrecy"
    """A private key can't open it, and no key log has its secret."""
    OTHER_KEY = "other-key"
    """RSA key exchange, but no key at hand belongs to the server's certificate."""
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - a reason, no secret
    """A secret was at hand, and no record opens with it."""
    RESUMED = "resumed"
    """It goes on from a session whose full handshake is in none of the captures."""
    NO_HANDSHAKE = "no-handshake"
    """The capture lacks the handshake, or a part that keys are made from."""
    NOT_FINISHED = "not-finished"
    """The handshake ended before anything was said under its keys."""
    MISSING_BYTES = "missing-bytes"
    """The capture lacks bytes of the stream, and what follows could not be read."""
    TAMPERED = "tampered"
    """A record among others that opened does not: its bytes are not those that were sent."""
    UNKNOWN_SUITE = "unknown-suite"
    """The cipher suite is not known here, or not supported."""
    TOO_MUCH = "too-much"
    """A limit of memory or time was reached."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """One TLS session (one conversation) and what became of it.

    `text` says in one sentence why a part stays closed, `advice` what to capture or set next time; both are empty where all was read.
    `version` is that of the wire (0x0303; 0 unknown), `suite` the cipher suite (-1 unknown), `key` the name of the file or block that
    opened it. `records` and `octets` count application data that was read, `unread` records that were not. `row` is the packet that the
    session begins with, `reason_row` the one at which it becomes unreadable (-1 for none).
    """

    conversation: int
    status: Status
    reason: Reason = Reason.NONE
    text: str = ""
    advice: str = ""
    version: int = 0
    suite: int = -1
    server_name: str = ""
    inside: str = ""
    key: str = ""
    resumed: bool = False
    sessions: int = 1
    """Sessions that follow each other in one connection."""
    last_message: str = ""
    """What the handshake said last, where it was not finished; `reason_row` is its packet."""
    alert: str = ""
    """The last alert in clear with its sender, as a clause."""
    handshakes: int = 1
    """Handshakes seen: more than one where the session renegotiated."""
    records: int = 0
    octets: int = 0
    unread: int = 0
    row: int = -1
    reason_row: int = -1

"""What the lengths of encrypted records tell of a TLS 1.3 handshake: the client's Finished, an empty certificate, an alert.

Takes the messages of one conversation; gives the records that have these lengths (RFC 8446 sections 4.4 and 5.2). A side that pads its records
hides them. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.messages.tls_table import TlsMessage

ALERT_RECORD_MOST = 24
"""A record around an alert: two bytes, the content type, and the tag of 8 or 16 bytes; a Finished takes 41 and more."""
EMPTY_CERTIFICATE_RECORD = 25
"""A record around a Certificate message without certificates: four bytes of header, context and list empty in four, type, tag."""
FINISHED_RECORDS = {0x1302: 69, 0x1305: 45}
"""Length of a record around a Finished by suite: header 4, hash 32 or 48, type, tag 16 or 8. All others have 53."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """`finished` is the client's record with its Finished. `client_certificate` is `sent`, `empty`, or "" where none was asked for.

    `data` is the client's first record behind its Finished that may hold data. `client_alert` is an alert in place of the Finished, `refusal` the
    server's alert in answer to it.
    """

    finished: TlsMessage | None = None
    client_certificate: str = ""
    data: TlsMessage | None = None
    client_alert: TlsMessage | None = None
    refusal: TlsMessage | None = None
    goodbye: bool = False
    """Whether the client sent an alert behind its Finished, as it does when it closes in good order."""


def read_hidden(messages: Sequence[TlsMessage], suite: int) -> Hidden:
    """What the encrypted records of a conversation in TLS 1.3 are by their lengths."""
    records = [m for m in messages if m.kind == "application_data"]
    mine = [m for m in records if m.from_client]
    place = _finished_place(mine, FINISHED_RECORDS.get(suite, 53))
    if place < 0:
        alert = mine[0] if mine and mine[0].length <= ALERT_RECORD_MOST else None
        return Hidden(client_alert=alert)
    finished, before, later = mine[place], mine[:place], mine[place + 1 :]
    sent = "empty" if any(m.length == EMPTY_CERTIFICATE_RECORD for m in before[-1:]) else "sent"
    return Hidden(
        finished=finished,
        client_certificate=sent if before else "",
        data=next((m for m in later if m.length > ALERT_RECORD_MOST), None),
        refusal=_refusal([m for m in records if not m.from_client and m.row > finished.row]),
        goodbye=any(m.length <= ALERT_RECORD_MOST for m in later),
    )


def _finished_place(mine: Sequence[TlsMessage], length: int) -> int:
    """Which of the client's records holds its Finished; where none has its length, the first that is longer than an alert."""
    exact = next((place for place, m in enumerate(mine) if m.length == length), -1)
    return exact if exact >= 0 else next((place for place, m in enumerate(mine) if m.length > ALERT_RECORD_MOST), -1)


def _refusal(answers: Sequence[TlsMessage]) -> TlsMessage | None:
    """The server's alert, when it is the first thing that it sends behind the client's Finished."""
    return answers[0] if answers and answers[0].length <= ALERT_RECORD_MOST else None

"""Which keys one side of a TLS session uses, and when it changes them.

Takes what its session knows of both sides; gives epochs. Where keys are made from what the other side said, it waits: it hands out a condition and
is resumed once that holds, or once nothing more can come. Reads no record but the first one under new keys, to try them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wireproof.decrypt.handshake_parts import END_OF_EARLY_DATA, FINISHED, KEY_UPDATE, Messages
from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.record_feed import Body, RecordFeed
from wireproof.decrypt.tally import Tally
from wireproof.wire.tls import TLS_1_3

if TYPE_CHECKING:
    from wireproof.decrypt.epoch import Epoch
    from wireproof.decrypt.records import Source
    from wireproof.decrypt.session import Session

Wait = Callable[[], bool]
EPOCHS_MOST = 1 << 16
"""Changes of keys of one side; a KeyUpdate every 2**24 records is usual."""


class Keyed:
    """One side with its keys. `role` is 0 for the client. `reached` counts the ChangeCipherSpecs it came to, `changes` those that it is past.

    `epoch` are the keys in use, None for none; `closed` tells that what follows is encrypted and stays so. `guessing` tells that the next record may
    not be the first one under its keys.
    """

    def __init__(self, session: Session, role: int, source: Source, start: int) -> None:
        self.session = session
        self.role = role
        self.feed = RecordFeed(source, max(start, 0))
        self.tally = Tally()
        self.messages = Messages()
        self.epochs: list[Epoch] = []
        self.epoch: Epoch | None = None
        self.reached = self.changes = self.failed_in_a_row = 0
        self.ended = start < 0
        self.closed = self.guessing = False

    def know_version(self) -> Iterator[Wait]:
        """Wait for the ServerHello."""
        session, other = self.session, self.session.other(self)
        if not session.version or not session.handshake(0).client_random:
            yield lambda: (session.version > 0 and bool(session.handshake(0).client_random)) or other.ended

    def change(self) -> Iterator[Wait]:
        """ChangeCipherSpec up to TLS 1.2: wait until both sides have said all that keys are made from."""
        number = self.changes
        self.reached = number + 1
        other = self.session.other(self)
        if other.reached <= number:
            yield lambda: other.reached > number or other.ended or other.closed
        epochs = self.session.make_epochs(number)
        self.changes = number + 1
        self.messages.forget()
        if epochs is None:
            self.close()
        else:
            self.begin(epochs[self.role])

    def probe(self) -> Body | None:
        """The first record under new keys, to try them; None where it may not be the first."""
        return None if self.guessing else self.feed.peek()

    def begin(self, epoch: Epoch) -> None:
        """Use other keys from the next record on."""
        if len(self.epochs) >= EPOCHS_MOST:
            self.tally.miss(Reason.TOO_MUCH, self.feed.at)
            self.ended = True
        if self.epoch is not None:
            self.epoch.rest()
        self.epochs.append(epoch)
        self.epoch = epoch
        self.failed_in_a_row = 0

    def close(self) -> None:
        """No keys for what follows: it is counted only."""
        self.epoch = None
        self.closed = True
        self.tally.closed_at = self.feed.at

    def begin_secrets(self) -> None:
        """Before the first encrypted record of TLS 1.3."""
        secrets = self.session.secrets(self.role)
        if secrets:
            self.begin(secrets[0])
        else:
            self.close()

    def later_epochs(self, updated: bool = False) -> list[Epoch]:
        """Keys of TLS 1.3 that this side uses after those of now; with `updated` those behind a KeyUpdate too."""
        session = self.session
        secrets = session.secrets(self.role) if session.version >= TLS_1_3 else []
        place = next((place for place, one in enumerate(secrets) if one is self.epoch), len(secrets))
        later = secrets[place + 1 :]
        if updated and self.epoch and self.epoch.secret and not self.epoch.name:
            later = [*later, session.updated(self.epoch)]
        return later

    def take_encrypted_message(self, kind: int) -> None:
        """Messages of TLS 1.3 behind which other keys are used (RFC 8446 section 7.1 and 4.6.3)."""
        name = self.epoch.name if self.epoch else ""
        if kind == KEY_UPDATE and self.epoch is not None:
            self.begin(self.session.updated(self.epoch))
        elif (kind == FINISHED and name == "handshake") or (kind == END_OF_EARLY_DATA and name == "early"):
            later = self.later_epochs()
            if later:
                self.begin(later[0])
            else:
                self.tally.miss(Reason.FORWARD_SECRECY, self.feed.at)
                self.close()

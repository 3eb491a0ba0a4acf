"""One TLS session: both directions side by side, from the hellos to the last record.

Takes where TLS begins in a conversation, and the ring of keys; gives clear streams and what became of the session. Each direction runs until
it needs what the other one said; nothing depends on the order in which the capture holds both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.decrypt.beginning import Spliced
from wireproof.decrypt.direction import CLIENT, SERVER, Direction
from wireproof.decrypt.handshake_parts import Handshake
from wireproof.decrypt.keyed import Keyed, Wait
from wireproof.decrypt.keys.session import SessionKeys
from wireproof.decrypt.outcome import Reason

if TYPE_CHECKING:
    from wireproof.decrypt.beginning import Beginning
    from wireproof.decrypt.clear_index import Room
    from wireproof.decrypt.epoch import Epoch

HANDSHAKES_MOST = 1000


class Session:
    """One session, and those that begin behind its end in the same connection. `directions` are the client's and the server's.

    `sessions` counts them; `handshakes` are those of all of them, in order.
    """

    def __init__(self, beginning: Beginning, keys: SessionKeys, room: Room) -> None:
        self.beginning = beginning
        self.keys = keys
        self.version = 0
        self.sessions = 1
        self.handshakes: list[Handshake] = [Handshake()]
        self._first = 0
        self._epochs: dict[int, tuple[Epoch, Epoch] | None] = {}
        self._secrets: dict[int, list[Epoch]] = {}
        sides = beginning.client_side, 1 - beginning.client_side
        client, server = (
            source.with_rest() if isinstance(source, Spliced) else source
            for source in (beginning.sources[side] for side in sides)
        )
        self.directions = (
            Direction(self, CLIENT, client, beginning.starts[sides[0]], room),
            Direction(self, SERVER, server, beginning.starts[sides[1]], room),
        )

    def run(self) -> None:
        """Go through both directions to their ends, session after session."""
        for _ in range(HANDSHAKES_MOST):
            self._run_one()
            if all(direction.another_at < 0 for direction in self.directions):
                return
            self._begin_another()
        for direction in self.directions:
            direction.tally.miss(Reason.TOO_MUCH, direction.feed.at)

    def _begin_another(self) -> None:
        """What comes is a session of its own, with other hellos, versions and keys."""
        self.version = 0
        self.sessions += 1
        self._first = len(self.handshakes)
        self._epochs.clear()
        self._secrets.clear()
        for direction in self.directions:
            direction.begin_another(self)

    def _run_one(self) -> None:
        turns: list[Iterator[Wait]] = [direction.run() for direction in self.directions]
        waits: dict[int, Wait | None] = {CLIENT: None, SERVER: None}
        while waits:
            ready = [role for role, wait in waits.items() if wait is None or wait()]
            # Where neither can go on, what the first one waits for never comes.
            role = ready[0] if ready else next(iter(waits))
            try:
                waits[role] = next(turns[role])
            except StopIteration:
                self.directions[role].end()
                del waits[role]

    def other(self, direction: Keyed) -> Direction:
        """The direction against this one."""
        return self.directions[1 - direction.role]

    def handshake(self, number: int) -> Handshake:
        """The handshake before the ChangeCipherSpec of this number, counted from 0."""
        place = min(self._first + number, HANDSHAKES_MOST)
        while len(self.handshakes) <= place:
            self.handshakes.append(Handshake())
        return self.handshakes[place]

    def take(self, number: int, role: int, message: bytes) -> None:
        """A handshake message that is not protected under the keys of TLS 1.3."""
        self.handshake(number).take(role, message)
        self.version = self.version or self.handshake(0).version

    def make_epochs(self, number: int) -> tuple[Epoch, Epoch] | None:
        """The epochs behind a handshake, the client's first; None where there are no keys for them."""
        if number not in self._epochs:
            handshake = self.handshake(number)
            probes = [
                (one.role, record)
                for one in self.directions
                if one.reached == number + 1 and one.changes == number and (record := one.probe())
            ]
            self._epochs[number] = self.keys.make_epochs(handshake, probes)
            handshake.forget_messages()
        return self._epochs[number]

    def secrets(self, role: int) -> list[Epoch]:
        """The epochs of a direction in TLS 1.3."""
        if role not in self._secrets:
            self._secrets[role] = self.keys.secrets(self.handshake(0), role)
        return self._secrets[role]

    def updated(self, epoch: Epoch) -> Epoch:
        """The epoch behind a KeyUpdate."""
        return self.keys.updated(self.handshake(0), epoch)

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
from wireproof.decrypt.session_keys import SessionKeys

if TYPE_CHECKING:
    from wireproof.decrypt.beginning import Beginning
    from wireproof.decrypt.clear_index import Room
    from wireproof.decrypt.epoch import Epoch

HANDSHAKES_MOST = 1000


class Session:
    """One session. `directions` are the client's and the server's."""

    def __init__(self, beginning: Beginning, keys: SessionKeys, room: Room) -> None:
        self.beginning = beginning
        self.keys = keys
        self.version = 0
        self.handshakes: list[Handshake] = [Handshake()]
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
        """Go through both directions to their ends."""
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
        while len(self.handshakes) <= min(number, HANDSHAKES_MOST):
            self.handshakes.append(Handshake())
        return self.handshakes[min(number, HANDSHAKES_MOST)]

    def take(self, number: int, role: int, message: bytes) -> None:
        """A handshake message that is not protected under the keys of TLS 1.3."""
        self.handshake(number).take(role, message)
        self.version = self.version or self.handshakes[0].version

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
            self._secrets[role] = self.keys.secrets(self.handshakes[0], role)
        return self._secrets[role]

    def updated(self, epoch: Epoch) -> Epoch:
        """The epoch behind a KeyUpdate."""
        return self.keys.updated(self.handshakes[0], epoch)

"""Short and usual sessions of a group opened one after the other, and what comes out of each.

Takes the streams of many conversations and the ring of keys; gives what `Session` would give of each. Of a session that it does not open
nothing is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wireproof.decrypt.clear import ClearTalk
from wireproof.decrypt.keys.masters import find_server
from wireproof.decrypt.keys.ring import Secret
from wireproof.decrypt.outcome import Outcome, Status
from wireproof.decrypt.protect.opener import BadRecord, UnsupportedCipher
from wireproof.decrypt.short._walk import Opened
from wireproof.decrypt.short.columns import Columns, ShortStream, opened_records
from wireproof.decrypt.short.hellos import CLIENT, SERVER, Hellos
from wireproof.decrypt.short.keys import (
    begin_premaster,
    find_logged,
    find_master,
    find_secrets,
    may_open,
    opener_maker,
    openers_of_master,
)
from wireproof.wire.tls import TLS_1_3
from wireproof.wire.tls_suite_parts import suite_parts

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear_index import Room
    from wireproof.decrypt.keys.masters import Endpoint, Master
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.short.hellos import Agreed
    from wireproof.decrypt.short.keys import Keys, Logged13
    from wireproof.decrypt.shortcomings import Shortcomings
    from wireproof.streams.streams import StreamGroup
    from wireproof.wire.tls_suite_parts import SuiteParts

Found = tuple[Outcome, ClearTalk]
Counts = tuple[int, int]
"""Records with application data, and bytes in them."""


class ShortWay:
    """Opens such sessions of one capture with the keys of one ring; `lacks` names what the capture itself lacks of them."""

    def __init__(self, tables: CaptureTables, ring: KeyRing, room: Room, lacks: Shortcomings) -> None:
        self.tables, self.ring, self.room, self.lacks = tables, ring, room, lacks

    def begin(self, group: StreamGroup) -> ShortGroup:
        """Look at the hellos of these conversations."""
        return ShortGroup(self, group)

    def server(self, conversation: int, side: int) -> Endpoint:
        """The server of a conversation, where keys are limited to servers."""
        return find_server(self.tables, conversation, side, self.ring)


class ShortGroup:
    """The short sessions of one group. Each is opened when asked for, so that it can go on from one before; `finish` lets the streams be read."""

    def __init__(self, way: ShortWay, group: StreamGroup) -> None:
        self._way, self._group = way, group
        self._numbers: list[int] = group.numbers.tolist()
        self._opened, self._columns = Opened(), Columns()
        self._streams: list[int] = []
        ends = group.ends
        self._lacking: list[bool] = way.lacks.of_ends(group.numbers, ends, group.pieces.begins_known).tolist()
        rows = np.append(group.pieces.row, 0)[group.pieces.first[:-1]]
        self._rows: list[int] = np.minimum(rows[::2], rows[1::2]).tolist()
        self._begun: dict[int, tuple[Agreed, Keys]] = {}
        self._begin_all(Hellos(group, ends))

    def _begin_all(self, hellos: Hellos) -> None:
        """Take what was agreed on wherever a key is likely to open what follows."""
        ring = self._way.ring
        asked = {place: hellos.asked(place) for place in range(len(self._group))}
        hopeful = [place for place, named in asked.items() if named and may_open(*named, ring)]
        hellos.read_on(hopeful)
        for place in hopeful:
            agreed = hellos.agreed(place)
            begun = self._begin(agreed) if agreed else None
            if begun:
                self._begun[place] = begun

    def _begin(self, agreed: Agreed) -> tuple[Agreed, Keys] | None:
        """What was agreed on, and secrets; None where no key is likely to open it."""
        ring = self._way.ring
        keys = find_secrets(agreed, ring) if agreed.version >= TLS_1_3 else find_logged(agreed, ring)
        if keys or (agreed.version < TLS_1_3 and begin_premaster(agreed, ring, self._server(agreed))):
            return agreed, keys
        return None

    def open(self, place: int) -> Found | None:
        """A session's outcome and clear streams; None where it is not short and usual after all."""
        begun = self._begun.pop(place, None)
        if begun is None or _raw_bytes(begun[0]) > self._way.room.left:
            return None
        before = len(self._streams)
        try:
            found = self._open_with_keys(*begun)
        except (BadRecord, UnsupportedCipher):
            found = None
        if found is None:
            self._opened.forget_from(before)
        return found

    def finish(self) -> None:
        """All were asked for: their streams can be read."""
        self._columns.fill(self._opened, self._group.pieces, self._streams)
        self._way.ring.premasters.forget()

    # --- keys ------------------------------------------------------------------------------------------------------------

    def _open_with_keys(self, agreed: Agreed, keys: Keys) -> Found | None:
        """Raises BadRecord and UnsupportedCipher."""
        if isinstance(keys, tuple):
            return self._by_secrets(agreed, keys)
        parts = suite_parts(agreed.suite)
        if parts is None:
            return None
        master = keys or find_master(agreed, parts, self._way.ring, self._server(agreed))
        return self._by_master(agreed, parts, master) if master else None

    def _by_master(self, agreed: Agreed, parts: SuiteParts, master: Master) -> Found | None:
        """SSL 3.0 to TLS 1.2: both sides protect all that follows with keys from one master secret."""
        counts = []
        for side, opener in zip(agreed.sides, openers_of_master(agreed, parts, master.value), strict=True):
            one = self._opened.open_all(side, opener)
            if one is None:
                return None
            counts.append(one)
        self._way.ring.remember(Secret(master.value, master.source), agreed.session_id, *agreed.tickets)
        return self._tell(agreed, counts, master.source, master.resumed)

    def _by_secrets(self, agreed: Agreed, secrets: tuple[Logged13, Logged13]) -> Found | None:
        """TLS 1.3: each side has a secret for its handshake, and one for what follows its Finished."""
        make = opener_maker(agreed.named, agreed.suite)
        if make is None:
            return None
        counts = []
        for side, own in zip(agreed.sides, secrets, strict=True):
            one = self._opened.open_in_turn(side, make(own.handshake.value), make(own.later.value))
            if one is None:
                return None
            counts.append(one)
        # The client waits for the ServerHello, so the server's keys are used first.
        return self._tell(agreed, counts, secrets[SERVER].handshake.source, resumed=False)

    def _server(self, agreed: Agreed) -> Endpoint:
        return self._way.server(self._numbers[agreed.place], 1 - agreed.client_side)

    # --- what comes out --------------------------------------------------------------------------------------------------

    def _tell(self, agreed: Agreed, counts: list[Counts], source: str, resumed: bool) -> Found:
        """The outcome and the streams."""
        way, place, client_side = self._way, agreed.place, agreed.client_side
        octets = counts[CLIENT][1] + counts[SERVER][1]
        way.room.left -= octets
        way.ring.count_use(source)
        outcome = Outcome(
            conversation=self._numbers[place],
            status=Status.DECRYPTED,
            version=agreed.version,
            suite=agreed.suite,
            server_name=agreed.server_name,
            key=source,
            resumed=resumed,
            records=counts[CLIENT][0] + counts[SERVER][0],
            octets=octets,
            row=self._rows[place],
        )
        if self._lacking[place]:
            outcome = way.lacks.amend(outcome, self._group.talk(place))
        return outcome, self._talk(outcome, place, client_side)

    def _talk(self, outcome: Outcome, place: int, client_side: int) -> ClearTalk:
        first = len(self._streams)
        self._streams += (2 * place + client_side, 2 * place + 1 - client_side)
        tables, number, columns = self._way.tables, outcome.conversation, self._columns
        # The client's stream was opened first.
        one, other = first + client_side, first + 1 - client_side
        streams = ShortStream(tables, (number, 0), columns, one), ShortStream(tables, (number, 1), columns, other)
        others = self._opened.others
        return ClearTalk(
            number, client_side, streams, (opened_records(others[one]), opened_records(others[other])), outcome
        )


def _raw_bytes(agreed: Agreed) -> int:
    """Bytes of both sides as they were captured: what they hold in clear is less."""
    return sum(side.end - side.begin for side in agreed.sides)

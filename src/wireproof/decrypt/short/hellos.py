"""What both sides of short sessions agreed on in clear: versions, suite, randoms, and the messages that keys may be made from.

Takes the streams of a group of conversations; gives an `Agreed` for each short session with a usual handshake. Knows no key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.decrypt.handshake_parts import (
    CERTIFICATE,
    CLIENT_HELLO,
    CLIENT_KEY_EXCHANGE,
    EARLY_DATA,
    NEW_SESSION_TICKET,
    SERVER_HELLO,
    SERVER_HELLO_DONE,
    SERVER_KEY_EXCHANGE,
    TICKETS_MOST,
    Handshake,
    unpack_ticket,
)
from wireproof.decrypt.short._walk import read_side
from wireproof.streams.streams import LONG
from wireproof.wire import _tls
from wireproof.wire.tls import APPLICATION_DATA, CHANGE_CIPHER_SPEC, DRAFTS, HANDSHAKE, TLS_1_3, text
from wireproof.wire.tls_suites import encrypts_nothing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from wireproof.decrypt.short._walk import Side
    from wireproof.streams.streams import StreamGroup

CLIENT, SERVER = 0, 1
EXCHANGED = sum(1 << kind for kind in (CERTIFICATE, SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, CLIENT_KEY_EXCHANGE))
"""Messages of which a resumed handshake has none."""
SHORT = LONG
"""Bytes of one side up to which a session is short: all of them are in memory while it is opened."""
KIND_AT = 5
"""Where the type of a stream's first message stands, behind the header of a record."""
NONE = 0
"""A content type that no record has."""
RANDOM_AT, BEFORE_ID = 11, 43
"""Where a hello's random and the length of its session id stand behind the headers of record and message (RFC 8446 section 4.1.2)."""
CLIENT_SIDES = {(CLIENT_HELLO, SERVER_HELLO): 0, (SERVER_HELLO, CLIENT_HELLO): 1}


class Agreed:
    """One handshake. `version` is that of the wire, drafts of TLS 1.3 as 0x0304, `named` as the server named it; `random` is the client's.

    `extensions` are those that the server agreed to, `sides` the client's and the server's. `place` is the conversation's in its group.
    """

    __slots__ = (
        "_made", "_name", "client_side", "extensions", "named", "place", "random", "server_random", "session_id", "sides", "suite", "version",
    )  # fmt: skip

    def __init__(self, client: _tls.Fields, server: _tls.Fields, sides: tuple[Side, Side]) -> None:
        versions = server[7]
        self.named = named = versions[0] if versions else server[0]
        self.version = TLS_1_3 if named >> 8 in DRAFTS else named
        self.suite = server[3][0]
        self.random, self.server_random, self.session_id = client[1], server[1], server[2]
        self.extensions = server[4]
        self.sides = sides
        self.place = self.client_side = 0
        self._name = client[5]
        self._made: Handshake | None = None

    @property
    def server_name(self) -> str:
        """The host name that the client asked for."""
        return text(self._name) if self._name else ""

    @property
    def is_full(self) -> bool:
        """Whether keys were exchanged."""
        client, server = self.sides
        return bool((client.kinds | server.kinds) & EXCHANGED)

    @property
    def tickets(self) -> list[bytes]:
        """Tickets that the server gave before its records were encrypted."""
        server = self.sides[SERVER]
        if not server.kinds >> NEW_SESSION_TICKET & 1:
            return []
        given = [message for message in server.messages() if message[0] == NEW_SESSION_TICKET]
        return [unpack_ticket(message[4:]) for message in given[:TICKETS_MOST]]

    @property
    def handshake(self) -> Handshake:
        """The same with all its messages, for keys that are made from them."""
        if self._made is None:
            self._made = Handshake()
            for role, side in enumerate(self.sides):
                for message in side.messages():
                    self._made.take(role, message)
        return self._made


class Hellos:
    """The handshakes of a group of conversations; `ends` tells where each stream ends."""

    def __init__(self, group: StreamGroup, ends: NDArray[np.int64]) -> None:
        self._group = group
        self._ends: list[int] = ends.tolist()
        self._whole: tuple[bytes, list[int]] | None = None

    def asked(self, place: int) -> tuple[bytes, int] | None:
        """The client's random and the suite that the server chose, from their places alone; None where this is no short session."""
        client_side = self._client_side(place)
        if client_side < 0 or max(self._ends[2 * place : 2 * place + 2]) > SHORT:
            return None
        heads, bounds = self._group.heads, self._group.bounds
        client, server = bounds[2 * place + client_side], bounds[2 * place + 1 - client_side]
        suite = server + BEFORE_ID + 1 + (heads[server + BEFORE_ID] if server + BEFORE_ID < len(heads) else 0)
        return heads[client + RANDOM_AT : client + BEFORE_ID], int.from_bytes(heads[suite : suite + 2], "big")

    def read_on(self, places: list[int]) -> None:
        """Fetch all bytes of these conversations, where not all are in memory."""
        streams = [stream for place in places for stream in (2 * place, 2 * place + 1)]
        longer = [stream for stream in streams if self._ends[stream] > self._group.head]
        if longer:
            self._whole = self._group.read_whole(longer)

    def agreed(self, place: int) -> Agreed | None:
        """What was agreed on in one conversation whose bytes are all here; None where its handshake is not usual."""
        client_side = self._client_side(place)
        client = self._side(2 * place + client_side)
        server = self._side(2 * place + 1 - client_side) if client else None
        found = agree(client, server) if client and server else None
        if found:
            found.place, found.client_side = place, client_side
        return found

    def _client_side(self, place: int) -> int:
        """Which side begins with a ClientHello where the other begins with a ServerHello; -1 otherwise."""
        heads, (one, other, end) = self._group.heads, self._group.bounds[2 * place : 2 * place + 3]
        if other - one <= KIND_AT or end - other <= KIND_AT or heads[one] != HANDSHAKE or heads[other] != HANDSHAKE:
            return -1
        return CLIENT_SIDES.get((heads[one + KIND_AT], heads[other + KIND_AT]), -1)

    def _side(self, stream: int) -> Side | None:
        """One side, where all its bytes are there."""
        size, group = self._ends[stream], self._group
        data, bounds = self._whole if self._whole and size > group.head else (group.heads, group.bounds)
        begin, end = bounds[stream : stream + 2]
        return read_side(data, begin, end) if end - begin == size else None


def agree(client: Side, server: Side) -> Agreed | None:
    """What these sides agreed on; None where that is not one usual handshake with encrypted records behind it."""
    asked, chosen = _tls.client_hello(client.hello), _tls.server_hello(server.hello)
    if asked is None or chosen is None or EARLY_DATA in asked[4] or _is_compressed(server.hello, chosen):
        return None
    if encrypts_nothing(chosen[3][0]):
        return None
    agreed = Agreed(asked, chosen, (client, server))
    if agreed.version >= TLS_1_3:
        kind, skipped = APPLICATION_DATA, CHANGE_CIPHER_SPEC
    else:
        kind, skipped = CHANGE_CIPHER_SPEC, NONE
    if not (client.follows(kind, skipped) and server.follows(kind, skipped)):
        return None
    if kind == CHANGE_CIPHER_SPEC:
        client.skip()
        server.skip()
    return agreed


def _is_compressed(hello: bytes, fields: _tls.Fields) -> bool:
    """Whether the server chose a compression method; the hello of early drafts of TLS 1.3 has no field for it."""
    # Behind version, random, session id with its length, and suite.
    at = 37 + len(fields[2])
    is_draft = fields[0] == TLS_1_3 or fields[0] >> 8 in DRAFTS
    return not is_draft and at < len(hello) and hello[at] != 0

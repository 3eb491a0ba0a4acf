"""Short sessions with the usual handshake, opened in one go: nearly all sessions of a busy server are such.

Takes both streams of a conversation whose bytes are all there; gives what `Session` would give. Whatever is not usual (missing bytes, another
handshake, keys that do not fit) is left to it, with nothing changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.decrypt.clear import ClearTalk
from wireproof.decrypt.clear_stream import ClearStream
from wireproof.decrypt.handshake_parts import (
    CLIENT_HELLO,
    ENCRYPT_THEN_MAC,
    FINISHED,
    KEY_UPDATE,
    SERVER_HELLO,
    TRUNCATED_HMAC,
    Handshake,
)
from wireproof.decrypt.keys.derive import key_block, traffic_keys
from wireproof.decrypt.keys.masters import find_server
from wireproof.decrypt.keys.session import SessionKeys
from wireproof.decrypt.outcome import Outcome, Status
from wireproof.decrypt.protect.choose import make_opener
from wireproof.decrypt.protect.opener import BadRecord, Opener, UnsupportedCipher
from wireproof.decrypt.short_side import (
    HELLO,
    RANDOM,
    Side,
    begins_with,
    is_finished,
    read_whole,
    suite_of,
    take_messages,
    whole_records,
)
from wireproof.wire._tls import split_messages
from wireproof.wire.tls import APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, TLS_1_3
from wireproof.wire.tls_suite_parts import suite_parts
from wireproof.wire.tls_suites import encrypts_nothing

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear_index import Room
    from wireproof.decrypt.keys.ring import KeyRing, Secret
    from wireproof.decrypt.protect.opener import Record
    from wireproof.streams.stream import TalkStreams
    from wireproof.wire.tls_suite_parts import SuiteParts

CLIENT, SERVER = 0, 1


class ShortWay:
    """Opens such sessions of one capture with the keys of one ring."""

    def __init__(self, tables: CaptureTables, ring: KeyRing, room: Room) -> None:
        self._tables, self._ring, self._room = tables, ring, room

    def begin(self, talk: TalkStreams) -> Begun | None:
        """What a session's hellos tell; None where it is not short and usual."""
        keys = SessionKeys(self._ring, find_server(self._tables, talk.conversation, 1 - talk.client_side, self._ring))
        client_side, records = _read(talk, keys)
        if records is None:
            return None
        client = Side(talk.sides[client_side], records[client_side], self._room)
        server = Side(talk.sides[1 - client_side], records[1 - client_side], self._room)
        handshake = _take_handshake(client, server)
        if handshake is None:
            return None
        keys.begin(handshake)
        return Begun(talk.conversation, client_side, handshake, keys, (client, server))

    def open(self, begun: Begun) -> tuple[Outcome, ClearTalk] | None:
        """A session's outcome and clear streams; None where it turns out not to be usual, with nothing changed then."""
        left, client_side = self._room.left, begun.client_side
        if not _open_both(begun.handshake, begun.keys, begun.sides):
            self._room.left = left
            return None
        client, server = begun.sides
        both = (server, client) if client_side else (client, server)
        outcome = _describe(begun, both)
        streams = (
            ClearStream(self._tables, (begun.conversation, 0), both[0].index, both[0].stream),
            ClearStream(self._tables, (begun.conversation, 1), both[1].index, both[1].stream),
        )
        opened = both[0].opened, both[1].opened
        return outcome, ClearTalk(begun.conversation, client_side, streams, opened, outcome)


@dataclass(frozen=True, slots=True)
class Begun:
    """A session of which the hellos are read; `sides` are the client's and the server's."""

    conversation: int
    client_side: int
    handshake: Handshake
    keys: SessionKeys
    sides: tuple[Side, Side]


def _describe(begun: Begun, both: tuple[Side, Side]) -> Outcome:
    handshake, keys = begun.handshake, begun.keys
    hello = handshake.client_hello
    return Outcome(
        conversation=begun.conversation,
        status=Status.DECRYPTED,
        version=handshake.version,
        suite=handshake.suite,
        server_name=hello.hello.server_name if hello else "",
        key=keys.source,
        resumed=keys.resumed,
        records=both[0].count + both[1].count,
        octets=both[0].index.octets + both[1].index.octets,
        row=min(int(both[0].stream.piece_rows[0]), int(both[1].stream.piece_rows[0])),
    )


# --- records -------------------------------------------------------------------------------------------------------------


def _read(talk: TalkStreams, keys: SessionKeys) -> tuple[int, tuple[list[Record], list[Record]] | None]:
    """The client's side and the records of both; None where bytes or keys are missing, or where one does not begin with its hello."""
    one, other = (stream.read(0, HELLO) for stream in talk.sides)
    kinds = one[5:6] + other[5:6]
    if kinds == bytes((CLIENT_HELLO, SERVER_HELLO)):
        client_side = 0
    elif kinds == bytes((SERVER_HELLO, CLIENT_HELLO)):
        client_side = 1
    else:
        return 0, None
    client, server = (other, one) if client_side else (one, other)
    if not keys.may_open(client[RANDOM], suite_of(server)):
        return 0, None
    first, second = (whole_records(read_whole(stream)) for stream in talk.sides)
    if not first or not second or first[0][0] != HANDSHAKE or second[0][0] != HANDSHAKE:
        return 0, None
    return client_side, (first, second)


# --- handshakes ----------------------------------------------------------------------------------------------------------


def _take_handshake(client: Side, server: Side) -> Handshake | None:
    """What both sides said in clear; None where it is not one handshake up to the first protected record."""
    handshake = Handshake()
    if not (take_messages(handshake, CLIENT, client) and take_messages(handshake, SERVER, server)):
        return None
    hello = handshake.server_hello
    if hello is None or handshake.client_hello is None or hello.compression or not handshake.client_random:
        return None
    if encrypts_nothing(handshake.suite):
        return None
    if handshake.version >= TLS_1_3:
        is_usual = not handshake.offered_early and begins_with(client, APPLICATION_DATA, CHANGE_CIPHER_SPEC)
        return handshake if is_usual and begins_with(server, APPLICATION_DATA, CHANGE_CIPHER_SPEC) else None
    if client.records[client.protected][0] != CHANGE_CIPHER_SPEC:
        return None
    if server.records[server.protected][0] != CHANGE_CIPHER_SPEC:
        return None
    client.protected += 1
    server.protected += 1
    return handshake


# --- opening -------------------------------------------------------------------------------------------------------------


def _open_both(handshake: Handshake, keys: SessionKeys, sides: tuple[Side, Side]) -> bool:
    """Open all protected records of client and server; whether each of them opened."""
    parts = suite_parts(handshake.suite)
    if parts is None or not handshake.server_random:
        return False
    try:
        if handshake.version >= TLS_1_3:
            return _open_by_secrets(handshake, parts, keys, sides)
        return _open_by_master(handshake, parts, keys, sides)
    except (BadRecord, UnsupportedCipher):
        return False


def _open_by_master(handshake: Handshake, parts: SuiteParts, keys: SessionKeys, sides: tuple[Side, Side]) -> bool:
    """SSL 3.0 to TLS 1.2: both sides protect all that follows with keys from one master secret."""
    master = next(keys.masters(handshake, parts), None)
    if master is None:
        return False
    version = handshake.version
    made = key_block(version, parts, master.value, handshake.client_random, handshake.server_random)
    later, short = handshake.has(ENCRYPT_THEN_MAC), handshake.has(TRUNCATED_HMAC)
    for side, own in zip(sides, made, strict=True):
        if not _open_all(side, make_opener(version, parts, own, later, short)):
            return False
    keys.use(handshake, master)
    return True


def _open_all(side: Side, opener: Opener) -> bool:
    """Open the protected records of one side; whether there is no other handshake among them. Raises BadRecord."""
    records, place, sequence = side.records, side.protected, 0
    while place < len(records):
        contents, _ = opener.open_run(records, place, sequence)
        if contents:
            count = len(contents)
            side.take_run(contents, place)
        else:
            kind, version, start, body = records[place]
            inner, clear = opener.open(sequence, kind, version, body)
            if inner == CHANGE_CIPHER_SPEC or (inner == HANDSHAKE and not is_finished(clear)):
                return False
            side.keep(start, len(body), inner, clear)
            count = 1
        place += count
        sequence += count
    return sequence > 0 and side.is_kept()


def _open_by_secrets(handshake: Handshake, parts: SuiteParts, keys: SessionKeys, sides: tuple[Side, Side]) -> bool:
    """TLS 1.3: each side has a secret for its handshake, and one for what follows its Finished."""
    version = handshake.draft or TLS_1_3
    found = [keys.logged(handshake, role) for role in (CLIENT, SERVER)]
    for side, secrets in zip(sides, found, strict=True):
        if [name for name, _ in secrets] != ["handshake", ""]:
            return False
        if not _open_in_turn(side, version, parts, [secret for _, secret in secrets]):
            return False
    # The client waits for the ServerHello, so the server's keys are used first.
    keys.take_source(found[SERVER][0][1].source)
    return True


def _open_in_turn(side: Side, version: int, parts: SuiteParts, secrets: list[Secret]) -> bool:
    """Open the protected records of one side, behind its Finished with the second secret; whether it never changed keys again. Raises BadRecord."""
    opener = make_opener(version, parts, traffic_keys(parts, secrets[0].value, version))
    records, place, sequence = side.records, side.protected, 0
    begun, changed = b"", False
    while place < len(records):
        if records[place][0] == CHANGE_CIPHER_SPEC:
            place += 1
            continue
        contents, inner = opener.open_run(records, place, sequence)
        if not contents or inner == CHANGE_CIPHER_SPEC:
            return False
        place += len(contents)
        sequence += len(contents)
        clear = side.take_run(contents, place - len(contents), inner)
        if inner == HANDSHAKE:
            content = begun + clear
            messages, end = split_messages(content)
            begun = content[end:]
            kinds = [message[0] for message in messages]
            if KEY_UPDATE in kinds:
                return False
            if FINISHED in kinds and not changed:
                changed, sequence = True, 0
                opener = make_opener(version, parts, traffic_keys(parts, secrets[1].value, version))
    return side.is_kept()

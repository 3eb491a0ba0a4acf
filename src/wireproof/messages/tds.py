"""TDS messages, each response with the request that it answers and how long that took.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.messages.framed import Place, find_both
from wireproof.messages.smb_talk import user_name
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols, TalkStreams
from wireproof.wire import tds
from wireproof.wire.spnego import unpack_logon

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

KEPT = 65_536
"""Bytes of a message that are looked into: requests and errors stand at its beginning."""
MOST_NAMED = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class TdsMessage(Message):
    """One message, of one packet or several.

    `kind` is its type in MS-TDS. `request` is the SQL text or the procedure of a request, and of the request that a response answers;
    `request_row` is that request's last packet (-1: not in the capture), `first_row` the response's first, `waited_ns` the time between
    these two. `server`, `application`, `database`, `user` and `host` are what a LOGIN7 told. Of errors: `errors` are numbers, `severity` the
    highest class, `text` the first one's words. `rows` is the count at the end of a response (-1: none), `attention` that it confirms a
    cancelled request. `encryption` is what a PRELOGIN says. `size` are bytes with packet headers. `session` is that of MARS, -1 without.
    """

    kind: str
    is_response: bool
    packets: int = 1
    size: int = 0
    session: int = -1
    request: str = ""
    request_row: int = -1
    waited_ns: int = 0
    server: str = ""
    application: str = ""
    database: str = ""
    user: str = ""
    host: str = ""
    encryption: str = ""
    errors: tuple[int, ...] = ()
    severity: int = 0
    text: str = ""
    rows: int = -1
    attention: bool = False


@dataclass(slots=True)
class _Parts:
    """A message while its packets come."""

    first: Place
    last: Place
    kind: int
    body: bytearray = field(default_factory=bytearray)
    tail: bytes = b""
    packets: int = 0
    size: int = 0
    cut: bool = False
    ended: bool = False

    def add(self, place: Place, body: bytes, size: int) -> None:
        """Take one more packet, of `size` bytes with its header."""
        self.last, self.packets, self.size = place, self.packets + 1, self.size + size
        self.cut = self.cut or place["cut"]
        self.tail = body[-16:]
        self.body += body[: max(0, KEPT - len(self.body))]


@dataclass(slots=True)
class _Session:
    """What one session (of MARS, or the only one) waits for, and who logged on."""

    asked: TdsMessage | None = None
    prelogin: bool = False
    parts: dict[int, _Parts] = field(default_factory=dict)


def build_tds(tables: CaptureTables, protocols: Protocols) -> MessageTable[TdsMessage]:
    """Every such message of the capture."""
    found: list[TdsMessage] = []
    for talk in protocols.streams(tables, "tds"):
        found += _read_talk(tables, talk)
    return MessageTable(TdsMessage, found)


def _read_talk(tables: CaptureTables, talk: TalkStreams) -> Iterator[TdsMessage]:
    """The messages of one conversation in the order of packets."""
    packets = find_both(tables, talk, tds.measure_tds, KEPT)
    return _join(tables, ((place, packet.data, packet.size) for place, packet in packets))


def _join(tables: CaptureTables, packets: Iterable[tuple[Place, bytes, int]]) -> Iterator[TdsMessage]:
    """Put packets of one message together, each session's and side's apart."""
    sessions: dict[int, _Session] = {}
    for place, data, size in packets:
        packet = tds.unpack_packet(data)
        if packet is None:
            continue
        session = sessions.setdefault(packet.session, _Session())
        parts = session.parts.get(place["side"])
        if parts is not None and parts.kind != packet.kind:
            yield _describe(tables, parts, session, packet.session)
            parts = None
        parts = parts or session.parts.setdefault(place["side"], _Parts(place, place, packet.kind))
        parts.add(place, data[packet.start :], size)
        if packet.is_last:
            parts.ended = True
            yield _describe(tables, parts, session, packet.session)
    for number, session in sessions.items():
        for parts in list(session.parts.values()):
            yield _describe(tables, parts, session, number)


def _describe(tables: CaptureTables, parts: _Parts, session: _Session, number: int) -> TdsMessage:
    """The row of a message that is over, or whose rest the capture lacks."""
    del session.parts[parts.first["side"]]
    place = Place(
        conversation=parts.first["conversation"],
        side=parts.first["side"],
        row=parts.first["row"],
        last_row=parts.last["last_row"],
        time_ns=parts.last["time_ns"],
        cut=parts.cut or not parts.ended,
    )
    if parts.kind == tds.RESPONSE:
        return _response(tables, place, parts, session, number)
    body = bytes(parts.body)
    login = (tds.unpack_login(body) if parts.kind == tds.LOGIN7 else None) or tds.Login()
    message = TdsMessage(
        **place,
        kind=tds.KINDS[parts.kind],
        is_response=False,
        packets=parts.packets,
        size=parts.size,
        session=number,
        request=_request(parts.kind, body),
        server=login.server,
        application=login.application,
        database=login.database,
        user=login.user or (user_name(unpack_logon(login.sspi)) if login.sspi else ""),
        host=login.host,
        encryption=tds.unpack_encryption(body) if parts.kind == tds.PRELOGIN else "",
    )
    # An attention cancels the request that is open; its response belongs to that request still.
    if parts.kind != tds.ATTENTION:
        session.asked, session.prelogin = message, parts.kind == tds.PRELOGIN
    return message


def _request(kind: int, body: bytes) -> str:
    if kind == tds.SQL_BATCH:
        return tds.unpack_batch(body)[:MOST_NAMED]
    return tds.unpack_procedure(body)[:MOST_NAMED] if kind == tds.RPC else ""


def _response(tables: CaptureTables, place: Place, parts: _Parts, session: _Session, number: int) -> TdsMessage:
    body, asked = bytes(parts.body), session.asked
    errors = [] if session.prelogin else tds.find_errors(body)
    done = tds.unpack_done(parts.tail) if parts.ended and not session.prelogin else None
    began_ns = int(tables.packets.time_ns[place["row"]])
    session.asked = None
    return TdsMessage(
        **place,
        kind="response",
        is_response=True,
        packets=parts.packets,
        size=parts.size,
        session=number,
        request=(asked.request or asked.kind) if asked else "",
        request_row=asked.last_row if asked else -1,
        waited_ns=max(began_ns - asked.time_ns, 0) if asked else 0,
        encryption=tds.unpack_encryption(body) if session.prelogin else "",
        errors=tuple(error.number for error in errors),
        severity=max((error.severity for error in errors), default=0),
        text=errors[0].text if errors else "",
        server=errors[0].server if errors else "",
        rows=done.rows if done else -1,
        attention=done.attention if done else False,
    )

"""DCE/RPC over TCP and over pipes of SMB 2: binds with what became of them, calls with their interfaces and operations, and the endpoints that answers name.

Takes a capture's tables; gives a `MessageTable` with one row a message, however many fragments it had. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from wireproof.limits import limit
from wireproof.messages.rpc_answers import (
    ANSWERED,
    USUAL,
    Place,
    Said,
    Stub,
    guess_answered,
    guess_asked,
    read_answered,
    read_asked,
)
from wireproof.messages.rpc_pdus import Joined, read_messages
from wireproof.messages.rpc_pipes import open_pipes
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols
from wireproof.wire.rpc import (
    ALTER,
    ALTER_RESPONSE,
    AUTH_LEVELS,
    AUTH_TYPES,
    BIND,
    BIND_ACK,
    BIND_NAK,
    FAULT,
    NAK_REASONS,
    NDR64,
    PRIVACY,
    REQUEST,
    RESPONSE,
    unpack_bind,
    unpack_bind_answer,
    unpack_bind_nak,
)
from wireproof.wire.rpc_interfaces import interface_name, operation_name
from wireproof.wire.rpc_status import status_name

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.messages.smb import SmbMessage

CALLS_MOST = limit(
    "rpc.calls_open", 4096, "calls of one connection whose answer may still come; clients have a handful"
)
V = TypeVar("V")
MAPPER_PORT = 135


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcMessage(Message):
    """One message. `kind` is its type in the words of C706: bind, bind_ack, request, response, fault and so on.

    Calls name `interface` (a UUID), its short name, `opnum` and `operation`; answers have those of their request, and its first row
    in `request_row` (-1 where the capture lacks it). `status` is a fault's, a bind_nak's reason, or what the mapper or DCOM
    answered (-1 where that can't be read). `service` is the interface that a map asks for, or the class that an activation wants.
    The four tuples `sequences`, `addresses`, `endpoints` and `ports` go together: places that the answer names. `contexts` are the
    interfaces that a bind proposes, `results` what the answer says to each. `sealed` calls are encrypted. `pipe` is the named pipe of
    messages that came over SMB. `call_id` is -1 where a listing does not tell it, `line` that of its text which tells the places in words.
    """

    kind: str
    call_id: int = 0
    fragments: int = 1
    size: int = 0
    context_id: int = -1
    interface: str = ""
    interface_name: str = ""
    opnum: int = -1
    operation: str = ""
    service: str = ""
    service_name: str = ""
    sequences: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    status: int = 0
    status_name: str = ""
    contexts: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    secondary_address: str = ""
    authentication: str = ""
    sealed: bool = False
    pipe: str = ""
    request_row: int = -1
    line: int = 0

    @property
    def places(self) -> list[Place]:
        """The places that the answer names."""
        together = zip(self.sequences, self.addresses, self.endpoints, self.ports, strict=True)
        return [Place(*each) for each in together]


@dataclass(slots=True)
class Asked:
    """What an answer needs to know of its request."""

    row: int
    interface: str
    opnum: int
    said: Said


@dataclass(slots=True)
class Dialogue:
    """What the messages so far have agreed on. `wide` are the contexts in which NDR64 is spoken."""

    on_mapper_port: bool = False
    pipe: str = ""
    interfaces: dict[int, str] = field(default_factory=dict)
    wide: set[int] = field(default_factory=set)
    proposed: dict[int, tuple[int, ...]] = field(default_factory=dict)
    calls: dict[int, Asked] = field(default_factory=dict)


def build_rpc(
    tables: CaptureTables, protocols: Protocols, smb: MessageTable[SmbMessage] | None = None
) -> MessageTable[RpcMessage]:
    """Every DCE/RPC message over TCP of the capture, and where its SMB messages are given, those in their pipes."""
    found: list[RpcMessage] = []
    for talk in protocols.streams(tables, "rpc"):
        ports = tables.conversations.facts[talk.conversation]["sides"]["port"]
        dialogue = Dialogue(on_mapper_port=MAPPER_PORT in ports)
        found += [_message(tables, talk.conversation, dialogue, joined) for joined in read_messages(talk.sides)]
    for pipe in open_pipes(tables, smb) if smb is not None else ():
        dialogue = Dialogue(pipe=pipe.name)
        found += [_message(tables, pipe.conversation, dialogue, joined) for joined in read_messages(pipe.sides)]
    return MessageTable(RpcMessage, found)


def _message(tables: CaptureTables, conversation: int, dialogue: Dialogue, joined: Joined) -> RpcMessage:
    header = joined.first.header
    fields = dict(_read(dialogue, joined))
    auth = joined.auth
    return RpcMessage(
        conversation=conversation,
        side=joined.side,
        row=joined.row,
        last_row=joined.last_row,
        time_ns=int(tables.packets.time_ns[joined.last_row]),
        cut=joined.cut,
        kind=header.name,
        call_id=header.call_id,
        fragments=joined.fragments,
        size=joined.size,
        authentication=f"{AUTH_TYPES.get(auth.kind, auth.kind)} {AUTH_LEVELS.get(auth.level, auth.level)}"
        if auth
        else "",
        sealed=auth is not None and auth.level == PRIVACY and joined.call is not None,
        pipe=dialogue.pipe,
        **fields,  # type: ignore[arg-type]
    )


def _read(dialogue: Dialogue, joined: Joined) -> Iterator[tuple[str, object]]:
    """Fields of one message that depend on its kind."""
    kind = joined.first.header.kind
    if kind in (BIND, ALTER):
        yield from _read_bind(dialogue, joined)
    elif kind in (BIND_ACK, ALTER_RESPONSE):
        yield from _read_bind_answer(dialogue, joined)
    elif kind == BIND_NAK:
        numbers = dialogue.proposed.pop(joined.first.header.call_id, ())
        interface = dialogue.interfaces.get(numbers[0], "") if numbers else ""
        yield "interface", interface
        yield "interface_name", interface_name(interface)
        reason = unpack_bind_nak(joined.first.data, joined.first.header)
        yield "status", -1 if reason is None else reason
        yield "status_name", NAK_REASONS.get(reason, f"reason {reason}") if reason is not None else ""
    elif joined.call is not None:
        yield "context_id", joined.call.context
        yield from (_read_request if kind == REQUEST else _read_answer)(dialogue, joined)


def _read_bind(dialogue: Dialogue, joined: Joined) -> Iterator[tuple[str, object]]:
    header = joined.first.header
    bind = unpack_bind(joined.first.data, header)
    if bind is None:
        return
    for context in bind.contexts:
        dialogue.interfaces[context.number] = context.interface
    _remember(dialogue.proposed, header.call_id, tuple(context.number for context in bind.contexts))
    yield "contexts", tuple(f"{interface_name(each.interface)} {each.version}" for each in bind.contexts)
    if bind.contexts:
        yield "interface", bind.contexts[0].interface
        yield "interface_name", interface_name(bind.contexts[0].interface)


def _read_bind_answer(dialogue: Dialogue, joined: Joined) -> Iterator[tuple[str, object]]:
    header = joined.first.header
    answer = unpack_bind_answer(joined.first.data, header)
    if answer is None:
        return
    numbers = dialogue.proposed.pop(header.call_id, ())
    for number, result in zip(numbers, answer.results, strict=False):
        if result.accepted and result.syntax == NDR64:
            dialogue.wide.add(number)
    interface = dialogue.interfaces.get(numbers[0], "") if numbers else ""
    yield "interface", interface
    yield "interface_name", interface_name(interface)
    yield "results", tuple(result.text for result in answer.results)
    yield "secondary_address", answer.secondary_address


def _read_request(dialogue: Dialogue, joined: Joined) -> Iterator[tuple[str, object]]:
    call = joined.call
    assert call is not None
    interface, said = dialogue.interfaces.get(call.context, ""), None
    if _is_readable(joined):
        stub = _stub(dialogue, joined, call.opnum)
        said = read_asked(interface, stub)
        if not interface and dialogue.on_mapper_port:
            interface, said = guess_asked(stub) or ("", None)
    _remember(dialogue.calls, joined.first.header.call_id, Asked(joined.row, interface, call.opnum, said or Said()))
    yield "opnum", call.opnum
    yield from _named(interface, call.opnum)
    if said:
        yield "service", said.service
        yield "service_name", said.service_name


def _read_answer(dialogue: Dialogue, joined: Joined) -> Iterator[tuple[str, object]]:
    call, kind = joined.call, joined.first.header.kind
    assert call is not None
    known = dialogue.interfaces.get(call.context, "")
    asked = dialogue.calls.pop(joined.first.header.call_id, None) or Asked(-1, known, USUAL.get(known, -1), Said())
    interface, said = asked.interface, None
    if kind == RESPONSE and _is_readable(joined):
        stub = _stub(dialogue, joined, asked.opnum)
        said = read_answered(interface, stub)
        if not interface and dialogue.on_mapper_port:
            interface, said = guess_answered(stub) or ("", None)
    yield "request_row", asked.row
    yield "opnum", asked.opnum
    yield from _named(interface, asked.opnum)
    yield "service", asked.said.service or (said.service if said else "")
    yield "service_name", asked.said.service_name or (said.service_name if said else "")
    if kind == FAULT:
        yield "status", call.status
        yield "status_name", status_name(call.status)
    elif said:
        yield from _places(said)
    elif (interface, asked.opnum) in ANSWERED and not joined.cut:
        yield "status", -1


def _is_readable(joined: Joined) -> bool:
    return joined.auth is None or joined.auth.level != PRIVACY


def _stub(dialogue: Dialogue, joined: Joined, opnum: int) -> Stub:
    context = joined.call.context if joined.call else -1
    return Stub(joined.stub, joined.first.header.order, context in dialogue.wide, opnum)


def _named(interface: str, opnum: int) -> Iterator[tuple[str, object]]:
    yield "interface", interface
    yield "interface_name", interface_name(interface)
    yield "operation", operation_name(interface, opnum)


def _places(said: Said) -> Iterator[tuple[str, object]]:
    yield "sequences", tuple(place.sequence for place in said.places)
    yield "addresses", tuple(place.address for place in said.places)
    yield "endpoints", tuple(place.endpoint for place in said.places)
    yield "ports", tuple(place.port for place in said.places)
    yield "status", said.status
    yield "status_name", status_name(said.status) if said.status > 0 else ""


def _remember(known: dict[int, V], call_id: int, value: V) -> None:
    """Keep what an answer will need; the oldest goes when there are too many."""
    known.pop(call_id, None)
    known[call_id] = value
    if len(known) > CALLS_MOST.value:
        known.pop(next(iter(known)))

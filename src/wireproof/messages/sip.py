"""SIP messages (RFC 3261) with their SDP, over UDP and TCP; responses paired with their requests.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wireproof.limits import limit
from wireproof.messages.datagrams import read_datagrams
from wireproof.messages.framed import Framed, Place
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols, Stream
from wireproof.wire.sip import SipHead, bodies_of, find_sip, parameters, split_uri, unpack_sip

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

READ_BYTES = 16_384
BODY_MOST = limit(
    "sip.body_bytes", 65_536, "session descriptions of real calls stay below 20 kB; longer bodies are not read"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SipMessage(Message):
    """One message. `method` of a response is that of its CSeq; `status` is 0 for a request.

    `request_row` is the row of the first copy of the request that a response answers, -1 where the capture lacks it, and `wait_ns`
    the time from there. `repeat` marks a request or response sent again. `diagnostics` are the values of ms-diagnostics and
    ms-client-diagnostics headers, `sdp` the session descriptions as text. `challenge` is what a 401 or 407 asks for, `authorized`
    marks a request with credentials and a response to one.
    """

    transport: str = "udp"
    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    call_id: str = ""
    cseq: int = 0
    branch: str = ""
    from_uri: str = ""
    from_tag: str = ""
    to_uri: str = ""
    to_tag: str = ""
    agent: str = ""
    content_type: str = ""
    warning: str = ""
    challenge: str = ""
    authorized: bool = False
    diagnostics: tuple[str, ...] = ()
    sdp: tuple[str, ...] = ()
    request_row: int = -1
    wait_ns: int = -1
    repeat: bool = False

    @property
    def is_request(self) -> bool:
        """Whether it asks."""
        return not self.status

    @property
    def sender_tag(self) -> str:
        """The tag of the party that sent it: From of a request, To of a response; its URI where it has no tag."""
        return (self.from_tag or self.from_uri) if self.is_request else (self.to_tag or self.to_uri)


def build_sip(tables: CaptureTables, protocols: Protocols) -> MessageTable[SipMessage]:
    """Every SIP message of the capture."""
    found = [*_of_datagrams(tables, protocols), *_of_streams(tables, protocols)]
    return MessageTable(SipMessage, pair_messages(sorted(found, key=lambda message: message.last_row)))


def _of_datagrams(tables: CaptureTables, protocols: Protocols) -> Iterator[SipMessage]:
    for sent in read_datagrams(tables, protocols.udp["sip"], least=16):
        # Some senders put an empty line, which means nothing, before the start line.
        data = sent.data.lstrip(b"\r\n")
        head = unpack_sip(data)
        if head:
            yield describe_message("udp", sent.place, head, data[head.size :])


def _of_streams(tables: CaptureTables, protocols: Protocols) -> Iterator[SipMessage]:
    for talk in protocols.streams(tables, "sip"):
        for stream in talk.sides:
            yield from _of_stream(tables, stream)


def _of_stream(tables: CaptureTables, stream: Stream) -> Iterator[SipMessage]:
    at = stream.next_after(0)
    while at is not None:
        data = stream.read(at, READ_BYTES)
        head = unpack_sip(data)
        if head and not head.whole and len(data) == READ_BYTES:
            data = stream.read(at, 4 * READ_BYTES)
            head = unpack_sip(data)
        if not head:
            at = stream.next_after(at + _skipped(data))
            continue
        length = head.body_length or 0
        body = stream.read(at + head.size, min(length, int(BODY_MOST.value)))
        end = at + head.size + length
        cut = len(body) < min(length, int(BODY_MOST.value))
        yield describe_message("tcp", Framed(stream, at, end - at, data, cut).place(tables), head, body)
        at = stream.next_after(end)


def _skipped(data: bytes) -> int:
    """Bytes that belong to no message: keep-alives of empty lines (RFC 5626 section 3.5.1), or what follows a gap."""
    blank = len(data) - len(data.lstrip(b"\r\n\0"))
    if blank:
        return blank
    following = find_sip(data[1:])
    if following >= 0:
        return following + 1
    # The last bytes may be the beginning of a start line, unless a gap or the stream's end follows.
    return len(data) - 64 if len(data) == READ_BYTES else len(data)


def describe_message(transport: str, place: Place, head: SipHead, body: bytes) -> SipMessage:
    """The message of a head and its body, which stand at a place."""
    number, method = head.cseq
    length = head.body_length
    content_type = head.first("content-type")
    described = (
        bodies_of(content_type, body[:length] if length is not None else body, "application/sdp")
        if content_type
        else []
    )
    place["cut"] = place["cut"] or not head.whole
    return SipMessage(
        **place,
        transport=transport,
        method=head.method or method,
        uri=head.uri,
        status=head.status,
        reason=head.reason,
        call_id=head.first("call-id"),
        cseq=number,
        branch=parameters(head.first("via").partition(",")[0]).get("branch", ""),
        from_uri=split_uri(head.first("from")),
        from_tag=parameters(head.first("from")).get("tag", ""),
        to_uri=split_uri(head.first("to")),
        to_tag=parameters(head.first("to")).get("tag", ""),
        agent=head.first("user-agent") or head.first("server"),
        content_type=content_type,
        warning=head.first("warning"),
        challenge=head.first("www-authenticate") or head.first("proxy-authenticate"),
        authorized="authorization" in head.headers or "proxy-authorization" in head.headers,
        diagnostics=tuple(head.headers.get("ms-diagnostics", ()))
        + tuple(head.headers.get("ms-client-diagnostics", ()))
        + tuple(head.headers.get("ms-diagnostics-public", ())),
        sdp=tuple(part.decode("utf-8", "replace").replace("\r\n", "\n") for part in described),
    )


Exchange = tuple[int, str, int, str]
"""Conversation, Call-ID, CSeq number and method: what a response repeats of its request (RFC 3261 section 17.1.3)."""


def pair_messages(messages: Iterable[SipMessage]) -> Iterator[SipMessage]:
    """The messages with repeats marked and responses told their request."""
    asked: dict[Exchange, SipMessage] = {}
    answered: set[tuple[object, ...]] = set()
    for message in messages:
        # The ACK of a failed INVITE has its number; Call-ID and CSeq serve where no two branches are in one conversation.
        key = (message.conversation, message.call_id, message.cseq, message.method)
        if message.is_request:
            first = asked.setdefault(key, message)
            again = first is not message and first.branch == message.branch and first.side == message.side
            yield replace(message, repeat=True) if again else message
            continue
        request = asked.get(key)
        seen = (key, message.status, message.to_tag, message.side)
        repeat = seen in answered
        answered.add(seen)
        if request is None or request.side == message.side:
            yield replace(message, repeat=repeat)
        else:
            wait_ns = message.time_ns - request.time_ns
            known = request.authorized
            yield replace(message, repeat=repeat, request_row=request.row, wait_ns=wait_ns, authorized=known)

"""WS-Discovery messages (multicast and unicast UDP 3702) and the SOAP messages of WSDAPI over HTTP.

Takes a capture's tables; gives a `MessageTable`. XML is searched for the few elements that matter and not parsed, so that no entity
of a hostile message is expanded. Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.messages.datagrams import read_datagrams
from wireproof.messages.http import build_http
from wireproof.messages.http_message import HttpMessage
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols, open_streams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wireproof.conversations import CaptureTables

READ_MOST = 8192
"""Bytes of one message that are searched: its header stands first."""
ELEMENTS = {
    name: re.compile(rb"<(?:[A-Za-z0-9_.-]{1,40}:)?" + name.encode() + rb"(?:\s[^<>]{0,500})?>\s*([^<]{0,1000})<")
    for name in ("Action", "MessageID", "RelatesTo", "Types", "Address", "XAddrs")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryMessage(Message):
    """One message.

    `kind` is the last part of its `action` (WS-Addressing), such as `Probe`, `ProbeMatches`, `Hello`, `Resolve` or `Get`. `over` is
    `udp` or `http`. `address` is the endpoint reference that it names, `addresses` the transport addresses (XAddrs).
    `relates_to` is the `message_id` of the message that it answers.
    """

    kind: str
    action: str = ""
    over: str = "udp"
    message_id: str = ""
    relates_to: str = ""
    types: str = ""
    address: str = ""
    addresses: tuple[str, ...] = ()


def build_discovery(
    tables: CaptureTables, protocols: Protocols, http: Iterable[HttpMessage] | None = None
) -> MessageTable[DiscoveryMessage]:
    """Every such message of the capture; `http` are its HTTP messages, read again where they are not given."""
    found = list(_read_datagrams(tables, protocols.udp.get("discovery", np.zeros(0, np.int64))))
    messages = build_http(tables, protocols) if http is None else http
    found += _read_bodies(tables, [message for message in messages if _is_soap(message)])
    return MessageTable(DiscoveryMessage, found)


def unpack_soap(data: bytes) -> dict[str, str]:
    """The elements of ELEMENTS that a SOAP message holds, by name; without an action it is none, and the answer empty."""
    found = {}
    for name, pattern in ELEMENTS.items():
        values = (value.decode("utf-8", "replace").strip() for value in pattern.findall(data))
        # "Answer where this came from" is an address too, and stands before the endpoint's own.
        found[name] = next((value for value in values if not value.endswith("/anonymous")), "")
    return found if found["Action"] else {}


def _is_soap(message: HttpMessage) -> bool:
    return message.body_bytes > 0 and message.content_type.lower().startswith("application/soap+xml")


def _message(place: Message, data: bytes, over: str) -> DiscoveryMessage | None:
    soap = unpack_soap(data[:READ_MOST])
    if not soap:
        return None
    return DiscoveryMessage(
        conversation=place.conversation,
        side=place.side,
        row=place.row,
        last_row=place.last_row,
        time_ns=place.time_ns,
        cut=place.cut,
        kind=re.split("[/:#]", soap["Action"])[-1],
        action=soap["Action"],
        over=over,
        message_id=soap["MessageID"],
        relates_to=soap["RelatesTo"],
        types=soap["Types"],
        address=soap["Address"],
        addresses=tuple(soap["XAddrs"].split()),
    )


def _read_datagrams(tables: CaptureTables, numbers: NDArray[np.int64]) -> Iterator[DiscoveryMessage]:
    for datagram in read_datagrams(tables, numbers):
        message = _message(Message(**datagram.place), datagram.data, "udp")
        if message:
            yield message


def _read_bodies(tables: CaptureTables, messages: list[HttpMessage]) -> Iterator[DiscoveryMessage]:
    by_talk: dict[int, list[HttpMessage]] = {}
    for message in messages:
        # What was said inside TLS stands in another stream.
        if not message.tls:
            by_talk.setdefault(message.conversation, []).append(message)
    for talk in open_streams(tables, by_talk) if by_talk else ():
        for message in by_talk[talk.conversation]:
            data = talk.sides[message.side].read(message.body_at, min(READ_MOST, message.end - message.body_at))
            made = _message(message, data, "http")
            if made:
                yield made

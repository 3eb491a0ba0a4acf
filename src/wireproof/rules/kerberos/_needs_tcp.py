"""Kerberos answers that need TCP, and what became of the client's TCP connections to the same server.

Takes a point's Kerberos messages and conversations; gives those clients whose connections all failed. Decides nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.wire.kerberos_names import RESPONSE_TOO_BIG

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.messages.kerberos import KerberosMessage

PORT = 88
LOOKED_AT = 2000
"""TCP conversations with port 88 that are looked at; a capture with more of them has some that worked."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A client that a server told to use TCP, and its connections to that server, none of which opened."""

    client: str
    server: str
    told: list[KerberosMessage]
    connections: list[int]


def find_stuck(point: Point, own: set[int]) -> list[Stuck]:
    """The clients that were told to use TCP and could not, in these conversations."""
    told: dict[tuple[str, str], list[KerberosMessage]] = {}
    for message in point.said.kerberos:
        if message.code == RESPONSE_TOO_BIG and message.conversation in own:
            talk = point.talk(message.conversation)
            told.setdefault((talk.address(1 - message.side), talk.address(message.side)), []).append(message)
    if not told:
        return []
    tried = _connections(point)
    return [
        Stuck(*ends, messages, [number for number, _ in tried[ends]])
        for ends, messages in told.items()
        if ends in tried and not any(opened for _, opened in tried[ends])
    ]


def _connections(point: Point) -> dict[tuple[str, str], list[tuple[int, bool]]]:
    """(client, server) to their TCP conversations with port 88, and whether each was opened."""
    conversations = point.conversations
    on_port = conversations.is_tcp & (conversations.side_facts("port") == PORT).any(axis=1)
    found: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for number in np.flatnonzero(on_port)[:LOOKED_AT].tolist():
        talk = point.talk(number)
        ends = (talk.address(talk.client_side), talk.address(1 - talk.client_side))
        found.setdefault(ends, []).append((number, bool(talk.server["syn_acks"] or talk.server["payload_bytes"])))
    return found

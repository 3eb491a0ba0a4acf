"""Ports of servers written as others, so that tools that go by ports dissect what was encrypted.

Takes opened conversations and a mapping; gives the port of each that is mapped, and sentences on those that can't be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wireproof.conversations import Conversations
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.export.datagrams import UdpTalk

Span = tuple[int, int]
Tuple = tuple[bytes, int, bytes, int]
MOST_NOTES = 10


def map_ports(
    conversations: Conversations, talks: Sequence[ClearTalk | UdpTalk], ports: Mapping[int, int], others: bool
) -> tuple[dict[int, int], list[str]]:
    """(new port of the server by conversation, notes) of talks that go over one transport.

    A conversation keeps its port where another one has the addresses and ports that it would get, at the same time; `others` tells whether
    conversations that are not opened are written too.
    """
    if not ports:
        return {}, []
    opened = {talk.conversation: talk.client_side for talk in talks}
    wanted = {
        number: new
        for number, client in opened.items()
        if (new := ports.get(_port(conversations, number, 1 - client))) is not None
    }
    refused: list[int] = []
    while True:
        mapped, more = _assign(conversations, opened, wanted, others)
        if not more:
            break
        # They stay what they are, which others may have been mapped to.
        refused += more
        for number in more:
            wanted.pop(number)
    notes = [_refusal(conversations, number) for number in refused[:MOST_NOTES]]
    if len(refused) > MOST_NOTES:
        notes.append(f"{len(refused) - MOST_NOTES} more conversations keep their port for the same reason")
    return mapped, notes


def _assign(
    conversations: Conversations, opened: Mapping[int, int], wanted: Mapping[int, int], others: bool
) -> tuple[dict[int, int], list[int]]:
    """(new ports, conversations that can't have theirs)."""
    taken = _taken(conversations, opened, wanted, others)
    mapped: dict[int, int] = {}
    refused = []
    for number, new in wanted.items():
        key, span = _key(conversations, number, opened[number], new), _span(conversations, number)
        if any(begin <= span[1] and span[0] <= end for begin, end in taken.get(key, ())):
            refused.append(number)
        else:
            mapped[number] = new
            taken.setdefault(key, []).append(span)
    return mapped, refused


def _taken(
    conversations: Conversations, opened: Mapping[int, int], wanted: Mapping[int, int], others: bool
) -> dict[Tuple, list[Span]]:
    """When the addresses and ports that may be asked for are in use by conversations that are not mapped themselves."""
    new = np.unique(np.array(list(wanted.values()), np.int64))
    ports = conversations.side_facts("port")
    protocol = conversations.facts["protocol"]
    same = np.isin(protocol, protocol[list(opened)])
    near = np.flatnonzero(same & np.isin(ports, new).any(axis=1))
    taken: dict[Tuple, list[Span]] = {}
    for number in near.tolist():
        if number in wanted or not (others or number in opened):
            continue
        for side in (0, 1):
            key = _key(conversations, number, side, int(ports[number, 1 - side]))
            taken.setdefault(key, []).append(_span(conversations, number))
    return taken


def _port(conversations: Conversations, number: int, side: int) -> int:
    return int(conversations.facts["sides"]["port"][number, side])


def _key(conversations: Conversations, number: int, client: int, server_port: int) -> Tuple:
    """Addresses and ports, the client's first."""
    raw = conversations.facts["addresses"][number].tobytes()
    pair = raw[:16], raw[16:]
    return pair[client], _port(conversations, number, client), pair[1 - client], server_port


def _span(conversations: Conversations, number: int) -> Span:
    """The times of its first and last packet."""
    sides = conversations.facts["sides"][number]
    some = sides[sides["packets"] > 0]
    return (int(some["first_ns"].min()), int(some["last_ns"].max())) if len(some) else (0, 0)


def _refusal(conversations: Conversations, number: int) -> str:
    talk = conversations[number]
    return (
        f"the conversation of {talk.client_endpoint} with {talk.server_endpoint} keeps its port: with the one it is mapped to it would be one"
        " with another conversation of the same addresses and ports"
    )

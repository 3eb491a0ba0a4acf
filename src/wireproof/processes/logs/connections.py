"""Connections that a log names by their ends.

Takes a capture's tables and two ends as text; gives the conversation. Judges nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

LOOKED_AT = 200
"""Conversations with a port that are compared by address."""


def find_connection(tables: CaptureTables, local: str, peer: str) -> tuple[int, int] | None:
    """(conversation, side of the peer) of the one TCP conversation that has these ends; an unknown local end ("") needs a peer that asks.

    None where no conversation or several have them.
    """
    _, colon, port = peer.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65535:
        return None
    conversations = tables.conversations
    ports = conversations.side_facts("port")
    here = np.flatnonzero(((ports[:, 0] == int(port)) | (ports[:, 1] == int(port))) & conversations.is_tcp)
    found = [place for number in here[:LOOKED_AT].tolist() for place in _sides_of(tables, number, local, peer)]
    return found[0] if len(found) == 1 else None


def _sides_of(tables: CaptureTables, number: int, local: str, peer: str) -> list[tuple[int, int]]:
    talk = tables.conversations[number]
    ends = (talk.endpoint(0), talk.endpoint(1))
    return [
        (number, side)
        for side in (0, 1)
        if ends[side] == peer and (ends[1 - side] == local if local else int(talk.client_side) == side)
    ]

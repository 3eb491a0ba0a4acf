"""Addresses and ports of a capture's conversations as numbers that can be compared, sorted and joined.

Takes tables; gives one entry a conversation. Knows no packet and no second point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.hashing import Keys, mix

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables


def address_words(tables: CaptureTables) -> NDArray[np.uint64]:
    """Addresses of both sides of each conversation as numbers: shape (conversations, 2, 2)."""
    facts = tables.conversations.facts
    return np.ascontiguousarray(facts["addresses"]).view(np.uint64).reshape(len(facts), 2, 2)


def host_keys(tables: CaptureTables) -> tuple[Keys, Keys]:
    """One number for the address of each conversation's client, and of its server."""
    words, side = address_words(tables), tables.conversations.facts["client"].astype(np.int64)
    at = np.arange(len(words))
    client, server = words[at, side], words[at, 1 - side]
    return mix([client[:, 0], client[:, 1]]), mix([server[:, 0], server[:, 1]])


def ends_keys(tables: CaptureTables) -> Keys:
    """One number for each conversation's protocol, addresses and ports, the same whichever side is named first."""
    facts = tables.conversations.facts
    words, ports = address_words(tables), facts["sides"]["port"]
    ends = [mix([words[:, side, 0], words[:, side, 1], ports[:, side]]) for side in (0, 1)]
    return mix([np.minimum(*ends), np.maximum(*ends), facts["protocol"]])

"""The cipher suite that each server chose, read from the one packet that mostly tells it, for thousands of conversations at once.

Takes a capture's tables and the sides that sent a ServerHello; gives suites. Where one packet does not tell, it says so and guesses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

BEGINNING = 6
"""Bytes by which a ServerHello is told: the record's header, and the type of the message."""
SUITE_AT = 44
"""Where in a record with a ServerHello the suite stands, behind a session id of no bytes; its length is the byte before."""
LONGEST_HELLO = SUITE_AT + 255 + 2
"""Bytes of such a record up to its suite, at most."""


def suites_told(
    tables: CaptureTables, part: tuple[NDArray[np.int64], NDArray[np.int64]], words: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """The suite of the ServerHello in the first packet with data of these conversations and sides, -1 where it does not tell.

    `words` are the first eight bytes of the streams: with these the packet has to begin.
    """
    packets = tables.packets
    rows = tables.conversations.side_facts("first_data_row")[part].astype(np.int64) - 1
    at = packets.payload_at[rows].astype(np.int64)
    sizes = np.clip(packets.captured[rows].astype(np.int64) - at, 0, LONGEST_HELLO)
    data = tables.read_parts(rows, at, sizes)
    if len(data) < sizes.sum():
        # The file became shorter since it was read first.
        return np.full(len(rows), -1, np.int64)
    octets = np.frombuffer(data + bytes(LONGEST_HELLO), np.uint8)
    begins = np.cumsum(sizes) - sizes
    suite_at = SUITE_AT + octets[begins + SUITE_AT - 1].astype(np.int64)
    whole = (sizes >= SUITE_AT) & (sizes >= suite_at + 2)
    held = octets[begins[:, None] + np.arange(BEGINNING)]
    whole &= (held == words[:, None].view(np.uint8)[:, :BEGINNING]).all(axis=1)
    suites = octets[begins + suite_at].astype(np.int64) << 8 | octets[begins + suite_at + 1]
    return np.where(whole, suites, -1)

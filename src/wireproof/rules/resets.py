"""Whether a reset looks as if its named sender sent it: time to live, IP identification and MAC beside that sender's other packets.

Takes a point and the row of a reset; gives the doubts in words. A doubt is a suspicion of a device in between, never a proof: paths
change, and stacks treat resets in their own ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.case import Point

TTL_STEPS = limit(
    "reset.ttl_steps",
    2,
    "parallel routes of one path differ by a hop now and then; a device in between answers with its own start value",
)
IP_ID_STEPS = limit(
    "reset.ip_id_steps", 4000, "a host that counts its packets does not send thousands between two of one conversation"
)
RST = 4


def ttl_note(point: Point, row: int, words: str = "; TTL ") -> str:
    """The TTL of a packet behind some words; "" where a listing does not print it."""
    return f"{words}{int(point.packets.ttl[row])}" if point.capture.carries("ttl") else ""


def doubts(point: Point, row: int) -> list[str]:
    """Reasons to doubt that the reset in `row` comes from its named sender; empty when nothing speaks against it."""
    own = _own_packets(point, row)
    found = [
        _ttl_doubt(point, row, own),
        _ip_id_doubt(point, row, own) or _copied_id_doubt(point, row),
        _mac_doubt(point, row, own),
        _going_on_doubt(point, row, own),
    ]
    return [doubt for doubt in found if doubt]


def _own_packets(point: Point, row: int) -> NDArray[np.int64]:
    """Rows that the reset's sender sent in the same conversation and that are no resets themselves."""
    packets = point.packets
    rows = point.conversations.rows_of_side(int(packets.conversation[row]), int(packets.direction[row]))
    genuine = ((packets.flags[rows] & RST) == 0) & ((packets.layers[rows] & LAYERS["quoted"]) == 0)
    return np.asarray(rows[genuine])


def _ttl_doubt(point: Point, row: int, own: NDArray[np.int64]) -> str:
    if not point.capture.carries("ttl"):
        return ""
    usual = set(point.packets.ttl[own].tolist()) or _ttls_elsewhere(point, row)
    ttl = int(point.packets.ttl[row])
    if not usual or min(abs(ttl - other) for other in usual) < TTL_STEPS.value:
        return ""
    return f"it arrives with TTL {ttl}, the sender's other packets with {' or '.join(map(str, sorted(usual)[:3]))}"


def _ttls_elsewhere(point: Point, row: int) -> set[int]:
    """TTLs of the sender's packets in other conversations, as far as these hold more than resets."""
    conversations = point.conversations
    number, side = int(point.packets.conversation[row]), int(point.packets.direction[row])
    raw = conversations.facts["addresses"][number].tobytes()[16 * side : 16 * side + 16]
    every = np.frombuffer(conversations.facts["addresses"].tobytes(), np.dtype((np.void, 16))).reshape(-1, 2)
    sides = conversations.facts["sides"]
    theirs = (every == np.frombuffer(raw, np.dtype((np.void, 16)))[0]) & (sides["packets"] > sides["rsts"])
    theirs[number] = False
    return {int(ttl) for name in ("ttl_min", "ttl_max") for ttl in np.unique(sides[name][theirs])}


def _ip_id_doubt(point: Point, row: int, own: NDArray[np.int64]) -> str:
    """A sender that counts its packets up, and a reset that stands far from both neighbours."""
    ids = point.packets.ip_id[own].astype(np.int64)
    mine = int(point.packets.ip_id[row])
    if len(ids) < 3 or not mine or not ids.all():
        return ""
    steps = np.diff(ids) % 65536
    at = int(np.searchsorted(own, row))
    near = [int(ids[place]) for place in (at - 1, at) if 0 <= place < len(ids)]
    apart = min(min((mine - other) % 65536, (other - mine) % 65536) for other in near)
    if np.median(steps) > 64 or apart < IP_ID_STEPS.value:
        return ""
    return f"its IP identification is {mine:#06x}, while the sender counts {near[0]:#06x} upward"


def _copied_id_doubt(point: Point, row: int) -> str:
    """Injecting devices like to copy the identification of the packet that they answer."""
    other = point.conversations.rows_of_side(
        int(point.packets.conversation[row]), 1 - int(point.packets.direction[row])
    )
    before = other[other < row]
    mine = int(point.packets.ip_id[row])
    if not len(before) or not mine or mine != int(point.packets.ip_id[before[-1]]):
        return ""
    return f"its IP identification {mine:#06x} is that of the packet it answers, frame {point.packets.number(int(before[-1]))}"


def _going_on_doubt(point: Point, row: int, own: NDArray[np.int64]) -> str:
    """A host that reset a connection knows nothing of it any more; one that goes on never sent the reset."""
    after = own[own > row]
    if not len(after):
        return ""
    rows = point.conversations.rows(int(point.packets.conversation[row]))
    between = rows[(rows > row) & (rows < after[0])]
    opened_again = (point.packets.flags[between] & 0x12) == 0x02
    if opened_again.any():
        return ""
    return f"the same host goes on with the connection in frame {point.packets.number(int(after[0]))}"


def _mac_doubt(point: Point, row: int, own: NDArray[np.int64]) -> str:
    if not len(own) or not point.packets.layers[row] & LAYERS["ethernet"]:
        return ""
    frames = point.frames([row, *own[-8:].tolist()])
    macs = [frame[6:12] for frame in frames]
    # A listing prints the adapters of some frames at most; those of the others are zero.
    usual = [mac for mac in macs[1:] if any(mac)]
    if not usual or macs[0] in usual or not any(macs[0]):
        return ""
    return f"it comes from MAC {macs[0].hex(':')}, the sender's other packets from {usual[-1].hex(':')}"

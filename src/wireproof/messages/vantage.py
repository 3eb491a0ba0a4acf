"""Where a capture was taken: the host whose adapter saw the frames, as far as the frames tell.

Takes a capture's tables and looks at a bounded sample of frames. Gives None where frames fit several places.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations.read import CaptureTables

ETHERNET, SLL, SLL2 = 1, 113, 276
OUTGOING = 4
"""Packet type of a frame that the capturing host sent, in Linux cooked captures."""
SMALLEST_SENT = 60
"""A frame is padded to this length by the sending adapter (IEEE 802.3), after the capture has seen it."""
SAMPLE = 400
LOOKED_AT = 2_000_000
"""Of at most so many frames the sample is taken."""
HEAD_BYTES = 24


@dataclass(frozen=True, slots=True)
class Vantage:
    """The capturing host. `mac` is its six bytes, b"" when unknown; `because` says in words what shows it.

    `cooked` means that each frame states itself whether this host sent it (Linux cooked captures).
    """

    mac: bytes = b""
    because: str = ""
    cooked: bool = False

    def sent(self, frame: bytes, link_type: int) -> bool | None:
        """Whether the capturing host sent a frame; None when that can't be told."""
        if link_type == SLL and len(frame) >= 2:
            return frame[1] == OUTGOING
        if link_type == SLL2 and len(frame) >= 11:
            return frame[10] == OUTGOING
        if link_type == ETHERNET and self.mac and len(frame) >= 12:
            return frame[6:12] == self.mac
        return None


def link_types(tables: CaptureTables, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Link type of each row; -1 for rows whose interface the file does not describe."""
    known = np.asarray(tables.capture.link_types, dtype=np.int64)
    padded = np.append(known, -1)
    return padded[np.minimum(tables.packets.interface[rows], len(known)).astype(np.int64)]


def spread(rows: NDArray[np.int64], most: int = SAMPLE) -> NDArray[np.int64]:
    """At most so many rows, evenly over all."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def read_heads(tables: CaptureTables, rows: NDArray[np.int64], size: int = HEAD_BYTES) -> list[bytes]:
    """The first bytes of frames of the file; rows of derived frames are not allowed."""
    packets = tables.packets
    return tables.capture.read_frames(packets.offset[rows], np.minimum(packets.captured[rows], size))


def find_vantage(tables: CaptureTables) -> Vantage:
    """The capturing host: sender of unpadded frames, or the one MAC that is an end of every unicast frame."""
    packets = tables.packets
    types = set(map(int, tables.capture.link_types))
    if types & {SLL, SLL2}:
        return Vantage(cooked=True, because="the cooked header states which frames this host sent")
    if types != {ETHERNET}:
        return Vantage()
    # Of a capture larger than memory, frames all along it are looked at, never all of them.
    rows = np.arange(0, packets.frames, 1 + packets.frames // LOOKED_AT, dtype=np.int64)
    unpadded = _unpadded_sender(tables, rows)
    return Vantage(unpadded, "it alone sends frames that are not padded yet") if unpadded else _common_end(tables, rows)


def _unpadded_sender(tables: CaptureTables, rows: NDArray[np.int64]) -> bytes:
    """The one MAC that sends frames shorter than 60 bytes, while others' short frames are padded."""
    packets = tables.packets
    original = packets.original[rows]
    short = (original <= SMALLEST_SENT + 4) & (original >= 14) & (packets.layers[rows] != 0)
    senders: dict[bool, Counter[bytes]] = {True: Counter(), False: Counter()}
    sample = spread(rows[short])
    for row, head in zip(sample, read_heads(tables, sample, 12), strict=True):
        senders[bool(packets.original[row] < SMALLEST_SENT)][head[6:12]] += 1
    bare, padded = senders[True], senders[False]
    if len(bare) != 1:
        return b""
    mac = next(iter(bare))
    # Where nobody pads (virtual switches), a lone bare sender proves nothing unless others' frames show padding.
    # A MAC of zeros is what a listing does not print.
    return mac if any(other != mac for other in padded) and len(mac) == 6 and any(mac) else b""


def _common_end(tables: CaptureTables, rows: NDArray[np.int64]) -> Vantage:
    """The MAC that is source or destination of every sampled unicast frame, when it has more than one peer."""
    layers = tables.packets.layers[rows]
    unicast = spread(rows[(layers & LAYERS["multicast"] == 0) & (layers & LAYERS["ethernet"] != 0)])
    heads = [head for head in read_heads(tables, unicast, 12) if len(head) == 12]
    ends = Counter(mac for head in heads for mac in {head[:6], head[6:12]})
    common = [mac for mac, count in ends.items() if count == len(heads)]
    if len(heads) >= 4 and len(common) == 1 and len(ends) >= 3:
        return Vantage(common[0], "every unicast frame goes to or comes from it")
    return Vantage()

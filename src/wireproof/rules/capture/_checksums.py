"""Transport checksums of a bounded sample of frames: which senders' are right, left to the adapter, or wrong.

Facts for the rules of this family. Takes a point's tables; decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.messages.vantage import link_types, spread
from wireproof.table.schema import LAYERS, MARKS
from wireproof.wire.checksum import ChecksumState, checksum_state

if TYPE_CHECKING:
    from wireproof.case import Point

SAMPLE = 256
LARGEST = 65_600
NEAR = 10_000
"""How many frames before a repeat its original is looked for: grouping all rows by conversation would cost more."""


@dataclass(slots=True)
class Sender:
    """Checksums of what one address sent, as rows by state. `here` counts frames that the capturing host is known to have sent."""

    address: str
    rows: dict[ChecksumState, list[int]] = field(default_factory=lambda: {state: [] for state in ChecksumState})
    here: int = 0
    elsewhere: int = 0

    def count(self, *states: ChecksumState) -> int:
        """Frames in these states."""
        return sum(len(self.rows[state]) for state in states)

    @property
    def total(self) -> int:
        """Frames looked at."""
        return self.count(*ChecksumState)


def sample_rows(point: Point) -> NDArray[np.int64]:
    """Frames to look at: some evenly over the capture, and some before which or after which a segment was repeated.

    Only frames that are held whole, of the file itself, unfragmented, with a TCP or UDP header.
    """
    packets = point.packets
    rows = thin(packets.frames)
    usable = fits(point, rows)
    repeats = packets.rows_with("marks", MARKS["retransmission"])
    repeats = spread(repeats[repeats < packets.frames], SAMPLE // 2)
    several = (spread(rows[usable], SAMPLE), repeats[fits(point, repeats)], originals(point, repeats))
    return np.array(sorted(set(np.concatenate(several).tolist())), np.int64)


def thin(frames: int) -> NDArray[np.int64]:
    """Rows from which the even part of the sample is taken: at most 16 times as many as are wanted."""
    return np.arange(0, frames, max(1, frames // (SAMPLE * 16)), dtype=np.int64)


def fits(point: Point, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows can be verified: whole, not inside a tunnel that hides their start, of TCP or UDP."""
    packets = point.packets
    layers = packets.layers[rows]
    whole = (
        (packets.captured[rows] >= packets.original[rows])
        & (packets.captured[rows] <= LARGEST)
        & (packets.problem[rows] == 0)
    )
    transport = (layers & (LAYERS["tcp"] | LAYERS["udp"]) != 0) & np.isin(packets.protocol[rows], (6, 17))
    plain = layers & (LAYERS["fragment"] | LAYERS["quoted"] | LAYERS["derived"] | LAYERS["offload_length"]) == 0
    return np.asarray(whole & transport & plain & (packets.conversation[rows] >= 0))


def originals(point: Point, repeats: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first copies of repeated segments, where the conversation shows them."""
    packets, found = point.packets, []
    for row in repeats[:32].tolist():
        first = max(0, row - NEAR)
        near = slice(first, row)
        same = (packets.conversation[near] == packets.conversation[row]) & (packets.seq[near] == packets.seq[row])
        same &= (packets.direction[near] == packets.direction[row]) & (packets.length[near] > 0)
        found += (first + np.flatnonzero(same)[:1]).tolist()
    chosen = np.array(found, np.int64)
    return chosen[fits(point, chosen)] if found else chosen


def look(point: Point) -> dict[str, Sender]:
    """Verify the sample; senders by address. Who sent the frames is only found out when a checksum is not right."""
    packets, rows = point.packets, sample_rows(point)
    senders: dict[str, Sender] = {}
    frames = dict(zip(rows.tolist(), point.frames(rows.tolist()), strict=True))
    for row, data in frames.items():
        places = int(packets.network_at[row]), int(packets.transport_at[row])
        state = checksum_state(data, *places, int(packets.protocol[row]))
        if state is None:
            continue
        address = point.talk(int(packets.conversation[row])).address(int(packets.direction[row]))
        senders.setdefault(address, Sender(address)).rows[state].append(row)
    if any(sender.count(ChecksumState.PARTIAL, ChecksumState.WRONG) for sender in senders.values()):
        for sender in senders.values():
            _place(point, sender, frames)
    return senders


def _place(point: Point, sender: Sender, frames: dict[int, bytes]) -> None:
    """Count which of a sender's frames the capturing host is known to have sent."""
    rows = [row for some in sender.rows.values() for row in some]
    for row, link in zip(rows, link_types(point.tables, np.array(rows, np.int64)).tolist(), strict=True):
        sent = point.vantage.sent(frames[row], link)
        sender.here += sent is True
        sender.elsewhere += sent is False

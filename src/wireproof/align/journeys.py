"""What comparing capture points yields: clocks, journeys of conversations, and what each hop did to the packets.

Plain records; `pairs.py`, `clocks.py` and `hops.py` fill them. All times are nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(slots=True)
class Clock:
    """How a point's clock stands against the first point's: reference time = own time + offset_ns + drift.

    `known` is False when packets matched in one direction only (or none): the offset then assumes no delay and may not be used for
    latencies. `bound_ns` is half the width in which the offset must lie (None when unknown): one-way delays are that uncertain.
    """

    offset_ns: int = 0
    drift_ppm: float = 0.0
    epoch_ns: int = 0
    bound_ns: int | None = None
    known: bool = True
    matches: int = 0

    def to_reference(self, time_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Times of this point on the first point's clock."""
        drift = (time_ns - self.epoch_ns) * (self.drift_ppm / 1e6)
        return np.asarray(time_ns + self.offset_ns + drift.astype(np.int64), dtype=np.int64)


@dataclass(slots=True)
class Change:
    """A header field that differs between the two ends of a hop, always in the same way, with one example.

    `what` is one of: address, port, mss, options, ttl, tos, ack_field, sequence_shift, window_scale, ip_id.
    """

    what: str
    toward: str
    before: str
    after: str
    packets: int
    near_row: int
    far_row: int


@dataclass(slots=True)
class HopFlow:
    """One direction of one conversation over one hop. Rows are rows of the sending and the receiving point's packet table."""

    toward: str
    """`server` or `client`: where these packets were going."""
    sender: tuple[int, int]
    """(point, conversation) nearer to the packets' sender."""
    receiver: tuple[int, int]
    sent: Rows
    """Rows at the sending point that were found at the receiving point, one to one with `received`."""
    received: Rows
    merged: Rows
    """Rows at the sending point whose bytes arrived in segments cut otherwise (TSO, GRO, RSC)."""
    lost: Rows
    """Rows at the sending point that never arrived, although the receiving point was capturing and would have seen them."""
    missed: Rows
    """Rows at the sending point that the receiving capture lacks although their arrival is proven (its host acknowledged them)."""
    outside: Rows
    """Rows at the sending point from when the receiving point was not capturing."""
    inserted: Rows
    """Rows at the receiving point that the named sender's side never sent."""
    delay_ns: NDArray[np.int64]
    """One-way delay of each sent/received pair on the aligned clock; meaningful within the clocks' bounds."""


@dataclass(slots=True)
class Hop:
    """The stretch between two neighbouring points for one conversation; `near` is nearer to the client."""

    near: tuple[int, int]
    far: tuple[int, int]
    to_server: HopFlow
    to_client: HopFlow
    changes: list[Change] = field(default_factory=list)

    @property
    def flows(self) -> tuple[HopFlow, HopFlow]:
        """Both directions, toward the server first."""
        return (self.to_server, self.to_client)


@dataclass(slots=True)
class Journey:
    """One conversation seen at several points, in order from client to server.

    `members` are (point, conversation); `certain` is "high", "medium" or "low", and `because` says by what they were paired.
    """

    members: list[tuple[int, int]]
    hops: list[Hop]
    certain: str = "high"
    because: str = ""


@dataclass(slots=True)
class Alignment:
    """All points of a case brought together.

    `clocks[i]` is point i's; `order` lists points from the clients' side to the servers', as far as shared conversations tell.
    `alone[i]` are conversations of point i that no other point shows although it was capturing while they ran, and that the pairing
    could have found (`absent_at` names the points, and why they should have passed there).
    """

    clocks: list[Clock]
    order: list[int]
    journeys: list[Journey]
    alone: list[Rows]
    spans: list[tuple[int, int]]
    """First and last packet time of each point on the reference clock."""

"""What comparing capture points yields: clocks, journeys of conversations, and what each hop did to the packets.

Plain records; `pairs.py`, `clocks.py` and `hops.py` fill them. All times are nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable
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
    group: int = 0
    """The point whose clock this one is compared with: 0 unless no chain of shared packets leads to the first point."""

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
    lost_acks: Rows
    """Pure ACKs that never arrived: no proof of loss by themselves, since offload and ACK thinning drop them on purpose."""
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
    compare: Callable[[], list[Change]] = field(default=list, repr=False)
    _changes: list[Change] | None = None

    @property
    def changes(self) -> list[Change]:
        """Header fields that the two ends show differently; compared when first asked for."""
        if self._changes is None:
            self._changes = self.compare()
        return self._changes

    @property
    def flows(self) -> tuple[HopFlow, HopFlow]:
        """Both directions, toward the server first."""
        return (self.to_server, self.to_client)


@dataclass(frozen=True, slots=True)
class Absent:
    """A conversation that one point shows and another lacks, although one of its endpoints is the other point's own host.

    `point` and `conversation` say where it was seen, `missing_at` is the point that lacks it, `toward` the side (`client` or
    `server`) that is the missing point's host.
    """

    point: int
    conversation: int
    missing_at: int
    toward: str


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
    """

    clocks: list[Clock]
    order: list[int]
    journeys: list[Journey]
    absent: list[Absent]
    spans: list[tuple[int, int]]
    """First and last packet time of each point on the reference clock."""

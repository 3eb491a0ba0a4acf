"""What comparing capture points yields: clocks, journeys of conversations, and what each hop did to the packets.

Plain records; `assemble.py` fills them, and `hops.py` builds what a hop did to one conversation when it is first asked for. All
times are nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def no_rows() -> Rows:
    """An empty set of rows."""
    return np.zeros(0, dtype=np.int64)


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

    `what` is one of: source_address, destination_address, mss, options, ttl, tos, ip_id, window, ack_field, sequence_shift.
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
    """One direction of one conversation over one hop. Rows are rows of the sending and the receiving point's packet table.

    Every row of this direction at the sending point is in exactly one of `sent`, `merged`, `lost`, `missed`, `outside`,
    `twins` and `lost_acks`.
    """

    toward: str
    """`server` or `client`: where these packets were going."""
    sender: tuple[int, int]
    """(point, conversation) nearer to the packets' sender."""
    receiver: tuple[int, int]
    sent: Rows
    """Rows at the sending point that were found at the receiving point, one to one with `received`."""
    received: Rows
    merged: Rows = field(default_factory=no_rows)
    """Rows at the sending point whose bytes arrived in segments cut otherwise (TSO, GRO, RSC)."""
    lost: Rows = field(default_factory=no_rows)
    """Rows at the sending point that never arrived, or not whole, although the receiving point was capturing and would have seen them."""
    missed: Rows = field(default_factory=no_rows)
    """Rows at the sending point that the receiving capture lacks although their arrival is proven (its host acknowledged them)."""
    outside: Rows = field(default_factory=no_rows)
    """Rows at the sending point from when the receiving point was not capturing."""
    twins: Rows = field(default_factory=no_rows)
    """Rows at the sending point in which its capture holds a packet for the second time (mirror ports and filter drivers do that)."""
    lost_acks: Rows = field(default_factory=no_rows)
    """Pure ACKs that never arrived: no proof of loss by themselves, since offload and ACK thinning drop them on purpose."""
    inserted: Rows = field(default_factory=no_rows)
    """Rows at the receiving point that the named sender's side never sent, although it was capturing."""
    delay_ns: NDArray[np.int64] = field(default_factory=no_rows)
    """One-way delay of each sent/received pair on the aligned clock; meaningful within the clocks' bounds."""
    lost_bytes: NDArray[np.int64] = field(default_factory=no_rows)
    """Of each row of `lost` the payload bytes that did not arrive: fewer than it has where a part of an offloaded segment arrived."""
    never: Rows = field(default_factory=no_rows)
    """Those of `lost` of which the receiving point shows no copy at all."""


class HopSource(Protocol):
    """Where a hop gets its flows from when it is first asked for them."""

    def flows(self, index: int) -> tuple[HopFlow, HopFlow]:
        """Both directions of the conversation pair `index`, toward the server first."""

    def changes(self, index: int) -> list[Change]:
        """Header fields that its two ends show differently."""


@dataclass(slots=True)
class Hop:
    """The stretch between two neighbouring points for one conversation; `near` is nearer to the client.

    `even` says that each point shows every packet that the other one does: nothing was lost, recut or inserted.
    """

    near: tuple[int, int]
    far: tuple[int, int]
    even: bool
    source: HopSource = field(repr=False)
    index: int = field(repr=False)
    _flows: tuple[HopFlow, HopFlow] | None = None
    _changes: list[Change] | None = None

    @property
    def flows(self) -> tuple[HopFlow, HopFlow]:
        """Both directions, toward the server first; built when first asked for."""
        if self._flows is None:
            self._flows = self.source.flows(self.index)
        return self._flows

    @property
    def to_server(self) -> HopFlow:
        """What the client's packets met."""
        return self.flows[0]

    @property
    def to_client(self) -> HopFlow:
        """What the server's packets met."""
        return self.flows[1]

    @property
    def changes(self) -> list[Change]:
        """Header fields that the two ends show differently; compared when first asked for."""
        if self._changes is None:
            self._changes = self.source.changes(self.index)
        return self._changes


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """A conversation without answer that one point shows and another lacks, although its packets had to pass there.

    `point` and `conversation` say where it was seen, `missing_at` is the point that lacks it, `rows` what the client sent while that point
    was surely capturing.
    """

    point: int
    conversation: int
    missing_at: int
    rows: Rows

    @property
    def toward(self) -> str:
        """Where the packets were going: whoever does not answer is a server."""
        return "server"


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

"""The records of an alignment."""

from __future__ import annotations

import numpy as np

from wireproof.align.journeys import Absent, Change, Clock, Hop, HopFlow, no_rows

SECOND = 1_000_000_000


class Source:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def flows(self, index: int) -> tuple[HopFlow, HopFlow]:
        self.asked += 1
        return tuple(HopFlow(toward, (0, index), (1, index), no_rows(), no_rows()) for toward in ("server", "client"))  # type: ignore[return-value]

    def changes(self, index: int) -> list[Change]:
        self.asked += 1
        return [Change("mss", "server", "1460", "1380", 1, index, index)]


def test_a_hop_asks_its_source_once_and_only_when_asked() -> None:
    source = Source()
    hop = Hop((0, 3), (1, 3), even=True, source=source, index=3)
    assert source.asked == 0
    assert (hop.to_server.toward, hop.to_client.toward) == ("server", "client")
    assert hop.flows[0].sender == (0, 3)
    assert source.asked == 1
    assert hop.changes == hop.changes
    assert source.asked == 2


def test_a_clock_moves_times_by_offset_and_drift() -> None:
    clock = Clock(offset_ns=-2 * SECOND, drift_ppm=100.0, epoch_ns=50 * SECOND)
    times = np.array([50 * SECOND, 60 * SECOND])
    assert clock.to_reference(times).tolist() == [48 * SECOND, 58 * SECOND + 1_000_000]


def test_who_is_absent_is_always_a_server() -> None:
    assert Absent(0, 1, 1, no_rows()).toward == "server"


def test_every_kind_of_row_starts_empty_and_apart() -> None:
    one, other = (HopFlow("server", (0, 0), (1, 0), no_rows(), no_rows()) for _ in range(2))
    assert one.lost is not other.lost
    assert all(
        len(getattr(one, kind)) == 0
        for kind in ("merged", "lost", "missed", "outside", "twins", "lost_acks", "inserted", "never")
    )

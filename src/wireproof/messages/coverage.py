"""What a capture leaves out of the conversations that it shows: one side of them, or segments that were acknowledged.

Takes a capture's tables; gives figures from the conversations' facts alone. Judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from wireproof.conversations.read import CaptureTables


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of TCP the capture shows.

    `going` are conversations in which a side went on after its SYN, `one_sided` those of them without any packet of the
    other side. `data_packets` counts packets with payload, `unseen` ACKs for data that the capture lacks, and `gaps` segments
    before which something is missing that never came.
    """

    going: NDArray[np.int64]
    one_sided: NDArray[np.int64]
    data_packets: int
    unseen: int
    gaps: int

    @property
    def is_one_sided(self) -> bool:
        """Whether the capture as a whole shows one direction only, so that a missing answer means nothing."""
        return len(self.one_sided) > 0 and 2 * len(self.one_sided) >= len(self.going)


def measure_coverage(tables: CaptureTables) -> Coverage:
    """Look at all TCP conversations."""
    conversations = tables.conversations
    # Fields are taken from the records one by one: copying whole records of 80,000 conversations takes a tenth of a second.
    is_tcp, sides = conversations.is_tcp, conversations.facts["sides"]
    packets = sides["packets"].astype(np.int64)
    # A SYN, its repeats and a reset need no other side; two further segments need its acknowledgments.
    going = is_tcp & (packets - sides["syns"] - sides["rsts"] >= 2).any(axis=1)
    return Coverage(
        going=np.flatnonzero(going),
        one_sided=np.flatnonzero(going & (packets == 0).any(axis=1)),
        data_packets=int(sides["data_packets"][is_tcp].sum()),
        unseen=int(sides["ack_lost_segments"].sum()),
        gaps=int(sides["lost_segments"].sum()),
    )

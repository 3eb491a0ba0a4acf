"""Payload sizes that crossed a hop in one direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.rules.evidence import joined

if TYPE_CHECKING:
    from wireproof.rules.path._hops import Way


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many packets with payload arrived, the largest payload, and the sizes as text."""

    count: int
    largest: int
    listing: str


def delivered_sizes(way: Way) -> Sizes:
    """Sizes of the payloads that arrived, as the receiving point shows them.

    What the sending host cut late (TSO) shows as it crossed the path there; what the receiving host merged (GRO, RSC) looks larger than it
    was.
    """
    lengths = way.receiver.packets.length[way.arriving]
    sizes = np.unique(lengths)
    text = joined([f"{size:,}" for size in sizes.tolist()], 6) if len(sizes) <= 6 else f"{sizes[0]:,} to {sizes[-1]:,}"
    return Sizes(len(lengths), int(sizes[-1]) if len(sizes) else 0, text)

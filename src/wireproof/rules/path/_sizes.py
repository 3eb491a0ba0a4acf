"""Payload sizes that crossed a hop in one direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wireproof.rules.evidence import joined
from wireproof.rules.path._hops import Way


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many packets with payload arrived, the largest payload, and the sizes as text."""

    count: int
    largest: int
    listing: str


def delivered_sizes(way: Way) -> Sizes:
    """Sizes of the payloads that arrived, as the receiving point shows them: there offload has not merged what was sent apart.

    Segments that the receiving host merged are left out, since nobody can tell the sizes that crossed the path.
    """
    lengths = way.receiver.packets.length[way.flow.received]
    sizes = np.unique(lengths[lengths > 0])
    text = joined([f"{size:,}" for size in sizes.tolist()], 4) if len(sizes) <= 6 else f"{sizes[0]:,} to {sizes[-1]:,}"
    return Sizes(int((lengths > 0).sum()), int(sizes[-1]) if len(sizes) else 0, text)

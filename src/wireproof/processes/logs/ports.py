"""Ports that a host counts through: after a round the same connections seem to be there again, at another time.

Takes times and ports of connections; gives how much each one says about when they were. Knows no log.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np

from wireproof.processes.logs.zones import SECOND, ZONES_S

ROUND = 16_384
"""Ports that Windows gives out, 49152 to 65535, before it begins again; other systems have more."""
COUNTED, NARROW = 0.9, ROUND // 4
"""Part of the steps from one connection to the next that rise where ports are counted; ports at random soon lie further apart."""
REGULAR = 0.1
"""Deviation of the gaps between connections, as a part of their mean, below which they come by the clock: such gaps tell nothing."""


def gap_share(moments: Iterable[tuple[int, int]], spread_s: float) -> float:
    """How likely a connection of another round fits as well, within `spread_s` of its place among the others; 0 where no round ends in time.

    `moments` are (ns, port) of connections. A round that takes longer than all zones are wide can't be mistaken for a zone.
    """
    ordered = sorted(set(moments))
    steps = [(later[0] - one[0], later[1] - one[1]) for one, later in itertools.pairwise(ordered)]
    ports = [port for _, port in steps if port]
    counted = sum(port for port in ports if port > 0)
    if not ports or counted > NARROW or sum(port > 0 for port in ports) < COUNTED * len(ports):
        return 0.0
    seconds = (ordered[-1][0] - ordered[0][0]) / SECOND
    if seconds * ROUND > counted * (ZONES_S[1] - ZONES_S[0]):
        return 0.0
    gaps = [time_ns / SECOND for time_ns, port in steps if port]
    mean = float(np.mean(gaps))
    if len(gaps) < 3 or float(np.std(gaps)) < REGULAR * mean:
        return 1.0
    return min(1.0, 2 * max(spread_s, 0.001) / mean) if mean else 1.0

"""Columns folded into one 64-bit number a row, so that rows with equal fields are found by sorting one column.

Takes and gives arrays; knows no packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
ODD = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio: spreads small differences over all bits (Knuth, The Art of Computer Programming 6.4)."""


def mix(parts: Sequence[NDArray[Any]]) -> Keys:
    """Fold integer columns of equal length. Rows that differ get different numbers but for a chance of about 2^-64."""
    mixed = np.zeros(len(parts[0]), dtype=np.uint64)
    for part in parts:
        mixed ^= part.astype(np.uint64)
        mixed *= ODD
        mixed ^= mixed >> np.uint64(29)
    mixed *= ODD
    return mixed ^ (mixed >> np.uint64(32))

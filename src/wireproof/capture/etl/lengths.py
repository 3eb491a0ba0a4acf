"""Lengths of packets on the wire, where the log does not state them: `netsh trace` can cut packets without saying so.

Takes frames as bytes, gives lengths from their IP headers (RFC 791, RFC 8200). Reads nothing else of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl.packets import ETHERNET, RAW_IP

IPV4, IPV6 = 0x0800, 0x86DD
ETHERNET_HEADER = 14
IPV6_HEADER = 40


def infer_lengths(
    data: NDArray[np.uint8], position: NDArray[Any], captured: NDArray[Any], link: NDArray[Any]
) -> NDArray[np.uint32]:
    """The length on the wire of each frame at `position`: as captured, or more where its IP header says so.

    Only lengths beyond the captured one count: a segment that the adapter was still to cut has too small a one, and short frames are
    padded.
    """
    lengths = captured.astype(np.int64)
    start = np.where(link == ETHERNET, ETHERNET_HEADER, 0)
    readable = ((link == ETHERNET) | (link == RAW_IP)) & (captured >= start + 6)
    rows = np.flatnonzero(readable)
    at = position[rows].astype(np.int64)
    network = at + start[rows]
    version = data[network] >> 4
    kind = np.where(
        link[rows] == ETHERNET, _number(data, np.maximum(network - 2, 0)), np.where(version == 4, IPV4, IPV6)
    )
    is_4, is_6 = (kind == IPV4) & (version == 4), (kind == IPV6) & (version == 6)
    total = np.where(is_4, _number(data, network + 2), np.where(is_6, _number(data, network + 4) + IPV6_HEADER, 0))
    lengths[rows] = np.maximum(lengths[rows], np.where(total, start[rows] + total, 0))
    return lengths.astype(np.uint32)


def _number(data: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The 16-bit numbers at `at`."""
    return data[at].astype(np.int64) << 8 | data[at + 1]

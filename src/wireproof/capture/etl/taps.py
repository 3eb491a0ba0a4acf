"""Makes packets of what PktMon saw where it does not number them: one component an adapter, and drops tied to what they dropped.

Windows since 11 gives each appearance of a packet a number of its own. Takes rows of PACKET_DTYPE, gives Appearances. Knows no layout of
events.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl.choose import LINK_ORDER, Appearances
from wireproof.capture.etl.components import Component, Components, depths

DROP_SECONDS = 0.05
"""A drop is logged so soon after the packet was seen at the adapter, or it is another packet with the same bytes."""


def choose_taps(seen: NDArray[Any], components: Components, ticks_per_second: int) -> Appearances:
    """The packets at one edge of one component for each adapter, and packets that were dropped before they came there.

    The edge is one that shows Ethernet frames, saw the most packets, and is nearest to the adapter.
    """
    is_drop = np.asarray(seen["is_drop"])
    packets, drops = seen[~is_drop], seen[is_drop]
    packets = packets[at_taps(packets, components)]
    drops = drops[np.argsort(drops["ticks"], kind="stable")]
    window = int(DROP_SECONDS * ticks_per_second)
    row = find_dropped(packets, drops, window)
    alone = np.flatnonzero(row < 0)
    # The same packet can be dropped by several layers: the first of its drops stands for it.
    same = find_dropped(drops[alone], drops[alone], window, itself=True)
    number = np.cumsum(same == np.arange(len(alone))) - 1
    row[alone] = len(packets) + number[same]
    added = drops[alone][same == np.arange(len(alone))]
    return Appearances(np.concatenate([packets, added]), drops, row)


def tie_lonely_drops(seen: Appearances, ticks_per_second: int) -> Appearances:
    """Ties drops whose packet PktMon numbered anew to the packet with the same bytes, where that was seen just before."""
    is_drop = np.asarray(seen.chosen["is_drop"])
    lonely, others = np.flatnonzero(is_drop), np.flatnonzero(~is_drop)
    match = find_dropped(seen.chosen[others], seen.chosen[lonely], int(DROP_SECONDS * ticks_per_second))
    tied = lonely[match >= 0]
    row = np.arange(len(is_drop))
    row[tied] = others[match[match >= 0]]
    keep = np.ones(len(is_drop), np.bool_)
    keep[tied] = False
    number = np.cumsum(keep) - 1
    return Appearances(seen.chosen[keep], seen.drops, number[row[seen.dropped_row]])


def at_taps(packets: NDArray[Any], components: Components) -> NDArray[np.bool_]:
    """Which packets were seen at the edge that is chosen for their adapter."""
    keys = packets["upper"].astype(np.int64) << 32 | packets["lower"].astype(np.int64) << 8 | packets["link"]
    found, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    depth = depths(components)
    best: dict[int, tuple[tuple[int, ...], int]] = {}
    for index, (key, count) in enumerate(zip(found.tolist(), counts.tolist(), strict=True)):
        component, edge, link = key >> 32, key >> 8 & 0xFF_FFFF, key & 0xFF
        adapter = components.get(component, Component()).adapter
        rank = (int(LINK_ORDER[link]), -count, depth.get(component, len(depth)), -edge)
        best[adapter] = min(best.get(adapter, (rank, index)), (rank, index))
    chosen = np.zeros(len(found), np.bool_)
    chosen[[index for _, index in best.values()]] = True
    return chosen[inverse.reshape(-1)]


def find_dropped(packets: NDArray[Any], drops: NDArray[Any], window: int, *, itself: bool = False) -> NDArray[np.int64]:
    """For each drop the packet with the same bytes that was seen last before it, at most `window` ticks; -1 for none.

    With `itself` both are the same rows, and the first one of a row of such packets is found.
    """
    content = np.concatenate([packets["content"], drops["content"]])
    ticks = np.concatenate([packets["ticks"], drops["ticks"]])
    is_drop = np.arange(len(content)) >= len(packets)
    order = np.lexsort((is_drop, ticks, content))
    groups = (
        np.concatenate([[True], content[order][1:] != content[order][:-1]]) if len(order) else np.zeros(0, np.bool_)
    )
    if itself:
        near = np.concatenate([[False], np.diff(ticks[order]) <= window]) if len(order) else groups
        starts = (groups | ~near) & ~is_drop[order]
    else:
        starts = ~is_drop[order]
    steps = np.arange(len(order))
    last = np.maximum.accumulate(np.where(starts, steps, -1))
    # What was found must lie in the same group of equal bytes.
    group_start = np.maximum.accumulate(np.where(groups, steps, 0))
    good = (last >= group_start) & (itself | (ticks[order] - ticks[order][np.maximum(last, 0)] <= window))
    found = np.full(len(content), -1, np.int64)
    found[order] = np.where(good, order[np.maximum(last, 0)], -1)
    return found[len(packets) :]

"""A packet traced back to where it set out: the same bytes at every point nearer to their sender.

With three or more points a loss is proven between two of them, but whoever reads the finding looks at the sending host's capture first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wireproof.align.journeys import HopFlow
    from wireproof.case import Case, Point
    from wireproof.rules.path._hops import Way

EARLIER_NS = 2_000_000_000
"""How much sooner than at the later point a recut packet may have passed the earlier one."""


def trace_back(way: Way, row: int) -> list[tuple[Point, int]]:
    """(point, row) of a row of the sending point at all points before it, the nearest to the sender first."""
    found: list[tuple[Point, int]] = []
    for flow in _flows_before(way):
        before = _row_before(way.case, flow, row)
        if before is None:
            break
        row = before
        found.insert(0, (way.case.points[flow.sender[0]], row))
    return found


def _flows_before(way: Way) -> list[HopFlow]:
    """The same direction over the hops that these packets crossed before, the latest first."""
    toward_server = way.flow.toward == "server"
    hops = way.journey.hops if toward_server else way.journey.hops[::-1]
    place = next(index for index, hop in enumerate(hops) if hop is way.hop)
    return [hop.to_server if toward_server else hop.to_client for hop in hops[:place]][::-1]


def _row_before(case: Case, flow: HopFlow, row: int) -> int | None:
    """The row at the flow's sending point that arrived as `row`: joined, or cut otherwise on the way."""
    place = np.flatnonzero(flow.received == row)
    if len(place):
        return int(flow.sent[place[0]])
    return _recut_row(case, flow, row)


def _recut_row(case: Case, flow: HopFlow, row: int) -> int | None:
    """The latest row sent before whose bytes include the first byte of `row`."""
    sender, receiver = case.points[flow.sender[0]], case.points[flow.receiver[0]]
    rows = np.sort(np.concatenate([flow.merged, flow.lost]))
    if not len(rows) or receiver.packets.protocol[row] != 6:
        return None
    shift = sequence_shift(sender, receiver, flow)
    ahead = (receiver.packets.seq[row] - shift - sender.packets.seq[rows]).astype(np.uint32)
    clocks = case.alignment.clocks
    sent = clocks[flow.sender[0]].to_reference(sender.packets.time_ns[rows])
    came = clocks[flow.receiver[0]].to_reference(receiver.packets.time_ns[row : row + 1])[0]
    holding = (ahead < np.maximum(sender.packets.length[rows], 1)) & (sent <= came) & (came - sent < EARLIER_NS)
    return int(rows[holding][-1]) if holding.any() else None


def sequence_shift(sender: Point, receiver: Point, flow: HopFlow) -> np.uint32:
    """What the path added to sequence numbers, from a packet that both points show."""
    for row, there in zip(flow.sent[:1].tolist(), flow.received[:1].tolist(), strict=True):
        return np.uint32((int(receiver.packets.seq[there]) - int(sender.packets.seq[row])) & 0xFFFFFFFF)
    return np.uint32(0)

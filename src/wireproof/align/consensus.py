"""Pairs that numbers alone don't prove must agree on one clock: what merely looks alike is no conversation seen twice.

Takes candidate pairs of two points; says which to keep. Pairs with the same addresses and sequence numbers are believed, and set the
clock offset where there are any; the others have to fall under it, or to make a good case for one of their own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wireproof.align.contents import MATCHED_SHARE
from wireproof.align.match import Match
from wireproof.align.pairs import BOTH_NUMBERS, ONE_NUMBER, SAME_ENDS, SAME_NUMBER, Ints, Mask, Pairs
from wireproof.conversations import CaptureTables
from wireproof.limits import limit

SLACK_S = limit(
    "align.offset_slack_s", 0.02, "Windows used to stamp packets every 15.6 ms, and a busy capturer stamps late"
)
AGREEING_SHARE = limit(
    "align.agreeing_share",
    0.3,
    "behind a real NAT nearly all pairs tell one clock; when few do, they are alike by chance",
)
CLOCKS_ALIKE_S = limit(
    "align.clocks_alike_s",
    5,
    "hosts that keep time are off by less; likeness at one time of day on both clocks is no chance",
)
AGREEING_PAIRS = limit(
    "align.agreeing_pairs", 3, "one conversation that is alike at another time may be a repeat of the same work"
)
STEADY_S = limit(
    "align.steady_s", 10, "two runs of one script drift apart within seconds; one run seen twice keeps its distance"
)
STEADY_PACKETS = 10
DRIFT_PPM = 100
"""Allowance for clocks that run apart during the captures."""
ONE_WAY_S = 1.0
"""Half width of what a pair says whose packets all go one way: the delay itself is not known then."""
SURE_WEIGHT = 1_000_000
SURE_ASKED = 2000
"""Believed pairs that are asked for the offset; more would say the same."""
TCP = 6


def find_agreeing(one: CaptureTables, other: CaptureTables, pairs: Pairs, match: Match) -> Mask:
    """Which pairs to keep: the sure ones, and those whose packets mostly match and tell the offset that the rest agree on."""
    rows, there = match.joined()
    pair = match.pair_of[0][one.packets.conversation[rows]].astype(np.int64)
    joined = np.bincount(pair, minlength=len(pairs))
    sure = _is_sure(one, pairs, joined)
    if sure.all():
        return sure
    asked = ~sure
    asked[np.flatnonzero(sure)[:: max(1, int(sure.sum()) // SURE_ASKED)]] = True
    chosen = asked[pair]
    difference = (other.packets.time_ns[there[chosen]] - one.packets.time_ns[rows[chosen]]).astype(np.float64)
    toward = 2 * pair[chosen] + (one.packets.direction[rows[chosen]] == 1)
    low, high = _offset_ranges(toward, difference, len(pairs), _span_ns(one))
    weights = np.where(asked & _mostly_match(one, other, match, joined), joined, 0)
    weights = np.where(sure, weights * SURE_WEIGHT, weights)
    agreed = _most_covered(low, high, weights)
    fits = (weights > 0) & (low <= agreed) & (agreed <= high)
    if (sure & fits).any():
        return np.asarray(sure | fits)
    numbered = fits & np.isin(pairs.how, (BOTH_NUMBERS, ONE_NUMBER))
    most = weights[fits].sum() >= AGREEING_SHARE.value * weights.sum()
    alike = abs(agreed) <= CLOCKS_ALIKE_S.value * 1e9 or fits.sum() >= AGREEING_PAIRS.value
    if most and (
        numbered.any() or alike or any(_is_steady(one, other, match, int(index)) for index in np.flatnonzero(fits))
    ):
        return np.asarray(sure | fits)
    return sure


def _is_sure(one: CaptureTables, pairs: Pairs, joined: Ints) -> Mask:
    """Equal ends and equal sequence numbers: by the SYN, or by packets found at both points."""
    tcp = one.conversations.is_tcp[pairs.first]
    return np.asarray((pairs.how == SAME_NUMBER) | (tcp & (pairs.how == SAME_ENDS) & (joined > 0)))


def _mostly_match(one: CaptureTables, other: CaptureTables, match: Match, joined: Ints) -> Mask:
    """Whether most packets of the point that shows fewer of them were found at the other."""
    shown = []
    for side, tables in enumerate((one, other)):
        pair = match.pair_of[side][tables.packets.conversation[match.left(side)]]
        shown.append(joined + np.bincount(pair, minlength=len(joined)))
    return np.asarray((joined > 0) & (joined >= MATCHED_SHARE.value * np.minimum(*shown)))


def _span_ns(tables: CaptureTables) -> float:
    times = tables.packets.time_ns
    return float(times.max() - times.min()) if len(times) else 0.0


def _offset_ranges(
    toward: Ints, difference: NDArray[np.float64], pairs: int, span_ns: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Between which clock offsets each pair's packets put the truth. `toward` is twice the pair, plus the direction.

    Packets of one direction show offset plus delay, those of the other offset minus delay: the truth lies between the two medians.
    """
    medians = _medians(toward, difference, 2 * pairs).reshape(-1, 2)
    single = np.isnan(medians).any(axis=1)
    margin = np.where(single, ONE_WAY_S * 1e9, 0) + SLACK_S.value * 1e9 + span_ns * DRIFT_PPM / 1e6
    filled = np.where(np.isnan(medians), medians[:, ::-1], medians)
    return filled.min(axis=1) - margin, filled.max(axis=1) + margin


def _medians(group: Ints, values: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    """Median of each group's values; NaN for an empty one."""
    counts = np.bincount(group, minlength=groups)
    ordered = values[np.lexsort((values, group))]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    result = np.full(groups, np.nan)
    filled = counts > 0
    result[filled] = ordered[(starts + counts // 2)[filled]]
    return result


def _most_covered(low: NDArray[np.float64], high: NDArray[np.float64], weights: Ints) -> float:
    """The offset that the ranges of most packets contain: a sweep over the ranges' ends."""
    known = weights > 0
    if not known.any():
        return 0.0
    edges = np.concatenate([low[known], high[known]])
    steps = np.concatenate([weights[known], -weights[known]])
    order = np.lexsort((-steps, edges))
    best = int(np.argmax(np.cumsum(steps[order])))
    return float((edges[order][best] + edges[order][min(best + 1, len(order) - 1)]) / 2)


def _is_steady(one: CaptureTables, other: CaptureTables, match: Match, pair: int) -> bool:
    """Whether the packets of a pair keep one distance in time over a long while."""
    number = int(np.flatnonzero(match.pair_of[0] == pair)[0])
    rows = one.conversations.rows(number)
    rows = rows[match.partner[rows] >= 0]
    times = one.packets.time_ns[rows]
    if len(rows) < STEADY_PACKETS or times.max() - times.min() < STEADY_S.value * 1e9:
        return False
    apart = other.packets.time_ns[match.partner[rows]] - times
    spread = [
        np.subtract(*np.quantile(apart[one.packets.direction[rows] == side], (0.75, 0.25)))
        for side in np.unique(one.packets.direction[rows])
    ]
    return bool(max(spread) <= SLACK_S.value * 1e9 + (times.max() - times.min()) * DRIFT_PPM / 1e6)

"""Pairs that other addresses make doubtful must agree on one clock: a device that numbers or answers alike is no NAT.

Takes candidate pairs of two points; gives those whose packets all tell the same clock offset. Pairs with the same addresses are
believed; they set the offset where there are any, else the offset under which most packets fall does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wireproof.align.match import Match
from wireproof.align.pairs import TalkPair
from wireproof.conversations import CaptureTables
from wireproof.limits import limit

SLACK_S = limit("align.offset_slack_s", 0.02, "Windows used to stamp packets every 15.6 ms, and a busy capturer stamps late")
AGREEING_SHARE = limit(
    "align.agreeing_share", 0.3, "behind a real NAT nearly all pairs tell one clock; when few do, they are alike by chance"
)
MATCHED_SHARE = limit(
    "align.matched_share", 0.5, "two conversations that share a payload by chance share little else; real ones lose few packets"
)
DRIFT_PPM = 100
"""Allowance for clocks that run apart during the captures."""
ONE_WAY_S = 1.0
"""Half width of what a pair says whose packets all go one way: the delay itself is not known then."""
SURE_WEIGHT = 1_000_000


def keep_agreeing(one: CaptureTables, other: CaptureTables, pairs: list[TalkPair], match: Match) -> list[TalkPair]:
    """Drop pairs through NAT whose packets contradict the offset that the rest agree on, or mostly do not match."""
    if all(pair.same_ends for pair in pairs):
        return pairs
    low, high, weights = _offset_ranges(one, other, len(pairs), match)
    weights = np.where(_mostly_match(match, weights), weights, 0)
    sure = np.array([pair.same_ends for pair in pairs])
    weights = np.where(sure, weights * SURE_WEIGHT, weights)
    agreed = _most_covered(low, high, weights)
    fits = (weights > 0) & (low <= agreed) & (agreed <= high)
    if not sure.any() and weights[fits].sum() < AGREEING_SHARE.value * weights.sum():
        return []
    return [pair for pair, kept in zip(pairs, (fits | sure).tolist(), strict=True) if kept]


def _mostly_match(match: Match, joined: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether most packets of the point that shows fewer of them were found at the other."""
    shown = [np.bincount(side.pair, minlength=len(joined)) for side in (match.first, match.second)]
    return joined >= MATCHED_SHARE.value * np.minimum(shown[0], shown[1])


def _offset_ranges(
    one: CaptureTables, other: CaptureTables, pairs: int, match: Match
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Between which clock offsets each pair's packets put the truth, and how many packets say so.

    Packets of one direction show offset plus delay, those of the other offset minus delay: the truth lies between the two medians.
    """
    pair, role = match.first.pair[match.first_index], match.first.role[match.first_index]
    times = one.packets.time_ns[match.first.rows[match.first_index]]
    difference = (other.packets.time_ns[match.second.rows[match.second_index]] - times).astype(np.float64)
    medians = _medians(pair * 2 + role, difference, 2 * pairs).reshape(-1, 2)
    slack = SLACK_S.value * 1e9 + (float(times.max() - times.min()) if len(times) else 0.0) * DRIFT_PPM / 1e6
    single = np.isnan(medians).any(axis=1)
    margin = np.where(single, ONE_WAY_S * 1e9, 0) + slack
    filled = np.where(np.isnan(medians), medians[:, ::-1], medians)
    weights = np.bincount(pair, minlength=pairs)
    return filled.min(axis=1) - margin, filled.max(axis=1) + margin, weights


def _medians(group: NDArray[np.int64], values: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    """Median of each group's values; NaN for an empty one."""
    counts = np.bincount(group, minlength=groups)
    ordered = values[np.lexsort((values, group))]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    result = np.full(groups, np.nan)
    filled = counts > 0
    result[filled] = ordered[(starts + counts // 2)[filled]]
    return result


def _most_covered(low: NDArray[np.float64], high: NDArray[np.float64], weights: NDArray[np.int64]) -> float:
    """The offset that the ranges of most packets contain: a sweep over the ranges' ends."""
    known = weights > 0
    if not known.any():
        return 0.0
    edges = np.concatenate([low[known], high[known]])
    steps = np.concatenate([weights[known], -weights[known]])
    order = np.lexsort((-steps, edges))
    best = int(np.argmax(np.cumsum(steps[order])))
    return float((edges[order][best] + edges[order][min(best + 1, len(order) - 1)]) / 2)

"""Pairs that numbers alone don't prove must agree on one clock: what merely looks alike is no conversation seen twice.

Takes candidate pairs of two points; says which to keep. Pairs with the same addresses and sequence numbers are believed, and set the
clock offset where there are any; the others have to fall under it, or to make a good case for one of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.contents import MATCHED_SHARE
from wireproof.align.pairs import (
    BOTH_NUMBERS,
    ONE_NUMBER,
    SAME_ENDS,
    SAME_NUMBER,
    STATED_NAT,
    USED_AGAIN,
    Ints,
    Mask,
    Pairs,
)
from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.align.match import Match
    from wireproof.conversations import CaptureTables

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
SPREAD_S = limit(
    "align.spread_s",
    0.05,
    "queues move the delay of half the packets by less; a person or a program never repeats its pauses so exactly",
)
STEADY_PACKETS = 10
DRIFT_PPM = 100
"""Allowance for clocks that run apart during the captures."""
ONE_WAY_S = 1.0
"""Half width of what a pair says whose packets all go one way: the delay itself is not known then."""
SURE_WEIGHT = 1_000_000
SURE_ASKED = 2000
"""Believed pairs that are asked for the offset; more would say the same."""
NEVER = np.iinfo(np.int64).max
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Offsets:
    """Between which clock offsets each pair's packets put the truth, and how far the offsets of half of its packets lie apart."""

    low: Floats
    high: Floats
    spread: Floats


def find_agreeing(one: CaptureTables, other: CaptureTables, pairs: Pairs, match: Match) -> Mask:
    """Which pairs to keep: the sure ones, and those whose packets mostly match and tell the offset that the rest agree on."""
    rows, there = match.joined()
    pair = match.pair[0][rows].astype(np.int64)
    joined = np.bincount(pair, minlength=len(pairs))
    sure = _is_sure(one, pairs, joined) | ((pairs.how == STATED_NAT) & _mostly_match(match, joined))
    if sure.all():
        return np.asarray(sure)
    asked = ~sure
    asked[np.flatnonzero(sure)[:: max(1, int(sure.sum()) // SURE_ASKED)]] = True
    chosen = asked[pair]
    difference = (other.packets.time_ns[there[chosen]] - one.packets.time_ns[rows[chosen]]).astype(np.float64)
    toward = 2 * pair[chosen] + (one.packets.direction[rows[chosen]] == 1)
    told = _tell_offsets(toward, difference, len(pairs), _span_ns(one))
    weights = np.where(asked & _mostly_match(match, joined), joined, 0)
    weights = np.where(sure, weights * SURE_WEIGHT, weights)
    agreed = _most_covered(told.low, told.high, weights)
    fits = (weights > 0) & (told.low <= agreed) & (agreed <= told.high)
    if (sure & fits).any() or abs(agreed) <= CLOCKS_ALIKE_S.value * 1e9:
        return np.asarray(sure | (fits & _most_agree(fits, weights)))
    return np.asarray(sure | (_no_chance(one, pairs, fits, told, joined) & _most_agree(fits, weights)))


def _most_agree(fits: Mask, weights: Ints) -> bool:
    return bool(weights[fits].sum() >= AGREEING_SHARE.value * weights.sum())


def _no_chance(one: CaptureTables, pairs: Pairs, fits: Mask, told: Offsets, joined: Ints) -> Mask:
    """Of the pairs that agree on an offset which clocks seldom have, those that are no likeness by chance; none if they are too few.

    Two runs of one script may say the same with the same pauses once, but not several times over or for long.
    """
    numbered = fits & np.isin(pairs.how, (BOTH_NUMBERS, ONE_NUMBER))
    steady = fits & (told.spread <= SPREAD_S.value * 1e9)
    sides = one.conversations.facts["sides"][pairs.first]
    lasted = sides["last_ns"].max(axis=1) - np.where(sides["packets"] > 0, sides["first_ns"], NEVER).min(axis=1)
    lasting = steady & (lasted >= STEADY_S.value * 1e9) & (joined >= STEADY_PACKETS)
    if numbered.any() or lasting.any() or steady.sum() >= AGREEING_PAIRS.value:
        return np.asarray(numbered | steady)
    return np.zeros(len(pairs), dtype=bool)


def _is_sure(one: CaptureTables, pairs: Pairs, joined: Ints) -> Mask:
    """Equal ends and equal sequence numbers: by the SYN, or by packets found at both points."""
    tcp = one.conversations.is_tcp[pairs.first]
    return np.asarray((pairs.how == SAME_NUMBER) | (tcp & np.isin(pairs.how, (SAME_ENDS, USED_AGAIN)) & (joined > 0)))


def _mostly_match(match: Match, joined: Ints) -> Mask:
    """Whether most packets of the point that shows fewer of them were found at the other."""
    shown = [joined + np.bincount(match.pair[side][match.left(side)], minlength=len(joined)) for side in (0, 1)]
    return np.asarray((joined > 0) & (joined >= MATCHED_SHARE.value * np.minimum(*shown)))


def _span_ns(tables: CaptureTables) -> float:
    times = tables.packets.time_ns
    return float(times.max() - times.min()) if len(times) else 0.0


def _tell_offsets(toward: Ints, difference: Floats, pairs: int, span_ns: float) -> Offsets:
    """What each pair tells. `toward` is twice the pair, plus the direction.

    Packets of one direction show offset plus delay, those of the other offset minus delay: the truth lies between the two medians.
    """
    medians, spreads = (values.reshape(-1, 2) for values in _medians(toward, difference, 2 * pairs))
    single = np.isnan(medians).any(axis=1)
    drift = span_ns * DRIFT_PPM / 1e6
    margin = np.where(single, ONE_WAY_S * 1e9, 0) + SLACK_S.value * 1e9 + drift
    filled = np.where(np.isnan(medians), medians[:, ::-1], medians)
    return Offsets(filled.min(axis=1) - margin, filled.max(axis=1) + margin, spreads.max(axis=1) - drift)


def _medians(group: Ints, values: Floats, groups: int) -> tuple[Floats, Floats]:
    """Median of each group's values, NaN for an empty one, and the distance of its quartiles, 0 for an empty one."""
    counts = np.bincount(group, minlength=groups)
    ordered = values[np.lexsort((values, group))]
    starts = np.cumsum(counts) - counts
    medians, spreads, filled = np.full(groups, np.nan), np.zeros(groups), counts > 0
    medians[filled] = ordered[(starts + counts // 2)[filled]]
    spreads[filled] = ordered[(starts + 3 * counts // 4)[filled]] - ordered[(starts + counts // 4)[filled]]
    return medians, spreads


def _most_covered(low: Floats, high: Floats, weights: Ints) -> float:
    """The offset that the ranges of most packets contain: a sweep over the ranges' ends."""
    known = weights > 0
    if not known.any():
        return 0.0
    edges = np.concatenate([low[known], high[known]])
    steps = np.concatenate([weights[known], -weights[known]])
    order = np.lexsort((-steps, edges))
    best = int(np.argmax(np.cumsum(steps[order])))
    return float((edges[order][best] + edges[order][min(best + 1, len(order) - 1)]) / 2)

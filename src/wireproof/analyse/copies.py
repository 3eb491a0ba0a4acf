"""What lies in a folder twice: the same file under two names, and captures that hold nothing but frames of another one.

Takes files, or the tables of captures; gives which repeats which. A ticket often has a cut copy, an excerpt, or a conversion of a capture:
none of them is a point of its own.
"""

from __future__ import annotations

import filecmp
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

RANKS = ("etl", "netmon")
"""Formats that say more than others of the same frames: processes, and events of the host."""
RESOLUTION_NS = 1_000
"""Programs that convert captures write microseconds."""
STARTS = 16
"""Places at which a part may begin that are looked at."""
SAME = ("original", "seq", "ip_id")


def find_same(files: Iterable[Path]) -> dict[Path, Path]:
    """Files that have the bytes of one before them, each with that one. Empty files are left out; so is what can't be read."""
    by_size: dict[int, list[Path]] = defaultdict(list)
    found: dict[Path, Path] = {}
    for file in files:
        try:
            size = file.stat().st_size
            first = next((other for other in by_size[size] if filecmp.cmp(other, file, shallow=False)), None)
        except OSError:
            continue
        if first is None or not size:
            by_size[size].append(file)
        else:
            found[file] = first
    return found


def find_parts(captures: Sequence[CaptureTables]) -> dict[int, int]:
    """Captures all of whose frames another one holds: place to the place of that one. Of equal ones the format that says most is kept."""
    order = sorted(range(len(captures)), key=lambda place: _rank(captures[place], place))
    kept: list[int] = []
    parts: dict[int, int] = {}
    for place in order:
        whole = next((other for other in kept if _holds(captures[other], captures[place])), None)
        if whole is None:
            kept.append(place)
        else:
            parts[place] = whole
    return parts


def _rank(tables: CaptureTables, place: int) -> tuple[int, int, int]:
    name = tables.capture.format
    return -tables.packets.frames, RANKS.index(name) if name in RANKS else len(RANKS), place


def _holds(whole: CaptureTables, part: CaptureTables) -> bool:
    """Whether a capture has all frames of another: in one run, or as the whole of some conversations in the time of the part."""
    frames = part.packets.frames
    if not 0 < frames <= whole.packets.frames:
        return False
    times, own = whole.packets.time_ns[: whole.packets.frames], part.packets.time_ns[:frames]
    # Captures of other points hardly ever have three frames at the same microseconds: most pairs cost no more than this.
    if any(int(np.abs(times - own[place]).min()) > RESOLUTION_NS for place in (0, frames // 2, frames - 1)):
        return False
    return _is_run(whole, part) or _is_excerpt(whole, part)


def _is_run(whole: CaptureTables, part: CaptureTables) -> bool:
    frames, own = part.packets.frames, part.packets.time_ns[: part.packets.frames]
    times = whole.packets.time_ns[: whole.packets.frames]
    last = len(times) - frames
    starts = np.flatnonzero(np.abs(times[: last + 1] - own[0]) < RESOLUTION_NS)[:STARTS]
    return any(
        bool((np.abs(times[start : start + frames] - own) < RESOLUTION_NS).all())
        and all(
            np.array_equal(getattr(whole.packets, name)[start : start + frames], getattr(part.packets, name)[:frames])
            for name in SAME
        )
        for start in starts.tolist()
    )


def _is_excerpt(whole: CaptureTables, part: CaptureTables) -> bool:
    keys, own_keys = _keys(whole), _keys(part)
    chosen = np.isin(keys, own_keys)
    if not np.isin(own_keys, keys).all():
        return False
    frames, own = whole.packets.frames, part.packets.time_ns[: part.packets.frames]
    times, talks = whole.packets.time_ns[:frames], whole.packets.conversation[:frames]
    between = (times >= own.min()) & (times <= own.max()) & (talks >= 0)
    # A capture that was merged from several points has frames of the same conversations beside those of each point.
    return not (between & ~chosen & np.isin(talks, np.unique(talks[chosen]))).any()


def _keys(tables: CaptureTables) -> NDArray[np.uint64]:
    """A number for each frame that tells it from others: of time and header fields."""
    frames = tables.packets.frames
    keys = tables.packets.time_ns[:frames].astype(np.uint64)
    for name in SAME:
        keys = keys * np.uint64(0x9E3779B97F4A7C15) + getattr(tables.packets, name)[:frames].astype(np.uint64)
    return keys

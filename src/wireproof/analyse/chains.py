"""Files that a capturing program split one capture into, joined again: one point of the case, not several.

Takes opened inputs, gives them with chains joined. Knows no format but which ones come in chains.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.analyse.inputs import OpenedInput

CHAINED = "netmon"
"""The format whose program splits captures."""


def join_chains(opened: Sequence[OpenedInput]) -> list[OpenedInput]:
    """The inputs with the parts of each chain as one, at the place of its first part.

    Inputs that a case file names stay as they are: it states what is one point.
    """
    if not any(one.capture.format == CHAINED for one in opened):
        return list(opened)
    from wireproof.capture.netmon_chain import ChainedCapture, find_chains

    free = {id(one.capture): one for one in opened if not one.in_order}
    gone: set[int] = set()
    for chain in find_chains([one.capture for one in free.values()]):
        parts = [free[id(capture)] for capture in chain]
        first = parts[0]
        first.capture = ChainedCapture(chain, [part.size for part in parts])
        first.size = sum(part.size for part in parts)
        gone.update(id(part) for part in parts[1:])
    return [one for one in opened if id(one) not in gone]

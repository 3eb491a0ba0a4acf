"""The components of PktMon: adapters, filters and protocols that a packet passes, and which adapter each belongs to.

Takes rows of events and the bytes of their buffer. Knows the layout of PktMon's descriptions, no packet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl.container import unpack_texts

DESCRIPTION, PROPERTY = 20, 30

IF_INDEX, MINIPORT_IF_INDEX, LOWER_IF_INDEX, NETWORK_IF_INDEX = 1, 2, 3, 14
"""Properties of a component: its own interface, that of the adapter below it, that of its next lower one, and that of an IP layer."""
NUMBERS = (IF_INDEX, MINIPORT_IF_INDEX, LOWER_IF_INDEX, NETWORK_IF_INDEX)
LONGEST_NAME = 256
MOST_LAYERS = 64
NO_ADAPTER = -1


@dataclass(slots=True)
class Component:
    """One component: the driver's file, its description, and those of its properties that are interface numbers."""

    driver: str = ""
    description: str = ""
    numbers: dict[int, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Driver and description, as pktmon shows them."""
        return ", ".join(text for text in (self.driver, self.description) if text)

    @property
    def adapter(self) -> int:
        """Interface number of the adapter that it belongs to; NO_ADAPTER when the log does not say."""
        for kind in (MINIPORT_IF_INDEX, IF_INDEX, NETWORK_IF_INDEX):
            if kind in self.numbers:
                return self.numbers[kind]
        return NO_ADAPTER


Components = dict[int, Component]


def take_components(data: NDArray[np.uint8], rows: NDArray[Any], components: Components) -> None:
    """Add to `components` what events of a buffer say of them."""
    for row in rows[(rows["id"] == DESCRIPTION) | (rows["id"] == PROPERTY)]:
        user = data[row["at"] : int(row["at"]) + int(row["size"])].tobytes()
        component = components.setdefault(int.from_bytes(user[:2], "little"), Component())
        kind = int.from_bytes(user[2:4], "little")
        if row["id"] == DESCRIPTION:
            component.driver, component.description = (text[:LONGEST_NAME] for text in unpack_texts(user[4:], 2))
        elif kind in NUMBERS:
            component.numbers[kind] = int.from_bytes(user[4:8], "little")


def depths(components: Components) -> dict[int, int]:
    """For each component how many others lie between it and its adapter, as far as their interface numbers tell."""
    below = {
        one.numbers[IF_INDEX]: one.numbers.get(LOWER_IF_INDEX) for one in components.values() if IF_INDEX in one.numbers
    }
    found = {}
    for number, component in components.items():
        depth = 0 if MINIPORT_IF_INDEX not in component.numbers else 1
        index = component.numbers.get(LOWER_IF_INDEX)
        while index is not None and depth < MOST_LAYERS:
            depth += 1
            index = below.get(index)
        # A protocol stands on top of all filters.
        found[number] = depth if depth == 0 or IF_INDEX in component.numbers else MOST_LAYERS + 1
    return found

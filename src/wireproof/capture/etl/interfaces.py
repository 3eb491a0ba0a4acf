"""The interfaces of an ETL log: miniports and filters (NDIS), ports of a virtual switch, remote access, components of PktMon.

Takes rows of packets and the names of components; gives `Interface`s and the number of each packet's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl.components import Component, Components
from wireproof.capture.etl.packets import FROM_NDIS, FROM_PKTMON, FROM_SWITCH
from wireproof.capture.frames import Interface

MOST_INTERFACES = 0xFFFF
TICKS_PER_SECOND = 10_000_000


def describe_interfaces(packets: NDArray[Any], components: Components) -> tuple[list[Interface], NDArray[np.int64]]:
    """The interfaces in the order in which their first packets come, and each packet's; those beyond the most have -1."""
    # A component of PktMon has several edges, which see the same packets.
    lower = np.where(packets["source"] == FROM_PKTMON, 0, packets["lower"]).astype(np.uint64)
    kind = packets["source"].astype(np.uint64) << np.uint64(8) | packets["link"]
    _, key = np.unique(kind << np.uint64(32) | packets["upper"], return_inverse=True)
    _, first, inverse = np.unique(
        key.astype(np.uint64) << np.uint64(32) | lower, return_index=True, return_inverse=True
    )
    found = packets[first]
    order = np.argsort(first, kind="stable")
    number = np.empty(len(found), np.int64)
    number[order] = np.arange(len(found))
    number[number >= MOST_INTERFACES] = -1
    described = [_describe(found[index], components) for index in order[:MOST_INTERFACES].tolist()]
    return described, number[inverse.reshape(-1)]


def _describe(packet: Any, components: Components) -> Interface:
    made = Interface(int(packet["link"]), ticks_per_second=TICKS_PER_SECOND)
    upper, lower = int(packet["upper"]), int(packet["lower"])
    if packet["source"] == FROM_PKTMON:
        component = components.get(upper) or Component(f"component {upper}")
        made.name, made.description = component.driver, component.description
    elif packet["source"] == FROM_NDIS:
        made.name = f"interface {upper}" if upper == lower else f"interface {upper}, layer {lower}"
    elif packet["source"] == FROM_SWITCH:
        made.name = f"switch port {upper}"
    else:
        made.name = "remote access"
    return made

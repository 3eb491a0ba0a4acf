"""What the run-time numbers of filtering layers mean, as events of the Windows Filtering Platform (WFP) name them.

Takes a number; gives words and the way that packets go there. Numbers: FWPS_BUILTIN_LAYERS in the order of fwpsk.h, the same since Windows Vista.
"""

from __future__ import annotations

from typing import Literal

Way = Literal["in", "out", ""]
LAYERS: tuple[tuple[str, Way], ...] = (
    ("IP packet, inbound", "in"),
    ("IP packet, outbound", "out"),
    ("IP forward", ""),
    ("transport, inbound", "in"),
    ("transport, outbound", "out"),
    ("stream", ""),
    ("datagram data", ""),
    ("ICMP error, inbound", "in"),
    ("ICMP error, outbound", "out"),
    ("resource assignment", ""),
    ("listen", ""),
    ("receive/accept", "in"),
    ("connect", "out"),
    ("flow established", ""),
)
"""One entry for four numbers: IPv4, what IPv4 discarded, IPv6, what IPv6 discarded."""
NUMBERS = 4
DIRECTIONS: dict[int, Way] = {0x3900: "in", 0x3901: "out"}
"""FWP_DIRECTION_IN and FWP_DIRECTION_OUT of fwpmtypes.h."""


def layer_name(number: int) -> str:
    """A layer in words; its number for those that are not known."""
    place = number // NUMBERS
    if place >= len(LAYERS):
        return f"layer {number}"
    return f"{LAYERS[place][0]}, of what the stack discarded" if is_discard(number) else LAYERS[place][0]


def is_discard(number: int) -> bool:
    """Whether a layer sees what the stack itself has discarded already: a filter there hides that, it does not cause it."""
    return number // NUMBERS < len(LAYERS) and number % 2 == 1


def way_of(number: int, direction: int) -> Way:
    """Whether a packet arrives or leaves. The layer decides: a drop at "receive/accept" is known whose direction says out."""
    place = number // NUMBERS
    way = LAYERS[place][1] if place < len(LAYERS) else ""
    return way or DIRECTIONS.get(direction, "")

"""One frame's line in a report: as Wireshark's packet list shows it, with the application message where one was read.

Takes a point and a row; gives a `FrameLine`. Only tables that a rule asked for are looked at: nothing is decoded for a line.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from wireproof.conversations.lines import FrameLine, describe
from wireproof.messages.phrases import tell_row

if TYPE_CHECKING:
    from wireproof.case import Point

BELOW = frozenset(("arp", "capture", "icmp", "path", "tcp", "udp"))
"""Families of rules that judge packets: their readers look for sequence numbers, lengths and flags."""


def describe_frame(point: Point, row: int, family: str = "") -> FrameLine:
    """The line of one row for a finding of a family of rules.

    A segment with a TCP mark keeps TCP's words, which then matter more than what it carries.
    """
    line = describe(point.tables, row)
    words = None if family in BELOW or point.packets.marks[row] else tell_row(point.said, row)
    if words is None:
        return line
    protocol, info = words
    return dataclasses.replace(line, protocol=protocol, info=info)

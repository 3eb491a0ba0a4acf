"""IP-HTTPS (MS-IPHTTPS): the POST, its response, and inner packets where they are in clear.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.messages.table import Message, MessageTable
from wireproof.streams.tunnels import Direction, Tunnel, read_tunnels

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import Clear


@dataclass(frozen=True, slots=True, kw_only=True)
class IphttpsMessage(Message):
    """One HTTP head of a readable tunnel, or all inner packets that one side sent behind it.

    `kind` is `request`, `response` or `packets`. `suite` is the TLS cipher suite's number, 0 for plain HTTP. A `packets` row
    spans from the first inner packet to the last; `packets` and `octets` count them. `first_inner` and `last_inner` are rows of
    the packet table; -1 where the capture holds the tunnel interface's own frames, which stand for them then.
    `unread` tells why no more was read, empty where all was.
    """

    kind: str = ""
    method: str = ""
    target: str = ""
    host: str = ""
    content_length: str = ""
    status: int = 0
    reason: str = ""
    server: str = ""
    suite: int = 0
    packets: int = 0
    octets: int = 0
    first_inner: int = -1
    last_inner: int = -1
    unread: str = ""


def build_iphttps(tables: CaptureTables, clear: Clear | None = None) -> MessageTable[IphttpsMessage]:
    """Every such message of the capture."""
    found: list[IphttpsMessage] = []
    for tunnel in read_tunnels(tables, opened=clear.inside() if clear else ()):
        rows = _inner_rows(tables, tunnel.number)
        for direction in tunnel.directions:
            found += _heads(tables, tunnel, direction)
            if direction.count or direction.trouble:
                found.append(_packets(tables, tunnel, direction, rows))
    return MessageTable(IphttpsMessage, found)


def _heads(tables: CaptureTables, tunnel: Tunnel, direction: Direction) -> list[IphttpsMessage]:
    return [
        IphttpsMessage(
            conversation=tunnel.number,
            side=direction.side,
            row=found.first_row,
            last_row=found.row,
            time_ns=int(tables.packets.time_ns[found.row]),
            kind="response" if found.head.status else "request",
            method=found.head.method,
            target=found.head.target,
            host=found.head.first("host"),
            content_length=found.head.first("content-length"),
            status=found.head.status,
            reason=found.head.reason,
            server=found.head.first("server"),
            suite=tunnel.suite,
        )
        for found in direction.heads
    ]


def _packets(tables: CaptureTables, tunnel: Tunnel, direction: Direction, inner: NDArray[np.int64]) -> IphttpsMessage:
    """All packets of one direction as one message."""
    last = (
        direction.last_row
        if direction.count
        else int(tables.conversations.rows_of_side(tunnel.number, direction.side)[-1])
    )
    outer = tables.packets.outer
    mine = [row for row in inner.tolist() if int(tables.packets.direction[outer[row]]) == direction.side]
    return IphttpsMessage(
        conversation=tunnel.number,
        side=direction.side,
        row=direction.first_row if direction.count else last,
        last_row=last,
        time_ns=int(tables.packets.time_ns[last]),
        cut=bool(direction.trouble),
        kind="packets",
        suite=tunnel.suite,
        packets=direction.count,
        octets=direction.octets,
        first_inner=mine[0] if mine else -1,
        last_inner=mine[-1] if mine else -1,
        unread=direction.trouble,
    )


def _inner_rows(tables: CaptureTables, number: int) -> NDArray[np.int64]:
    """Derived rows that stand for packets of this tunnel, in order."""
    packets = tables.packets
    carriers = set(tables.conversations.rows(number).tolist())
    return np.array(
        [row for row, outer in packets.outer.items() if outer in carriers and row not in carriers], np.int64
    )

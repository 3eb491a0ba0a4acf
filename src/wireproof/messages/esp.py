"""ESP packets (RFC 4303) by security parameters index, those in UDP (RFC 3948) too: one row a flow.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.messages.heads import find_udp_rows, in_file_order, read_heads
from wireproof.messages.table import Message, MessageTable
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.streams import Protocols

ESP = 50
NAT_PORT = 4500
LEAST = 16
"""An ESP packet has SPI, sequence number, two bytes of trailer and a check value of eight bytes or more; NAT keep-alives have one byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EspFlow(Message):
    """Packets of one sender with one SPI: one direction of one security association.

    `row` is its first packet, `last_row` and `time_ns` its last, `first_ns` the time of the first. `octets` counts ESP bytes from
    the SPI on. `lowest` and `highest` are sequence numbers; `missing` are those between them that the capture lacks, `repeated`
    packets with a number that another one of the flow has.
    """

    spi: int = 0
    source: str = ""
    destination: str = ""
    encapsulated: bool = False
    """In UDP, because a NAT stands between the ends."""
    packets: int = 0
    octets: int = 0
    first_ns: int = 0
    lowest: int = 0
    highest: int = 0
    missing: int = 0
    repeated: int = 0


def build_esp(tables: CaptureTables, protocols: Protocols) -> MessageTable[EspFlow]:
    """Every such flow of the capture."""
    packets = tables.packets
    facts = tables.conversations.facts
    found: list[EspFlow] = []
    # What a conversation is for tells cheaply whether there is anything to read at all.
    if (facts["protocol"] == ESP).any():
        rows = np.flatnonzero(packets.protocol[: packets.count] == ESP)
        whole = (
            (packets.layers[rows] & LAYERS["quoted"] == 0)
            & (packets.conversation[rows] >= 0)
            & (packets.length[rows] >= LEAST)
        )
        rows = in_file_order(tables, rows[whole])
        found += _flows(tables, rows, packets.transport_at[rows].astype(np.int64), encapsulated=False)
    numbers = protocols.udp.get("ike", np.zeros(0, np.int64))
    behind_nat = (tables.conversations.side_facts("port")[numbers] == NAT_PORT).any(axis=1)
    rows = find_udp_rows(tables, numbers[behind_nat], LEAST)
    if len(rows):
        found += _flows(tables, rows, packets.payload_at[rows].astype(np.int64), encapsulated=True)
    return MessageTable(EspFlow, found)


def _flows(
    tables: CaptureTables, rows: NDArray[np.int64], at: NDArray[np.int64], *, encapsulated: bool
) -> Iterator[EspFlow]:
    """Group packets by conversation, direction and SPI. An SPI of 0 is the marker before IKE (RFC 3948 section 2.2)."""
    packets = tables.packets
    heads = read_heads(tables, rows, at).view(">u4").astype(np.int64)
    esp = heads[:, 0] != 0
    rows, spi, sequence = rows[esp], heads[esp, 0], heads[esp, 1]
    sender = packets.conversation[rows].astype(np.int64) * 2 + packets.direction[rows]
    order = np.lexsort((spi, sender))  # stable: file order within a flow
    changes = np.flatnonzero((np.diff(sender[order]) != 0) | (np.diff(spi[order]) != 0)) + 1
    for flow in np.split(order, changes) if len(order) else []:
        yield _flow(tables, rows[flow], int(spi[flow[0]]), sequence[flow], encapsulated)


def _flow(
    tables: CaptureTables, rows: NDArray[np.int64], spi: int, sequence: NDArray[np.int64], encapsulated: bool
) -> EspFlow:
    packets = tables.packets
    first, last = int(rows[0]), int(rows[-1])
    talk = tables.conversations[int(packets.conversation[first])]
    side = int(packets.direction[first])
    # Sequence numbers go on from 2**32 - 1 with 0 where extended ones are used (RFC 4303 section 2.2.1).
    steps = np.diff(sequence).astype(np.uint32).view(np.int32).astype(np.int64)
    numbers = np.unique(np.r_[0, np.cumsum(steps)])
    lowest = (int(sequence[0]) + int(numbers[0])) % 2**32
    return EspFlow(
        conversation=talk.number,
        side=side,
        row=first,
        last_row=last,
        time_ns=int(packets.time_ns[last]),
        spi=spi,
        source=talk.address(side),
        destination=talk.address(1 - side),
        encapsulated=encapsulated,
        packets=len(rows),
        octets=int(packets.length[rows].sum()),
        first_ns=int(packets.time_ns[first]),
        lowest=lowest,
        highest=(lowest + int(numbers[-1] - numbers[0])) % 2**32,
        missing=int(numbers[-1] - numbers[0]) + 1 - len(numbers),
        repeated=len(rows) - len(numbers),
    )

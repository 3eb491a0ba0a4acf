"""Packets found inside IP-HTTPS tunnels become rows of the packet table, so that all that is known of packets holds for them.

Takes a capture's tables; gives tables with the inner packets and their conversations behind the others. Where the capture holds
the tunnel interface's own frames too, as Network Monitor records them, those stand for the inner packets and none is added.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.frames import Note
from wireproof.conversations.derived import DerivedFrame
from wireproof.conversations.read import add_inner_frames
from wireproof.limits import limit
from wireproof.streams.tunnels import Opened, Room, read_tunnels
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.wire.iphttps import Packet

KEPT = limit(
    "inside.kept_bytes",
    64 << 20,
    "inner packets of tunnels are kept in memory; those beyond this stay what they are, bytes of a stream",
)
SHARE = 0.5
"""Of the packets between two addresses, how many the tunnel interface must show to stand for all: a capture loses some."""
HOP_LIMIT = 7
CHUNK = 8192

Pair = frozenset[bytes]


def unpack_inside(tables: CaptureTables, opened: Iterable[Opened] = ()) -> CaptureTables:
    """The tables with rows and conversations for the packets inside readable tunnels; the same tables where there are none.

    `opened` are the streams inside TLS sessions that were opened, which may hold tunnels too.
    """
    packets = _collect(tables, opened)
    if not packets:
        return tables
    shown = _shown_besides(tables, packets)
    number = tables.packets.number
    kept = [packet for packet in packets if _pair(packet.data) not in shown]
    kept.sort(key=lambda packet: number(packet.row))
    return add_inner_frames(tables, [DerivedFrame(packet.data, len(packet.data), packet.row) for packet in kept])


def _collect(tables: CaptureTables, opened: Iterable[Opened]) -> list[Packet]:
    """Inner packets of all tunnels, up to the limit."""
    room = Room(int(KEPT.value))
    found = [
        packet
        for tunnel in read_tunnels(tables, room, opened)
        for direction in tunnel.directions
        for packet in direction.packets
    ]
    if room.refused:
        text = f"packets inside IP-HTTPS tunnels that were not read because there are too many: {room.refused}"
        tables.capture.notes.append(Note(text, -1))
    return found


def _pair(packet: bytes) -> Pair:
    return frozenset((packet[8:24], packet[24:40]))


def _fingerprint(packet: bytes) -> int:
    """The same for one packet before and after a router: its hop limit is left out."""
    return hash((packet[:HOP_LIMIT], packet[HOP_LIMIT + 1 :]))


def _shown_besides(tables: CaptureTables, packets: Iterable[Packet]) -> set[Pair]:
    """Address pairs whose packets the capture also shows as frames of their own."""
    inner: dict[Pair, Counter[int]] = defaultdict(Counter)
    for packet in packets:
        inner[_pair(packet.data)][_fingerprint(packet.data)] += 1
    own: dict[Pair, Counter[int]] = defaultdict(Counter)
    rows = _rows_between(tables, set(inner))
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        for frame, at in zip(tables.read_frames(part), tables.packets.network_at[part].tolist(), strict=True):
            shown = frame[at : at + 40 + int.from_bytes(frame[at + 4 : at + 6], "big")]
            own[_pair(shown)][_fingerprint(shown)] += 1
    return {pair for pair, counts in inner.items() if (counts & own[pair]).total() >= SHARE * counts.total()}


def _rows_between(tables: CaptureTables, pairs: set[Pair]) -> NDArray[np.int64]:
    """Rows of IPv6 packets between these addresses that are no fragments and quote nothing."""
    conversations, packets = tables.conversations, tables.packets
    numbers = np.flatnonzero(conversations.facts["version"] == 6)
    addresses = [raw.tobytes() for raw in conversations.facts["addresses"][numbers]]
    chosen = np.zeros(len(conversations) + 1, bool)
    chosen[numbers] = [frozenset((raw[:16], raw[16:])) in pairs for raw in addresses]
    layers = packets.layers[: packets.count]
    good = chosen[packets.conversation[: packets.count]] & (layers & LAYERS["ipv6"] != 0)
    return np.flatnonzero(good & (layers & (LAYERS["quoted"] | LAYERS["derived"]) == 0))

"""Reads an ETL log once, from buffer to buffer: the packets and the other events in it, in memory as rows.

Takes a `LogWalk` and `Places`, gives `Contents`. Bounded by limits; what is beyond them is counted. Knows no protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl import container, packets
from wireproof.capture.etl.components import Components, take_components
from wireproof.capture.etl.log import Buffer, EventWalk, LogWalk, Tell
from wireproof.capture.etl.places import Places
from wireproof.capture.etl.providers import NDIS, PACKETS, PKTMON, WAN, guid_halves
from wireproof.limits import limit

MOST_PACKETS = limit(
    "capture.etl_packets",
    16_000_000,
    "packets of an ETL log beyond this are left out: it is read whole before the first frame, at 80 bytes of memory a packet",
)
MOST_EVENTS = limit(
    "capture.etl_events",
    8_000_000,
    "other events of an ETL log beyond this are left out: each takes 40 bytes of memory",
)

TAKERS: dict[int, Callable[[NDArray[np.uint8], NDArray[Any]], NDArray[Any]]] = {
    NDIS: packets.take_ndis,
    WAN: packets.take_wan,
    PKTMON: packets.take_pktmon,
}

FACT_DTYPE: Any = np.dtype(
    [
        ("ticks", "<i8"),
        ("place", "<i8"),
        ("size", "<u4"),
        ("process", "<u4"),
        ("thread", "<u4"),
        ("id", "<u2"),
        ("version", "u1"),
        ("provider", "u1"),
    ]
)
"""One event that is no packet: `place` and `size` say where its user data lie."""


@dataclass(slots=True)
class Contents:
    """What a log holds. `components` names those of PktMon by id, `events` counts all events, `lost_marks` buffers with losses."""

    packets: NDArray[Any] = field(default_factory=lambda: np.zeros(0, packets.PACKET_DTYPE))
    facts: NDArray[Any] = field(default_factory=lambda: np.zeros(0, FACT_DTYPE))
    components: Components = field(default_factory=dict)
    events: int = 0
    lost_marks: int = 0


class _Rows:
    """Rows that grow up to a bound; `left_out` counts those beyond it."""

    def __init__(self, dtype: Any, most: int) -> None:
        self._parts: list[NDArray[Any]] = [np.zeros(0, dtype)]
        self._room = most
        self.left_out = 0

    def add(self, rows: NDArray[Any]) -> None:
        taken = rows[: self._room]
        self.left_out += len(rows) - len(taken)
        self._room -= len(taken)
        if len(taken):
            self._parts.append(taken)

    def join(self) -> NDArray[Any]:
        joined = np.concatenate(self._parts)
        self._parts.clear()
        return joined


class Collector:
    """Goes through a log once."""

    def __init__(self, walk: LogWalk, places: Places, tell: Tell) -> None:
        self._walk = walk
        self._places = places
        self._tell = tell
        self._contents = Contents()
        self._packets = _Rows(packets.PACKET_DTYPE, int(MOST_PACKETS.value))
        self._facts = _Rows(FACT_DTYPE, int(MOST_EVENTS.value))

    def collect(self, tick: Callable[[], None]) -> Contents:
        """Read the whole log; `tick` is called when the file was read on."""
        events = EventWalk(guid_halves(), self._tell)
        for buffer in self._walk.buffers(tick):
            self._contents.lost_marks += bool(buffer.header.flags & (container.EVENTS_LOST | container.BUFFER_LOST))
            self._take(buffer, events)
        contents = self._contents
        contents.events = events.passed
        contents.packets, contents.facts = self._packets.join(), self._facts.join()
        for rows, named in ((self._packets, MOST_PACKETS), (self._facts, MOST_EVENTS)):
            if rows.left_out:
                self._tell(f"{rows.left_out} events beyond the limit {named.name} are left out", -1)
        return contents

    def _take(self, buffer: Buffer, events: EventWalk) -> None:
        """Take the events of one buffer; an unpacked one is kept when there are any."""
        base = -1 if buffer.is_unpacked else buffer.offset
        for rows in events.events(buffer):
            if base < 0:
                base = self._places.keep(buffer.data.data)
            if base < 0:
                return
            self._take_packets(buffer, base, rows)
            others = rows[rows["provider"] >= PACKETS]
            self._facts.add(make_facts(others, base))

    def _take_packets(self, buffer: Buffer, base: int, rows: NDArray[Any]) -> None:
        for provider, take in TAKERS.items():
            own = rows[rows["provider"] == provider]
            if not len(own):
                continue
            made = take(buffer.data, own)
            made["place"] += base
            made["processor"] = buffer.header.processor
            self._packets.add(made)
            if provider == PKTMON:
                take_components(buffer.data, own, self._contents.components)


def make_facts(rows: NDArray[Any], base: int) -> NDArray[Any]:
    """Rows of events as FACT_DTYPE, with places that count from `base`."""
    made = np.zeros(len(rows), FACT_DTYPE)
    for name in ("ticks", "size", "process", "thread", "id", "version", "provider"):
        made[name] = rows[name]
    made["place"] = rows["at"].astype(np.int64) + base
    return made

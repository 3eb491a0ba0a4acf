"""The packets of a capture that may be what a log tells of.

Takes a capture and anchors of a log; gives `Sight`s on the capture's own clock. Judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.limits import limit
from wireproof.logs.log import CONNECTIONS, Anchor, pair_key
from wireproof.processes.logs.data import DATA, find_data
from wireproof.processes.logs.estimate import Key, Sight, is_possible

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.messages.sip import SipMessage
    from wireproof.messages.table import MessageTable

MOST_ANCHORS = limit(
    "log-clock.anchors", 20_000, "the first hours of a busy log tell its clock; the rest would tell the same again"
)
REPEATS_NS = 75_000_000_000
"""A SYN or a SIP request is sent again at most a minute after its copy before."""
SAME_KEY = 50
"""Events of one key, and packets, that are set beside each other."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A capture point that may show what a log tells. `sip` gives its SIP messages, `to_reference` turns its times.

    `is_compared` tells that packets in common say how its clock lies to the first capture's.
    """

    name: str
    tables: CaptureTables
    sip: Callable[[], MessageTable[SipMessage]]
    to_reference: Callable[[int], int]
    is_compared: bool = True


def first_copies(anchors: Iterable[Anchor]) -> list[Anchor]:
    """The anchors that have a time, in its order, without what is told again: the same event shortly after."""
    timed: list[Anchor] = []
    for anchor in anchors:
        if len(timed) >= MOST_ANCHORS.value:
            break
        if anchor.time_ns:
            timed.append(anchor)
    last: dict[Key, int] = {}
    kept: list[Anchor] = []
    for anchor in sorted(timed, key=lambda one: (one.time_ns, one.line)):
        key = (anchor.kind, anchor.key)
        if anchor.time_ns - last.get(key, -REPEATS_NS) >= REPEATS_NS:
            kept.append(anchor)
        last[key] = anchor.time_ns
    return kept


def find_sights(witness: Witness, anchors: Iterable[Anchor], number: int = 0) -> Iterator[Sight]:
    """What the capture of a witness shows of events; the sights bear its number."""
    wanted: dict[Key, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        wanted[anchor.kind, anchor.key].append(anchor)
    kinds = {kind for kind, _ in wanted}
    shown: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    if kinds & CONNECTIONS:
        time_ns = witness.tables.packets.time_ns
        for key, row in _connections(witness.tables, wanted):
            shown[key].append((int(time_ns[row]), row))
    if "sip" in kinds:
        for message in witness.sip():
            if not message.repeat:
                shown["sip", sip_key(message)].append((message.time_ns, message.last_row))
    for key, places in shown.items():
        for anchor in wanted.get(key, ())[:SAME_KEY]:
            for at_ns, row in places[:SAME_KEY]:
                if is_possible(anchor.kind, at_ns - anchor.time_ns):
                    yield Sight(anchor, at_ns, number, row)
    if DATA in kinds:
        yield from find_data(witness.tables, [anchor for many in wanted.values() for anchor in many], number)


def sip_key(message: SipMessage) -> tuple[str, ...]:
    """The key of a SIP message, as logs make it."""
    return (
        message.call_id,
        f"{message.cseq} {message.method}",
        str(message.status) if message.status else message.method,
    )


def _connections(tables: CaptureTables, wanted: dict[Key, list[Anchor]]) -> Iterator[tuple[Key, int]]:
    """First SYN, end of the handshake and first RST of each TCP conversation whose ports are those of a wanted event."""
    conversations = tables.conversations
    facts = conversations.facts
    ports = {int(end.rpartition(":")[2]) for kind, key in wanted if kind in CONNECTIONS for end in key}
    syn_rows = conversations.side_facts("syn_row")
    fits = conversations.is_tcp & np.isin(conversations.side_facts("port"), list(ports)).all(axis=1)
    fits &= (syn_rows > 0).any(axis=1) | (facts["reset_row"] > 0)
    for number in np.flatnonzero(fits).tolist():
        talk = conversations[number]
        key = pair_key(talk.endpoint(0), talk.endpoint(1))
        rows = {
            "tcp-syn": int(talk.client["syn_row"]),
            "tcp-connect": int(talk.server["syn_row"]),
            "tcp-reset": int(talk.facts["reset_row"]),
        }
        for kind, row in rows.items():
            if row and (kind, key) in wanted:
                yield (kind, key), row - 1

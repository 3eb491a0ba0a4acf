"""Header fields that differ between the two ends of a hop: what routers do (TTL), what NAT does, and what nobody should.

Takes joined rows of one hop; gives `Change`s, each a field that changed in one direction with how often and one example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.align.flows import ACK, SYN, Direction, End
from wireproof.align.journeys import Change, Rows
from wireproof.wire.options import read_tcp_options

Values = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is compared: its name in a `Change`, its values for rows, and which rows carry it."""

    what: str
    values: Callable[[End, Rows], Values]
    carried: Callable[[End, Rows], NDArray[np.bool_]]


def _column(name: str) -> Callable[[End, Rows], Values]:
    return lambda end, rows: getattr(end.tables.packets, name)[rows].astype(np.int64)


def _flagged(any_of: int, none_of: int = 0) -> Callable[[End, Rows], NDArray[np.bool_]]:
    def carried(end: End, rows: Rows) -> NDArray[np.bool_]:
        packets = end.tables.packets
        flags = packets.flags[rows]
        return np.asarray((packets.protocol[rows] == 6) & ((flags & any_of) == any_of) & ((flags & none_of) == 0))

    return carried


def _always(_: End, rows: Rows) -> NDArray[np.bool_]:
    return np.ones(len(rows), dtype=bool)


FIELDS: tuple[Field, ...] = (
    Field("ttl", _column("ttl"), _always),
    Field("tos", lambda end, rows: _column("tos")(end, rows) >> 2, _always),
    Field("ip_id", _column("ip_id"), lambda end, rows: end.tables.packets.ip_id[rows] > 0),
    Field("window", _column("window"), _flagged(0)),
    Field("ack_field", _column("ack"), _flagged(SYN, ACK)),
)


def find_changes(way: Direction) -> Iterator[Change]:
    """Yield each field that differs between the ends of joined packets of one direction."""
    sent, received, shift = way.rows.sent, way.rows.received, way.rows.shift
    if not len(sent):
        return
    unknown = way.sender.tables.capture.unknown | way.receiver.tables.capture.unknown
    for field in FIELDS:
        if field.what in unknown:
            continue
        before, after = field.values(way.sender, sent), field.values(way.receiver, received)
        differs = np.flatnonzero((before != after) & field.carried(way.sender, sent))
        if len(differs):
            at = int(differs[0])
            yield _change(field.what, way, (str(before[at]), str(after[at])), differs)
    if shift and "sequence_shift" not in unknown:
        text = f"{shift - (1 << 32) if shift > 1 << 31 else shift:+d}"
        yield _change("sequence_shift", way, ("0", text), np.arange(len(sent)))
    yield from _endpoint_changes(way)
    yield from _option_changes(way, all_known="options" not in unknown)


def _change(what: str, way: Direction, values: tuple[str, str], differs: Rows) -> Change:
    at = int(differs[0])
    return Change(what, way.toward, *values, len(differs), int(way.rows.sent[at]), int(way.rows.received[at]))


def _endpoint_changes(way: Direction) -> Iterator[Change]:
    """NAT: the sending host's address and port, and the addressed ones, from both ends' conversations."""
    mine, theirs = (
        way.sender.tables.conversations[way.sender.number],
        way.receiver.tables.conversations[way.receiver.number],
    )
    side, side_there = mine.client_side, theirs.client_side
    if way.toward == "client":
        side, side_there = 1 - side, 1 - side_there
    for what, own, there in (("source", side, side_there), ("destination", 1 - side, 1 - side_there)):
        before, after = mine.endpoint(own), theirs.endpoint(there)
        if before != after:
            yield _change(f"{what}_address", way, (before, after), np.arange(len(way.rows.sent)))


def _option_changes(way: Direction, *, all_known: bool) -> Iterator[Change]:
    """TCP options of the first joined SYN: MSS clamped, options stripped or overwritten. What a listing does not print may be there."""
    sent, received = way.rows.sent, way.rows.received
    syns = np.flatnonzero(way.sender.has(sent, SYN))
    if not len(syns):
        return
    at = syns[:1]
    before, after = _read_options(way.sender, sent[at]), _read_options(way.receiver, received[at])
    if before is None or after is None:
        return
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, "absent"), after.get(name, "absent")
        if old != new and (all_known or "absent" not in (old, new)):
            what = "mss" if name == "MSS" and "absent" not in (old, new) else "options"
            prefix = "" if what == "mss" else f"{name} "
            yield _change(what, way, (f"{prefix}{old}", f"{prefix}{new}"), at)


def _read_options(end: End, rows: Rows) -> dict[str, str] | None:
    return read_tcp_options(end.tables.read_frames(rows)[0], int(end.tables.packets.transport_at[rows[0]]))

"""Every table of a case as Parquet files: one folder a capture, with packets, conversations, and the messages of each protocol.

Takes a case and a folder; writes files. Columns of packets are those of the schema; of conversations the facts, named after the
side: `client_packets`, `server_packets`; of messages the fields of the protocol's class. A protocol without messages has no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wireproof.conversations.facts import SIDE_FIELDS, TALK_FIELDS
from wireproof.conversations.talks import PROTOCOL_NAMES, read_address
from wireproof.errors import WireproofError
from wireproof.messages.said import TABLES

if TYPE_CHECKING:
    import polars as pl

    from wireproof.case import Case, Point
    from wireproof.conversations import Conversations
    from wireproof.messages.table import Message, MessageTable

SPECIAL = frozenset(("addresses", "client", "padding", "protocol"))
"""Fields of a conversation that are written in another form, or not at all."""


class ExportError(WireproofError):
    """The folder can't be written."""


def write_parquet(case: Case, folder: Path) -> list[Path]:
    """Write all tables below `folder`; gives the files. Raises ExportError where that fails."""
    written = []
    for point in case.points:
        try:
            written += _write_point(point, folder / file_name(point.name))
        except OSError as error:
            raise ExportError(f"{folder} can't be written: {error.strerror or error}") from None
    return written


def file_name(name: str) -> str:
    """A point's name as the name of a folder on every system."""
    safe = "".join(letter if letter.isalnum() or letter in "-_.()" else "_" for letter in name)
    return safe.strip(".") or "capture"


def _write_point(point: Point, folder: Path) -> list[Path]:
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    packets, talks = folder / "packets.parquet", folder / "conversations.parquet"
    point.packets.to_polars().write_parquet(packets)
    pl.DataFrame(make_talk_columns(point.conversations)).write_parquet(talks)
    return [packets, talks, *_write_messages(point, folder)]


def _write_messages(point: Point, folder: Path) -> Iterator[Path]:
    for name in TABLES:
        table = point.said.table(name)
        if len(table):
            path = folder / f"{name}.parquet"
            make_message_frame(table, point.packets.number).write_parquet(path)
            yield path


def make_message_frame(table: MessageTable[Message], number: Callable[[int], int]) -> pl.DataFrame:
    """The messages of one protocol. Integers that no column of 64 bits holds beside the others become text."""
    import polars as pl

    return pl.DataFrame([_series(name, values) for name, values in table.columns(number).items()])


def _series(name: str, values: list[Any]) -> pl.Series:
    import polars as pl

    nested = bool(values) and isinstance(values[0], list)
    parts = [part for value in values for part in value] if nested else values
    kind = _dtype([part for part in parts if part is not None])
    if kind == pl.String:
        values = [
            [str(part) for part in value] if nested else None if value is None else str(value) for value in values
        ]
    return pl.Series(name, values, pl.List(kind) if nested else kind)


def _dtype(known: list[Any]) -> Any:
    import polars as pl

    if not known:
        return pl.String
    if all(isinstance(part, bool) for part in known):
        return pl.Boolean
    if all(isinstance(part, bytes) for part in known):
        return pl.Binary
    if all(isinstance(part, int) for part in known):
        low, high = min(known), max(known)
        signed = low >= -1 << 63 and high < 1 << 63
        return pl.Int64 if signed else pl.UInt64 if low >= 0 and high < 1 << 64 else pl.String
    return pl.Float64 if all(isinstance(part, int | float) for part in known) else pl.String


def make_talk_columns(talks: Conversations) -> dict[str, Any]:
    """Columns of all conversations by name; rows that facts hold as row + 1 become frame numbers, 0 for none."""
    facts = talks.facts
    every = np.arange(len(facts))
    client = facts["client"].astype(np.int64)
    columns: dict[str, Any] = {
        "conversation": every.astype(np.int32),
        "protocol": [PROTOCOL_NAMES.get(int(number), str(number)) for number in facts["protocol"]],
    }
    raw = facts["addresses"].tobytes()
    for name, side in (("client", client), ("server", 1 - client)):
        starts = every * 32 + side * 16
        columns[f"{name}_address"] = [read_address(raw[start : start + 16]) for start in starts.tolist()]
        chosen = facts["sides"][every, side]
        columns |= {f"{name}_{_exported(field)}": np.ascontiguousarray(chosen[field]) for field, _, _ in SIDE_FIELDS}
    columns |= {
        _exported(field): np.ascontiguousarray(facts[field]) for field, _, _ in TALK_FIELDS if field not in SPECIAL
    }
    columns["client_known"] = facts["client_known"] > 0
    return columns


def _exported(field: str) -> str:
    """`syn_row` holds row + 1, which is the frame number."""
    return field.removesuffix("_row") + "_frame" if field.endswith("_row") else field

"""Every table of a case as Parquet files: one folder a capture, with `packets.parquet` and `conversations.parquet`.

Takes a case and a folder; writes files. Columns of packets are those of the schema; of conversations the facts, named
after the side: `client_packets`, `server_packets`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from wireproof.case import Case, Point
from wireproof.conversations import Conversations
from wireproof.conversations.facts import SIDE_FIELDS, TALK_FIELDS
from wireproof.conversations.talks import PROTOCOL_NAMES, read_address
from wireproof.errors import WireproofError

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
    return [packets, talks]


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

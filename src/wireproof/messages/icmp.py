"""The ICMP errors of a capture: which packets report one, and on request what each says.

Takes a capture's tables; gives columns of all errors, from columns of the packet table alone, and reads the bytes of those
that are asked for. Judges nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.conversations.talks import read_address
from wireproof.table.schema import LAYERS
from wireproof.wire.icmp import IcmpError, unpack_error

if TYPE_CHECKING:
    from wireproof.conversations.read import CaptureTables

_V4_KINDS = (3, 4, 11, 12)
_V6_KINDS = (1, 2, 3, 4)
_V4_IN_V6 = b"\0" * 10 + b"\xff\xff"


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """One error as sent: its row, who sent it to whom (text), and what it says; `error` is None where it is cut."""

    row: int
    reporter: str
    receiver: str
    error: IcmpError | None


@dataclass(frozen=True)
class IcmpErrors:
    """All ICMP errors, in file order; every array has one entry an error.

    `version` is 4 or 6, `code` the type times 256 plus the code, `conversation` the quoted conversation where the quote
    leads to one (`quoted`), else -1.
    """

    tables: CaptureTables
    row: NDArray[np.int64]
    version: NDArray[np.uint8]
    code: NDArray[np.uint16]
    conversation: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.row)

    @functools.cached_property
    def groups(self) -> list[NDArray[np.int64]]:
        """Indexes of errors that have version, code and conversation in common, in order of their first error.

        Errors that lead to no conversation make a group of each code.
        """
        if not len(self):
            return []
        keys = np.stack([self.version, self.code, self.conversation]).astype(np.int64)
        _, group = np.unique(keys, axis=1, return_inverse=True)
        order = np.argsort(group, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(group.ravel()[order])) + 1)
        return sorted(parts, key=lambda part: int(part[0]))

    def read(self, indexes: Iterable[int]) -> list[ErrorReport]:
        """What the errors at these indexes say; their frames are fetched again."""
        wanted = [int(index) for index in indexes]
        packets, rows = self.tables.packets, self.row[wanted]
        reports = []
        for index, row, frame in zip(wanted, rows, self.tables.read_frames(rows), strict=True):
            version = int(self.version[index])
            ends = _ends(frame, int(packets.network_at[row]), version)
            reports.append(ErrorReport(int(row), *ends, unpack_error(frame, int(packets.transport_at[row]), version)))
        return reports


def build_icmp_errors(tables: CaptureTables) -> IcmpErrors:
    """Find every ICMP error: unreachable, too big, time exceeded, source quench and parameter problem."""
    packets = tables.packets
    layers = packets.layers[: packets.count]
    rows = packets.rows_with("layers", LAYERS["icmp"] | LAYERS["icmpv6"])
    six = (layers[rows] & LAYERS["icmpv6"]) != 0
    kinds = packets.code[rows] >> 8
    rows_of_errors = np.where(six, np.isin(kinds, _V6_KINDS), np.isin(kinds, _V4_KINDS))
    rows, six = rows[rows_of_errors], six[rows_of_errors]
    quoted = (layers[rows] & LAYERS["quoted"]) != 0
    return IcmpErrors(
        tables,
        row=rows,
        version=np.where(six, 6, 4).astype(np.uint8),
        code=packets.code[rows],
        conversation=np.where(quoted, packets.conversation[rows], -1).astype(np.int32),
    )


def _ends(frame: bytes, at: int, version: int) -> tuple[str, str]:
    """Source and destination of the packet that carries an error, as text; "" where the bytes are missing."""
    start, size = (at + 12, 4) if version == 4 else (at + 8, 16)
    if len(frame) < start + 2 * size:
        return "", ""
    return address_text(frame[start : start + size]), address_text(frame[start + size : start + 2 * size])


def address_text(raw: bytes) -> str:
    """An IP address of four or sixteen bytes as text."""
    return read_address(raw if len(raw) == 16 else _V4_IN_V6 + raw)

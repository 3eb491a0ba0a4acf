"""Named pipes in SMB 2 and 3 as streams: what both sides write to a pipe and read from it, for DCE/RPC over pipes.

Takes the table of SMB messages; gives of each pipe that begins like DCE/RPC both directions, in the order of the messages. Bounded: of
a pipe that carries more than `rpc.pipe_bytes` the rest is left out. SMB 1 is not looked into.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.streams import open_streams
from wireproof.wire.rpc import HEADER_BYTES, unpack_header

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.messages.smb import SmbMessage
    from wireproof.messages.table import MessageTable
    from wireproof.streams.stream import TalkStreams

PIPE_BYTES = limit(
    "rpc.pipe_bytes", 1 << 22, "calls over one pipe take some kilobytes; what is longer is a file and no pipe"
)
CARRYING = {"READ", "WRITE", "IOCTL"}


@dataclass(slots=True)
class PipeStream:
    """One direction of a pipe; offered like a TCP stream. `side` is the side of the SMB conversation that sent it."""

    side: int
    begins_known: bool = True
    data: bytearray = field(default_factory=bytearray)
    _starts: list[int] = field(default_factory=list)
    _rows: list[list[int]] = field(default_factory=list)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the data of each SMB message begins."""
        return np.asarray(self._starts, np.int64)

    @property
    def ends(self) -> NDArray[np.int64]:
        """Where the data of each SMB message ends."""
        return np.asarray([*self._starts[1:], len(self.data)] if self._starts else [], np.int64)

    @property
    def end(self) -> int:
        """One past the last byte."""
        return len(self.data)

    def read(self, start: int, count: int) -> bytes:
        """Up to `count` bytes from `start`."""
        return bytes(self.data[start : start + count])

    def rows(self, start: int, end: int) -> list[int]:
        """Packet rows that carried the bytes from `start` up to `end`."""
        ends = self.ends
        first = int(np.searchsorted(ends, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left"))
        return [row for rows in self._rows[first:last] for row in rows]

    def add(self, data: bytes, rows: list[int]) -> None:
        """Append what one SMB message carries."""
        self._starts.append(len(self.data))
        self._rows.append(rows)
        self.data += data


@dataclass(slots=True)
class Pipe:
    """One pipe of one SMB conversation; `sides` are by side of that conversation."""

    conversation: int
    name: str
    sides: tuple[PipeStream, PipeStream]

    @property
    def speaks_rpc(self) -> bool:
        """Whether either direction begins with a DCE/RPC header."""
        return any(unpack_header(side.read(0, HEADER_BYTES)) for side in self.sides)


def open_pipes(tables: CaptureTables, smb: MessageTable[SmbMessage]) -> Iterator[Pipe]:
    """Every pipe of the capture that carries DCE/RPC."""
    carrying = [number for number in smb.conversations if any(_carries(message) for message in smb.of(number))]
    for talk in open_streams(tables, carrying):
        pipes: dict[tuple[int, int, str], Pipe] = {}
        for message in smb.of(talk.conversation):
            if _carries(message):
                _add(pipes, talk, message)
        yield from (pipe for pipe in pipes.values() if pipe.speaks_rpc)


def _carries(message: SmbMessage) -> bool:
    return message.command in CARRYING and message.data_offset >= 0 and message.data_size > 0 and bool(message.name)


def _add(pipes: dict[tuple[int, int, str], Pipe], talk: TalkStreams, message: SmbMessage) -> None:
    key = (message.session_id, message.tree_id, message.name.lower())
    known = key in pipes
    pipe = pipes.setdefault(key, Pipe(talk.conversation, message.name, (PipeStream(0), PipeStream(1))))
    stream, own = pipe.sides[message.side], talk.sides[message.side]
    if known and not any(side.end for side in pipe.sides):
        return  # its first data were no PDU: a file
    if not known and not unpack_header(own.read(message.data_offset, HEADER_BYTES)):
        return
    if stream.end + message.data_size <= PIPE_BYTES.value:
        data = own.read(message.data_offset, message.data_size)
        stream.add(data, own.rows(message.data_offset, message.data_offset + max(len(data), 1)) or [message.row])

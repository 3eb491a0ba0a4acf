"""What stands beside the frames of a Network Monitor file: the processes that own connections, and comments.

Takes a way to fetch bytes and where the tables stand, gives their entries as far as they can be read. Knows no frame.
"""

from __future__ import annotations

import ipaddress
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from wireproof.capture.frames import Process

Fetch = Callable[[int, int], bytes]
"""Gives up to so many (second) bytes from an offset (first), fewer only where the file ends."""

MAX_TEXT = 1 << 16
"""A field that claims to be longer is damage, except an icon, which is passed over."""
MAX_ENTRIES = 1 << 16
MAX_KEPT = 1 << 24
"""Characters of paths and comments kept in memory: files hold kilobytes of them."""
CONNECTION = struct.Struct("<IHHHHI16s16s")
TABLE_VERSION = 2

Entry = TypeVar("Entry")


@dataclass(slots=True)
class Found(Generic[Entry]):
    """The entries that could be read. `problem_at` is the offset of the first one that could not, -1 when all could."""

    entries: list[Entry] = field(default_factory=list)
    problem_at: int = -1


class _Reader:
    """Reads fields one after another; `ok` turns false where the file ends or a length can't be."""

    def __init__(self, fetch: Fetch, offset: int) -> None:
        self.at = offset
        self.ok = True
        self._fetch = fetch

    def take(self, count: int) -> bytes:
        data = self._fetch(self.at, count) if self.ok else b""
        self.ok = self.ok and len(data) == count
        self.at += count
        return data if self.ok else bytes(count)

    def take_number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def take_numbers(self) -> list[int]:
        """Numbers behind their count."""
        count = self.take_number()
        if 4 * count > MAX_TEXT:
            self.ok = False
            return []
        return list(struct.unpack(f"<{count}I", self.take(4 * count)))

    def take_counted(self) -> bytes:
        """A field behind its length."""
        length = self.take_number()
        if length > MAX_TEXT:
            self.ok = False
            return b""
        return self.take(length)

    def skip_counted(self) -> None:
        length = self.take_number()
        self.at += length


def read_processes(fetch: Fetch, offset: int, count: int) -> Found[Process]:
    """The process table: for each connection or socket its owner."""
    found: Found[Process] = Found()
    reader = _Reader(fetch, offset)
    if int.from_bytes(reader.take(2), "little") != TABLE_VERSION:
        found.problem_at = offset
        return found
    kept = 0
    for number in range(count):
        start = reader.at
        path = unpack_wide(reader.take_counted())
        reader.skip_counted()
        connection = reader.take(CONNECTION.size)
        kept += len(path)
        if not reader.ok or number == MAX_ENTRIES or kept > MAX_KEPT:
            found.problem_at = start
            break
        found.entries.append(_unpack_process(path, connection))
    return found


def _unpack_process(path: str, connection: bytes) -> Process:
    pid, local_port, _, remote_port, _, wide, local, remote = CONNECTION.unpack(connection)
    ends = [_unpack_address(side, bool(wide)) for side in (local, remote)]
    return Process(pid, path, (ends[0], local_port), (ends[1], remote_port))


def _unpack_address(data: bytes, wide: bool) -> str:
    """An IPv6 address as in a packet, or an IPv4 address as a little-endian number with anything behind it."""
    return str(ipaddress.IPv6Address(data) if wide else ipaddress.IPv4Address(data[3::-1]))


def read_comments(fetch: Fetch, offset: int, length: int) -> Found[tuple[int, str]]:
    """The comments as (offset of the frame's record, text)."""
    found: Found[tuple[int, str]] = Found()
    reader = _Reader(fetch, offset)
    kept = 0
    while reader.at < offset + length:
        start = reader.at
        frames = reader.take_numbers()
        title = unpack_wide(reader.take_counted())
        text = plain_text(reader.take_counted())
        kept += len(title) + len(text) + len(frames) + 1
        if not reader.ok or len(found.entries) >= MAX_ENTRIES or kept > MAX_KEPT:
            found.problem_at = start
            break
        found.entries += [(frame, "\n".join(part for part in (title, text) if part)) for frame in frames]
    return found


def unpack_wide(data: bytes) -> str:
    """UTF-16 text up to its end mark."""
    return data[: len(data) & ~1].decode("utf-16-le", "replace").partition("\0")[0]


def plain_text(data: bytes) -> str:
    """A comment's text, which is rich text where Network Monitor's editor wrote it."""
    text = data.decode("utf-8", "replace").partition("\0")[0]
    if not text.startswith("{\\rtf"):
        return text.strip()
    text = re.sub(r"\{\\(?:fonttbl|colortbl|\*)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", "", text)
    text = re.sub(r"\\par\b ?", "\n", text)
    text = re.sub(r"\\'([0-9a-fA-F]{2})", lambda match: bytes.fromhex(match[1]).decode("cp1252", "replace"), text)
    return re.sub(r"\\[a-z]+-?\d* ?|[{}\r]", "", text).strip()

"""From a path to streams of uncompressed bytes: opens the file, takes off compression, walks through a zip's members.

Takes a path, "-" or an open binary file; gives one `Input` a capture candidate. Knows compression, no capture format.
"""

from __future__ import annotations

import lzma
import os
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from wireproof.capture.source import UNPACKED_BYTES, CopiedSource, PlainSource, Source, regular_size
from wireproof.capture.streams import UNPACKED_CHUNK, FileStream, Stream, find_codec
from wireproof.errors import CaptureFormatError

HEAD = 512
"""Bytes by which compression and formats are recognised."""
MAX_LAYERS = 3
"""Compressions inside one another that are taken off, such as a `.pcap.gz` in a zip."""
OFFICE_PART = "[Content_Types].xml"
"""The member that every document of Office Open XML has (ECMA-376 part 2)."""
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
PIPE_CHUNK = 1 << 20

Openable = str | os.PathLike[str] | BinaryIO


@dataclass(slots=True)
class Input:
    """One candidate: `head` holds its first bytes, `size` is what progress counts up to.

    `siblings` is the number of other files in its zip archive; None when it comes from no archive.
    """

    name: str
    stream: Stream
    size: int
    head: bytes = b""
    siblings: int | None = None

    def make_source(self) -> Source:
        """The bytes as a walk wants them: the file itself where it is plain and regular, else with a temporary copy."""
        if isinstance(self.stream, FileStream) and self.stream.regular:
            return PlainSource(self.stream, self.size)
        return CopiedSource(self.stream, self.size)


def open_inputs(path: Openable, name: str | None) -> Iterator[Input]:
    """Yield what `path` holds: one input, or one for each member of a zip. Every stream is the caller's to close.

    Raises CaptureFormatError when the path can't be opened, or is a zip archive that can't be read.
    """
    outer = _open_outer(path, name)
    outer.head = outer.stream.peek(HEAD)
    if outer.head.startswith(ZIP_MAGIC):
        yield from _open_members(outer)
    else:
        yield _take_off(outer)


def _open_outer(path: Openable, name: str | None) -> Input:
    if not isinstance(path, str | os.PathLike):
        return _make_outer(path, name or str(getattr(path, "name", "capture")), keep_open=True)
    if path == "-":
        return _make_outer(sys.stdin.buffer, name or "stdin", keep_open=True)
    label = name or os.fspath(path)
    try:
        # No `with`: the file belongs to the capture until that is closed.
        return _make_outer(open(path, "rb", buffering=0), label, keep_open=False)  # noqa: PTH123
    except IsADirectoryError:
        raise CaptureFormatError(f"{label} is a directory, no capture") from None
    except FileNotFoundError:
        raise CaptureFormatError(f"{label} does not exist") from None
    except (OSError, ValueError) as error:
        raise CaptureFormatError(f"{label} can't be opened: {getattr(error, 'strerror', None) or error}") from None


def _make_outer(file: BinaryIO, label: str, *, keep_open: bool) -> Input:
    size = regular_size(file)
    regular = size is not None and file.tell() == 0
    return Input(label, FileStream(file, regular=regular, keep_open=keep_open), size or 0)


def _take_off(item: Input) -> Input:
    """Replace the stream of `item` by what it unpacks to, layer by layer."""
    for _ in range(MAX_LAYERS):
        item.head = item.stream.peek(HEAD)
        codec = find_codec(item.head)
        if codec is None:
            break
        item.stream = codec.open(item.stream, codec)
    item.head = item.stream.peek(HEAD)
    return item


class _Archive:
    """A zip file that is closed when its last member is."""

    def __init__(self, file: BinaryIO, *, keep_open: bool) -> None:
        self.zip = zipfile.ZipFile(file)
        self._file = file
        self._keep_open = keep_open
        self._users = 1

    def retain(self) -> None:
        """Count one more user."""
        self._users += 1

    def release(self) -> None:
        """Count one user less; the last one closes the archive."""
        self._users -= 1
        if self._users == 0:
            self.zip.close()
            if not self._keep_open:
                self._file.close()


class MemberStream(Stream):
    """One member of a zip, unpacked."""

    errors = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, ValueError)

    def __init__(self, archive: _Archive, member: zipfile.ZipInfo) -> None:
        super().__init__()
        self._archive: _Archive | None = archive
        self._unpacked = 0
        self._file: Any = None
        archive.retain()
        try:
            self._file = archive.zip.open(member)
        except self.errors as error:
            self.problem = f"the zip member can't be unpacked: {error}"

    def _read_into(self, view: memoryview) -> int:
        if self._file is None or self.problem:
            return 0
        try:
            got = int(self._file.readinto(view[:UNPACKED_CHUNK]))
        except self.errors as error:
            self.problem = f"the zip data are damaged after {self._unpacked} unpacked bytes: {error}"
            return 0
        self._unpacked += got
        return got

    def consumed(self) -> int:
        """Unpacked bytes so far: an archive's own position says little about one member."""
        return self._unpacked

    def close(self) -> None:
        """Release the member, and with the last one the archive."""
        if self._archive is not None:
            if self._file:
                self._file.close()
            self._archive.release()
            self._archive = None


def _open_members(outer: Input) -> Iterator[Input]:
    archive = _open_archive(outer)
    try:
        members = [member for member in archive.zip.infolist() if not member.is_dir()]
        if any(member.filename == OFFICE_PART for member in members):
            raise CaptureFormatError(f"{outer.name} is an Office document, no capture")
        for member in members:
            item = Input(f"{outer.name}!{member.filename}", MemberStream(archive, member), member.file_size)
            item.siblings = len(members) - 1
            yield _take_off(item)
    finally:
        archive.release()


def _open_archive(outer: Input) -> _Archive:
    stream = outer.stream
    assert isinstance(stream, FileStream)
    file, keep_open = stream.file, stream.keep_open
    try:
        if not stream.regular:
            file, keep_open = _copy_to_file(stream), False
            stream.close()
        return _Archive(file, keep_open=keep_open)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if not keep_open:
            file.close()
        raise CaptureFormatError(f"{outer.name} is a zip archive that can't be read: {error}") from None


def _copy_to_file(stream: Stream) -> BinaryIO:
    """A seekable temporary copy of a piped zip, cut at the limit for unpacked bytes."""
    copy: BinaryIO = tempfile.TemporaryFile(prefix="wireproof-")  # noqa: SIM115 - belongs to the archive
    left = int(UNPACKED_BYTES.value)
    while left > 0 and (chunk := stream.read(min(PIPE_CHUNK, left))):
        copy.write(chunk)
        left -= len(chunk)
    copy.seek(0)
    return copy

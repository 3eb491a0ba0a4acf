"""Where bytes come from, one after the other: an open file, and packed streams that are unpacked on the way.

Takes an open binary file, gives `Stream`s. Bad packed bytes never raise: they end a stream early, with `problem` set.
Knows compression, no capture format.
"""

from __future__ import annotations

import abc
import bz2
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

PACKED_CHUNK = 1 << 18
"""Packed bytes taken at a time: large enough that the calls don't count, small beside the windows."""
UNPACKED_CHUNK = 1 << 20
"""Unpacked bytes asked for at a time: those before damage may be lost with it."""
UNPACK_MEMORY = 1 << 28
"""A dictionary that asks for more memory than this is refused: `xz -9` needs 65 MB, `zstd --long=27` 128 MB."""


class Stream(abc.ABC):
    """Bytes that come once, in order. `problem` says why they ended early; "" when they did not."""

    def __init__(self) -> None:
        self.problem = ""
        self._head = b""

    def peek(self, count: int) -> bytes:
        """The next `count` bytes, fewer only at the end, without taking them."""
        while len(self._head) < count:
            chunk = bytearray(count - len(self._head))
            got = self._read_into(memoryview(chunk))
            if not got:
                break
            self._head += chunk[:got]
        return self._head[:count]

    def readinto(self, view: memoryview) -> int:
        """Fill `view` from its start with what is there, at least one byte; 0 only at the end."""
        if not self._head:
            return self._read_into(view)
        got = min(len(self._head), len(view))
        view[:got] = self._head[:got]
        self._head = self._head[got:]
        return got

    def read(self, count: int) -> bytes:
        """Up to `count` bytes; b"" only at the end."""
        chunk = bytearray(count)
        return bytes(memoryview(chunk)[: self.readinto(memoryview(chunk))])

    def give_back(self, data: bytes) -> None:
        """Have `data` read again before what follows."""
        self._head = data + self._head

    @abc.abstractmethod
    def _read_into(self, view: memoryview) -> int: ...

    @abc.abstractmethod
    def consumed(self) -> int:
        """Bytes taken from the outermost file so far."""

    @abc.abstractmethod
    def close(self) -> None:
        """Release the outermost file."""


class FileStream(Stream):
    """An open binary file from its present position. Closed with the stream unless `keep_open`.

    `regular` says that this position is the start of a regular file, which can be read at any offset too.
    """

    def __init__(self, file: BinaryIO, *, regular: bool, keep_open: bool) -> None:
        super().__init__()
        self.file = file
        self.regular = regular
        self.keep_open = keep_open
        self._consumed = 0

    def _read_into(self, view: memoryview) -> int:
        try:
            got = self.file.readinto(view) or 0  # type: ignore[attr-defined]
        except OSError as error:
            self.problem = f"reading stopped at byte {self._consumed}: {error.strerror or error}"
            return 0
        self._consumed += got
        return int(got)

    def consumed(self) -> int:
        """Bytes read from the file so far."""
        return self._consumed

    def close(self) -> None:
        """Close the file, unless it is someone else's."""
        if not self.keep_open:
            self.file.close()


class Unpacker(Protocol):
    """What the decompressors of bz2, lzma and lz4 have in common; one unpacks one member or frame."""

    @property
    def eof(self) -> bool:
        """Whether the member's end mark has been passed."""

    @property
    def needs_input(self) -> bool:
        """Whether `decompress` can give nothing more without further packed bytes."""

    @property
    def unused_data(self) -> bytes | None:
        """Packed bytes that were given and lie behind the end mark."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take packed bytes, give at most `max_length` unpacked ones."""


class GzipUnpacker:
    """zlib's decompressor in the shape of the other ones."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Whether the member's end mark has been passed."""
        return self._inner.eof

    @property
    def unused_data(self) -> bytes | None:
        """Packed bytes that were given and lie behind the end mark."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take packed bytes, give at most `max_length` unpacked ones."""
        unpacked = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(unpacked) < max_length
        return unpacked


def _unpack_xz() -> Unpacker:
    return lzma.LZMADecompressor(memlimit=UNPACK_MEMORY)


def _unpack_lz4() -> Unpacker:
    import lz4.frame

    made: Unpacker = lz4.frame.LZ4FrameDecompressor()
    return made


class UnpackedStream(Stream):
    """The bytes packed in another stream, over all its members; what follows the last member is left out."""

    errors = (zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, ValueError)

    def __init__(self, inner: Stream, codec: Codec) -> None:
        super().__init__()
        self._inner = inner
        self._codec = codec
        self._unpacker = codec.unpacker()
        self._ended = False

    def _read_into(self, view: memoryview) -> int:
        while not self._ended:
            try:
                unpacked = self._unpack(min(len(view), UNPACKED_CHUNK))
            except self.errors as error:
                self._end(f"the {self._codec.name} data are damaged before byte {self.consumed()}: {error}")
                break
            if unpacked:
                view[: len(unpacked)] = unpacked
                return len(unpacked)
        return 0

    def _unpack(self, count: int) -> bytes:
        if self._unpacker.eof:
            self._next_member()
            return b""
        packed = self._inner.read(PACKED_CHUNK) if self._unpacker.needs_input else b""
        if not packed and self._unpacker.needs_input:
            cut = f"the {self._codec.name} data end before their end mark; the file is cut or still growing"
            self._end(self._inner.problem or cut)
            return b""
        return self._unpacker.decompress(packed, count)

    def _next_member(self) -> None:
        rest = self._unpacker.unused_data or b""
        while len(rest) < len(self._codec.magic) and (more := self._inner.read(PACKED_CHUNK)):
            rest += more
        if not rest.startswith(self._codec.magic):
            strange = bool(rest.strip(b"\0"))
            self._end(f"bytes that are no {self._codec.name} data follow its end and are left out" if strange else "")
            return
        self._unpacker = self._codec.unpacker()
        self._inner.give_back(rest)

    def _end(self, problem: str) -> None:
        self.problem = problem
        self._ended = True

    def consumed(self) -> int:
        """Packed bytes taken so far."""
        return self._inner.consumed()

    def close(self) -> None:
        """Release the packed stream."""
        self._inner.close()


class ZstdStream(Stream):
    """The bytes packed in a zstd stream, over all its frames."""

    def __init__(self, inner: Stream, _codec: Codec) -> None:
        import zstandard

        super().__init__()
        self._inner = inner
        self._error = zstandard.ZstdError
        unpacker = zstandard.ZstdDecompressor(max_window_size=UNPACK_MEMORY // 2)
        self._reader: Any = unpacker.stream_reader(inner, PACKED_CHUNK, read_across_frames=True)  # type: ignore[arg-type]

    def _read_into(self, view: memoryview) -> int:
        try:
            return int(self._reader.readinto(view[:UNPACKED_CHUNK]))
        except self._error as error:
            self.problem = f"the zstd data are damaged before byte {self.consumed()}: {error}"
            return 0

    def consumed(self) -> int:
        """Packed bytes taken so far."""
        return self._inner.consumed()

    def close(self) -> None:
        """Release the packed stream."""
        self._inner.close()


@dataclass(frozen=True, slots=True)
class Codec:
    """One compression: its name, the bytes its data start with, and how to unpack them."""

    name: str
    magic: bytes
    open: Callable[[Stream, Codec], Stream]
    unpacker: Callable[[], Unpacker] = GzipUnpacker


CODECS: tuple[Codec, ...] = (
    Codec("gzip", b"\x1f\x8b\x08", UnpackedStream),
    Codec("zstd", b"\x28\xb5\x2f\xfd", ZstdStream),
    Codec("lz4", b"\x04\x22\x4d\x18", UnpackedStream, _unpack_lz4),
    Codec("xz", b"\xfd7zXZ\0", UnpackedStream, _unpack_xz),
    Codec("bzip2", b"BZh", UnpackedStream, bz2.BZ2Decompressor),
)
"""Every compression that is recognised, by content."""


def find_codec(head: bytes) -> Codec | None:
    """The compression whose data start with `head`; None when it is none of them."""
    return next((codec for codec in CODECS if head.startswith(codec.magic)), None)

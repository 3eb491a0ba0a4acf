"""Capture files to raw frames: `open_capture(path)` recognises the format by content and unpacks what is packed.

Takes a path, "-" for standard input, or an open binary file; gives `Capture`s. Knows formats, not protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from wireproof.capture.frames import Batch, Capture, Interface, Note, Progress
from wireproof.capture.opening import MAX_LAYERS, Input, Openable, open_inputs
from wireproof.capture.pcap import PcapReader, starts_like_pcap
from wireproof.capture.pcapng import PcapngReader, starts_like_pcapng
from wireproof.capture.source import Source
from wireproof.capture.streams import find_codec
from wireproof.capture.unread import describe
from wireproof.errors import CaptureFormatError

__all__ = ["FORMATS", "Batch", "Capture", "Format", "Interface", "Note", "Progress", "open_capture", "open_captures"]


@dataclass(frozen=True, slots=True)
class Format:
    """One capture format: how it is recognised from a file's first bytes, and what reads it."""

    name: str
    starts_like: Callable[[bytes], bool]
    reader: Callable[[Source, str], Capture]


def _starts_like_netmon(head: bytes) -> bool:
    from wireproof.capture.netmon import starts_like_netmon

    return starts_like_netmon(head)


def _read_netmon(source: Source, file: str) -> Capture:
    from wireproof.capture.netmon import NetmonReader

    return NetmonReader(source, file)


def _starts_like_etl(head: bytes) -> bool:
    from wireproof.capture.etl.container import starts_like_etl

    return starts_like_etl(head)


def _read_etl(source: Source, file: str) -> Capture:
    from wireproof.capture.etl.reader import EtlReader

    return EtlReader(source, file)


FORMATS: tuple[Format, ...] = (
    Format("pcap", starts_like_pcap, PcapReader),
    Format("pcapng", starts_like_pcapng, PcapngReader),
    Format("netmon", _starts_like_netmon, _read_netmon),
    Format("etl", _starts_like_etl, _read_etl),
)
"""Every format that is read; the only register. What most captures are stands first: readers of the others are loaded when needed."""


def open_capture(path: Openable, *, name: str | None = None) -> Capture:
    """Open one capture; of a zip the first one, with a note about its other files. `name` is used in place of the path.

    Raises CaptureFormatError, whose message says what the input is, when it is no capture that wireproof reads.
    """
    captures = open_captures(path, name=name)
    try:
        return next(captures)
    finally:
        captures.close()


def open_captures(path: Openable, *, name: str | None = None) -> Generator[Capture]:
    """Yield every capture at `path`: one, or each one in a zip. Each is the caller's to close.

    Raises CaptureFormatError as `open_capture` does, for a zip when none of its members is a capture.
    """
    refused: list[CaptureFormatError] = []
    opened = 0
    for item in open_inputs(path, name):
        try:
            captures = _choose(item)
        except CaptureFormatError as error:
            item.stream.close()
            if item.siblings is None:
                raise
            refused.append(error)
            continue
        opened += len(captures)
        yield from captures
    if not opened:
        reasons = "; ".join(str(error) for error in refused[:3]) or "it holds no files"
        raise CaptureFormatError(f"the zip archive holds no capture: {reasons}")


def _make_source(item: Input) -> Source:
    try:
        return item.make_source()
    except OSError as error:
        raise CaptureFormatError(f"{item.name} needs a temporary copy, which can't be made: {error}") from None


def _choose(item: Input) -> Sequence[Capture]:
    """The capture that an input is, or the listings that a text holds."""
    for known in FORMATS:
        if known.starts_like(item.head):
            source = _make_source(item)
            try:
                capture = known.reader(source, item.name)
            except CaptureFormatError:
                source.close()
                raise
            if item.siblings:
                capture.notes.append(Note(f"one of {item.siblings + 1} files in its zip archive"))
            return [capture]
    if not item.head and item.stream.problem:
        raise CaptureFormatError(f"{item.name} can't be read: {item.stream.problem}")
    if find_codec(item.head):
        raise CaptureFormatError(f"{item.name} is compressed more than {MAX_LAYERS} times over; unpack it first")
    from wireproof.capture.listing.reader import open_listings, starts_like_text

    listings = open_listings(_make_source(item), item.name) if starts_like_text(item.head) else []
    if listings:
        return listings
    raise CaptureFormatError(f"{item.name} {describe(item.head)}")

"""Writes a capture with its opened sessions in clear: segments of opened conversations and everything else, in order of time.

Takes a capture's tables and what was opened; writes one file with one Ethernet interface. Neither keys nor secrets are known here.
"""

from __future__ import annotations

import contextlib
import gzip
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.write import PcapngWriter, PcapWriter, write_whole
from wireproof.export.batches import Batch, make_batches
from wireproof.export.carriers import join_carriers
from wireproof.export.comments import Comments
from wireproof.export.content import Content
from wireproof.export.datagrams import ClearUdp, UdpTalk, find_dtls_rows, find_spoken, udp_talks
from wireproof.export.ends import find_ends
from wireproof.export.events import EVENT, Events, build_events
from wireproof.export.kept import KeptRows
from wireproof.export.link import ETHERNET
from wireproof.export.nested import join_nested
from wireproof.export.opened import OpenedSegments
from wireproof.export.options import Exported, ExportError, ExportOptions
from wireproof.export.others import choose_rows, find_opened_rows, find_tunnels
from wireproof.export.ports import map_ports
from wireproof.export.rows import RowOrder

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import Clear, ClearTalk
    from wireproof.export.carriers import Carriers
    from wireproof.export.redact.frames import FrameRedactor

PACKING = 4
"""Level of gzip: slower ones make text hardly smaller."""
GROUP = 8192
"""Conversations whose segments are worked out together."""

Ints = NDArray[np.int64]


def export_clear(tables: CaptureTables, clear: Clear, path: Path, options: ExportOptions | None = None) -> Exported:
    """Write the capture in clear to `path`: classic pcap where its name ends so, else pcapng; packed with gzip where it ends in .gz.

    Raises ExportError where the file can't be written, or is an input.
    """
    options = options or ExportOptions()
    _refuse_inputs(tables, path, options)
    result = Exported()
    try:
        with contextlib.closing(_Export(tables, clear, options, result)) as export, write_whole(path) as whole:
            is_classic, is_packed = _form(path)
            with _packed(whole) if is_packed else contextlib.nullcontext(whole) as file:
                if is_classic:
                    _write_pcap(file, export)
                else:
                    _write_pcapng(file, export)
    except OSError as error:
        missing = "" if path.parent.is_dir() else f"there is no folder {path.parent}"
        raise ExportError(f"{path} can't be written: {missing or error.strerror or error}") from None
    return result


def _form(path: Path) -> tuple[bool, bool]:
    """Whether a name asks for classic pcap, and whether for gzip around it."""
    before, last = ["", "", *(suffix.lower() for suffix in path.suffixes)][-2:]
    return (before if last == ".gz" else last) == ".pcap", last == ".gz"


def _packed(file: BinaryIO) -> BinaryIO:
    """What packs into a file with gzip. It has neither a name nor a time of its own, so that equal captures give equal files."""
    return cast("BinaryIO", gzip.GzipFile("", "wb", PACKING, file, 0))


def _write_pcap(file: BinaryIO, export: _Export) -> None:
    writer = PcapWriter(file, ETHERNET)
    for batch in export.batches():
        writer.add_rows(batch.rows, batch.parts)


def _write_pcapng(file: BinaryIO, export: _Export) -> None:
    writer = PcapngWriter(file, comment=export.comments.of_file())
    interface = writer.add_interface(ETHERNET, "clear")
    for batch in export.batches():
        writer.add_rows(interface, batch.rows, batch.parts, batch.comments)


def _refuse_inputs(tables: CaptureTables, path: Path, options: ExportOptions) -> None:
    for given in (Path(tables.capture.file), *options.inputs):
        if path.resolve() == given.resolve() or (path.exists() and given.exists() and path.samefile(given)):
            raise ExportError(f"{path} is read as an input; name another file to write")
    if path.is_file() and not os.access(path, os.W_OK):
        raise ExportError(f"{path} can't be written: it is protected against writing")


class _Export:
    """One export: what is written, in order of time."""

    def __init__(self, tables: CaptureTables, clear: Clear, options: ExportOptions, result: Exported) -> None:
        self._tables, self._result = tables, result
        self._order = RowOrder(tables.packets)
        self._talks = _choose_talks(tables, clear, options)
        self._events, self._carriers = _all_events(tables, self._talks, self._order)
        self._spoken = find_spoken(clear)
        self._ends = find_ends(tables, self._talks, self._map_ports(self._talks, options))
        self._udp_ports = self._map_ports(udp_talks(tables, self._spoken), options)
        self._content = Content(tables, self._talks)
        self._rows = self._choose_rows(options)
        self._redactor = self._redact() if options.redact else None
        self.comments = Comments(tables, self._order, _hide_in_text() if options.redact else str)
        self.comments.describe_sessions(self._talks, self._events, clear.nested)
        self.comments.keep_replaced(self._talks, self._events)
        result.conversations = len(self._talks) + len(self._spoken)

    def close(self) -> None:
        """Let go of what was put aside."""
        self._content.close()

    def _map_ports(self, talks: Sequence[ClearTalk | UdpTalk], options: ExportOptions) -> dict[int, int]:
        ports, notes = map_ports(self._tables.conversations, talks, options.ports, options.others)
        self._result.notes += notes
        return ports

    def _choose_rows(self, options: ExportOptions) -> Ints:
        opened = np.zeros(len(self._tables.conversations), bool)
        opened[[talk.conversation for talk in self._talks]] = True
        stood_for = find_opened_rows(self._tables, opened)
        stood_for[find_dtls_rows(self._tables, self._spoken)] = True
        kept, inner = choose_rows(self._tables, stood_for, options, self._result.left_out)
        self._result.inner = len(inner)
        return np.concatenate([kept, inner])

    def _redact(self) -> FrameRedactor:
        """Find what to blank, in what was opened and in everything else."""
        from wireproof.export.redact.frames import FrameRedactor
        from wireproof.export.redact.opened import hide_in_content

        tables, result = self._tables, self._result
        places, notes, strange = hide_in_content(self._content, self._talks)
        found = tables.packets.conversation[self._rows]
        numbers = np.unique(found[found >= 0]).astype(np.int64)
        spoke = tables.conversations.side_facts("data_packets").any(axis=1) & tables.conversations.is_tcp
        opened = [talk.conversation for talk in self._talks]
        redactor = FrameRedactor(tables, self._order, np.setdiff1d(numbers[spoke[numbers]], opened), strange)
        redactor.places += places
        result.notes += sorted(notes | redactor.notes)
        return redactor

    def batches(self) -> Iterator[Batch]:
        """Everything that is written, in order of time; counts are those of what was given so far."""
        result, redactor = self._result, self._redactor
        kept = KeptRows(self._tables, self._rows, self.comments, result.left_out, redactor)
        events = self._events, self._carriers
        segments = OpenedSegments(self._tables, events, self._ends, self._content, self.comments)
        hide = redactor.hide_in_datagrams if redactor else None
        datagrams = ClearUdp(self._tables, self._spoken, self._udp_ports, self.comments, hide)
        for batch in make_batches([kept, segments, datagrams], self.comments):
            yield batch
            result.frames += len(batch.rows)
            result.clear = segments.written + datagrams.written
            result.redacted = redactor.places if redactor else 0
        result.left_out += segments.left_out


def _hide_in_text() -> Callable[[str], str]:
    """What blanks credentials in comments."""
    from wireproof.export.redact.walk import hide_in_text

    return hide_in_text


def _choose_talks(tables: CaptureTables, clear: Clear, options: ExportOptions) -> list[ClearTalk]:
    talks = join_nested(clear)
    if options.redact or not options.tunnels:
        tunnels = set(find_tunnels(tables)[1].tolist())
        talks = [talk for talk in talks if talk.conversation not in tunnels]
    return talks


def _all_events(tables: CaptureTables, talks: list[ClearTalk], order: RowOrder) -> tuple[Events, Carriers]:
    groups, lists = [np.zeros(0, EVENT)], []
    known = 0
    for begin in range(0, len(talks), GROUP):
        events, carriers = build_events(tables, talks[begin : begin + GROUP], order)
        if begin:
            events["stream"] += 2 * begin
            events["carried"] += np.where(events["carried"] >= 0, known, 0)
        known += len(carriers)
        groups.append(events)
        lists.append(carriers)
    # Most captures are one group, of which nothing need be copied.
    return (groups[1], lists[0]) if len(lists) == 1 else (np.concatenate(groups), join_carriers(lists))

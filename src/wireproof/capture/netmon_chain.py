"""Chains of Network Monitor files: `nmcap` splits one capture into trace.cap, trace(1).cap, trace(2).cap and so on.

Takes open captures, finds those that are one by name and times, and reads them as one. Knows no record.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.frames import Batch, Capture, Note, Process, Progress
from wireproof.capture.netmon import NetmonReader

OFFSET_BITS = 40
"""Offsets of a part are told from those of the others by the bits above: no Network Monitor file is longer than 4 GiB."""
LATE_NS = 1_000_000_000
"""By so much the first frame of a part may lie before the last one of the part before: adapters are not read in step."""


def find_chains(captures: Sequence[Capture]) -> list[list[NetmonReader]]:
    """The captures that are parts of one another, each group in order; a group has at least two."""
    named: dict[str, dict[int, NetmonReader]] = defaultdict(dict)
    for capture in captures:
        if isinstance(capture, NetmonReader):
            stem, number = split_name(capture.file)
            named[stem][number] = capture
    chains = []
    for parts in named.values():
        numbers = sorted(parts)
        start = numbers[0]
        # Of a chain that runs long, the first files are often thrown away.
        chain = [parts[number] for place, number in enumerate(numbers) if number == start + place]
        if len(chain) == len(parts) > 1 and _follow_one_another(chain):
            chains.append(chain)
    return chains


def split_name(file: str) -> tuple[str, int]:
    """A file's name without its place in a chain, and that place: 0 for the file without a number."""
    match = re.fullmatch(r"(.*)\(([1-9][0-9]{0,5})\)(\.[^./\\]*)?", file, re.DOTALL)
    return (match[1] + (match[3] or ""), int(match[2])) if match else (file, 0)


def _follow_one_another(chain: Sequence[NetmonReader]) -> bool:
    """Whether each part begins when the one before ends; copies of a file and captures of other points don't."""
    last = -(1 << 62)
    for part in chain:
        span = part.time_span()
        if span is None or span[0] < last - LATE_NS or span[1] < span[0]:
            return False
        last = span[1]
    return True


class ChainedCapture(Capture):
    """Several captures as one: frames, interfaces and owners are numbered on from part to part.

    `sizes` are the parts' bytes on disk, for progress. Takes over the parts: closing it closes them.
    """

    def __init__(self, parts: Sequence[NetmonReader], sizes: Sequence[int]) -> None:
        super().__init__(parts[0].file)
        self.format = parts[0].format
        self.processes: list[Process] = []
        self._parts = list(parts)
        self._sizes = list(sizes)
        self._owners: list[NDArray[np.int32]] = []

    @property
    def frame_processes(self) -> NDArray[np.int32]:
        """For each frame its entry in `processes`, -1 for none; empty where no part names any."""
        return np.concatenate(self._owners) if self.processes else super().frame_processes

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """Yield every frame, part after part. Raises RuntimeError when called twice."""
        self._begin_walk()
        frames = 0
        for place, part in enumerate(self._parts):
            before = frames
            for batch in part.batches(self._progress_of(place, progress)):
                frames += batch.count
                numbers = self._number_interfaces(part)
                interface = numbers[batch.interface[: batch.count]]
                yield replace(batch, origin=batch.origin + (place << OFFSET_BITS), interface=interface)
            self._take_facts(part, before, frames - before)
        names = ", ".join(re.split(r"[/\\]", part.file)[-1] for part in self._parts)
        self.notes.append(Note(f"{len(self._parts)} files of one chain are read as one capture: {names}"))

    def _progress_of(self, place: int, progress: Progress | None) -> Progress | None:
        if progress is None:
            return None
        before, total = sum(self._sizes[:place]), sum(self._sizes)
        return lambda done, _whole: progress(before + done, max(total, before + done))

    def _number_interfaces(self, part: Capture) -> NDArray[np.uint16]:
        """What each interface of a part is numbered here: an interface stands for a media type, and so they are shared."""
        self.interfaces += [interface for interface in part.interfaces if interface not in self.interfaces]
        return np.array([self.interfaces.index(interface) for interface in part.interfaces], np.uint16)

    def _take_facts(self, part: NetmonReader, before: int, count: int) -> None:
        """What a part says beside its frames, once it is read."""
        self.utc_offset_s = part.utc_offset_s
        for number, texts in part.comments.items():
            self.comments.setdefault(number + before if number else 0, []).extend(texts)
        owners = part.frame_processes if len(part.frame_processes) else np.full(count, -1, np.int32)
        self._owners.append(np.where(owners < 0, -1, owners + len(self.processes)).astype(np.int32))
        self.processes += part.processes
        self.notes += [Note(f"{part.file}: {note.text}", note.offset) for note in part.notes]

    def read_frames(self, offsets: Sequence[int] | NDArray[Any], lengths: Sequence[int] | NDArray[Any]) -> list[bytes]:
        """Fetch frames again by their `offset` and captured length; thread-safe, in any order."""
        found = []
        for offset, length in zip(offsets, lengths, strict=True):
            place, own = divmod(int(offset), 1 << OFFSET_BITS)
            found += self._parts[place].read_frames([own], [length])
        return found

    def close(self) -> None:
        """Release every part."""
        for part in self._parts:
            part.close()

"""What is said on each written frame: which frames of the capture it stands for, and what encrypted it.

Takes rows; gives short texts. Names of keys are said, keys are not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.export._frames import name_frames
from wireproof.export.said import CLEAR
from wireproof.wire.tls import version_name
from wireproof.wire.tls_suites import suite_name

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.decrypt.outcome import Outcome
    from wireproof.export.carriers import Carriers
    from wireproof.export.events import Events
    from wireproof.export.rows import RowOrder

FOLDER = re.compile(r"[\\/]")
LONGEST_NAME = 120
TEXT_BYTES, NUMBER_BYTES, MOST_NUMBERS = 64, 22, 32
"""More than words around the name and numbers take, and numbers in a text."""

Ints = NDArray[np.int64]


class Comments:
    """Comments on the frames of one capture; `hide` blanks what is secret in those that it has."""

    def __init__(self, tables: CaptureTables, order: RowOrder, hide: Callable[[str], str] = str) -> None:
        self._tables = tables
        self._hide = hide
        self._order = order
        name = FOLDER.split(tables.capture.file)[-1][-LONGEST_NAME:] or "the capture"
        # A name of a file may hold what is no text.
        self.name = name.encode("utf-8", "replace").decode()
        self._on_events: dict[int, list[str]] = {}
        self._known: Ints | None = None

    def of_file(self) -> str:
        """What is said on the whole file."""
        return (
            f"{self.name} with its opened sessions in clear: what was encrypted stands in segments that wireproof made"
        )

    def name_rows(self, carriers: Carriers, inside: NDArray[np.bool_]) -> tuple[bytearray, Ints]:
        """(texts one behind the other, where each ends): which frames the rows of each list are. `inside` is set where one was found inside a frame."""
        numbers, bounds = self._order.numbers(carriers.rows), carriers.ends
        counts = np.diff(bounds, prepend=0)
        if (np.diff(numbers) < 0).any():
            # Packets that came in another order than their bytes.
            numbers = numbers[np.lexsort((numbers, np.repeat(np.arange(len(counts)), counts)))]
        name = self.name.encode()
        size = len(counts) * (len(name) + TEXT_BYTES) + int(np.minimum(counts, MOST_NUMBERS).sum()) * NUMBER_BYTES
        texts, ends = bytearray(size), np.zeros(len(counts), np.int64)
        name_frames(numbers, bounds, inside.view(np.uint8), name, texts, ends)
        return texts, ends

    def of_rows(self, rows: Ints) -> dict[int, Sequence[str]]:
        """What was said in the capture on rows that are kept as they are, by their places."""
        comments = self._tables.capture.comments
        if not comments:
            return {}
        # Rows from inside others have no comments of their own.
        own = np.where(rows < self._tables.packets.frames, rows + 1, 0)
        known = np.array(sorted(number for number in comments if number), np.int64)
        return {place: [self._hide(text) for text in comments[int(own[place])]] for place in _hits(own, known)}

    def of_events(self, indexes: Ints) -> dict[int, Sequence[str]]:
        """What is said on segments besides; `indexes` are their places among all of them."""
        if self._known is None or len(self._known) != len(self._on_events):
            self._known = np.array(sorted(self._on_events), np.int64)
        return {place: self._on_events[int(indexes[place])] for place in _hits(indexes, self._known)}

    def describe_sessions(
        self, talks: Sequence[ClearTalk], events: Events, nested: Mapping[int, ClearTalk] | None = None
    ) -> None:
        """Let the first clear segment of each conversation say what encrypted it, and what encrypted the session inside."""
        texts: dict[tuple[int, int, str, str], str] = {}
        clear = np.flatnonzero(events["source"] == CLEAR)
        places, first = np.unique(events["stream"][clear] >> 1, return_index=True)
        for place, index in zip(places.tolist(), clear[first].tolist(), strict=True):
            outcome = talks[place].outcome
            alike = outcome.version, outcome.suite, outcome.server_name, outcome.key
            if alike not in texts:
                texts[alike] = describe_session(outcome)
            said = self._on_events.setdefault(index, [])
            said.append(texts[alike])
            inner = (nested or {}).get(talks[place].conversation)
            if inner:
                said.append(f"inside it another session, which {describe_session(inner.outcome)}")

    def keep_replaced(self, talks: Sequence[ClearTalk], events: Events) -> None:
        """Comments on frames that segments stand for go on to the first segment at or behind each."""
        places = {talk.conversation: place for place, talk in enumerate(talks)}
        conversation = self._tables.packets.conversation
        for number, texts in sorted(self._tables.capture.comments.items()):
            place = places.get(int(conversation[number - 1])) if 0 < number <= self._tables.packets.frames else None
            if place is None:
                continue
            begin, end = np.searchsorted(events["stream"] >> 1, [place, place + 1])
            ranks = self._order.ranks(events["row"][begin:end])
            own = self._order.ranks(np.array([number - 1]))[0]
            if begin < end:
                index = min(int(begin + np.searchsorted(ranks, own)), int(end) - 1)
                self._on_events.setdefault(index, []).extend(map(self._hide, texts))


def _hits(wanted: Ints, known: Ints) -> list[int]:
    """The places of those that are among the known numbers, which are in order."""
    if not len(known):
        return []
    near = known[np.minimum(np.searchsorted(known, wanted), len(known) - 1)]
    found: list[int] = np.flatnonzero(near == wanted).tolist()
    return found


def describe_session(outcome: Outcome) -> str:
    """Version, suite, server name and the name of what opened it, as far as known."""
    parts = [version_name(outcome.version) if outcome.version else "TLS"]
    parts += [suite_name(outcome.suite)] if outcome.suite >= 0 else []
    parts += [f"server name {outcome.server_name}"] if outcome.server_name else []
    parts += [f"opened with {FOLDER.split(outcome.key)[-1]}"] if outcome.key else []
    return "was " + ", ".join(parts)

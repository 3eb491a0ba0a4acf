"""Marker pings: echo requests with 22, 33, 44 or 55 bytes of data, by which somebody marked moments of a capture.

Takes a capture's tables; gives `Marker`s in order of time. Sizes alone make no marker: the data is a ping program's, there are few
requests, and they do not come again and again as those of monitoring do. Judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from wireproof.limits import limit
from wireproof.messages.icmp import address_text
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations.read import CaptureTables

MEANINGS = {
    22: "the reproduction begins",
    33: "first try",
    44: "second try",
    55: "the reproduction is over",
}
"""Bytes of data, and the moment that they mark in the action plans of `wireproof collect`."""

MOST_REQUESTS = limit(
    "markers.requests", 8, "a marker is two to four pings; more of one size are a test of the way or a monitor"
)
MOST_RUNS = limit(
    "markers.runs", 4, "a test is repeated a few times by hand; what comes again more often is a program's"
)
MOST_TARGETS = limit(
    "markers.targets", 3, "a marker goes to the gateway or a server or two; one size to many hosts is a scan"
)
GAP_S = limit(
    "markers.gap_s", 10.0, "ping waits four seconds or less between requests, even for one that nobody answers"
)
MOST_READ = limit(
    "markers.read",
    4096,
    "requests of these sizes that are looked at closer; a capture with more of them is of a monitor",
)

ECHO_REQUEST, ECHO_REQUEST_6 = 8 << 8, 128 << 8
WINDOWS_CYCLE = b"abcdefghijklmnopqrstuvw"
STAMP = 16
"""Bytes at the start of the data that ping on Linux, macOS and BSD fills with the time."""


@dataclass(frozen=True, slots=True)
class Marker:
    """One moment that was marked: rows of its first and last echo request, and who sent how many of them to whom."""

    size: int
    row: int
    last_row: int
    time_ns: int
    requests: int
    source: str
    target: str

    @property
    def meaning(self) -> str:
        """What the moment is, in the action plans' words."""
        return MEANINGS[self.size]


@dataclass(frozen=True, slots=True)
class _Request:
    row: int
    time_ns: int
    size: int
    source: str
    target: str


def find_markers(tables: CaptureTables) -> list[Marker]:
    """Every marker of a capture, in order of time."""
    runs: dict[tuple[int, str], list[list[_Request]]] = defaultdict(list)
    for run in _find_runs(_read_requests(tables)):
        runs[run[0].size, run[0].source].append(run)
    found = [_make(run) for several in runs.values() if _are_marks(several) for run in several]
    return sorted(found, key=lambda marker: (marker.time_ns, marker.row))


def _read_requests(tables: CaptureTables) -> Iterator[_Request]:
    """Echo requests of the sizes, with the data of a ping program."""
    packets = tables.packets
    rows = packets.rows_with("layers", LAYERS["icmp"] | LAYERS["icmpv6"])
    if not len(rows):
        return
    lengths = packets.length[rows]
    fits = np.isin(lengths, list(MEANINGS)) & np.isin(packets.code[rows], (ECHO_REQUEST, ECHO_REQUEST_6))
    rows = rows[fits]
    if not 0 < len(rows) <= MOST_READ.value:
        return
    for row, frame in zip(rows.tolist(), tables.read_frames(rows.tolist()), strict=True):
        size, start, network = int(packets.length[row]), int(packets.payload_at[row]), int(packets.network_at[row])
        if is_ping(frame[start : start + size], size):
            yield _Request(
                row, int(packets.time_ns[row]), size, *_ends(frame, network, six=packets.code[row] == ECHO_REQUEST_6)
            )


def is_ping(data: bytes, size: int) -> bool:
    """Whether this is the data that a ping program fills in: letters on Windows, counted bytes elsewhere, zeros from BusyBox.

    Data that the capture cut is judged by what is left of it.
    """
    if data == (WINDOWS_CYCLE * 3)[: len(data)]:
        return True
    tail = data[STAMP:]
    return tail == bytes(range(STAMP, size))[: len(tail)] or not any(tail)


def _ends(frame: bytes, at: int, *, six: bool) -> tuple[str, str]:
    start, length = (at + 8, 16) if six else (at + 12, 4)
    if len(frame) < start + 2 * length:
        return "", ""
    return address_text(frame[start : start + length]), address_text(frame[start + length : start + 2 * length])


def _find_runs(requests: Iterable[_Request]) -> Iterator[list[_Request]]:
    """Requests of one size between the same two hosts that follow each other closely."""
    talks: dict[tuple[int, str, str], list[_Request]] = defaultdict(list)
    for request in requests:
        talks[request.size, request.source, request.target].append(request)
    for several in talks.values():
        several.sort(key=lambda request: (request.time_ns, request.row))
        run = several[:1]
        for before, request in pairwise(several):
            if request.time_ns - before.time_ns > GAP_S.value * 1e9:
                yield run
                run = []
            run.append(request)
        yield run


def _are_marks(runs: Sequence[Sequence[_Request]]) -> bool:
    """Whether runs of one size from one host are few, short, and to few hosts."""
    targets = {run[0].target for run in runs}
    longest = max(len(run) for run in runs)
    return (
        len(targets) <= MOST_TARGETS.value
        and len(runs) <= MOST_RUNS.value * len(targets)
        and longest <= MOST_REQUESTS.value
    )


def _make(run: Sequence[_Request]) -> Marker:
    first = run[0]
    return Marker(first.size, first.row, run[-1].row, first.time_ns, len(run), first.source, first.target)

"""What captures say of processes on their frames: owners (Network Monitor's table), and in whose context frames were logged (ETL, the
comments that etl2pcapng makes of it, the process column of a listing).

Takes a capture's tables; gives claims that already have their conversation. What events say is a log's; see `claims`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.frames import Process, index_processes
from wireproof.limits import limit
from wireproof.messages.vantage import find_vantage, read_heads
from wireproof.processes.ownership.claims import Claim

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

Placed = tuple[int, int, Claim]
COMMENTED = limit(
    "ownership.comments",
    20_000,
    "ends of conversations of a converted ETL whose sender is looked at: a frame of each is read again",
)
COMMENT = re.compile(r"PID=(\d{1,9})")
NOBODY = (0, 4, 0xFFFFFFFF)
"""Idle, System and none: work of every process runs in their context."""
SYN = 2
UNNAMED = (0, 0xFFFFFFFF)
"""Idle and none own nothing; System does."""


def claims_of_capture(tables: CaptureTables) -> Iterator[Placed]:
    """Claims on conversations, from whatever the capture names on its frames."""
    capture = tables.capture
    processes, named = capture.processes, capture.frame_processes
    if not len(named) and any(COMMENT.fullmatch(text) for text in capture.comments.get(1, ())):
        processes, named = _of_comments(tables)
    rows = np.flatnonzero(named[: tables.packets.frames] >= 0)
    rows = rows[tables.packets.conversation[rows] >= 0]
    if not len(rows):
        return
    if any(process.local for process in processes):
        yield from _of_owners(tables, processes, rows, named)
    else:
        yield from _of_senders(tables, processes, rows, named)


def _of_comments(tables: CaptureTables) -> tuple[list[Process], NDArray[np.int32]]:
    """Processes of a capture that etl2pcapng made: a comment on each frame has the id."""
    named: list[tuple[int, str] | None] = [None] * tables.packets.frames
    for number, texts in tables.capture.comments.items():
        found = next(filter(None, map(COMMENT.fullmatch, texts)), None)
        if 0 < number <= len(named) and found:
            named[number - 1] = int(found[1]), ""
    return index_processes(named)


def _of_owners(
    tables: CaptureTables, processes: Sequence[Process], rows: NDArray[np.int64], named: NDArray[np.int32]
) -> Iterator[Placed]:
    """The process that owns the connection of each frame."""
    pairs = Counter(zip(tables.packets.conversation[rows].tolist(), named[rows].tolist(), strict=True))
    for (number, index), _ in pairs.most_common():
        process = processes[index]
        talk = tables.conversations[number]
        ends = [(talk.address(side), int(talk.facts["sides"][side]["port"])) for side in (0, 1)]
        if process.pid not in UNNAMED and process.local in ends and ends[0] != ends[1]:
            side = ends.index(process.local)
            claim = Claim(talk.protocol, ends[side], ends[1 - side], process.pid, "Network Monitor", name=process.name)
            yield number, side, claim


def _of_senders(
    tables: CaptureTables, processes: Sequence[Process], rows: NDArray[np.int64], named: NDArray[np.int32]
) -> Iterator[Placed]:
    """In whose context the frames of a conversation were sent, where it is one process only."""
    packets = tables.packets
    # ACKs without data are sent in the context of whatever ran just then.
    by_call = (packets.length[rows] > 0) | ((packets.flags[rows] & SYN) != 0)
    nobody = [place for place, process in enumerate(processes) if process.pid in NOBODY]
    rows = rows[by_call & ~np.isin(named[rows], nobody)]
    rows = rows[_are_sent(tables, rows)]
    seen: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in rows.tolist():
        seen[int(packets.conversation[row]), int(packets.direction[row])].add(int(named[row]))
    for (number, side), own in seen.items():
        if len(own) == 1:
            process = processes[own.pop()]
            talk = tables.conversations[number]
            local, remote = ((talk.address(one), int(talk.facts["sides"][one]["port"])) for one in (side, 1 - side))
            source = "process column" if tables.capture.format == "listing" else "context of sent frames"
            yield (
                number,
                side,
                Claim(talk.protocol, local, remote, process.pid, source, name=process.name, is_weak=True),
            )


def _are_sent(tables: CaptureTables, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of some rows the capturing host sent: as the capture says, by its MAC address, or by the one address that all of them share."""
    capture = tables.capture
    if len(capture.sent):
        return capture.sent[rows]
    ends = tables.packets.conversation[rows].astype(np.int64) * 2 + tables.packets.direction[rows]
    keys, firsts, places = np.unique(ends, return_index=True, return_inverse=True)
    own = np.zeros(len(keys), np.bool_)
    if capture.format == "listing":
        own[:] = _by_address(tables, keys)
        return own[places]
    vantage = find_vantage(tables)
    looked_at = min(len(keys), int(COMMENTED.value)) if vantage.mac else 0
    own[:looked_at] = [head[6:12] == vantage.mac for head in read_heads(tables, rows[firsts[:looked_at]])]
    return own[places]


def _by_address(tables: CaptureTables, keys: NDArray[np.int64]) -> list[bool]:
    """Which ends (twice the conversation, and the side) have the one address that sent something in every conversation; none where several have."""
    ends = [divmod(key, 2) for key in keys.tolist()]
    senders: dict[int, set[str]] = defaultdict(set)
    for number, side in ends:
        senders[number].add(tables.conversations[number].address(side))
    hosts = set.intersection(*senders.values()) if senders else set()
    return [len(hosts) == 1 and tables.conversations[number].address(side) in hosts for number, side in ends]

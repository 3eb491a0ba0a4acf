"""What captures say of processes: the table of Network Monitor, the events of an ETL, and in whose context frames were sent (ETL, and the
comments that etl2pcapng makes of it).

Takes a capture's tables; gives claims, and claims that already have their conversation. Knows no log.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.logs.etl_events import decode_event
from wireproof.logs.etl_events import find_owners as find_event_owners
from wireproof.logs.etl_layouts import KERNEL_NETWORK, TCPIP
from wireproof.messages.vantage import find_vantage, read_heads
from wireproof.processes.ownership_claims import Claim

if TYPE_CHECKING:
    from wireproof.capture.etl.reader import EtlReader
    from wireproof.conversations import CaptureTables

Placed = tuple[int, int, Claim]
EVENTS = limit(
    "ownership.events",
    500_000,
    "events of an ETL that are looked through for process ids; a busy minute has fewer connections",
)
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


def claims_of_capture(tables: CaptureTables) -> tuple[list[Claim], list[Placed]]:
    """Claims on sockets, and claims on conversations."""
    from wireproof.capture.etl.reader import EtlReader

    capture = tables.capture
    if isinstance(capture, EtlReader):
        return list(_of_events(capture)), list(_of_senders(tables, capture.process_ids, capture.sent))
    if len(capture.frame_processes):
        return [], list(_of_frames(tables))
    if any(COMMENT.fullmatch(text) for text in capture.comments.get(1, ())):
        return [], list(_of_comments(tables))
    return [], []


def _of_events(capture: EtlReader) -> Iterator[Claim]:
    facts = []
    for turn, event in enumerate(capture.etl_events((TCPIP, KERNEL_NETWORK))):
        if turn >= EVENTS.value:
            break
        fact = decode_event(event.provider, event.event_id, event.data, capture.header.pointer_size)
        if fact and fact.pid:
            facts.append((fact, "udp" if fact.name.startswith("Udp") else "tcp"))
    for protocol in ("tcp", "udp"):
        owners = find_event_owners(fact for fact, of in facts if of == protocol)
        for (local, remote), pid in owners.items():
            yield Claim(protocol, local, remote, pid, "ETL events")


def _of_comments(tables: CaptureTables) -> Iterator[Placed]:
    """The same for captures that etl2pcapng made: a comment on each frame has the process; sent are those from the capturing host."""
    vantage, frames = find_vantage(tables), tables.packets.frames
    if not vantage.mac:
        return
    pids = np.zeros(frames, np.uint32)
    for number, texts in tables.capture.comments.items():
        found = next(filter(None, map(COMMENT.fullmatch, texts)), None)
        if 0 < number <= frames and found:
            pids[number - 1] = int(found[1])
    ends = tables.packets.conversation[:frames].astype(np.int64) * 2 + tables.packets.direction[:frames]
    keys, firsts, ends = np.unique(ends, return_index=True, return_inverse=True)
    looked_at = min(len(keys), int(COMMENTED.value))
    own = np.zeros(len(keys), np.bool_)
    own[:looked_at] = [head[6:12] == vantage.mac for head in read_heads(tables, firsts[:looked_at])]
    yield from _of_senders(tables, pids, own[ends])


def _of_senders(tables: CaptureTables, pids: NDArray[np.uint32], sent: NDArray[np.bool_]) -> Iterator[Placed]:
    """In whose context the frames of a conversation were sent, where it is one process only."""
    frames = min(len(pids), tables.packets.frames)
    talks = tables.packets.conversation[:frames]
    packets = tables.packets
    # ACKs without data are sent in the context of whatever ran just then.
    by_call = (packets.length[:frames] > 0) | ((packets.flags[:frames] & SYN) != 0)
    rows = np.flatnonzero(sent[:frames] & by_call & (talks >= 0) & ~np.isin(pids[:frames], NOBODY))
    seen: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in rows.tolist():
        seen[int(talks[row]), int(tables.packets.direction[row])].add(int(pids[row]))
    for (number, side), own in seen.items():
        if len(own) == 1:
            talk = tables.conversations[number]
            local, remote = ((talk.address(one), int(talk.facts["sides"][one]["port"])) for one in (side, 1 - side))
            yield number, side, Claim(talk.protocol, local, remote, own.pop(), "context of sent frames", is_weak=True)


def _of_frames(tables: CaptureTables) -> Iterator[Placed]:
    """The process that Network Monitor names on the frames of a conversation."""
    capture = tables.capture
    owners = capture.frame_processes
    frames = min(len(owners), tables.packets.frames)
    talks = tables.packets.conversation[:frames]
    rows = np.flatnonzero((owners[:frames] >= 0) & (talks >= 0))
    pairs = Counter(zip(talks[rows].tolist(), owners[rows].tolist(), strict=True))
    for (number, index), _ in pairs.most_common():
        process = capture.processes[index]
        if process.pid in UNNAMED:
            continue
        talk = tables.conversations[number]
        ends = [(talk.address(side), int(talk.facts["sides"][side]["port"])) for side in (0, 1)]
        if process.local in ends and ends[0] != ends[1]:
            side = ends.index(process.local)
            remote = ends[1 - side]
            yield (
                number,
                side,
                Claim(talk.protocol, process.local, remote, process.pid, "Network Monitor", name=process.name),
            )

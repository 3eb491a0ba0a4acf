"""Resets in the name of a host that says itself that the connection timed out: it took no answer, and reset nothing.

A part of `path-forged-reset`: takes what TCP/IP traces and SIP logs tell of connections that no capture at their host shows; gives one
finding a target.
"""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, display_filter, frame, joined, label, log_line, seconds
from wireproof.rules.resets import ttl_note
from wireproof.rules.sip._alone import TIMED_OUT
from wireproof.rules.sip._answer import trouble_words
from wireproof.rules.sip._waited import given_up
from wireproof.rules.subjects import Subject, members
from wireproof.rules.windows._traces import end_text, traces
from wireproof.rules.windows.connect_timeout import Attempt, find_attempts, talks_of

if TYPE_CHECKING:
    from wireproof.case import Case, Point

SYN, RST, SYN_ACK = 0x02, 0x04, 0x12
ATTEMPTS, SHOWN = 200, 4


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """One connection that timed out, as `source` says of its client, and that a capture elsewhere shows reset in the client's name at `rows`."""

    source: str
    told: str
    lines: tuple[Evidence, ...]
    point: Point
    number: int
    rows: list[int]


_TRACED: weakref.WeakKeyDictionary[Case, list[Traced]] = weakref.WeakKeyDictionary()


def find_traced(case: Case) -> list[Traced]:
    """Every such connection, once. One that a capture at the client shows too is left to the comparison of both."""
    if case not in _TRACED:
        found: dict[tuple[int, int], Traced] = {}
        for one in [*_of_traces(case), *_of_sip_logs(case)]:
            found.setdefault((one.point.index, one.number), one)
        _TRACED[case] = list(found.values())
    return _TRACED[case]


def _of_traces(case: Case) -> Iterator[Traced]:
    attempts = [attempt for trace in traces(case) for attempt in find_attempts(trace)]
    for attempt in attempts[:ATTEMPTS]:
        name, host = attempt.trace.name, attempt.local[0]
        waited = f" after {seconds(attempt.waited_s)}" if attempt.waited_s else ""
        told = f"{name}, the trace of {host}, says that this connection timed out{waited}: its stack took no SYN/ACK and reset nothing"
        for point, number in talks_of(case, attempt):
            side = 0 if point.talk(number).endpoint(0) == end_text(attempt.local) else 1
            rows = _resets(case, point, number, side)
            if rows:
                yield Traced(name, told, tuple(_lines(attempt)), point, number, rows)


def _lines(attempt: Attempt) -> Iterator[Evidence]:
    again = [event for event in attempt.events if event.kind == "connect-retransmitted"]
    for event in again[:1]:
        yield from attempt.trace.evidence(event, "SYN again: no answer was taken")
    yield from attempt.trace.evidence(attempt.events[-1], "timed out, not reset")


def _of_sip_logs(case: Case) -> Iterator[Traced]:
    """A log does not name the client's port: the connection is known by its target and its time, and has to go on after the reset."""
    for logged in case.logged_sip:
        troubles = [one for one in logged.log.troubles if one.winsock == TIMED_OUT and one.peer_ip]
        for trouble in troubles[:ATTEMPTS]:
            words = trouble_words(trouble)
            told = f"{logged.name}, the log of that server, says: {words}. So it took no SYN/ACK and reset nothing"
            for point, number in given_up(case, logged, trouble):
                side = int(point.talk(number).client_side)
                rows = _resets(case, point, number, side)
                if rows and _goes_on(Subject(point, number, side), rows[0]):
                    line = log_line(logged.log, trouble.line, f"timed out, not reset: {words}")
                    yield Traced(logged.name, told, (line,), point, number, rows)


def _resets(case: Case, point: Point, number: int, side: int) -> list[int]:
    """Rows of resets from a side whose SYN was answered; none where another capture shows the conversation too."""
    if (point.index, number) in members(case) or not point.conversations.facts["sides"]["syn_acks"][number, 1 - side]:
        return []
    rows = point.conversations.rows_of_side(number, side)
    return [int(row) for row in rows[(point.packets.flags[rows] & RST) != 0]]


def _goes_on(client: Subject, reset: int) -> bool:
    """Whether the client sends its SYN again behind a reset in its name."""
    rows = client.point.conversations.rows_of_side(client.number, client.side)
    syns = rows[(client.point.packets.flags[rows] & SYN) != 0]
    return bool(np.any(syns > reset))


def traced_resets(case: Case, fix: list[str], references: list[str]) -> Iterator[Finding]:
    """One finding a target, capture and trace."""
    groups: dict[tuple[str, str, str], list[Traced]] = defaultdict(list)
    for one in find_traced(case):
        groups[one.source, one.point.name, one.point.talk(one.number).server_endpoint].append(one)
    for (source, point, target), found in groups.items():
        yield _finding(source, point, target, found, fix, references)


def _finding(
    source: str, point: str, target: str, found: list[Traced], fix: list[str], references: list[str]
) -> Finding:
    first, rows = found[0], [row for one in found for row in one.rows]
    talk = first.point.talk(first.number)
    host, many = talk.address(talk.client_side), len(rows) > 1
    numbers = joined([first.point.packets.number(row) for row in rows])
    carried = first.point.capture.carries("ttl")
    return Finding(
        rule="path-forged-reset",
        severity=Severity.ERROR,
        confidence=Confidence.MEDIUM,
        title=f"{count(len(rows), 'reset')} in the name of {host}, whose own attempt timed out",
        summary=(
            f"{point} {'frames' if many else 'frame'} {numbers} {'are resets' if many else 'is a reset'} from {host} behind a SYN/ACK of {target}. "
            f"{first.told}. A device between {host} and {point} made {'them' if many else 'it'}, or a filter driver of that host below TCP/IP."
        ),
        evidence=[*_frames(found), *first.lines],
        where=f"between {host} and {point}",
        toward="server",
        talk=label(talk),
        facts={
            "resets": len(rows),
            "reset_ttl": sorted(set(first.point.packets.ttl[rows].tolist())) if carried else [],
        },
        fix=fix,
        references=references,
        filters={point: display_filter(talk)},
        cause=(source, point, "timed out", target),
        conversations=[(one.point.name, one.number) for one in found],
    )


def _frames(found: list[Traced]) -> Iterator[Evidence]:
    pairs = [(one, row) for one in found for row in one.rows]
    for one, row in pairs[:SHOWN]:
        rows = one.point.conversations.rows(one.number)
        before = rows[(rows < row) & ((one.point.packets.flags[rows] & SYN_ACK) == SYN_ACK)]
        for answer in before[-1:].tolist():
            yield frame(one.point, answer, "never taken by the client", "lost")
        yield frame(one.point, row, f"not sent by the client{ttl_note(one.point, row)}", "forged")

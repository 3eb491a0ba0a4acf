"""Failure responses that logs tell of: each once, however many logs and lines have it, with the failures written between request and response.

Takes a case; gives `LoggedAnswer`s. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Talk as TalkLabel
from wireproof.messages.sip_logged import HERE, THERE
from wireproof.processes.logs.connections import find_connection
from wireproof.rules.evidence import display_filter, frame, log_line, seconds
from wireproof.rules.sip._answer import Answer, Told, split_end
from wireproof.rules.sip_log_clock import Shift, find_shift
from wireproof.rules.windows._clock import in_time_of
from wireproof.wire.sip import parameters

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.finding import Evidence
    from wireproof.logs.sip_log import Trouble
    from wireproof.messages.sip import SipMessage
    from wireproof.messages.sip_logged import LoggedSip

Key = tuple[str, int, str, int]
AFTER_NS = 1_000_000_000
"""The record of a failure may be written some milliseconds after the response that it caused."""
CARRIED_NS = 500_000_000
TROUBLES = 8


@dataclass(frozen=True)
class LoggedAnswer(Answer):
    """A failure response that only logs show. `carried` are the conversations of captures that must have carried it, encrypted mostly."""

    logged: LoggedSip | None = None
    carried: tuple[tuple[Point, int], ...] = ()

    @property
    def source(self) -> LoggedSip:
        """The log."""
        assert self.logged is not None
        return self.logged

    @property
    def writer(self) -> str:
        """A name for the program that wrote the log, where no address is known."""
        return _parameter(self.message, "source") or f"the server that wrote {self.source.name}"

    def _end(self, side: int) -> str:
        told = self.source.endpoint(self.message, side)
        if told or not self.carried:
            return told
        point, number = self.carried[0]
        talk = point.talk(number)
        peer = self.source.endpoint(self.message, THERE)
        return talk.endpoint(1) if talk.endpoint(0) == peer else talk.endpoint(0)

    @property
    def responder(self) -> str:
        """`address:port` of the sender, or its name."""
        return self._end(self.message.side) or self.writer

    @property
    def responder_address(self) -> str:
        """Address or name of the sender."""
        return split_end(self.responder)[0]

    @property
    def asker(self) -> str:
        """Whom it was sent to."""
        return self._end(1 - self.message.side) or self.message.from_uri or "a client"

    @property
    def label(self) -> TalkLabel:
        """The conversation, as the log names it."""
        return TalkLabel(self.message.transport or "sip", self.asker, self.responder)

    @property
    def conversations(self) -> list[tuple[str, int]]:
        """Conversations of captures that carried it."""
        return [(point.name, number) for point, number in self.carried]

    @property
    def asked_ns(self) -> int:
        """When the log has the request."""
        return self.message.time_ns - max(self.message.wait_ns, 0)

    def evidence(self, case: Case) -> list[Evidence]:
        """Its lines, and the packets of captures that carried it."""
        after = f" after {seconds(self.wait_s)}" if self.wait_s >= 0 else ""
        rows = [log_line(self.source.log, self.message.row, f"{self.status}{after}")]
        if self.message.request_row >= 0:
            rows.append(log_line(self.source.log, self.message.request_row, f"the {self.message.method}"))
        return [*rows, *told_rows(self.told, rows), *self._carriers(case)]

    def _carriers(self, case: Case) -> Iterator[Evidence]:
        """The packets that carried request and response, found by the times in the log."""
        for point, number in self.carried[:2]:
            shift = self.shift(case, point)
            if shift.ns is None:
                continue
            talk = point.talk(number)
            peer = 0 if talk.endpoint(0) == self.source.endpoint(self.message, THERE) else 1
            side = 1 - peer if self.message.side == HERE else peer
            moments = ((self.message.time_ns, side, "response"), (self.asked_ns, 1 - side, "request"))
            for at_ns, by, what in moments:
                row = _packet_at(point, number, by, at_ns + shift.ns)
                if row is not None:
                    yield frame(point, row, f"carries the {what}, by its time")

    def filters(self, _more: str) -> dict[str, str]:
        """What shows its conversation in captures."""
        return {point.name: display_filter(point.talk(number)) for point, number in self.carried}

    def shift(self, case: Case, point: Point) -> Shift:
        """What to add to the log's times to have the point's."""
        return find_shift(case, self.source, point)


def told_rows(told: tuple[Told, ...], shown: list[Evidence]) -> Iterator[Evidence]:
    """The lines of logs on a response, without those that are shown already."""
    known = {(row.capture, row.line) for row in shown}
    for one in told:
        for row in one.evidence():
            if (row.capture, row.line) not in known:
                known.add((row.capture, row.line))
                yield row


def _packet_at(point: Point, number: int, side: int, at_ns: int) -> int | None:
    """The row of a side's packet with payload that is nearest to a time."""
    rows = point.conversations.rows_of_side(number, side)
    rows = rows[point.packets.length[rows] > 0]
    if not len(rows):
        return None
    away = np.abs(point.packets.time_ns[rows].astype(np.int64) - at_ns)
    best = int(away.argmin())
    return int(rows[best]) if int(away[best]) <= CARRIED_NS else None


def key_of(message: SipMessage) -> Key:
    """What the copies of one response have in common, wherever they were seen."""
    return message.call_id, message.cseq, message.method, message.status


def find_told(case: Case, wanted: Callable[[SipMessage], bool]) -> dict[Key, list[Told]]:
    """What logs say of the responses that pass a test, by what their copies have in common; first the log that knows most."""
    found: dict[Key, list[Told]] = {}
    for turn, logged in enumerate(case.logged_sip):
        for message in logged.messages:
            if message.status and not message.repeat and wanted(message):
                key = key_of(message) if message.call_id else (f"{turn}/{message.row}", 0, "", message.status)
                found.setdefault(key, []).append(Told(logged, message, tuple(_troubles_of(logged, message))))
    for copies in found.values():
        copies.sort(key=lambda told: (-len(told.troubles), told.logged.talk(told.message).client, told.message.row))
    return found


def _troubles_of(logged: LoggedSip, message: SipMessage) -> Iterator[Trouble]:
    """The failures behind a response: connections that failed while the request waited, and what is told of the request itself."""
    if message.request_row < 0 or message.side != HERE or logged.talk(message).client:
        return
    pid = logged.talk(message).pid
    begin, end = message.time_ns - message.wait_ns, message.time_ns
    near = [trouble for trouble in logged.troubles_between(begin, end + AFTER_NS) if trouble.pid == pid]
    own = [trouble for trouble in near if trouble.call_id == message.call_id and trouble.call_id]
    failed = [
        trouble
        for trouble in near
        if not trouble.call_id and (trouble.peer_ip or trouble.peer_fqdn) and trouble.time_ns <= end
    ]
    hosts = {split_end(trouble.peer)[0].lower() for trouble in own} | {_parameter(message, "fqdn").lower()}
    to_named = [trouble for trouble in failed if trouble.peer_fqdn.lower() in hosts - {""}]
    # Names of pools differ from those of their servers: then it is the connection that was given up last.
    yield from (to_named or failed[-1:])[:TROUBLES]
    yield from own[:TROUBLES]


def _parameter(message: SipMessage, name: str) -> str:
    """A parameter of the message's own diagnostics, "" without."""
    return next((parameters(";" + value).get(name, "") for value in message.diagnostics), "")


def find_logged(case: Case, told: dict[Key, list[Told]], most: int) -> Iterator[LoggedAnswer]:
    """The responses that no capture shows, each once."""
    succeeded: dict[int, dict[tuple[str, str, str], int]] = {}
    for copies in list(told.values())[:most]:
        first = copies[0]
        logged, message = first.logged, first.message
        times = succeeded.get(id(logged))
        if times is None:
            times = succeeded[id(logged)] = find_successes(logged.messages)
        talk = logged.talk(message)
        carried = [
            (point, place[0])
            for point in case.points
            if (place := find_connection(point.tables, talk.local, talk.peer))
            and in_time_of(case, logged.log, message.time_ns, point, place[0]) is not False
        ]
        settled = times.get(subject_of(message), -1) > message.time_ns
        yield LoggedAnswer(message, settled, tuple(copies), logged, tuple(carried))


def find_successes(messages: Iterable[SipMessage]) -> dict[tuple[str, str, str], int]:
    """When the last success came, by method, asker and (except for registrations) the one asked for."""
    return {subject_of(message): message.time_ns for message in messages if 200 <= message.status < 300}


def subject_of(message: SipMessage) -> tuple[str, str, str]:
    """Who asked for what: method, asker and (except for registrations) the one asked for."""
    return message.method, message.from_uri, "" if message.method == "REGISTER" else message.to_uri

"""What the SIP rules share: failure responses once each, who sent them, what their diagnostics name, and what was waited for.

Takes a case and its SIP messages; gives `Answer`s and conversations of other protocols. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.rules.evidence import frame, seconds
from wireproof.rules.subjects import members
from wireproof.wire.sip import parameters, reason_of

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.conversations import Talk
    from wireproof.finding import Evidence
    from wireproof.messages.sip import SipMessage

ANSWERS = limit(
    "sip-error.answers", 2000, "failure responses of one capture that are looked at; more of one cause say the same"
)
SLACK = limit(
    "sip-server-timeout.slack_s",
    15.0,
    "clocks of hosts that log in to one domain differ by seconds; this is for captures that share no packet",
)
EARLY_S = 0.5
LOOKED_AT = 200
SIP_PORTS = (444, 5060, 5061, 5062, 5063, 5065, 5066, 5067, 5068, 5070, 5071, 5072, 5073, 5075, 5076, 5086, 5087)
"""Ports on which SIP servers, and the roles of Lync and Skype for Business, wait for each other."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One failure response at one point. `settled` tells that the same user's same kind of request succeeded later."""

    point: Point
    message: SipMessage
    settled: bool

    @property
    def talk(self) -> Talk:
        """The conversation that carried it."""
        return self.point.talk(self.message.conversation)

    @property
    def responder(self) -> str:
        """`address:port` of the sender."""
        return self.talk.endpoint(self.message.side)

    @property
    def responder_address(self) -> str:
        """Address of the sender."""
        return self.talk.address(self.message.side)

    @property
    def asker(self) -> str:
        """`address:port` of whom it was sent to."""
        return self.talk.endpoint(1 - self.message.side)

    @property
    def status(self) -> str:
        """`504 Server time-out`."""
        return f"{self.message.status} {self.message.reason}".strip()

    @property
    def wait_s(self) -> float:
        """Seconds since the request, -1 where the capture lacks it."""
        return self.message.wait_ns / 1e9 if self.message.request_row >= 0 else -1.0

    @property
    def named(self) -> dict[str, str]:
        """Parameters of its ms-diagnostics by lower-case name, such as `fqdn`, `ip-address`, `winsock-code`, `reason`."""
        found: dict[str, str] = {}
        for value in self.message.diagnostics:
            found.update(parameters(";" + value.partition(";")[2]))
        return found

    @property
    def code(self) -> str:
        """Number of its ms-diagnostics, "" without."""
        return self.message.diagnostics[0].partition(";")[0].strip()[:16] if self.message.diagnostics else ""

    @property
    def explained(self) -> str:
        """Its diagnostics as a clause, "" without."""
        if not self.message.diagnostics:
            return ""
        return f" Its diagnostics: {reason_of(self.message.diagnostics[0])}{_target(self.named)}."

    def evidence(self) -> list[Evidence]:
        """The response and its request."""
        after = f" after {seconds(self.wait_s)}" if self.wait_s >= 0 else ""
        rows = [frame(self.point, self.message.row, f"{self.status}{after}")]
        if self.message.request_row >= 0:
            rows.append(frame(self.point, self.message.request_row, f"the {self.message.method}"))
        return rows


def _target(named: dict[str, str]) -> str:
    parts = [named[name] for name in ("fqdn", "ip-address", "domain", "peer") if named.get(name)]
    winsock = f", Winsock error {named['winsock-code']}" if named.get("winsock-code") else ""
    return (f", about {parts[0]}" if parts else "") + winsock


def find_answers(case: Case, wanted: Callable[[SipMessage], bool]) -> Iterator[Answer]:
    """Responses that pass a test, each once: not the copies, and at the point nearest to the asker."""
    same = members(case)
    for point in case.points:
        successes: dict[tuple[str, str, str], int] | None = None
        own = (message for message in point.said.sip if message.status and not message.repeat and wanted(message))
        for _, message in zip(range(int(ANSWERS.value)), own, strict=False):
            place = (point.index, message.conversation)
            journey = same.get(place, [place])
            asks_from = 0 if int(point.talk(message.conversation).client_side) != message.side else -1
            if journey[asks_from] == place:
                successes = _successes(point) if successes is None else successes
                yield Answer(point, message, successes.get(_subject(message), -1) > message.time_ns)


def _successes(point: Point) -> dict[tuple[str, str, str], int]:
    """When the last success came, by method, asker and (except for registrations) the one asked for."""
    return {_subject(message): message.time_ns for message in point.said.sip if 200 <= message.status < 300}


def _subject(message: SipMessage) -> tuple[str, str, str]:
    return message.method, message.from_uri, "" if message.method == "REGISTER" else message.to_uri


def waited_for(case: Case, answer: Answer) -> list[tuple[Point, int]]:
    """TCP connections that failed while the request waited, to which its answer may owe its failure.

    Those to the address that the diagnostics name; else those from the responder's own address; else those to SIP ports, since a
    server with two interfaces asks on the one and answers on the other. Empty without a request.
    """
    if answer.message.request_row < 0:
        return []
    address, port = answer.named.get("ip-address", ""), answer.named.get("port", "")
    found = [(point, number) for point in case.points for number in _failed_in_time(case, point, answer).tolist()]
    to_named = [
        (point, number) for point, number in found if address and _server(point, number) == (address, port or None)
    ]
    if address and not to_named:
        to_named = [(point, number) for point, number in found if _server(point, number)[0] == address]
    if to_named:
        return to_named
    asks = [
        (point, number)
        for point, number in found
        if int(point.talk(number).server["port"]) in SIP_PORTS and number != answer.message.conversation
    ]
    own = [
        (point, number)
        for point, number in asks
        if point.talk(number).address(point.talk(number).client_side) == answer.responder_address
    ]
    return own or asks


def _server(point: Point, number: int) -> tuple[str, str | None]:
    talk = point.talk(number)
    return talk.address(1 - talk.client_side), str(int(talk.server["port"]))


def _failed_in_time(case: Case, point: Point, answer: Answer) -> NDArray[np.int64]:
    """Connections of a point that began between request and response, and were not accepted or ended before the response."""
    conversations = point.conversations
    syns = conversations.side_facts("syns")
    numbers = np.flatnonzero(conversations.is_tcp & ((syns[:, 0] > 0) | (syns[:, 1] > 0)))
    begin, end = _window(case, point, answer)
    facts = conversations.facts["sides"][numbers]
    first = facts["first_ns"][np.arange(len(numbers)), conversations.facts["client"][numbers]]
    accepted = facts["syn_acks"].any(axis=1)
    ended = ((facts["fin_row"] > 0) | (facts["rst_row"] > 0)).any(axis=1) & (
        facts["last_ns"].max(axis=1, initial=0) <= end
    )
    found = numbers[(first >= begin) & (first <= end) & (~accepted | ended)]
    return np.asarray(found[:LOOKED_AT])


def _window(case: Case, point: Point, answer: Answer) -> tuple[float, float]:
    """From the request to the response, in a point's own time, and some more where its clock can't be compared."""
    shift, slack_s = 0, EARLY_S
    if point is not answer.point:
        clocks = case.alignment.clocks
        own, other = clocks[answer.point.index], clocks[point.index]
        shift = own.offset_ns - other.offset_ns
        if not (own.known and other.known and own.group == other.group):
            shift, slack_s = 0, float(SLACK.value)
    asked = int(answer.point.packets.time_ns[answer.message.request_row])
    return asked + shift - slack_s * 1e9, answer.message.time_ns + shift + slack_s * 1e9


def connection_rows(found: list[tuple[Point, int]]) -> list[Evidence]:
    """The first packets of connections that were waited for."""
    rows = []
    for point, number in found[:3]:
        sent = point.conversations.rows(number)[:3].tolist()
        rows += [frame(point, row, f"waits for {point.talk(number).server_endpoint}") for row in sent]
    return rows

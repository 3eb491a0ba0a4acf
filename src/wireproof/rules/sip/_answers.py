"""What the SIP rules share: failure responses once each, from captures and from logs, and who sent them.

Takes a case and its SIP messages; gives `Answer`s. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.limits import limit
from wireproof.rules.evidence import display_filter, frame, label, seconds
from wireproof.rules.sip._answer import Answer
from wireproof.rules.sip._logged import find_logged, find_successes, find_told, key_of, subject_of, told_rows
from wireproof.rules.sip_log_clock import EARLY_S, SLACK, Shift
from wireproof.rules.subjects import members

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.conversations import Talk
    from wireproof.finding import Evidence
    from wireproof.finding import Talk as TalkLabel
    from wireproof.messages.sip import SipMessage

ANSWERS = limit(
    "sip-error.answers", 2000, "failure responses of one capture that are looked at; more of one cause say the same"
)


@dataclass(frozen=True)
class CapturedAnswer(Answer):
    """A failure response at one capture point."""

    point: Point | None = None

    @property
    def source(self) -> Point:
        """The point."""
        assert self.point is not None
        return self.point

    @property
    def talk(self) -> Talk:
        """The conversation that carried it."""
        return self.source.talk(self.message.conversation)

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
    def label(self) -> TalkLabel:
        """The conversation."""
        return label(self.talk)

    @property
    def conversations(self) -> list[tuple[str, int]]:
        """Its conversation."""
        return [(self.source.name, self.message.conversation)]

    @property
    def asked_ns(self) -> int:
        """When its request was captured."""
        row = self.message.request_row
        return int(self.source.packets.time_ns[row]) if row >= 0 else self.message.time_ns

    def evidence(self, _case: Case) -> list[Evidence]:
        """The response, its request, and what logs say of it."""
        after = f" after {seconds(self.wait_s)}" if self.wait_s >= 0 else ""
        rows = [frame(self.source, self.message.row, f"{self.status}{after}")]
        if self.message.request_row >= 0:
            rows.append(frame(self.source, self.message.request_row, f"the {self.message.method}"))
        return [*rows, *told_rows(self.told, rows)]

    def filters(self, more: str) -> dict[str, str]:
        """What shows it."""
        return {self.source.name: f"{display_filter(self.talk)} && {more}"}

    def shift(self, case: Case, point: Point) -> Shift:
        """By the clocks of both points; none where these can't be compared, and more time then."""
        if point is self.source:
            return Shift(0, EARLY_S)
        own, other = case.alignment.clocks[self.source.index], case.alignment.clocks[point.index]
        if not (own.known and other.known and own.group == other.group):
            return Shift(0, float(SLACK.value))
        return Shift(int(own.offset_ns) - int(other.offset_ns), EARLY_S)


def find_answers(case: Case, wanted: Callable[[SipMessage], bool]) -> Iterator[Answer]:
    """Responses that pass a test, each once: not the copies, at the point nearest to the asker; then those that only logs show."""
    same = members(case)
    told = find_told(case, wanted)
    for point in case.points:
        successes: dict[tuple[str, str, str], int] | None = None
        own = (message for message in point.said.sip if message.status and not message.repeat and wanted(message))
        for _, message in zip(range(int(ANSWERS.value)), own, strict=False):
            place = (point.index, message.conversation)
            journey = same.get(place, [place])
            asks_from = 0 if int(point.talk(message.conversation).client_side) != message.side else -1
            if journey[asks_from] == place:
                successes = find_successes(point.said.sip) if successes is None else successes
                settled = successes.get(subject_of(message), -1) > message.time_ns
                yield CapturedAnswer(message, settled, tuple(told.pop(key_of(message), ())), point)
    yield from find_logged(case, told, int(ANSWERS.value))

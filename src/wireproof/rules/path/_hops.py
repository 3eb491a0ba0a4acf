"""What the path rules share: every direction of every hop with its points, and how a finding about it is labelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence
from wireproof.finding import Talk as TalkLabel
from wireproof.rules.evidence import display_filter, frame, label

if TYPE_CHECKING:
    from wireproof.align.journeys import Hop, HopFlow, Journey
    from wireproof.case import Case, Point
    from wireproof.conversations import Talk


@dataclass(frozen=True, slots=True)
class Way:
    """One direction of one conversation over one hop, with the points at both of its ends."""

    case: Case
    journey: Journey
    hop: Hop
    flow: HopFlow

    @property
    def sender(self) -> Point:
        """The point nearer to the packets' sender."""
        return self.case.points[self.flow.sender[0]]

    @property
    def receiver(self) -> Point:
        """The point nearer to where the packets go."""
        return self.case.points[self.flow.receiver[0]]

    @property
    def talk(self) -> Talk:
        """The conversation as the sending point shows it."""
        return self.sender.talk(self.flow.sender[1])

    @property
    def talk_there(self) -> Talk:
        """The conversation as the receiving point shows it."""
        return self.receiver.talk(self.flow.receiver[1])

    @property
    def where(self) -> str:
        """`between NEAR and FAR`, nearer to the client first."""
        return f"between {self.case.points[self.hop.near[0]].name} and {self.case.points[self.hop.far[0]].name}"

    @property
    def origin(self) -> str:
        """`client` or `server`: who sends these packets."""
        return "client" if self.flow.toward == "server" else "server"

    @property
    def origin_endpoint(self) -> str:
        """Address of the sending host at the sending point."""
        return self.talk.client_endpoint if self.origin == "client" else self.talk.server_endpoint

    @property
    def opposite(self) -> HopFlow:
        """The other direction."""
        return self.hop.to_client if self.flow.toward == "server" else self.hop.to_server

    @property
    def side(self) -> int:
        """Which side of the conversation sends these packets, at the sending point."""
        return self.talk.client_side if self.origin == "client" else 1 - self.talk.client_side

    @property
    def arriving(self) -> NDArray[np.int64]:
        """Rows at the receiving point that come from the packets' sender, with payload, however they were cut."""
        there = self.talk_there
        side = there.client_side if self.origin == "client" else 1 - there.client_side
        packets = self.receiver.packets
        rows = self.receiver.conversations.rows_of_side(there.number, side)
        return np.asarray(rows[(packets.length[rows] > 0) & (packets.protocol[rows] == self.talk.facts["protocol"])])

    @property
    def certainty(self) -> Confidence:
        """What the captures allow at most: packets that a capturer dropped look like packets lost on the way."""
        if self.receiver.capture.dropped or self.journey.certain == "low":
            return Confidence.LOW
        if self.journey.certain != "high" or len(self.flow.missed):
            return Confidence.MEDIUM
        return Confidence.HIGH

    def label(self) -> TalkLabel:
        """The conversation's label, from the first point of the case that shows it."""
        members = sorted(self.journey.members)
        talks = [(self.case.points[point].name, self.case.points[point].talk(number)) for point, number in members]
        return label(talks[0][1], talks[1:])

    def filters(self) -> dict[str, str]:
        """A Wireshark filter for the conversation at both points."""
        return {
            self.sender.name: display_filter(self.talk),
            self.receiver.name: display_filter(self.talk_there),
        }

    def conversations(self) -> list[tuple[str, int]]:
        """(capture, conversation) of every point of the journey."""
        return [(self.case.points[point].name, number) for point, number in self.journey.members]

    def arrived(self, rows: NDArray[np.int64], note: str) -> list[Evidence]:
        """Evidence at both ends for packets that were joined; `rows` are rows of the sending point."""
        there = dict(zip(self.flow.sent.tolist(), self.flow.received.tolist(), strict=True))
        found: list[Evidence] = []
        for row in rows.tolist():
            found.append(frame(self.sender, row, note, "seen"))
            same = f"the same as {self.sender.name} {self.sender.packets.number(row)}"
            found.append(frame(self.receiver, there[row], same, "seen"))
        return found

    def numbers(self, rows: NDArray[np.int64]) -> list[int]:
        """Frame numbers of rows of the sending point."""
        return [self.sender.packets.number(row) for row in rows.tolist()]


def ways(case: Case, *, uneven: bool = False) -> Iterator[Way]:
    """Every direction of every hop of every conversation that several points show; none for a single capture.

    With `uneven` only those hops where one point shows a packet that the other one lacks.
    """
    if len(case.points) < 2:
        return
    for journey in case.alignment.journeys:
        for hop in journey.hops:
            if not (uneven and hop.even):
                for flow in hop.flows:
                    yield Way(case, journey, hop, flow)

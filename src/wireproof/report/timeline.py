"""What happened when: opening, first data, silence, resets, ends and ICMP errors of conversations, and what the host logged of them, on one clock.

Takes a case; gives `Event`s in order of time, and their text. States what was seen, without judgement.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from wireproof.limits import limit
from wireproof.logs.endpoint_text import end_text
from wireproof.report.page import Page, pad, widest
from wireproof.report.stages import tell
from wireproof.report.talk_facts import sort_talks
from wireproof.report.words import count, duration, moment

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.conversations import Talk
    from wireproof.processes.timeline import Timeline

SILENCE = limit("show.silence_s", 5.0, "shorter pauses are people thinking; longer ones are what a reader looks for")


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One thing that a frame shows, or a row of the events beside a capture's packets. `time_ns` is on the first capture's clock; `frame` is the
    number of the frame or row, from 1.
    """

    time_ns: int
    capture: str
    frame: int
    who: str
    what: str


def find_events(case: Case, top: int) -> list[Event]:
    """Events of the `top` conversations with most packets of each capture (0 for all), in order of time."""
    told = [sorted(_point_events(case, point, top)) for point in case.points]
    return list(heapq.merge(*told, sorted(_logged_events(case, top))))


def render_timeline(events: list[Event], width: int | None = None) -> Text:
    """Events as rows: seconds since the first one, capture, frame, conversation, what happened."""
    page = Page(width)
    if not events:
        page.line("No conversations.")
        return page.text
    page.line((f"Seconds since {moment(events[0].time_ns)}; {count(len(events), 'event')}", "dim"))
    cells = [(f"{(e.time_ns - events[0].time_ns) / 1e9:.6f}", e.capture, str(e.frame), e.who, e.what) for e in events]
    heads = ("Time", "Capture", "No.", "Conversation", "Event")
    widths = [max(widest(column), len(head)) for head, column in zip(heads, zip(*cells, strict=True), strict=True)]
    for place, row in enumerate([heads, *cells]):
        padded = [pad(cell, room, right=at in (0, 2)) for at, (cell, room) in enumerate(zip(row, widths, strict=True))]
        page.line(("  ".join(padded).rstrip(), "dim" if place == 0 else ""))
    return page.text


def _point_events(case: Case, point: Point, top: int) -> Iterator[Event]:
    if point.directaccess is not None:
        yield from _process_events(case, point, point.directaccess)
    for number in _shown(point, top):
        talk = point.talk(int(number))
        for row, what in _talk_events(talk):
            yield Event(_reference_ns(case, point, row), point.name, point.packets.number(row), _name(talk), what)


def _logged_events(case: Case, top: int) -> Iterator[Event]:
    """What the traced hosts logged of the conversations that are shown, by their ends."""
    logs = [point.events for point in case.points if point.events]
    if not logs:
        return
    talks = [point.talk(int(number)) for point in case.points for number in _shown(point, top)]
    names = {frozenset((talk.endpoint(0), talk.endpoint(1))): _name(talk) for talk in talks}
    for log in logs:
        clock, name = case.log_clock(log), log.file.replace("\\", "/").rpartition("/")[2]
        for event in log.events() if clock.known else ():
            row = log.rows[event.line - 1]
            ends = [end_text(end) for end in (row.local, row.remote) if end]
            who = names.get(frozenset(ends), "")
            if who:
                what = event.text.removeprefix(f"{' > '.join(ends)} ")
                yield Event(clock.to_reference(event.time_ns), name, event.line, who, what)


def _shown(point: Point, top: int) -> NDArray[np.int64]:
    """The conversations that are told of."""
    order = sort_talks(point.conversations, "packets")
    return order[:top] if top else order


def _name(talk: Talk) -> str:
    return f"{talk.protocol.upper()} {talk.client_endpoint} → {talk.server_endpoint}"


def _process_events(case: Case, point: Point, timeline: Timeline) -> Iterator[Event]:
    """The first frame of each stage of a DirectAccess connection."""
    for stage in timeline.stages:
        for step in stage.steps[:1]:
            what = f"{stage.title}: {tell(stage) or stage.outcome}"
            row = step.row
            yield Event(
                _reference_ns(case, point, row),
                point.name,
                point.packets.number(row),
                f"DirectAccess {timeline.client}",
                what,
            )


def _reference_ns(case: Case, point: Point, row: int) -> int:
    times = point.packets.time_ns[row : row + 1]
    if len(case.points) == 1:
        return int(times[0])
    return int(case.alignment.clocks[point.index].to_reference(times)[0])


def _talk_events(talk: Talk) -> Iterator[tuple[int, str]]:
    """(row, what) of one conversation; facts hold row + 1, so that 0 is none."""
    facts, sides = talk.facts, (("client", talk.client), ("server", talk.server))
    if talk.client["syn_row"]:
        repeats = int(talk.client["syns"]) - 1
        yield int(talk.client["syn_row"]) - 1, "SYN" + (f", {count(repeats, 'repeat')} follow" if repeats > 0 else "")
    if talk.server["syn_row"]:
        handshake = f", handshake takes {duration(facts['handshake_ns'] / 1e9)}" if facts["handshake_ns"] else ""
        yield int(talk.server["syn_row"]) - 1, f"SYN/ACK{handshake}"
    for name, side in sides:
        if side["first_data_row"]:
            yield int(side["first_data_row"]) - 1, f"first data from the {name}"
        if side["fin_row"]:
            yield int(side["fin_row"]) - 1, f"FIN from the {name}"
        if side["rst_row"]:
            yield int(side["rst_row"]) - 1, f"RST from the {name}"
    if facts["idle_row"] and facts["idle_max_ns"] >= SILENCE.value * 1e9:
        yield int(facts["idle_row"]) - 1, f"first packet after {duration(int(facts['idle_max_ns']) / 1e9)} of silence"
    if facts["icmp_row"]:
        yield int(facts["icmp_row"]) - 1, f"ICMP error about it ({int(facts['icmp_errors'])} in all)"
    if not (talk.client["syn_row"] or talk.server["syn_row"]) and len(rows := _first_rows(talk)):
        yield int(rows.min()), "first packet"


def _first_rows(talk: Talk) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    rows = np.array([int(side["first_row"]) - 1 for side in (talk.client, talk.server)], dtype=np.int64)
    return rows[rows >= 0]

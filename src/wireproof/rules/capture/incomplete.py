"""The capture lacks something that was on the wire, so other verdicts have to be read with care.

## What is seen
Frames that the capturing program says it dropped; frames cut by a snap length; TCP conversations of which only one side is there; data
that is acknowledged but not in the capture; times that go back.

## Why it matters
A frame that the capture missed looks like a lost packet, a missing direction like a silent server, a cut frame like a message that
can't be read, and a clock step like a delay. What wireproof says about loss, missing answers and delays is weaker then.

## Fix
Capture again: with a larger buffer and a capture filter, both directions, whole frames, and a clock that is not set meanwhile.

## Looks alike but is not
Conversations that had begun before the capture lack their start by nature. A SYN without an answer is no missing direction. Frames cut
at the headers on purpose are fine for all that is judged by headers.

## References
Wireshark `tcp.analysis.ack_lost_segment`; pcapng interface statistics (isb_ifdrop) and epb_dropcount.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.capture._frames import find_cut, find_steps_back
from wireproof.rules.evidence import count, frame, label, seconds, stored
from wireproof.rules.subjects import either, sides

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.coverage import Coverage

RULE = "capture-incomplete"
SEVERITY = Severity.WARNING
DROPPED_SHARE = limit(
    "capture-incomplete.dropped_share",
    0.001,
    "one frame in a thousand missing already shows as loss on a busy connection",
)
UNSEEN = limit(
    "capture-incomplete.unseen", 3, "one or two ACKs for unseen data come from segments captured out of order"
)
UNSEEN_SHARE = limit(
    "capture-incomplete.unseen_share",
    0.01,
    "an ACK for unseen data in a hundred segments is a capture that can't keep up",
)
STEP = limit(
    "capture-incomplete.step_s",
    1.0,
    "frames of several adapters or processors are out of order by milliseconds; a second is a clock that was set",
)
SHOWN = 8
LOOKED_AT = 500
COMES_LATE = limit(
    "capture-incomplete.late_s",
    1.0,
    "data that the capture holds a moment after its ACK was captured out of order, not missed",
)


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each capture and kind of gap."""
    for point in case.points:
        # What a listing prints is a choice: that other packets are missing says nothing of the capture.
        looks_whole = point.capture.format == "listing" or not may_lack_packets(point)
        gaps = [] if looks_whole else [one_sided(point, point.coverage), unseen(point, point.coverage)]
        for found in (dropped(point), cut(point), *gaps, stepped(point)):
            if found is not None:
                yield found


def may_lack_packets(point: Point) -> bool:
    """Whether sums alone leave it open that a side, or data that was acknowledged, is missing; the closer look takes a while."""
    one_sided = either(sides(point, "packets") == 0) & point.conversations.is_tcp
    return bool(one_sided.any()) or int(sides(point, "ack_lost_segments").sum()) >= UNSEEN.value


def finding(
    point: Point,
    kind: str,
    severity: Severity,
    words: tuple[str, str, str],
    evidence: list[Evidence],
    facts: dict[str, Any],
) -> Finding:
    """A finding of this rule; `words` are title, summary and what to do."""
    title, summary, fix = words
    return Finding(
        RULE,
        severity,
        Confidence.HIGH,
        title,
        summary,
        evidence,
        where=f"at the capture {point.name}",
        facts={"count": 1, "kind": kind, **facts},
        fix=[fix],
        references=["pcapng, interface statistics block"] if kind == "dropped" else [],
        filters={point.name: FILTERS[kind]} if kind in FILTERS else {},
        cause=(point.name, kind),
    )


FILTERS = {
    "unseen": "tcp.analysis.ack_lost_segment",
    "cut": "frame.cap_len < frame.len",
    "stepped": "frame.time_delta < 0",
}


def dropped(point: Point) -> Finding | None:
    """Frames that the capturing program says it lost."""
    lost, frames = point.capture.dropped, point.packets.frames
    if lost <= 0 or not frames:
        return None
    share = lost / (lost + frames)
    words = (
        f"The capturing program dropped {count(lost, 'frame')}",
        (
            f"The capture {point.name} states that {count(lost, 'frame')} of {lost + frames:,} ({share:.2%}) were dropped before they were "
            "written. Segments may look lost that were only not captured: read `tcp-retransmission`, `path-loss` and missing answers of this capture with care."
        ),
        "Capture again with a larger buffer (`dumpcap -B 64`), a capture filter, or cut frames (`-s 128`), and write to a fast disk.",
    )
    severity = SEVERITY if share >= DROPPED_SHARE.value else Severity.INFO
    return finding(
        point,
        "dropped",
        severity,
        words,
        [frame(point, 0, "first frame of this capture")],
        {"dropped": lost, "share": share},
    )


def cut(point: Point) -> Finding | None:
    """Frames of which the capture holds the beginning only; a text listing holds no other, as its note says."""
    if point.capture.format == "listing":
        return None
    packets = point.packets
    found = find_cut(packets, shown=3)
    if not found.count:
        return None
    length, blind, share = found.usual_length, found.blind, found.count / packets.frames
    portion = f"{share:.0%}" if share >= 0.01 else "less than 1%"
    headers = "Their headers are whole" if not blind else f"Of {count(blind, 'frame')} not even the headers are whole"
    words = (
        f"{count(found.count, 'frame')} ({portion}) {'is' if found.count == 1 else 'are'} cut, most at {length} bytes",
        f"{found.count:,} of {count(packets.frames, 'frame')} in {point.name} {'is' if found.count == 1 else 'are'} longer than what was captured. "
        f"{headers}, so connections and timing are judged as usual"
        + (" for the others" if blind else "")
        + "; contents of messages (DNS answers, TLS, HTTP) and checksums can't be read from cut frames.",
        "Capture whole frames (`-s 0`) where contents matter.",
    )
    shown = [
        frame(point, row, f"{int(packets.captured[row])} of {int(packets.original[row])} bytes") for row in found.first
    ]
    facts = {"frames": found.count, "share": share, "snap_length_bytes": length, "headers_cut": blind}
    return finding(point, "cut", SEVERITY if 2 * blind > packets.frames else Severity.INFO, words, shown, facts)


def one_sided(point: Point, coverage: Coverage) -> Finding | None:
    """TCP conversations of which one direction is missing."""
    numbers = coverage.one_sided
    if not len(numbers):
        return None
    share = len(numbers) / len(coverage.going)
    first = point.talk(int(numbers[0]))
    rows = []
    for number in numbers[:SHOWN].tolist():
        talk = point.talk(number)
        side = int(np.argmax(talk.facts["sides"]["packets"]))
        there = int(talk.facts["sides"][side]["packets"])
        rows += stored(
            point,
            int(talk.facts["sides"][side]["first_row"]),
            f"{talk.endpoint(side)}: {count(there, 'packet')}; other side: none",
        )
    words = (
        f"Only one direction of {count(len(numbers), 'TCP conversation')} is captured",
        (
            f"{len(numbers)} of {count(len(coverage.going), 'TCP conversation')} in {point.name} go on although no packet of the other side is "
            "there: it passed elsewhere. Missing answers, handshakes, losses and delays of these conversations can't be judged."
        ),
        "Capture both directions: mirror receive and transmit of the port, both links of a team, or capture at the host; look for asymmetric routing.",
    )
    found = finding(
        point,
        "one_sided",
        SEVERITY if coverage.is_one_sided else Severity.INFO,
        words,
        rows,
        {"conversations": len(numbers), "share": share},
    )
    found.talk = label(first)
    found.conversations = [(point.name, number) for number in numbers[:1000].tolist()]
    return found


def unseen(point: Point, coverage: Coverage) -> Finding | None:
    """Data that was acknowledged, so it arrived, but is not in the capture."""
    if coverage.unseen < UNSEEN.value:
        return None
    rows = np.flatnonzero(point.packets.marked("ack_lost_segment"))
    late = comes_late(point, rows[:LOOKED_AT])
    if len(rows) - late.sum() < UNSEEN.value:
        return None
    rows = np.concatenate([rows[:LOOKED_AT][~late], rows[LOOKED_AT:]])
    share = len(rows) / max(1, coverage.data_packets)
    numbers = np.unique(point.packets.conversation[rows])
    words = (
        f"{count(len(rows), 'ACK')} for data that the capture lacks",
        (
            f"{count(len(rows), 'segment')} in {count(len(numbers), 'conversation')} of {point.name} acknowledge data "
            "that is not in the capture. The data arrived, so it was the capture that missed it; gaps in these conversations are no proof of loss "
            "on the network."
        ),
        "Capture again with a larger buffer or a capture filter; on a mirror port check that it is not given more than it can carry.",
    )
    severity = SEVERITY if share >= UNSEEN_SHARE.value else Severity.INFO
    found = finding(
        point,
        "unseen",
        severity,
        words,
        [frame(point, row, "acknowledges data that is not captured") for row in rows[:SHOWN]],
        {"acks": len(rows), "share": share, "conversations": len(numbers)},
    )
    found.talk = label(point.talk(int(numbers[0]))) if len(numbers) and numbers[0] >= 0 else None
    found.conversations = [(point.name, number) for number in numbers[:1000].tolist() if number >= 0]
    return found


def comes_late(point: Point, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of these ACKs name the end of a segment that the capture holds a moment later."""
    packets = point.packets
    late = np.zeros(len(rows), bool)
    for place, row in enumerate(rows.tolist()):
        after = point.conversations.rows(int(packets.conversation[row]))
        after = after[
            (after > row) & (packets.direction[after] != packets.direction[row]) & (packets.length[after] > 0)
        ]
        after = after[packets.time_ns[after] - packets.time_ns[row] <= COMES_LATE.value * 1e9]
        ends = packets.seq[after] + packets.length[after]
        late[place] = bool((ends == packets.ack[row]).any())
    return late


def stepped(point: Point) -> Finding | None:
    """Times that go back by more than frames get out of order."""
    rows, back_ns = find_steps_back(point.packets, int(STEP.value * 1e9))
    if not len(rows):
        return None
    back_s = back_ns / 1e9
    words = (
        f"Times go back by up to {seconds(float(back_s.max()))}, {count(len(rows), 'time')}",
        (
            f"{count(len(rows), 'frame')} of {point.name} {'is' if len(rows) == 1 else 'are'} "
            f"stamped earlier than the frame before by more "
            f"than {seconds(STEP.value)}. Either the clock was set "
            "while capturing, or captures were joined one after the other. Delays across these places mean nothing."
        ),
        "Sort the frames (`reordercap IN OUT`) where several captures were joined; else capture again with the clock left alone.",
    )
    notes = [
        frame(point, int(row), f"{seconds(float(back))} earlier than the frame before")
        for row, back in zip(rows[:SHOWN], back_s, strict=False)
    ]
    return finding(
        point,
        "stepped",
        Severity.INFO if len(rows) == 1 else SEVERITY,
        words,
        notes,
        {"steps": len(rows), "largest_s": float(back_s.max())},
    )

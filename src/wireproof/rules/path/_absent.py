"""Conversations that set out at one point and that another point, which they had to pass, does not show at all.

A part of `path-loss`: takes what alignment says is absent; gives one finding a target, and says how much of a pattern it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, frame, joined, label

if TYPE_CHECKING:
    from wireproof.align.journeys import Absent
    from wireproof.case import Case, Point

SHARE = limit("path-loss.absent_share", 0.01, "one query in hundred that gets lost is asked again and nobody notices")
LEAST = limit("path-loss.absent_conversations", 4, "one or two lost queries are everyday life of any network")
SHOWN = 16
RST = 0x04


@dataclass(slots=True)
class Missing:
    """Conversations to one endpoint that `here` shows and `there` lacks, with what their clients sent meanwhile.

    `arrived` counts the conversations with it that both show.
    """

    here: Point
    there: Point
    target: str
    numbers: list[int]
    rows: list[NDArray[np.int64]]
    arrived: int = 0

    @property
    def is_tcp(self) -> bool:
        """Whether these are connection attempts."""
        return self.here.talk(self.numbers[0]).protocol == "tcp"


def absent_findings(case: Case, fix: list[str], references: list[str]) -> Iterator[Finding]:
    """One finding for each target whose conversations do not reach another point."""
    groups = _by_target(case, case.alignment.absent)
    _count_arrived(case, groups)
    for missing in groups:
        yield _finding(case, missing, fix, references)


def _by_target(case: Case, absent: list[Absent]) -> list[Missing]:
    groups: dict[tuple[int, int, str, str], Missing] = {}
    for one in absent:
        here = case.points[one.point]
        talk = here.talk(one.conversation)
        key = (one.point, one.missing_at, talk.protocol, talk.server_endpoint)
        missing = groups.setdefault(key, Missing(here, case.points[one.missing_at], talk.server_endpoint, [], []))
        missing.numbers.append(one.conversation)
        missing.rows.append(one.rows)
    return list(groups.values())


def _count_arrived(case: Case, groups: list[Missing]) -> None:
    """How many conversations with the same targets both points show."""
    wanted: dict[tuple[int, int], dict[str, list[Missing]]] = defaultdict(lambda: defaultdict(list))
    for missing in groups:
        wanted[missing.here.index, missing.there.index][missing.target].append(missing)
    for (here, there), targets in wanted.items():
        for journey in case.alignment.journeys:
            own = dict(journey.members)
            if here in own and there in own:
                for missing in targets.get(case.points[here].talk(own[here]).server_endpoint, ()):
                    missing.arrived += 1


def _severity(missing: Missing, packets: int) -> Severity:
    """A target that nothing reaches is an error, as is a connection attempt that fails for good; single queries among many are not."""
    share = len(missing.numbers) / (len(missing.numbers) + missing.arrived)
    if missing.arrived and not missing.is_tcp:
        return Severity.WARNING if len(missing.numbers) >= LEAST.value and share >= SHARE.value else Severity.INFO
    if packets > 1:
        return Severity.ERROR
    return Severity.INFO if missing.arrived else Severity.WARNING


def _finding(case: Case, missing: Missing, fix: list[str], references: list[str]) -> Finding:
    here, there, target = missing.here, missing.there, missing.target
    rows = np.concatenate(missing.rows)
    talk = here.talk(missing.numbers[0])
    certain = _clocks_comparable(case, missing) and not there.capture.dropped
    return Finding(
        rule="path-loss",
        severity=_severity(missing, len(rows)),
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
        title=f"{'Some conversations with' if missing.arrived else 'Packets to'} {target} do not arrive at {there.name}",
        summary=_summary(missing, rows),
        evidence=[frame(here, row, "never arrives", "lost") for row in rows[:SHOWN].tolist()],
        where=f"between {here.name} and {there.name}",
        toward="server",
        talk=label(talk),
        facts={
            "lost_packets": len(rows),
            "sent_packets": len(rows),
            "lost_share": 1.0,
            "conversations": len(missing.numbers),
            "conversations_arrived": missing.arrived,
            "pattern": "whole conversations",
        },
        fix=[
            "Check that routes and address translation for the target lead there, and what filters stand before it.",
            *fix,
        ],
        references=references,
        filters={here.name: display_filter(talk), there.name: display_filter(talk)},
        cause=(here.name, there.name, "absent", talk.protocol, target),
        conversations=[(here.name, number) for number in missing.numbers],
    )


def _summary(missing: Missing, rows: NDArray[np.int64]) -> str:
    here, there = missing.here, missing.there
    resets = _answered_by_reset(missing)
    back = (
        f"Resets in the name of {missing.target} came back in {here.name} frames {joined(resets)}"
        if resets
        else "Nothing came back"
    )
    text = (
        f"{count(len(rows), 'packet')} of {count(len(missing.numbers), 'conversation')} left {here.name} for {missing.target} and "
        f"{'is' if len(rows) == 1 else 'are'} in no frame of {there.name}, which was capturing and which such packets have to pass. {back}."
    )
    if missing.arrived:
        text += f" {count(missing.arrived, 'other conversation')} with the same target did arrive."
    return text


def _answered_by_reset(missing: Missing) -> list[int]:
    """Frames with resets in the server's name."""
    point = missing.here
    found: list[int] = []
    for number in missing.numbers[:SHOWN]:
        rows = point.conversations.rows_of_side(number, 1 - point.talk(number).client_side)
        found += [point.packets.number(row) for row in rows[(point.packets.flags[rows] & RST) != 0].tolist()]
    return found


def _clocks_comparable(case: Case, missing: Missing) -> bool:
    clocks = case.alignment.clocks
    one, other = clocks[missing.here.index], clocks[missing.there.index]
    return one.known and other.known and one.group == other.group

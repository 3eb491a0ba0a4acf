"""Findings get the processes at both ends of their conversation, where a capture or a log names them.

Takes findings; fills the label of their conversation. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.finding import Finding, Owner


def name_processes(case: Case, findings: Iterable[Finding]) -> None:
    """Fill `owners` of the conversation that each finding is labelled with."""
    if not case.ownership:
        return
    for finding in findings:
        found = _owners(case, finding)
        if finding.talk and any(found):
            finding.talk = replace(finding.talk, owners=found)


def _owners(case: Case, finding: Finding) -> tuple[Owner | None, Owner | None]:
    """The processes at client and server of the finding's conversation, at whichever point they are known."""
    points = {point.name: point for point in case.points}
    ends = (finding.talk.client, finding.talk.server) if finding.talk else ("", "")
    found: list[Owner | None] = [None, None]
    for name, number in finding.conversations:
        point = points.get(name)
        talk = point.talk(number) if point else None
        if point is None or talk is None or (talk.client_endpoint, talk.server_endpoint) != ends:
            continue
        for place, side in enumerate((talk.client_side, 1 - talk.client_side)):
            found[place] = found[place] or case.ownership.owner(point.index, number, side)
    return found[0], found[1]

"""Fewer differences that say more: what follows from a failure, what a stage says already, what differs alike in many places.

Takes differences; gives those that are left.
"""

from __future__ import annotations

from dataclasses import replace

from wireproof.processes.difference import Difference, Kind
from wireproof.processes.said_exchanges import LOOKUPS
from wireproof.processes.tally import Tallies
from wireproof.processes.transport_exchanges import ANSWERS, CONNECT, END


def fold_missing(found: list[Difference]) -> list[Difference]:
    """What a service lacks in the bad capture once something failed there follows from that."""
    cause = next((one for one in found if one.kind is Kind.FAILS), None)
    if cause is not None:
        # How a connection ended on which something failed is a part of the failure.
        found = [one for one in found if one.action != END]
        specific = [one for one in found if one.kind is Kind.FAILS and one.action != ANSWERS]
        if specific:
            found = [one for one in found if one.kind is not Kind.FAILS or one.action != ANSWERS]
            cause = specific[0]
    found = _fold_extra(found)
    missing = [one for one in found if one.kind is Kind.MISSING]
    if not missing or found[0].service is LOOKUPS:
        return found
    others = [one for one in found if one.kind is not Kind.MISSING]
    # A stage that the capture lacks before the one that failed does not follow from it: the capture began later.
    follow = [one for one in missing if one.is_last or one.service.transport != "process"]
    actions = tuple(one.action for one in follow if one.action != END)
    if cause is not None:
        return [replace(one, follows=actions) if one is cause else one for one in others]
    if not actions:
        return others
    first = next(one for one in follow if one.action != END)
    return [*others, replace(first, follows=actions[1:])]


def _fold_extra(found: list[Difference]) -> list[Difference]:
    """What only the bad capture has of a service becomes one difference."""
    extra = [one for one in found if one.kind is Kind.EXTRA and one.service is not LOOKUPS]
    if len(extra) < 2:
        return found
    first = replace(extra[0], follows=tuple(one.action for one in extra[1:] if one.action != END))
    return [*(one for one in found if one.kind is not Kind.EXTRA), first]


def drop_parts(found: list[Difference]) -> list[Difference]:
    """Leave out what fails in the conversation of a stage of a process that fails: the stage says it already."""
    stages = [one.bad_exchange for one in found if one.kind is Kind.FAILS and one.service.transport == "process"]
    told = {stage.conversation for stage in stages if stage is not None and stage.conversation >= 0}
    return [
        one
        for one in found
        if one.kind not in {Kind.FAILS, Kind.NEW_FAILURE}
        or one.service.transport == "process"
        or one.bad_exchange is None
        or one.bad_exchange.conversation not in told
    ]


def mark_stops(found: list[Difference], bad: Tallies) -> list[Difference]:
    """What the good capture goes on to and the bad one does not: a service whose name it looked up, and the next stages of a process."""
    asked = {action.rpartition(" ")[0] for action in bad.get(LOOKUPS, {})}
    return [replace(one, kind=Kind.STOPS) if _is_stop(one, asked, bad) else one for one in found]


def _is_stop(one: Difference, asked: set[str], bad: Tallies) -> bool:
    if one.kind is not Kind.MISSING:
        return False
    if one.service.transport == "process":
        # A stage that is missing amid others that are not was hardly where it stopped.
        shown = bad.get(one.service, {})
        return not shown or one.is_last
    return one.bad_service is None and one.service.name in asked and one.action == CONNECT


def join_alike(found: list[Difference]) -> list[Difference]:
    """The same detail that differs in the same way with several services is told once."""
    first: dict[tuple[Kind, str, str, str], int] = {}
    kept: list[Difference] = []
    for one in found:
        key = (one.kind, one.action, one.good, one.bad)
        if one.kind is Kind.DETAIL and key in first:
            place = first[key]
            kept[place] = replace(kept[place], elsewhere=(*kept[place].elsewhere, one.service))
        else:
            first[key] = len(kept)
            kept.append(one)
    return kept

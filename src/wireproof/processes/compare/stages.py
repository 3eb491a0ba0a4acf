"""The stages of a process as exchanges, so that a comparison tells them like everything else.

Takes a timeline; gives exchanges. Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.processes.compare.exchange import Exchange, Service
from wireproof.processes.stage import Outcome, Stage

if TYPE_CHECKING:
    from wireproof.processes.timeline import Timeline

TRANSPORT = "process"
NOT_REACHED = "not reached"
INSIDE = ("main-mode", "quick-mode", "esp-traffic")
NAMES = {"directaccess": "DirectAccess connection"}
CHOICES = ("location", "transport")
"""Facts of stages in which the client decides how to go on."""
GOOD = {Outcome.DONE: True, Outcome.FAILED: False, Outcome.UNANSWERED: False}


def stage_exchanges(timeline: Timeline) -> Iterator[Exchange]:
    """Each stage that was seen; what it found out about the machines is compared, addresses and ports are not."""
    service = Service(TRANSPORT, NAMES.get(timeline.process, timeline.process), named=True)
    unreached = probe_outside(timeline)
    for stage in timeline.stages:
        if stage.outcome is not Outcome.NOT_SEEN and stage.steps:
            talk = stage.conversations[0] if stage.conversations else -1
            end = stage.steps[-1].row if stage.outcome is Outcome.FAILED else -1
            said: tuple[str, bool | None] = (outcome_of(stage), GOOD.get(stage.outcome))
            took_s = stage.duration_s
            if stage is unreached:
                said, took_s = (NOT_REACHED, None), None  # how soon a client gives up looking says nothing of the way
            yield Exchange(service, stage.title, *said, stage.steps[0].row, talk, took_s, details_of(stage), end)


def probe_outside(timeline: Timeline | None) -> Stage | None:
    """The stage in which a client that is outside looks for the network location server in vain, as it should; None for no such."""
    if timeline is None or timeline.location != "outside":
        return None
    stage = timeline.stage("location-probe")
    return stage if stage is not None and GOOD.get(stage.outcome) is False else None


def without_hidden(timeline: Timeline, other: Timeline) -> Timeline:
    """The timeline without the stages inside the tunnel, where the other one's tunnel came up and its capture shows nothing of them: the
    client's TLS hides them there.
    """
    up, handshake = other.stage("tunnel-up"), other.stage("tls-done")
    suite = str(handshake.facts.get("suite", "")) if handshake is not None else ""
    shown = any(stage.name in INSIDE and stage.outcome is not Outcome.NOT_SEEN for stage in other.stages)
    encrypted = bool(suite) and "NULL" not in suite
    if up is None or up.outcome is not Outcome.DONE or shown or other.stopped_at or not encrypted:
        return timeline
    return replace(timeline, stages=tuple(stage for stage in timeline.stages if stage.name not in INSIDE))


def outcome_of(stage: Stage) -> str:
    """How a stage ended, with the way it took where it chose one: what comes next depends on it."""
    chosen = next((str(stage.facts[name]) for name in CHOICES if stage.facts.get(name)), "")
    return f"{stage.outcome.value} ({chosen})" if chosen else stage.outcome.value


def details_of(stage: Stage) -> tuple[tuple[str, str], ...]:
    """Facts that are words: numbers, addresses and names of one machine differ between any two."""
    found = []
    for name, value in stage.facts.items():
        if name in CHOICES:
            continue
        if isinstance(value, bool) or (
            isinstance(value, str) and value and not any(letter.isdigit() for letter in value)
        ):
            words = ("yes" if value else "no") if isinstance(value, bool) else value
            found.append((f"{stage.title.lower()}: {name.replace('_', ' ')}", words))
    return tuple(found)


def names_system(timeline: Timeline) -> Exchange | None:
    """The stage whose frames tell the generation of the client's system; None where none is seen."""
    told = [stage.title for stage in timeline.stages if stage.name in {"tls-hello", "main-mode"}]
    return next((one for one in stage_exchanges(timeline) if one.action in told), None)


def same_system(one: str, other: str) -> bool:
    """Whether two names may be those of one generation, or one is not known: client and server of a generation are named together."""
    return not one or not other or bool(_generations(one) & _generations(other))


def _generations(system: str) -> set[str]:
    return {name.removeprefix("Windows ") for name in re.split(r" / | or ", system)} - {"later"}

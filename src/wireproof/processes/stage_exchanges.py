"""The stages of a process as exchanges, so that a comparison tells them like everything else.

Takes a timeline; gives exchanges. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.processes.exchange import Exchange, Service
from wireproof.processes.stage import Outcome, Stage
from wireproof.processes.timeline import Timeline

NAMES = {"directaccess": "DirectAccess connection"}
CHOICES = ("location", "transport")
"""Facts of stages in which the client decides how to go on."""
GOOD = {Outcome.DONE: True, Outcome.FAILED: False, Outcome.UNANSWERED: False}


def stage_exchanges(timeline: Timeline) -> Iterator[Exchange]:
    """Each stage that was seen; what it found out about the machines is compared, addresses and ports are not."""
    service = Service("process", NAMES.get(timeline.process, timeline.process), named=True)
    for stage in timeline.stages:
        if stage.outcome is not Outcome.NOT_SEEN and stage.steps:
            talk = stage.conversations[0] if stage.conversations else -1
            end = stage.steps[-1].row if stage.outcome is Outcome.FAILED else -1
            said = (stage.title, outcome_of(stage), GOOD.get(stage.outcome), stage.steps[0].row)
            yield Exchange(service, *said, talk, stage.duration_s, details_of(stage), end)


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

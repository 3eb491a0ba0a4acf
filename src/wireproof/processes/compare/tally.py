"""All tries of one action with one service, counted: how many worked, what came of them, how long they took.

Takes exchanges; gives one tally a service and action. Judges nothing.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from wireproof.processes.compare.exchange import Answer, Exchange, Service


@dataclass(slots=True)
class Tally:
    """The tries of one action in one capture, in order of time."""

    tries: list[Exchange] = field(default_factory=list)

    @property
    def worked(self) -> int:
        """How many did what was asked."""
        return sum(exchange.good is True for exchange in self.tries)

    @property
    def failed(self) -> int:
        """How many surely did not."""
        return sum(exchange.good is False for exchange in self.tries)

    @property
    def first(self) -> Exchange:
        """The first try."""
        return self.tries[0]

    @property
    def shown(self) -> Exchange:
        """The try to show: the first that failed where none worked, else the first that worked, else the first."""
        wanted = self.worked > 0
        return next((exchange for exchange in self.tries if exchange.good is wanted), self.tries[0])

    @property
    def outcomes(self) -> list[str]:
        """What came of it, most frequent first."""
        return [outcome for outcome, _ in Counter(exchange.outcome for exchange in self.tries).most_common()]

    @property
    def waits(self) -> list[float]:
        """How long those took that were answered, in seconds."""
        return [exchange.wait_s for exchange in self.tries if exchange.wait_s is not None]

    @property
    def wait_s(self) -> float | None:
        """The median of these times."""
        waits = self.waits
        return statistics.median(waits) if waits else None

    def details(self) -> dict[str, set[str]]:
        """What was agreed on, by name: all values that occur."""
        found: dict[str, set[str]] = {}
        for exchange in self.tries:
            for name, value in exchange.details:
                found.setdefault(name, set()).add(value)
        return found

    def answers(self) -> dict[str, list[tuple[Answer, Exchange]]]:
        """What clients learned, by name, each with the try that told it."""
        found: dict[str, list[tuple[Answer, Exchange]]] = {}
        for exchange in self.tries:
            for answer in exchange.answers:
                found.setdefault(answer.name, []).append((answer, exchange))
        return found


Tallies = dict[Service, dict[str, Tally]]
"""Tallies by service and action, both in order of first use."""


def count_exchanges(exchanges: Iterable[Exchange]) -> Tallies:
    """Count exchanges by service and action."""
    found: Tallies = {}
    for exchange in sorted(exchanges, key=lambda exchange: exchange.row):
        found.setdefault(exchange.service, {}).setdefault(exchange.action, Tally()).tries.append(exchange)
    return found


def describe(tally: Tally) -> str:
    """What came of an action, in words: `answered in 12 ms`, `no answer (4 tries)`, `200 OK 5 times, 503 Busy 2 times`."""
    outcomes = Counter(exchange.outcome for exchange in tally.tries)
    if len(outcomes) > 1:
        text = ", ".join(
            f"{outcome} {_times(number)}" for outcome, number in sorted(outcomes.items(), key=lambda item: -item[1])[:3]
        )
    else:
        text = tally.first.outcome + (f" ({_times(len(tally.tries))})" if len(tally.tries) > 1 else "")
    wait_s = tally.wait_s
    return text if not wait_s else f"{text}, {'median ' if len(tally.waits) > 1 else ''}{seconds(wait_s)}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def seconds(value_s: float) -> str:
    """A duration in the unit that people use for its size."""
    if value_s < 0.001:
        return f"{value_s * 1e6:.0f} µs"
    return f"{value_s * 1e3:.3g} ms" if value_s < 1 else f"{value_s:.3g} s"

"""Which program a process id is, and which services run in it: from the listing that was taken on the same host.

Takes logs and claims; gives names. Ids mean something on one host only, so that a listing counts where it surely belongs to the claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from wireproof.logs.tasklist import Task, TasklistLog

if TYPE_CHECKING:
    from wireproof.logs import Log
    from wireproof.processes.ownership.claims import Claim

SYSTEM = 4
PROCESSES = 3
"""Beside System: two hosts give three ids to three running programs alike about never."""


class Names:
    """Names of processes by claim."""

    def __init__(self, logs: Iterable[Log], claims: Sequence[Claim], captures: int = 1) -> None:
        every = list(logs)
        self._points = {log.file: log.point for log in every}
        self._lists = [log for log in every if isinstance(log, TasklistLog)]
        self._sources = {claim.file for claim in claims if claim.file and not claim.of_capture}
        self._captures = captures
        self._said: dict[tuple[str, int], set[str]] = {}
        self._pids: dict[str, set[int]] = defaultdict(set)
        for claim in claims:
            self._pids[claim.file].add(claim.pid)
            if claim.name:
                self._said.setdefault((claim.file, claim.pid), set()).add(claim.name)

    def of(self, claim: Claim) -> tuple[str, tuple[str, ...]]:
        """Name and services of a claim's process; empty where no source of that host has them."""
        task, _ = self.listed(claim)
        services = claim.services or (task.services if task else ())
        return self._named(claim) or (task.name if task else "System" if claim.pid == SYSTEM else ""), services

    def listed(self, claim: Claim) -> tuple[Task | None, str]:
        """The row of a claim's process in a listing of its host, and that listing's file; None where none has it, or by another name."""
        name = self._named(claim)
        for log in self._near(claim):
            task = log.task(claim.pid)
            if task:
                return (task, log.file) if not name or is_same_program(name, task.name) else (None, "")
        return None, ""

    def _named(self, claim: Claim) -> str:
        """What the claim's own source calls the process."""
        said = self._said.get((claim.file, claim.pid), set())
        return claim.name or (next(iter(said)) if len(said) == 1 else "")

    def _near(self, claim: Claim) -> list[TasklistLog]:
        """Listings of the claim's host, surest first: in the same file, of the same point, alone in the same folder, or fitting alone."""
        if not claim.file:
            return []
        same = [log for log in self._lists if log.file == claim.file]
        point = self._points.get(claim.file, "")
        same += [log for log in self._lists if point and log.point == point]
        folder = PurePath(claim.file).parent
        beside = [log for log in self._lists if PurePath(log.file).parent == folder]
        # Beside one capture a listing may be of the host at its other end; beside several this is likely.
        sources = self._captures if claim.of_capture else len(self._sources)
        alone = len({log.file for log in beside}) == 1 and sources == 1
        return [*same, *(beside if alone else self._with_all(claim, beside))]

    def _with_all(self, claim: Claim, beside: list[TasklistLog]) -> list[TasklistLog]:
        """The only listing that has every process of the claim's source; none where that source names too few to tell hosts apart."""
        wanted = self._pids[claim.file] - {0, SYSTEM}
        fitting = [log for log in beside if wanted <= {task.pid for task in log.tasks}]
        return fitting if len(wanted) >= PROCESSES and len({log.file for log in fitting}) == 1 else []


def is_same_program(name: str, listed: str) -> bool:
    """Whether two names mean one program; listings cut them to 25 characters."""
    left, right = name.lower().removesuffix(".exe"), listed.lower().removesuffix(".exe")
    return left == right or (len(listed) >= 20 and left.startswith(right))

"""Which program a process id is, and which services run in it: from the listing that was taken on the same host.

Takes logs and claims; gives names. Ids mean something on one host only, so that a listing counts where it surely belongs to the claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from wireproof.logs.tasklist import Task, TasklistLog

if TYPE_CHECKING:
    from wireproof.logs import Log
    from wireproof.processes.ownership_claims import Claim

SYSTEM = 4


class Names:
    """Names of processes by claim."""

    def __init__(self, logs: Iterable[Log], claims: Sequence[Claim]) -> None:
        every = list(logs)
        self._points = {log.file: log.point for log in every}
        self._lists = [log for log in every if isinstance(log, TasklistLog)]
        self._sources = {claim.file for claim in claims if claim.file}
        self._said: dict[tuple[str, int], set[str]] = {}
        for claim in claims:
            if claim.name:
                self._said.setdefault((claim.file, claim.pid), set()).add(claim.name)

    def of(self, claim: Claim) -> tuple[str, tuple[str, ...]]:
        """Name and services of a claim's process; empty where no source of that host has them."""
        task = self._task(claim)
        said = self._said.get((claim.file, claim.pid), set())
        name = claim.name or (next(iter(said)) if len(said) == 1 else "")
        if name and task and not _same(name, task.name):
            task = None
        services = claim.services or (task.services if task else ())
        return name or (task.name if task else "System" if claim.pid == SYSTEM else ""), services

    def _task(self, claim: Claim) -> Task | None:
        for log in self._near(claim):
            task = log.task(claim.pid)
            if task:
                return task
        return None

    def _near(self, claim: Claim) -> list[TasklistLog]:
        """Listings of the claim's host, surest first: in the same file, of the same point, alone in the same folder, alone at all."""
        if not claim.file:
            return []
        same = [log for log in self._lists if log.file == claim.file]
        point = self._points.get(claim.file, "")
        same += [log for log in self._lists if point and log.point == point]
        folder = PurePath(claim.file).parent
        beside = [log for log in self._lists if PurePath(log.file).parent == folder]
        alone = len({log.file for log in beside}) == 1 and len(self._sources) == 1
        return [*same, *(beside if alone else [])]


def _same(name: str, listed: str) -> bool:
    """Whether two names mean one program; listings cut them to 25 characters."""
    left, right = name.lower().removesuffix(".exe"), listed.lower().removesuffix(".exe")
    return left == right or (len(listed) >= 20 and left.startswith(right))

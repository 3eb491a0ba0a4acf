"""A process of one client as a timeline: its stages in order, who took part, and where it stopped.

Takes stages; gives what reports draw, rules judge and comparisons align. Knows no capture.
"""

from __future__ import annotations

from dataclasses import dataclass

from wireproof.processes.stage import Outcome, Stage, Step

STOPS = (Outcome.FAILED, Outcome.UNANSWERED)


@dataclass(frozen=True, slots=True)
class Timeline:
    """One client's way through a process, as far as the capture shows it.

    `process` is machine-readable (`directaccess`). `client` is its address, `server` the address (and port where there is one) of
    its peer, "" where unknown, `endpoint` the peer's name. `transport` is `IP-HTTPS`, `Teredo`, `6to4` or "". `system` is the
    generation of the client's operating system, "" where nothing tells. `location` is what the client took itself for: `inside`,
    `outside` or "". `signs` are the frames by which the process was recognised; `certain` tells that they leave no doubt.
    `stopped_at` names the first stage that did not work, "" where none failed. `remarks` are sentences for readers.
    """

    process: str
    client: str
    stages: tuple[Stage, ...]
    signs: tuple[Step, ...] = ()
    certain: bool = True
    server: str = ""
    endpoint: str = ""
    transport: str = ""
    system: str = ""
    location: str = ""
    stopped_at: str = ""
    remarks: tuple[str, ...] = ()

    def stage(self, name: str) -> Stage | None:
        """A stage by its name."""
        return next((stage for stage in self.stages if stage.name == name), None)

    @property
    def stopped(self) -> Stage | None:
        """The first stage that did not work."""
        return self.stage(self.stopped_at) if self.stopped_at else None

    @property
    def last_done(self) -> Stage | None:
        """The last stage that frames show to have worked: before the one that did not, where there is one."""
        done = None
        for stage in self.stages:
            if stage.name == self.stopped_at:
                break
            if stage.outcome is Outcome.DONE and stage.steps and not stage.aside:
                done = stage
        return done

    @property
    def conversations(self) -> tuple[int, ...]:
        """Conversations of all stages, in order, each once."""
        return tuple(dict.fromkeys(number for stage in self.stages for number in stage.conversations))

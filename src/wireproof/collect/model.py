"""What is collected for which failure, where, and the steps to do it.

Plain values. Knows no commands, no captures and no report.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Scenario(enum.StrEnum):
    """What fails."""

    TCP = "tcp"
    TLS = "tls"
    DIRECTACCESS = "directaccess"
    LYNC = "lync"
    RPC = "rpc"
    SMB = "smb"


class Role(enum.StrEnum):
    """What the machine is to the failing connection."""

    CLIENT = "client"
    SERVER = "server"
    EDGE = "edge"
    GATEWAY = "gateway"


class System(enum.StrEnum):
    """What the machine runs."""

    WINDOWS = "windows"
    LINUX = "linux"


@dataclass(frozen=True, slots=True)
class Request:
    """Whom a plan is for. `peers` are addresses or names of the other ends; `interface` is "" for every one. Both are checked by `names`."""

    scenario: Scenario
    role: Role
    system: System = System.WINDOWS
    peers: tuple[str, ...] = ()
    interface: str = ""

    @property
    def name(self) -> str:
        """`tls-client`: a part of file names."""
        return f"{self.scenario.value}-{self.role.value}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a sentence on what it is for, and the commands that do it; none where a person has to.

    `waits` lets a script stop until the person is ready. `only_script` are lines that a script runs after them and a reader need not see.
    """

    why: str
    commands: tuple[str, ...] = ()
    waits: bool = False
    only_script: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps under one head, in order."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class CollectPlan:
    """All of it. `bring` says what to send on, `privacy` what is in it."""

    request: Request
    title: str
    phases: tuple[Phase, ...]
    bring: tuple[str, ...]
    privacy: str


MARKERS = {
    22: "recording runs, the reproduction begins",
    33: "just before the first try",
    44: "just before the second try",
    55: "the reproduction is over",
}
"""Bytes of data in the pings that mark moments in every capture that they pass, and what each means."""

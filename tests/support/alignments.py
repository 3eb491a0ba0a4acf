"""Alignments of simulated paths: two hosts, capture points between them, and what was really dropped.

Takes parts of a path; gives the case, its flows by direction, and the truth to compare them with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.files import Frame
from tests.support.middleboxes import Lose
from tests.support.path import Link, Part, Point, World
from tests.support.talk import Close, Host, Send, Stack, Step, Talk
from tests.support.verdicts import make_case
from wireproof.align.journeys import HopFlow
from wireproof.case import Case

CLIENT, SERVER = "10.1.1.9", "10.1.2.8"
GIGABIT = 1000.0
Change = Callable[[dict[str, list[Frame]]], dict[str, list[Frame]]]


def client_point(**habits: object) -> Point:
    """The capture on the client."""
    return Point("client", at="client", **habits)  # type: ignore[arg-type]


def server_point(**habits: object) -> Point:
    """The capture on the server."""
    macs = {"near_mac": "02:00:00:00:02:01", "far_mac": "02:00:00:00:02:02"}
    return Point("server", at="server", **macs, **habits)  # type: ignore[arg-type]


def questions(count: int = 12, topic: str = "weather", ask: int = 300, give: int = 3000) -> list[Step]:
    """Questions on a topic and answers, no two of them alike; then the client closes."""
    steps: list[Step] = []
    for turn in range(count):
        steps += [Send("client", f"{topic} question {turn:4} ".encode() * ((ask + turn) // 20), 20)]
        steps += [Send("server", f"{topic} answer {turn:4} ".encode() * ((give + 7 * turn) // 20), 5)]
    return [*steps, Close("client", 30)]


def unlike(steps: Sequence[Step], seed: int) -> list[Step]:
    """The same steps with other pauses, as a second run of the same work has them."""
    pauses = [(seed * 7919 + turn * 104_729) % 80 for turn in range(len(steps))]
    return [replace(step, after_ms=step.after_ms + pause) for step, pause in zip(steps, pauses, strict=True)]


@dataclass(slots=True)
class Scene:
    """A path with conversations on it. `target` is the address that the client connects to."""

    parts: Sequence[Part]
    stack: Stack | None = None
    target: str = ""
    v6: bool = False

    def hosts(self) -> tuple[Host, Host]:
        """Client and server."""
        stack = self.stack or Stack()
        if self.v6:
            return Host("2001:db8::9", stack), Host("2001:db8:1::8", stack)
        return Host(CLIENT, stack), Host(SERVER, stack)

    def captures(self, talks: Sequence[Sequence[Step]] | None = None, apart_s: float = 0.4) -> dict[str, list[Frame]]:
        """Play conversations, one port after the other, and give every point's frames."""
        world, (client, server) = World(self.parts), self.hosts()
        for turn, steps in enumerate(talks if talks is not None else [questions()]):
            Talk(world, client, server, steps, (50001 + turn, 9000), turn * apart_s, target=self.target)
        return world.captures()

    def truth(self, point: str) -> list[int]:
        """Frame numbers at a point of everything that the path's losers dropped, in order."""
        at = next(part for part in self.parts if isinstance(part, Point) and part.name == point)
        dropped = [packet for part in self.parts if isinstance(part, Lose) for _, packet in part.dropped]
        return at.frame_numbers(dropped)


def align(
    folder: Path, scene: Scene, talks: Sequence[Sequence[Step]] | None = None, change: Change | None = None
) -> Case:
    """The case of a scene's captures, changed as told."""
    captures = scene.captures(talks)
    return make_case(folder, change(captures) if change else captures)


def flows(case: Case) -> list[HopFlow]:
    """Every direction of every hop of every conversation."""
    return [flow for journey in case.alignment.journeys for hop in journey.hops for flow in hop.flows]


def numbers(case: Case, name: str, field: str = "lost") -> list[int]:
    """Frame numbers of one kind (a field of `HopFlow`) at the point of that name, over all its flows."""
    index = case.point(name).index
    end = "receiver" if field in {"inserted", "received"} else "sender"
    return sorted(
        int(row) + 1 for flow in flows(case) if getattr(flow, end)[0] == index for row in getattr(flow, field)
    )


def short_path(*between: Part, **far: object) -> list[Part]:
    """Client, five milliseconds, what is between, five milliseconds, server."""
    return [client_point(), Link(5, megabit=GIGABIT), *between, Link(5, megabit=GIGABIT), server_point(**far)]

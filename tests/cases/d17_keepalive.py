"""TCP keep-alives as the article describes them: answered, unanswered ten times, and a session cut while idle.

Each situation is a capture of its own, taken at the client; the cut sessions were captured at the server too. Frames 1
to 6 are the handshake and one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from examples.packets import TCP, IPv4
from tests.cases.healthy import write_points
from tests.support.middleboxes import Lose
from tests.support.path import MILLISECOND, Link, Onward, Packet, Part, Point, World, with_tcp
from tests.support.talk import Close, Host, KeepAlive, Reset, Send, Stack, Step, Talk

CLIENT, SERVER = "10.7.0.21", "10.8.0.30"
WINDOWS = Stack(scale=8, delayed_ack_ms=200)
TALKED: tuple[Step, ...] = (Send("client", 300), Send("server", 700))
TWO_HOURS_MS = 7_200_000.0

EXPECT: dict[str, Any] = {
    "rules": ("tcp-keepalive-unanswered", "tcp-idle-reset"),
    "answered": {"quiet": True, "count": 3, "interval_s": 7200.0},
    "unanswered": {"rule": "tcp-keepalive-unanswered", "count": 10, "interval_s": 1.0, "evidence": tuple(range(7, 18))},
    "unanswered_xp": {"rule": "tcp-keepalive-unanswered", "count": 5, "interval_s": 1.0},
    "idle_cut": {"rule": "tcp-idle-reset", "idle_s": 3600.0},
    "idle_cut_silently": {"rule": "tcp-idle-reset", "idle_s": 3600.0},
    "closed_by_server": {"rule": "tcp-idle-reset", "idle_s": 900.0},
    "setting": "KeepAliveTime",
}
"""In `unanswered` frames 7 to 16 are the keep-alives (one less than the next sequence number) and 17 is the reset."""


@dataclass(slots=True)
class ForgetIdle:
    """A firewall that forgets a session after some idle time and then resets (or drops) what comes of it."""

    idle_ms: float
    resets: bool = True
    last_ns: int | None = None
    forgotten: bool = False

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Pass on, or reset in the name of the other end once the session is forgotten."""
        segment = packet.upper
        assert isinstance(segment, TCP)
        idle_ns = now_ns - (now_ns if self.last_ns is None else self.last_ns)
        self.forgotten = (self.forgotten or idle_ns > self.idle_ms * MILLISECOND) and "S" not in segment.flags
        if not self.forgotten:
            self.last_ns = now_ns
            return [Onward(packet, upward)]
        if not self.resets or "R" in segment.flags:
            return []
        answer = TCP(segment.target, segment.source, segment.ack, segment.seq + len(segment.payload), "RA", 0)
        forged = replace(with_tcp(packet, answer), source=packet.target, target=packet.source, ttl=255)
        if isinstance(forged, IPv4):
            forged = replace(forged, ident=0)
        return [Onward(forged, not upward, MILLISECOND)]


def hosts() -> tuple[Host, Host]:
    """Fresh client and server, both Windows."""
    return Host(CLIENT, WINDOWS), Host(SERVER, WINDOWS)


def answered() -> World:
    """Three keep-alives two hours apart, each answered, then a last transaction and an orderly close."""
    kept = [KeepAlive("client", TWO_HOURS_MS) for _ in range(3)]
    world = World([Point("answered", at="client"), Link(2)])
    Talk(world, *hosts(), [*TALKED, *kept, Send("client", 200, 60_000), Send("server", 100), Close("client")])
    return world


def unanswered(tries: int = 10, name: str = "unanswered") -> World:
    """The server vanishes: keep-alives a second apart, then the client resets. XP and 2003 try five times."""
    world = World([Point(name, at="client"), Lose(lambda packet, upward, seen: seen > 6), Link(2)])
    Talk(world, *hosts(), [*TALKED, KeepAlive("client", TWO_HOURS_MS, tries=tries)])
    return world


def idle_cut(resets: bool = True) -> World:
    """An hour without traffic: a firewall has forgotten the session, the next request gets a reset (or nothing)."""
    names = ("idle_cut", "idle_cut_server") if resets else ("idle_cut_silently", "idle_cut_silently_server")
    parts: list[Part] = [
        Point(names[0], at="client"),
        Link(2),
        ForgetIdle(1_800_000, resets),
        Link(2),
        Point(names[1], at="server"),
    ]
    world = World(parts)
    Talk(world, *hosts(), [*TALKED, Send("client", 250, 3_600_000)])
    return world


def closed_by_server() -> World:
    """The server itself resets the session after fifteen idle minutes."""
    world = World([Point("closed_by_server", at="client"), Link(2)])
    Talk(world, *hosts(), [*TALKED, Reset("server", 900_000)])
    return world


def build(folder: Path) -> dict[str, Path]:
    """Write one capture a situation, named as in `EXPECT`, and the server's side of the two cut sessions."""
    paths: dict[str, Path] = {}
    for world in (
        answered(),
        unanswered(),
        unanswered(5, "unanswered_xp"),
        idle_cut(),
        idle_cut(False),
        closed_by_server(),
    ):
        paths |= write_points(folder, world)
    return paths

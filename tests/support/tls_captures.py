"""Sessions of the lab as captures: each a TCP conversation of its own, whole or with what paths and capturers do to it.

Takes `Session`s, gives files. Session n comes from client port `FIRST_PORT` + n; see `port_of`. Knows nothing of wireproof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from examples.packets import TCP, Ethernet, IPv4
from tests.support.files import SECOND, Frame, cut, pcapng_bytes, write_bytes
from tests.support.path import EPOCH_NS, MILLISECOND, Link, Part, Point, World
from tests.support.talk import Host, Send, Stack, Talk
from tests.support.tls_lab import Session

FIRST_PORT = 20001
CLIENT, SERVER = "10.1.0.5", "10.9.0.2"
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")


@dataclass(frozen=True)
class Written:
    """A capture and the sessions in it, in order of time."""

    path: Path
    sessions: tuple[Session, ...]

    @property
    def key_log(self) -> bytes:
        """The key log of all sessions."""
        return b"".join(session.key_log for session in self.sessions)


def port_of(turn: int) -> int:
    """The client's port of the session that was written as number `turn`, from 0."""
    return FIRST_PORT + turn


def frames_of(
    sessions: Iterable[Session],
    middle: Sequence[Part] = (),
    port: int = 443,
    mss: int = 1460,
    snap_length: int = 0,
    apart_s: float = 1.0,
    addresses: tuple[str, str] = (CLIENT, SERVER),
) -> list[Frame]:
    """The frames that a capturer on the client's side sees; `middle` is what stands between the server and it."""
    point = Point("client", snap_length=snap_length)
    world = World([Link(0.2), point, *middle, Link(2.0)])
    for turn, session in enumerate(sessions):
        client, server = (Host(address, Stack(mss=mss)) for address in addresses)
        Talk(world, client, server, session.steps, (port_of(turn), port), turn * apart_s)
    return world.captures()["client"]


def write_sessions(path: Path, sessions: Sequence[Session], **form: object) -> Written:
    """A capture of sessions, `apart_s` seconds apart; `form` as `frames_of` takes it."""
    frames = frames_of(sessions, **form)  # type: ignore[arg-type]
    return Written(write_bytes(path, pcapng_bytes(frames)), tuple(sessions))


class Segment(NamedTuple):
    """Some bytes of one side: where they begin in its stream, and what the other side had sent by then."""

    by: str
    start: int
    data: bytes
    heard: int


def cut_up(session: Session, size: int) -> list[Segment]:
    """All that both sides sent, in order, in segments of up to `size` bytes; what one side sends in a row goes together."""
    at = {"client": 0, "server": 0}
    runs: list[tuple[str, bytes]] = []
    for step in session.steps:
        if isinstance(step, Send) and isinstance(step.data, bytes):
            before = runs.pop()[1] if runs and runs[-1][0] == step.by else b""
            runs.append((step.by, before + step.data))
    found = []
    for by, data in runs:
        other = "server" if by == "client" else "client"
        for start in range(0, len(data), size):
            part = data[start : start + size]
            found.append(Segment(by, at[by], part, at[other]))
            at[by] += len(part)
    return found


def segment_frames(segments: Iterable[Segment], turn: int = 0, snap_length: int = 0, start: bool = True) -> list[Frame]:
    """Frames of one connection, 1 ms apart: handshake (unless `start` is False), the segments as they come, FINs."""
    ports = {"client": port_of(turn), "server": 443}
    first = {"client": 2**32 - 700, "server": 5_000}
    ends = {"client": CLIENT, "server": SERVER}
    sent = {"client": 0, "server": 0}

    def frame(by: str, flags: str, at: int, heard: int, data: bytes = b"") -> bytes:
        other = "server" if by == "client" else "client"
        segment = TCP(
            ports[by],
            ports[other],
            (first[by] + at) % 2**32,
            (first[other] + heard) % 2**32 if "A" in flags else 0,
            flags,
            payload=data,
        )
        macs = MACS if by == "client" else MACS[::-1]
        return bytes(Ethernet(*macs, IPv4(ends[by], ends[other], segment)))

    made = [frame("client", "S", -1, 0), frame("server", "SA", -1, 0), frame("client", "A", 0, 0)] if start else []
    for one in segments:
        made.append(frame(one.by, "PA", one.start, one.heard, one.data))
        sent[one.by] = max(sent[one.by], one.start + len(one.data))
    made += [
        frame("client", "FA", sent["client"], sent["server"]),
        frame("server", "FA", sent["server"], sent["client"] + 1),
        frame("client", "A", sent["client"] + 1, sent["server"] + 1),
    ]
    begin_ns = EPOCH_NS + turn * SECOND
    return [cut(Frame(begin_ns + place * MILLISECOND, data), snap_length) for place, data in enumerate(made)]


def write_segments(
    path: Path, session: Session, segments: Iterable[Segment], snap_length: int = 0, start: bool = True
) -> Written:
    """A capture of one session whose segments come as given."""
    return Written(write_bytes(path, pcapng_bytes(segment_frames(segments, 0, snap_length, start))), (session,))

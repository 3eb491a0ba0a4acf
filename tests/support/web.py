"""HTTP conversations as captures: what clients ask and servers answer, played over a simulated path.

Takes texts; gives frames, or the case of one capture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.support.files import Frame
from tests.support.path import Link, Part, Point, World
from tests.support.talk import Close, Host, Send, Step, Talk
from tests.support.verdicts import make_case
from wireproof.case import Case

CLIENT, SERVER = "10.1.1.9", "192.0.2.80"


def request(
    target: str = "/", *lines: str, method: str = "GET", host: str = "www.example.com", body: bytes = b""
) -> bytes:
    """A request; `lines` are further fields."""
    head = [f"{method} {target} HTTP/1.1", f"Host: {host}", *lines]
    return _joined(head, body)


def response(status: str = "200 OK", *lines: str, body: bytes = b"hello") -> bytes:
    """A response with its length; `lines` are further fields."""
    return _joined([f"HTTP/1.1 {status}", *lines], body)


def _joined(head: list[str], body: bytes) -> bytes:
    stated = [*head, f"Content-Length: {len(body)}"] if body or head[0].startswith("HTTP/") else head
    return "\r\n".join([*stated, "", ""]).encode() + body


def steps(*messages: bytes, wait_ms: float = 5.0) -> list[Step]:
    """The client's and the server's messages in turn, then the client closes."""
    turns: list[Step] = [
        Send("server" if place % 2 else "client", data, wait_ms) for place, data in enumerate(messages)
    ]
    return [*turns, Close("client", 20)]


def play(
    *talks: Sequence[Step],
    path: Iterable[Part] | None = None,
    client: str = CLIENT,
    server: str = SERVER,
    port: int = 80,
) -> dict[str, list[Frame]]:
    """Captures by point of conversations that begin a second apart."""
    world = World(list(path) if path is not None else [Point("client", at="client"), Link(5)])
    for turn, script in enumerate(talks):
        Talk(world, Host(client), Host(server), script, ports=(50001 + turn, port), start_s=float(turn))
    return world.captures()


def web_case(folder: Path, *messages: bytes, port: int = 80) -> Case:
    """One conversation of these messages, captured at the client."""
    return make_case(folder, play(steps(*messages), port=port))

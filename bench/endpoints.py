"""The two ends of the benchmark traffic: a server and a client that hold many plain TCP conversations.

Takes counts and sizes, gives real kernel traffic: connect, request, response, close. Knows nothing of namespaces or
captures; `traffic.py` starts it inside each namespace. A request states its own length and the response's after four
fixed bytes; the rest of either is random, so that no dissector finds a protocol in it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import struct
from dataclasses import dataclass
from functools import partial

HEAD = struct.Struct("!4sII")
FIXED = b"\xf7\x9d\xe3\xb5"
CHUNK = random.Random(7).randbytes(1 << 18)
FIRST_PORT = 20_000
PORTS = 256


@dataclass(frozen=True, slots=True)
class Load:
    """What one client process does: so many conversations, so many at a time, responses of so many bytes on average."""

    host: str
    conversations: int
    at_once: int
    response: int
    seed: int


class Answer(asyncio.Protocol):
    """Server side of one conversation: read a request, send what it asks for, close first."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; the client speaks first."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer as soon as the request is whole."""
        self.received += data
        if len(self.received) < HEAD.size:
            return
        _, request, response = HEAD.unpack_from(self.received)
        if len(self.received) == request:
            self.left = response
            self.resume_writing()

    def resume_writing(self) -> None:
        """Send until the transport's buffer is full or nothing is left; the transport calls this when it has room."""
        while self.left:
            size = min(self.left, len(CHUNK))
            self.left -= size
            self.transport.write(CHUNK[:size])
            if self.transport.get_write_buffer_size() > 1 << 20:
                return
        # Closing from within this call would close twice (CPython 3.11), so the loop does it.
        asyncio.get_running_loop().call_soon(self.transport.close)


class Ask(asyncio.Protocol):
    """Client side of one conversation: send a request, read until the server closes, then close too."""

    def __init__(self, request: int, response: int, done: asyncio.Future[None]) -> None:
        self.request, self.left, self.done = request, response, done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request in one write."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(HEAD.pack(FIXED, self.request, self.left) + CHUNK[: self.request - HEAD.size])

    def data_received(self, data: bytes) -> None:
        """Count the response's bytes."""
        self.left -= len(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report how the conversation ended."""
        if exc or self.left:
            self.done.set_exception(exc or ConnectionError(f"{self.left} bytes of the response are missing"))
        else:
            self.done.set_result(None)


async def serve(host: str) -> None:
    """Listen on every port until the process is ended; say `ready` when all are open."""
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(Answer, host, FIRST_PORT + i, backlog=4096) for i in range(PORTS)]
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def hold_conversations(load: Load, sizes: list[tuple[int, int, int]]) -> None:
    """One of `at_once` workers: take sizes from the shared list until it is empty."""
    loop = asyncio.get_running_loop()
    while sizes:
        port, request, response = sizes.pop()
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(partial(Ask, request, response, done), load.host, port)
        await done


async def ask(load: Load) -> None:
    """Hold all conversations of `load`. Sizes vary, but the sum does not depend on timing."""
    dice = random.Random(load.seed)
    sizes = [
        (FIRST_PORT + dice.randrange(PORTS), dice.randint(64, 800), int(load.response * dice.uniform(0.2, 1.8)))
        for _ in range(load.conversations)
    ]
    await asyncio.gather(*(hold_conversations(load, sizes) for _ in range(load.at_once)))


def main() -> None:
    """`endpoints.py server HOST` or `endpoints.py client HOST CONVERSATIONS AT_ONCE RESPONSE SEED`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=("server", "client"))
    parser.add_argument("host")
    parser.add_argument("numbers", nargs="*", type=int, metavar="CONVERSATIONS AT_ONCE RESPONSE SEED")
    given = parser.parse_args()
    asyncio.run(serve(given.host) if given.role == "server" else ask(Load(given.host, *given.numbers)))


if __name__ == "__main__":
    main()

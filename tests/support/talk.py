"""Scripted conversations between two simulated hosts: "client sends 281 bytes", "server answers", "close".

`Talk` plays a script over a `World` (the path with its capture points); `Host` and `Stack` say how the ends behave.
Times are in the unit that their name states and are true time; capture points have clocks of their own.

    world = World([Point("client", at="client"), Link(5), Point("server", at="server")])
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), [Send("client", 281), Send("server", 9000), Close("client")])
    captures = world.captures()        # {"client": [Frame, …], "server": [Frame, …]}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from examples.files import SECOND
from examples.packets import TCP, UDP
from tests.support.middleboxes import told_mtu
from tests.support.path import MILLISECOND, Packet, World
from tests.support.tcp_end import End, Host, Stack

__all__ = ["Ask", "Close", "Host", "KeepAlive", "Reset", "Send", "Stack", "Step", "Talk", "text_of"]


@dataclass(frozen=True, slots=True)
class Send:
    """`by` ("client" or "server") sends bytes (or so many), `after_ms` after it has all that the other sent before."""

    by: str
    data: bytes | int
    after_ms: float = 1.0


@dataclass(frozen=True, slots=True)
class Close:
    """`by` sends FIN; the other answers with its own."""

    by: str
    after_ms: float = 1.0


@dataclass(frozen=True, slots=True)
class Reset:
    """`by` sends RST,ACK."""

    by: str
    after_ms: float = 1.0


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """`by` sends up to `tries` keep-alives, a second apart until one is answered, and a reset when none is."""

    by: str
    after_ms: float
    tries: int = 1
    every_ms: float = 1000.0


Step = Send | Close | Reset | KeepAlive


class Talk:
    """One TCP conversation: plays `steps` one after the other. `ports` are the client's and the server's.

    `target` is the address that the client connects to, where NAT publishes the server under another than its own.
    """

    def __init__(
        self,
        world: World,
        client: Host,
        server: Host,
        steps: Sequence[Step],
        ports: tuple[int, int] = (50001, 9000),
        start_s: float = 0.0,
        target: str = "",
    ) -> None:
        self.world, self.steps, self.turn = world, list(steps), 0
        mixed = (ports[0] * 2654435761 + round(start_s * 1000)) % 2**30
        self.client = End(self, client, True, ports, 0x10000000 + mixed)
        self.server = End(self, server, False, (ports[1], 0), 0x50000000 + mixed * 3 % 2**30)
        self.sent_to = {"client": 0, "server": 0}
        self.pending: Send | None = None
        self.target = target or server.address
        world.listeners.append(self.listen)
        world.at(round(start_s * SECOND), self.begin)

    def begin(self) -> None:
        """The client connects."""
        self.client.peer_address = self.target
        self.client.connect()

    def listen(self, packet: Packet, upward: bool) -> bool:
        """Take a packet that is for one of the two ends; the server learns the client's (translated) address."""
        end, segment = self.server if upward else self.client, packet.upper
        told = told_mtu(packet)
        if told and told[1] == (end.port, end.peer_port):
            end.narrow(told[0])
            return True
        if not isinstance(segment, TCP) or packet.target != end.host.address or segment.target != end.port:
            return False
        if upward and not end.peer_address and "S" in segment.flags and self.client.peer_address:
            end.peer_address, end.peer_port = packet.source, segment.source
        if (end.peer_address, end.peer_port) != (packet.source, segment.source):
            return False
        end.arrive(segment)
        return True

    def end(self, name: str) -> End:
        """The side of that name."""
        return self.client if name == "client" else self.server

    def reset_at(self, by: str, at_s: float) -> None:
        """Let one side reset the conversation at a time, whatever the script has come to."""
        self.world.at(round(at_s * SECOND), lambda: self.do(Reset(by)))

    def next_step(self) -> None:
        """Schedule the next step of the script."""
        if self.turn < len(self.steps):
            step = self.steps[self.turn]
            self.turn += 1
            self.world.at(self.world.now_ns + round(step.after_ms * MILLISECOND), lambda: self.do(step))

    def do(self, step: Step) -> None:
        """Carry out a step that is due."""
        end = self.end(step.by)
        if end.closed:
            return
        if isinstance(step, Send):
            self.send(step, end)
        elif isinstance(step, Close):
            end.fin_wanted = True
            end.flush()
            self.next_step()
        elif isinstance(step, Reset):
            end.emit(end.segment(end.seq, "RA"))
            end.closed = True
        else:
            self.keep_alive(step, end, step.tries, end.answered)

    def send(self, step: Send, end: End) -> None:
        """Write a step's data; the script goes on at once when the same side sends next, else when all has arrived."""
        data = step.data if isinstance(step.data, bytes) else text_of(step.data)
        other = "server" if step.by == "client" else "client"
        self.sent_to[other] += len(data)
        following = self.steps[self.turn] if self.turn < len(self.steps) else None
        if following and following.by == step.by:
            end.write(data)
            self.next_step()
        else:
            self.pending = step
            end.write(data)

    def keep_alive(self, step: KeepAlive, end: End, left: int, answered: int) -> None:
        """Send a keep-alive and look for the answer after the interval."""
        if end.answered > answered and left < step.tries:
            self.next_step()
            return
        if not left:
            end.emit(end.segment(end.seq, "RA"))
            end.closed = True
            return
        end.emit(end.segment(end.seq - 1, "A"))
        due_ns = self.world.now_ns + round(step.every_ms * MILLISECOND)
        self.world.at(due_ns, lambda: self.keep_alive(step, end, left - 1, answered))

    def data_arrived(self, end: End) -> None:
        """Data arrived in order at one end: go on when it is all that was sent."""
        name = "client" if end.is_client else "server"
        waiting = self.pending
        if waiting and waiting.by != name and end.received >= self.sent_to[name]:
            self.pending = None
            self.next_step()

    def peer_closed(self, end: End) -> None:
        """The other side's FIN arrived: close too, once."""
        if not end.fin_wanted:
            self.world.at(self.world.now_ns + MILLISECOND, lambda: self.close_back(end))

    @staticmethod
    def close_back(end: End) -> None:
        """Send the answering FIN unless this side closed by itself."""
        if not end.closed and end.expected is not None:
            end.fin_wanted = True
            end.flush()


def text_of(size: int) -> bytes:
    """So many bytes of harmless text."""
    line = b"The quick brown fox jumps over the lazy dog, and the lazy dog sleeps on.\r\n"
    return (line * (size // len(line) + 1))[:size]


class Ask:
    """One question in a datagram and its answer; `again_ms` are the times after the first at which it is repeated.

    `answer_to` says which time of asking is answered (1: the first; 0: none).
    """

    def __init__(
        self,
        world: World,
        client: Host,
        server: Host,
        ports: tuple[int, int],
        payloads: tuple[bytes, bytes],
        start_s: float = 0.0,
        again_ms: Sequence[float] = (),
        answer_to: int = 1,
        think_ms: float = 1.0,
    ) -> None:
        self.world, self.client, self.server, self.ports, self.payloads = world, client, server, ports, payloads
        self.answer_to, self.think_ms, self.heard = answer_to, think_ms, 0
        world.listeners.append(self.listen)
        for delay_ms in (0.0, *again_ms):
            world.at(round(start_s * SECOND + delay_ms * MILLISECOND), self.ask)

    def ask(self) -> None:
        """Send the question."""
        self.world.send(self.client.wrap(self.server.address, UDP(*self.ports, self.payloads[0])), upward=True)

    def listen(self, packet: Packet, upward: bool) -> bool:
        """Answer the question when it is the one to answer."""
        upper = packet.upper
        if not upward or not isinstance(upper, UDP) or upper.payload != self.payloads[0]:
            return False
        self.heard += 1
        if self.heard == self.answer_to:
            back = self.server.wrap(packet.source, UDP(self.ports[1], upper.source, self.payloads[1]))
            due_ns = self.world.now_ns + round(self.think_ms * MILLISECOND)
            self.world.at(due_ns, lambda: self.world.send(back, upward=False))
        return True

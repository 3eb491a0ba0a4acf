"""Runs of one everyday process, a name lookup and a web request, as they differ from machine to machine and from day to day.

Takes what came of each step; gives frames, or what a capture of them shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from examples.filler import dns_answer, dns_question
from tests.support.files import Frame
from tests.support.middleboxes import Lose
from tests.support.path import Link, Packet, Point, World
from tests.support.talk import Ask, Close, Host, Send, Step, Talk
from tests.support.tcp_end import Stack
from tests.support.verdicts import make_case
from tests.support.web import request, response
from wireproof.case import Case
from wireproof.processes.compare.captures import compare_sights, list_exchanges
from wireproof.processes.compare.difference import Comparison
from wireproof.processes.compare.exchange import Exchange
from wireproof.processes.sight import Sight


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `address` is the server's, `status` what it answers ("" for nothing), `wait_ms` after what time.

    `lookup` tells whether the name is resolved, `connects` whether SYNs arrive, `begins` whether the client connects at all.
    """

    status: str = "200 OK"
    wait_ms: float = 5.0
    lookup: bool = True
    connects: bool = True
    begins: bool = True
    client: str = "10.1.1.9"
    address: str = "192.0.2.80"
    name: str = "www.example.com"
    target: str = "/app/start"
    port: int = 50001
    delay_ms: float = 5.0
    mss: int = 1460
    start_s: float = 0.0
    turns: int = 1


def frames_of(run: Run) -> list[Frame]:
    """The run as the client's capture."""
    lost = Lose(lambda packet, upward, seen: _is_lost(run, packet))
    world = World([Point("client", at="client"), lost, Link(run.delay_ms)])
    payloads = (dns_question(run.port % 60_000, run.name), dns_answer(run.port % 60_000, run.name, run.address))
    client, resolver = Host(run.client), Host("10.1.1.53")
    again = () if run.lookup else (1000.0, 2000.0)
    Ask(world, client, resolver, (run.port, 53), payloads, run.start_s, again, int(run.lookup))
    if run.begins:
        steps: list[Step] = []
        for _ in range(run.turns):
            steps.append(Send("client", request(run.target, host=run.name)))
            if run.status:
                steps.append(Send("server", response(run.status), run.wait_ms))
        server = Host(run.address, Stack(mss=run.mss))
        Talk(world, client, server, [*steps, Close("client", 20)], (run.port, 80), run.start_s + 1)
    # Something goes on behind it, so that what is not answered surely was not.
    Ask(world, client, resolver, (9, 514), (b"log", b""), run.start_s + 60, (), 0)
    return world.captures()["client"]


def _is_lost(run: Run, packet: Packet) -> bool:
    return not run.connects and packet.target == run.address


def run_case(folder: Path, run: Run) -> Case:
    """The run as a case of one capture."""
    folder.mkdir(parents=True, exist_ok=True)
    return make_case(folder, {"client": frames_of(run)})


def sight(case: Case) -> Sight:
    """The case's first capture as processes see it."""
    point = case.points[0]
    return Sight(point.tables, point.said, point.dns)


def exchanges(folder: Path, run: Run) -> list[Exchange]:
    """Everything that a run's client tried, without the closing log message."""
    found = list_exchanges(sight(run_case(folder, run)))
    return [exchange for exchange in found if exchange.service.port != 514]


def compare_runs(folder: Path, good: Run, bad: Run) -> Comparison:
    """What differs between two runs."""
    return compare_sights(
        *((sight(run_case(folder / name, run)), None) for name, run in (("good", good), ("bad", bad)))
    )

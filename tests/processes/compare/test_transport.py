"""What conversations show without a look into their data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.compared import sight
from tests.support.middleboxes import Lose
from tests.support.path import Link, Part, Point, World
from tests.support.talk import Ask, Close, Host, Reset, Send, Step, Talk
from tests.support.verdicts import make_case
from wireproof.limits import LIMITS
from wireproof.processes.compare.exchange import Exchange
from wireproof.processes.compare.services import Services
from wireproof.processes.compare.transport import (
    ANSWERS,
    CONNECT,
    DATAGRAMS,
    DOWNLOAD,
    END,
    left_out,
    transport_exchanges,
)

CLIENT, SERVER = Host("10.1.1.9"), Host("10.1.1.80")


def told(folder: Path, steps: list[Step], *between: Part, more_s: float = 30) -> list[Exchange]:
    """The exchanges of one TCP conversation; the capture goes on for so long."""
    world = World([Point("client", at="client"), *between, Link(5)])
    Talk(world, CLIENT, SERVER, steps, (50001, 9000))
    Ask(world, CLIENT, Host("10.1.1.77"), (514, 514), (b"log", b""), more_s, (), 0)
    seen = sight(make_case(folder, world.captures()))
    return [exchange for exchange in transport_exchanges(seen, Services(seen)) if exchange.service.port == 9000]


def test_a_connection_its_answers_and_its_end_are_three_exchanges(tmp_path: Path) -> None:
    found = told(tmp_path, [Send("client", 100), Send("server", 100, 50), Close("server")])
    assert [(one.action, one.outcome, one.good) for one in found] == [
        (CONNECT, "answered", True),
        (ANSWERS, "answered", True),
        (END, "closed by the server", None),
    ]
    assert found[0].wait_s == pytest.approx(0.01, rel=0.1)
    assert dict(found[0].details) == {"MSS of the server": "1460"}
    assert found[1].wait_s == pytest.approx(0.06, rel=0.1)


def test_a_server_that_resets_instead_of_answering_fails(tmp_path: Path) -> None:
    found = told(tmp_path, [Send("client", 100), Reset("server")])
    assert [(one.action, one.outcome, one.good) for one in found[1:]] == [
        (ANSWERS, "no answer", False),
        (END, "reset by the server", None),
    ]


def test_silence_fails_only_where_the_capture_goes_on(tmp_path: Path) -> None:
    lost = Lose(lambda packet, upward, seen: packet.target == SERVER.address)
    (found,) = told(tmp_path, [Send("client", 100)], lost, more_s=60)
    assert (found.action, found.outcome, found.good) == (CONNECT, "no answer", False)
    lost = Lose(lambda packet, upward, seen: packet.target == SERVER.address)
    (found,) = told(tmp_path, [Send("client", 100)], lost, more_s=0.5)
    assert found.good is None


def test_bulk_data_tells_how_long_a_megabyte_takes(tmp_path: Path) -> None:
    for name, megabit in (("fast", 100.0), ("slow", 4.0)):
        (tmp_path / name).mkdir()
        steps: list[Step] = [
            Send("client", 100),
            Send("server", 500_000, 5),
            Send("client", 100, 5000),
            Close("client"),
        ]
        world = World([Point("client", at="client"), Link(5, megabit=megabit)])
        Talk(world, CLIENT, SERVER, steps, (50001, 9000))
        seen = sight(make_case(tmp_path / name, world.captures()))
        (found,) = (one for one in transport_exchanges(seen, Services(seen)) if one.action == DOWNLOAD)
        assert found.wait_s is not None
        assert 0.9 * 8 / megabit < found.wait_s < 2 * 8 / megabit


def test_datagrams_are_answered_or_not_and_groups_need_not_answer(tmp_path: Path) -> None:
    world = World([Point("client", at="client"), Link(5)])
    Ask(world, CLIENT, SERVER, (6000, 7000), (b"ask", b"give"))
    Ask(world, CLIENT, SERVER, (6001, 7001), (b"ask", b"give"), answer_to=0)
    Ask(world, CLIENT, Host("239.1.2.3"), (6002, 7002), (b"ask", b"give"), answer_to=0)
    Ask(world, CLIENT, SERVER, (6003, 7003), (b"late", b""), 20, (), 0)
    seen = sight(make_case(tmp_path, world.captures()))
    found = {one.service.port: (one.action, one.good) for one in transport_exchanges(seen, Services(seen))}
    assert found == {7000: (DATAGRAMS, True), 7001: (DATAGRAMS, False), 7003: (DATAGRAMS, None)}


def test_conversations_beyond_the_limit_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMITS["compare.conversations"], "value", 1)
    world = World([Point("client", at="client"), Link(5)])
    for port in (7000, 7001, 7002):
        Ask(world, CLIENT, SERVER, (port - 1000, port), (b"ask", b"give"))
    seen = sight(make_case(tmp_path, world.captures()))
    assert len(list(transport_exchanges(seen, Services(seen)))) == 1
    assert left_out(seen) == 2

"""A gateway's own connections while a request waited for them, and the chain that they make."""

from __future__ import annotations

from pathlib import Path

from tests.support.files import Frame
from tests.support.middleboxes import Lose
from tests.support.path import Link, Part, Point, World
from tests.support.talk import Close, Host, Send, Step, Talk
from tests.support.verdicts import judge, make_case
from tests.support.web import SERVER, play, request, response
from wireproof.case import Case
from wireproof.rules.http._failures import find_failures
from wireproof.rules.http._upstream import upstream

BACKEND = "10.9.9.9"


def gateway_frames(status: str, start_s: float = 1.0, lose: bool = True, client: str = SERVER) -> list[Frame]:
    """A client's request at 0 s, answered after 20 s; and what the gateway asks another server meanwhile."""
    script: list[Step] = [
        Send("client", request("/slow")),
        Send("server", response(status), 20_000),
        Close("client", 20),
    ]
    here = play(script)["client"]
    path: list[Part] = [Point("client", at="client"), Lose(lambda packet, upward, seen: lose), Link(2)]
    world = World(path)
    Talk(
        world,
        Host(client),
        Host(BACKEND),
        [Send("client", 100), Send("server", 100, 50), Close("client")],
        (40001, 8080),
        start_s,
    )
    return sorted([*here, *world.captures()["client"]])


def behind(case: Case) -> list[tuple[str, int]]:
    """What the case's failures waited for."""
    return upstream(case, [failure for point in case.points for failure in find_failures(point)])


def test_a_timeout_at_the_server_behind_explains_the_gateways_answer(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"gateway": gateway_frames("504 Gateway Timeout")})
    findings = {finding.rule: finding for finding in judge(case).findings}
    assert findings["http-error"].depends_on == [("gateway", 1)]
    assert findings["tcp-syn-unanswered"].explains == [findings["http-error"].id]


def test_a_capture_behind_the_gateway_counts_as_well(tmp_path: Path) -> None:
    frames = gateway_frames("502 Bad Gateway")
    front = [frame for frame in frames if BACKEND.encode() not in frame.data and bytes([10, 9, 9, 9]) not in frame.data]
    back = [frame for frame in frames if bytes([10, 9, 9, 9]) in frame.data]
    assert behind(make_case(tmp_path, {"front": front, "back": back})) == [("back", 0)]


def test_connections_of_other_hosts_and_other_times_are_left_out(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"gateway": gateway_frames("504 Gateway Timeout", client="10.5.5.5")})
    assert behind(case) == []
    (tmp_path / "late").mkdir()
    assert behind(make_case(tmp_path / "late", {"gateway": gateway_frames("504 Gateway Timeout", 25.0)})) == []


def test_an_answer_that_no_gateway_gives_waits_for_nobody(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"gateway": gateway_frames("500 Internal Server Error", lose=False)})
    (finding,) = judge(case, "http-error").findings
    assert finding.depends_on == []

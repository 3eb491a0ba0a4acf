"""Attempts: failed connections to named ports, each once, with the offer that they follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import SECOND, Frame
from examples.packets import TCP, Ethernet
from tests.support.packets import IPv6
from tests.support.rpc_talks import Story
from tests.support.verdicts import make_case
from wireproof.rules.rpc._attempts import find_attempts, find_failures, is_dynamic


def test_a_point_that_lacks_the_mapper_s_conversation_takes_the_offer_from_another(tmp_path: Path) -> None:
    points = Story().points()
    client = [frame for frame in points["client"] if b"\x00\x87" not in frame.data[34:38]]
    case = make_case(tmp_path, {"server": points["server"], "client": client})
    (attempt,) = find_attempts(case)
    assert (attempt.point.name, attempt.offer.source.name) == ("client", "server")


def test_an_attempt_is_found_at_one_point_only(tmp_path: Path) -> None:
    (attempt,) = find_attempts(make_case(tmp_path, Story(fate="unanswered").points()))
    assert (attempt.point.name, attempt.client, attempt.server, attempt.port) == (
        "client",
        "10.44.1.14",
        "10.77.2.50",
        49155,
    )


@pytest.mark.parametrize(
    ("fate", "kind"), [("silent", "silent"), ("refused", "refused"), ("prohibited", "unreachable"), ("cut", "reset")]
)
def test_failures_are_told_apart(tmp_path: Path, fate: str, kind: str) -> None:
    case = make_case(tmp_path, Story(fate=fate, only=("client",)).points())
    assert list(find_failures(case.points[0]).values()) == [kind]


def test_nothing_is_read_where_nobody_speaks_rpc(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"empty": []})
    assert list(find_attempts(case)) == []


@pytest.mark.parametrize(("mac", "count"), [("02:00:00:00:01:01", 1), ("02:00:00:00:01:77", 0)])
def test_a_host_that_asks_over_ipv4_and_connects_over_ipv6_is_known_by_its_mac(
    tmp_path: Path, mac: str, count: int
) -> None:
    story = Story(bindings=[(7, "host.corp[49155]")], connects=False, only=("client",))
    frames = story.points()["client"]
    start_ns = frames[0].time_ns + 2 * SECOND
    for turn in range(3):
        syn = IPv6("2001:db8:a::14", "2001:db8:b::50", TCP(50009, 49155, 1000, 0, "S"))
        frames.append(Frame(start_ns + turn * SECOND, bytes(Ethernet(mac, "02:00:00:00:01:02", syn))))
    frames.sort(key=lambda frame: frame.time_ns)
    assert len(list(find_attempts(make_case(tmp_path, {"client": frames})))) == count


def test_dynamic_ports_are_those_that_windows_hands_out() -> None:
    assert [port for port in (80, 1024, 1025, 1433, 3389, 5000, 5985, 49151, 49152, 65535) if is_dynamic(port)] == [
        1025,
        49152,
        65535,
    ]

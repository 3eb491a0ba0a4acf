"""arp-unanswered with two captures: whether the request got to the other point, and whether an answer set out there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.files import SECOND, Frame
from tests.support.packets import UDP, Ethernet, IPv4, arp_reply, arp_request
from tests.support.verdicts import judge, make_case
from wireproof.finding import Finding

MACS = {f"10.1.1.{last}": f"00:1b:21:00:00:{last:02}" for last in (9, 20, 30, 77)}
ASKER, PEER, THIRD, TARGET = MACS
DAY_S = 86_400.0


def request(source: str, target: str, time_s: float) -> Frame:
    return Frame(round(time_s * SECOND), bytes(arp_request(MACS[source], source, target)))


def reply(source: str, target: str, time_s: float) -> Frame:
    return Frame(round(time_s * SECOND), bytes(arp_reply(MACS[source], source, MACS[target], target)))


def datagram(source: str, target: str, time_s: float, turn: int = 0) -> Frame:
    packet = IPv4(source, target, UDP(4000, 4001, b"payload number %d of this" % turn), ident=turn + 1)
    return Frame(round(time_s * SECOND), bytes(Ethernet(MACS[source], MACS[target], packet)))


@dataclass
class Lan:
    """Frames of two captures; `frames` are seen at both, unless told otherwise. The second one's clock is off by `apart_s`."""

    apart_s: float = 0.0

    def __post_init__(self) -> None:
        self.points: dict[str, list[Frame]] = {"here": [], "there": []}

    def add(self, *frames: Frame, only: str = "") -> Lan:
        for name, own in self.points.items():
            if only in {"", name}:
                late = round((self.apart_s + 0.0003) * SECOND) if name == "there" else 0
                own += [frame._replace(time_ns=frame.time_ns + late) for frame in frames]
        return self

    def judged(self, folder: Path) -> Finding:
        points = {name: sorted(frames) for name, frames in self.points.items()}
        (finding,) = judge(make_case(folder, points), "arp-unanswered").findings
        return finding


def lan(apart_s: float = 0.0) -> Lan:
    """A LAN on which the asker gets answers, whose broadcasts and some of whose traffic both captures show for a minute."""
    made = Lan(apart_s)
    made.add(request(ASKER, PEER, 1.0), request(THIRD, PEER, 2.0), request(THIRD, PEER, 60.0))
    made.add(reply(PEER, ASKER, 1.001), only="here")
    for turn in range(8):
        made.add(datagram(ASKER, THIRD, 3 + turn, turn), datagram(THIRD, ASKER, 3.01 + turn, turn + 100))
    return made


ASKS = [request(ASKER, TARGET, 20.0 + turn) for turn in range(4)]


@pytest.mark.parametrize("apart_s", [0.0, 3 * DAY_S])
def test_requests_that_never_get_there_are_lost_in_between(tmp_path: Path, apart_s: float) -> None:
    finding = lan(apart_s).add(*ASKS, only="here").judged(tmp_path)
    assert finding.where == "between here and there"
    assert (finding.facts["requests_there"], finding.facts["answers_there"]) == (0, 0)
    assert "lost between here and there" in finding.summary


def test_requests_that_get_there_in_part_are_counted(tmp_path: Path) -> None:
    finding = lan().add(*ASKS, only="here").add(ASKS[1], only="there").judged(tmp_path)
    assert finding.where == "between here and there"
    assert "Only 1 of 4 requests got to there" in finding.summary


def test_answers_that_set_out_and_do_not_arrive_are_lost_on_the_way_back(tmp_path: Path) -> None:
    made = lan().add(*ASKS)
    for turn in range(4):
        made.add(reply(TARGET, ASKER, 20.001 + turn), only="there")
    finding = made.judged(tmp_path)
    assert finding.where == "between here and there"
    assert finding.facts["answers_there"] == 4
    assert [item.mark for item in finding.evidence if item.capture == "there"] == ["lost", "lost"]


def test_requests_that_both_points_show_are_followed_no_further(tmp_path: Path) -> None:
    finding = lan().add(*ASKS).judged(tmp_path)
    assert finding.where == f"in the subnet of {ASKER}"
    assert "shows the requests too, and no answer either" in finding.summary


def test_a_capture_at_the_target_tells_that_they_reach_it(tmp_path: Path) -> None:
    made = Lan().add(request(ASKER, PEER, 1.0)).add(reply(PEER, ASKER, 1.001), only="here").add(*ASKS)
    for turn in range(6):
        other = (PEER, THIRD)[turn % 2]
        made.add(datagram(TARGET, other, 5 + turn, turn), datagram(other, TARGET, 5.1 + turn, turn), only="there")
    finding = made.add(request(THIRD, PEER, 60.0)).judged(tmp_path)
    assert finding.where == f"at {TARGET}"
    assert "The requests reach it: there, taken at that host" in finding.summary


def test_nothing_is_said_of_a_capture_on_another_lan(tmp_path: Path) -> None:
    made = Lan()
    made.add(request(ASKER, PEER, 1.0), reply(PEER, ASKER, 1.001), *ASKS, only="here")
    made.add(Frame(SECOND, bytes(arp_request("00:1b:21:00:09:01", "10.9.9.1", "10.9.9.2"))), only="there")
    made.add(Frame(60 * SECOND, bytes(arp_request("00:1b:21:00:09:01", "10.9.9.1", "10.9.9.2"))), only="there")
    for turn in range(8):
        made.add(datagram(ASKER, THIRD, 3 + turn, turn), only="here")
        routed = IPv4(ASKER, THIRD, UDP(4000, 4001, b"payload number %d of this" % turn), ident=turn + 1, ttl=63)
        frame = bytes(Ethernet("00:1b:21:00:09:01", MACS[THIRD], routed))
        made.add(Frame((3 + turn) * SECOND, frame), only="there")
    finding = made.judged(tmp_path)
    assert finding.where == f"in the subnet of {ASKER}"
    assert "requests_there" not in finding.facts


def test_nothing_is_said_of_a_capture_that_ended_before(tmp_path: Path) -> None:
    made = Lan().add(request(ASKER, PEER, 1.0), request(THIRD, PEER, 2.0)).add(reply(PEER, ASKER, 1.001), only="here")
    finding = made.add(*ASKS, only="here").judged(tmp_path)
    assert "requests_there" not in finding.facts


def test_the_asker_s_own_capture_that_lacks_them_says_nothing(tmp_path: Path) -> None:
    made = lan().add(*ASKS, only="here")
    for turn in range(30):
        made.add(datagram(ASKER, (PEER, THIRD)[turn % 2], 30 + turn / 10, turn + 50), only="there")
    finding = made.judged(tmp_path)
    assert "requests_there" not in finding.facts

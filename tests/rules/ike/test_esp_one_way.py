"""ike-esp-one-way: IKE both ways and ESP in one direction, and what only looks like it."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.support.ike import CLIENT, COOKIE_I, MAIN, NO_COOKIE, SERVER, at, authip, datagram
from tests.support.packets import Ethernet, IPv4, Raw
from tests.support.verdicts import judge, make_case, only, open_case

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
ASKED, ANSWERED = datagram(authip(MAIN, [], cookies=(COOKIE_I, NO_COOKIE))), datagram(authip(MAIN, []), "server")
RULE = "ike-esp-one-way"

Timed = tuple[float, bytes]


def esp(number: int, by: str = "client", spi: int = 0x1234) -> bytes:
    ends = (CLIENT, SERVER) if by == "client" else (SERVER, CLIENT)
    return bytes(Ethernet(*MACS, IPv4(*ends, Raw(50, struct.pack("!II", spi, number) + bytes(80)))))


def sent(count: int, begin_s: float = 1.0, step_s: float = 0.5) -> list[Timed]:
    return [(begin_s + number * step_s, esp(number + 1)) for number in range(count)]


IKE: list[Timed] = [(0, ASKED), (0.1, ANSWERED)]


def test_esp_that_nobody_answers_is_named(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"client": at(*IKE, *sent(8))}), RULE)
    assert finding.title == f"{CLIENT} sends ESP to {SERVER} and none comes back (8 packets)"
    assert [piece.frame for piece in finding.evidence] == [1, 2, 3, 10]
    assert "protocol 50" in finding.fix[0]


def test_behind_a_nat_it_is_udp_4500(tmp_path: Path) -> None:
    frames = [
        (1 + number / 2, datagram(struct.pack("!II", 9, number + 1) + bytes(60), port=4500)) for number in range(8)
    ]
    finding = only(make_case(tmp_path, {"client": at(*IKE, *frames)}), RULE)
    assert finding.facts["encapsulated"] is True
    assert "in UDP 4500" in finding.summary


def test_one_packet_back_is_enough(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"client": at(*IKE, *sent(8), (5, esp(1, "server", 77)))})
    assert judge(case, RULE).findings == []


def test_few_packets_or_a_short_time_prove_nothing(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, {"few": at(*IKE, *sent(4))}), RULE).findings == []
    assert judge(make_case(tmp_path, {"short": at(*IKE, *sent(8, step_s=0.1))}), RULE).findings == []


def test_a_capture_that_shows_one_direction_of_ike_too_proves_nothing(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, {"client": at((0, ASKED), *sent(8))}), RULE).findings == []
    assert judge(make_case(tmp_path, {"alone": at(*sent(8))}), RULE).findings == []


def test_a_second_capture_tells_which_half_is_missing(tmp_path: Path) -> None:
    near = at(*IKE, *sent(8))
    others = {
        "back": at(*IKE, *sent(8), (5, esp(1, "server", 77))),
        "same": at(*IKE, *sent(8)),
        "none": at(*IKE, (5, ASKED)),
    }
    told = {
        "back": "1 ESP packet back: those are dropped on the way to",
        "same": "and nothing back",
        "none": "dropped before it",
    }
    for name, frames in others.items():
        folder = tmp_path / name
        folder.mkdir()
        assert told[name] in only(make_case(folder, {"client": near, name: frames}), RULE).summary


def test_field_captures_are_quiet(captures: Path) -> None:
    for path in sorted((captures / "ike-esp").iterdir()):
        assert judge(open_case({"c": path}), RULE).findings == [], path.name

"""Doubts about who sent a reset: time to live, IP identification, MAC."""

from __future__ import annotations

from pathlib import Path

from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import make_case
from wireproof.rules.resets import doubts

TALK = [
    *handshake(),
    Row(0.1, "c", "PA", 1, 1, 50),
    *(Row(0.2 + turn / 10, "s", "PA", 1 + 70 * turn, 51, 70, ttl=52, ident=8000 + turn) for turn in range(5)),
]
TALK[1] = TALK[1]._replace(ttl=52, ident=7999)
RESET = Row(0.8, "s", "RA", 351, 51, ttl=52, ident=8005)


def told(folder: Path, reset: Row) -> list[str]:
    """Doubts about a reset at the end of the talk."""
    return doubts(make_case(folder, {"point": frames([*TALK, reset])}).points[0], len(TALK))


def test_a_reset_like_the_senders_other_packets_raises_none(tmp_path: Path) -> None:
    assert told(tmp_path, RESET) == []


def test_another_time_to_live_is_a_doubt(tmp_path: Path) -> None:
    assert told(tmp_path, RESET._replace(ttl=46)) == ["it arrives with TTL 46, the sender's other packets with 52"]
    assert told(tmp_path, RESET._replace(ttl=51)) == []


def test_an_ip_identification_out_of_order_is_a_doubt(tmp_path: Path) -> None:
    assert told(tmp_path, RESET._replace(ident=50541)) == [
        "its IP identification is 0xc56d, while the sender counts 0x1f44 upward"
    ]


def test_another_mac_is_a_doubt(tmp_path: Path) -> None:
    assert told(tmp_path, RESET._replace(mac="00:0f:8f:11:22:33")) == [
        "it comes from MAC 00:0f:8f:11:22:33, the sender's other packets from 02:00:00:00:00:02"
    ]


def test_the_only_packet_of_a_sender_is_compared_with_its_other_conversations(tmp_path: Path) -> None:
    other = frames(TALK, ("10.0.0.1", 50001))
    refused = frames([Row(2, "c", "S"), Row(2.01, "s", "RA", 0, 1, ttl=255)])
    point = make_case(tmp_path, {"point": other + refused}).points[0]
    assert doubts(point, len(TALK) + 1) == ["it arrives with TTL 255, the sender's other packets with 52"]


def test_with_nothing_to_compare_there_is_no_doubt(tmp_path: Path) -> None:
    point = make_case(tmp_path, {"point": frames([Row(2, "c", "S"), Row(2.01, "s", "RA", 0, 1, ttl=255)])}).points[0]
    assert doubts(point, 1) == []
